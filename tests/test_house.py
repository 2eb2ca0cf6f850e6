"""House rules that a machine can see."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLACES = ("mailsim", "tests", "bench", "experiments")
FILES = sorted(path for place in PLACES for path in (ROOT / place).rglob("*.py"))


def test_no_file_is_too_long() -> None:
    lengths = {str(p.relative_to(ROOT)): len(p.read_text().splitlines()) for p in FILES}
    assert {name: n for name, n in lengths.items() if n > 400} == {}


def test_nothing_is_left_for_later() -> None:
    mark = re.compile(r"#\s*(TODO|FIXME|XXX)|NotImplementedError\(\)")
    assert [p.name for p in FILES if mark.search(p.read_text())] == []


@pytest.mark.parametrize("words", [["--help"], ["check", "experiments/first_mail.yaml"]])
def test_light_commands_load_nothing_heavy(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "mailsim", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "mailsim.cli" in loaded
    heavy = {"pandas", "matplotlib", "scipy", "pyarrow"}
    assert {name for name in loaded if name.partition(".")[0] in heavy} == set()
