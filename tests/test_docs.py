"""Every code block of the documentation is run, and what it shows is what comes."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from golden.insert import COMMAND, shortened

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(path: Path) -> list[tuple[str, str]]:
    return BLOCK.findall(path.read_text(encoding="utf-8"))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "experiments", tmp_path / "experiments")
    return tmp_path


def run_console(text: str, place: Path) -> None:
    """Run the ``$`` lines; compare what they print, where ``...`` stands for any lines."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        words = shlex.split(command)
        if words[0] == "make":  # make calls this very test
            assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
            continue
        assert words[0] == "mailsim"
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=place,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        pattern = ".*".join(
            re.escape(piece) for piece in re.split(r"^\.\.\.\n", expected, flags=re.M)
        )
        assert re.fullmatch(pattern, done.stdout, re.DOTALL), done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_code_blocks(path: Path, place: Path) -> None:
    for language, text in blocks(path):
        if language == "console":
            run_console(text, place)
        elif language == "python":
            done = subprocess.run(
                [sys.executable, "-c", text],
                cwd=place,
                capture_output=True,
                text=True,
                timeout=120,
                env={"MPLBACKEND": "agg", "HOME": str(place)},
                check=False,
            )
            assert done.returncode == 0, done.stderr
        else:
            pytest.fail(f"{path.name}: a {language} block that nothing runs")


def test_readme_is_short_and_its_links_lead_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 120
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_readme_shows_the_golden_transcript_shortened() -> None:
    """All three sessions; ``python tests/golden/insert.py`` makes it anew."""
    golden = (ROOT / "tests" / "golden" / "first_mail.txt").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    journey = (ROOT / "docs" / "journey.md").read_text(encoding="utf-8")
    assert golden.count(" (session ") == readme.count(" (session ") == 3
    assert f"{COMMAND}{shortened(golden)}```" in readme
    assert f"{COMMAND}{golden}```" in journey
