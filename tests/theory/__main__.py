"""The long form: judge cases, print what came out, and write it into docs/validation.md.

``make theory`` does all; ``make theory CASES="mm1_rho80 ps_exp"`` does these cases and leaves what
the page says of the others.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path

from theory.catalogue import BY_NAME, judged
from theory.page import entry, page, read, row

import mailsim

PAGE = Path(__file__).parents[2] / "docs" / "validation.md"


def main(argv: Sequence[str] | None = None) -> int:
    """Judge the cases named, or all; return 1 if one disagrees with theory or cannot be run."""
    parser = argparse.ArgumentParser(prog="python -m theory", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="default: all")
    parser.add_argument(
        "-j", "--jobs", type=int, default=os.cpu_count(), help="processes; default: one a core"
    )
    asked = parser.parse_args(argv)
    if unknown := set(asked.cases) - set(BY_NAME):
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    entries = read(PAGE.read_text(encoding="utf-8")) if asked.cases and PAGE.exists() else {}
    made = f"mailsim {mailsim.__version__}, {datetime.now(UTC):%Y-%m-%d}"
    failed = False
    with ProcessPoolExecutor(asked.jobs, multiprocessing.get_context("spawn")) as pool:
        futures = {pool.submit(judged, name): name for name in asked.cases or BY_NAME}
        for future in as_completed(futures):
            if error := future.exception():
                print(f"{futures[future]}: {type(error).__name__}: {error}", file=sys.stderr)
                failed = True
                continue
            name, found, seconds = future.result()
            for one in found:
                print(name.ljust(24), "  ".join(text.ljust(14) for text in row(one)), flush=True)
            entries[name] = entry(BY_NAME[name], found, made, seconds)
            PAGE.write_text(page(entries), encoding="utf-8")
            failed |= any(one.verdict == "disagrees" for one in found)
    print(f"wrote {PAGE}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
