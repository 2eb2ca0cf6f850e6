"""``mailsim theory``: of a scenario, of a saved run, and what it objects to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import mailsim as ms
from mailsim.cli import main

MM1 = Path(__file__).parents[1] / "experiments" / "theory" / "mm1_rho80.yaml"
SETS = ("duration=60s", "warmup=1s")


def mailsim(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as caught:
        main([str(word) for word in words])
    out, err = capsys.readouterr()
    return caught.value.code, out, err


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "mm1"
    ms.load(MM1, *SETS).run(out=path)
    return path


def test_a_run_says_what_its_scenario_does(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = mailsim(capsys, "theory", saved)
    assert code == 0
    assert out.splitlines()[:2] == ["mm1_rho80, seed 1", "mx.example.org:25  M/M/1"]
    assert "mean wait                400 ms   " in out
    words = [word for text in SETS for word in ("--set", text)]
    assert mailsim(capsys, "theory", MM1, *words)[:2] == (0, out)
    code, other, _ = mailsim(capsys, "theory", MM1, *words, "--seed", "2")
    assert code == 0
    assert other.startswith("mm1_rho80, seed 2\n")


def test_what_it_objects_to(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere, swept, broken = tmp_path / "nowhere", tmp_path / "swept", tmp_path / "broken"
    swept.mkdir()
    (swept / "sweep.json").write_text("{}")
    sweep = ("--set", "sweep={grid: {duration: [150s, 160s]}}")
    for words, problem in (
        ((nowhere,), f"{nowhere}: cannot be read: No such file or directory"),
        ((tmp_path,), f"{tmp_path}: no mailsim run (it has no run.json)"),
        (
            (swept,),
            f"{swept}: a sweep: expected one of its runs, such as {swept}/parts/point0-rep0",
        ),
        (
            (saved, "--seed", "2"),
            f"--seed: {saved} is a run; give its scenario to run it otherwise",
        ),
        ((saved, "--set", "a=1"), f"--set: {saved} is a run; "),
        ((MM1, *sweep), f"{MM1}: it has a sweep, expected a single run"),
    ):
        code, out, err = mailsim(capsys, "theory", *words)
        assert (code, out) == (2, "")
        assert err.startswith(problem)
        assert len(err.splitlines()) == 1
    broken.mkdir()
    for file in saved.iterdir():
        (broken / file.name).write_bytes(file.read_bytes())
    info = json.loads((broken / "run.json").read_text(encoding="utf-8"))
    for scenario, problem in (
        (None, "no scenario: it was no simulation, so no model is known"),
        (info["scenario"] | {"hosts": 5}, "its scenario cannot be read again: "),
    ):
        text = json.dumps(info | {"scenario": scenario})
        (broken / "run.json").write_text(text, encoding="utf-8")
        code, out, err = mailsim(capsys, "theory", broken)
        assert (code, out) == (2, "")
        assert err.startswith(f"{broken}/run.json: {problem}")
