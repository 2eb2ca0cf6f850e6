"""``smoke``: the values of a scenario's short run, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from queueing import queue_file

import mailsim as ms
from mailsim.cli import main
from mailsim.errors import ConfigError

LIMIT = "hosts.mx.example.org.postfix.default_process_limit"


def file(tmp_path: Path, *smoke: str, more: str = "") -> Path:
    path = queue_file(tmp_path)
    lines = "".join(f"  {line}\n" for line in smoke)
    path.write_text(f"{path.read_text()}\n{more}smoke:\n{lines}", encoding="utf-8")
    return path


def ended(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as caught:
        main([str(word) for word in words])
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_the_short_run_is_one_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file(tmp_path, "duration: 3s", "hosts.mx*.service_time: 1ms")
    monkeypatch.chdir(tmp_path)
    assert ended("run", path, "-q", "--smoke", "--set", "traffic.mail.size=1 kB") == 0
    short = ms.open_run("results/queue-smoke")
    assert short.info["simulated_s"] == 3
    told = short.info["scenario"]
    assert told["hosts"]["mx.example.org"]["service_time"] == "1ms"
    assert told["traffic"]["mail"]["size"] == "1 kB"
    assert "smoke" not in told
    assert not (tmp_path / "results" / "queue").exists(), "what is there of a long run stays"
    assert ms.load(path).scenario.duration > 3e9
    assert ms.load(path, "duration=2s", smoke=True).scenario.duration == 2e9, "--set has the word"


def test_it_reaches_a_sweep(tmp_path: Path) -> None:
    sweep = f"sweep:\n  grid: {{{LIMIT}: [1, 2, 3]}}\n  repeat: 9\n"
    path = file(
        tmp_path, "duration: 1s", "sweep.repeat: 2", f"sweep.grid.{LIMIT}: [1, 2]", more=sweep
    )
    swept = ms.load(path, smoke=True).sweep(out=tmp_path / "out")
    assert len(list((tmp_path / "out" / "parts").iterdir())) == 4
    assert swept.info["name"] == swept.run(1, 1).info["name"] == "queue-smoke"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("durration: 1s", "unknown key 'durration'; did you mean 'duration'?"),
        ("duration: 1", "expected a"),
        ("traffic.male.size: 1 kB", "matches nothing in the scenario: no traffic 'male'"),
        ("hosts.out*.service_time: 1ms", "hosts.out*.service_time matches nothing"),
        ("duration.of: 1s", "duration has no keys"),
        ("mailsim: 1", "mailsim cannot be set: it is the version of the format"),
        ("traffic.mail.to: nowhere.example", "traffic.mail.to: "),
    ],
)
def test_what_is_wrong_has_its_place(
    tmp_path: Path, line: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file(tmp_path, "seed: 1", line)
    n = path.read_text(encoding="utf-8").splitlines().index(f"  {line}") + 1
    assert ended("check", path) == ended("run", path, "--smoke", "-q") == 2
    told = capsys.readouterr().err
    assert told.count(f"{path}:{n}:") == 2, told
    assert message.removeprefix("traffic.mail.to: ") in told
    assert ms.load(path).scenario.seed == 1, "the long run is as it was"


def test_no_short_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"queue.yaml: no key 'smoke', which says"):
        ms.load(queue_file(tmp_path), smoke=True)
