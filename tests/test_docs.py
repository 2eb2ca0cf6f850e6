"""Every code block of the documentation is run, and what it shows is what comes."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
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
    """Run the ``$`` lines; compare what they print, where ``...`` stands for any lines.

    A line that ends in ``&`` is ``mailsim serve``: it runs until the end of the block.  Each port
    of loopback in such a block is replaced by a free one.
    """
    has_server = re.search(r"^\$ mailsim serve .* &$", text, re.MULTILINE) is not None
    if has_server:
        for address in sorted(set(re.findall(r"127\.0\.0\.1:\d+", text))):
            text = text.replace(address, f"127.0.0.1:{free_port()}")
    servers: list[tuple[subprocess.Popen[bytes], Path, str]] = []
    try:
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, expected = part.partition("\n")
            words = shlex.split(command)
            if words[0] == "make":  # make calls this very test
                assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
                continue
            assert words[0] == "mailsim"
            if words[-1] == "&":
                assert words[1] == "serve"
                log = place / f"serve-{len(servers)}.log"
                servers.append((start(words[:-1], log, place), log, expected))
                continue
            done = subprocess.run(
                [sys.executable, "-m", *words],
                cwd=place,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            compare(expected, done.stdout, is_loose=has_server)
    finally:
        codes = [stop(process) for process, _, _ in servers]
    for code, (_, log, expected) in zip(codes, servers, strict=True):
        said = log.read_text(encoding="utf-8")
        assert code == 0, said
        if expected.strip():  # else it is not shown
            compare(expected, said, is_loose=True)


def compare(expected: str, printed: str, *, is_loose: bool) -> None:
    """Compare lines; where numbers differ from run to run, blanks do not count (``is_loose``)."""
    if is_loose:
        expected, printed = (
            "".join(f"{' '.join(line.split())}\n" for line in text.splitlines())
            for text in (expected, printed)
        )
    pattern = ".*".join(re.escape(piece) for piece in re.split(r"^\.\.\.\n", expected, flags=re.M))
    assert re.fullmatch(pattern, printed, re.DOTALL), printed


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def start(words: list[str], log: Path, place: Path) -> subprocess.Popen[bytes]:
    """Start a server; wait until it has said that it listens."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *words], cwd=place, stdout=output, stderr=output
        )
    for _ in range(600):
        if "served by" in log.read_text(encoding="utf-8"):
            return process
        if process.poll() is not None:
            break
        time.sleep(0.05)
    stop(process)
    pytest.fail(f"mailsim serve does not start:\n{log.read_text(encoding='utf-8')}")


def stop(process: subprocess.Popen[bytes]) -> int:
    """End a server in order; return its exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait(20)


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


def test_the_study_shows_its_scenario() -> None:
    text = (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
    scenario = (ROOT / "experiments" / "ticket_sale.yaml").read_text(encoding="utf-8")
    shown = re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    plain = [one for one in shown if one.startswith("  ")]
    assert len(plain) == 3
    assert all(one in scenario for one in plain)


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
