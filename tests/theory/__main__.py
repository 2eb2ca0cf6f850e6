"""The long form: judge every case, print what came out, and write docs/validation.md.

``make theory`` runs it; ``make theory CASES="mm1_rho80 ps_exp"`` prints these cases only.
"""

from __future__ import annotations

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from theory.catalogue import STUDIES
from theory.judge import Finding, Study, judge
from theory.page import page, row

PAGE = Path(__file__).parents[2] / "docs" / "validation.md"


def main(names: list[str]) -> int:
    """Judge the cases named, or all; return 1 if one disagrees with theory."""
    unknown = set(names) - {study.case for study in STUDIES}
    if unknown:
        print(f"no such case: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    results: list[tuple[Study, list[Finding]]] = []
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        for study in STUDIES:
            if names and study.case not in names:
                continue
            found = judge(study, study.long, pool.map)
            results.append((study, found))
            for one in found:
                print(one.case.ljust(24), *(text.ljust(14) for text in row(one)), flush=True)
    if not names:
        PAGE.write_text(page(results), encoding="utf-8")
        print(f"wrote {PAGE}")
    return int(any(one.verdict == "disagrees" for _, found in results for one in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
