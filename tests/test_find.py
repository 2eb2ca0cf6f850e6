"""Searches as a whole, on scenarios whose boundary is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from queueing import QUEUE, queue_file

import mailsim as ms
from mailsim.cli import main
from mailsim.found import Found
from mailsim.record.parts import parts_of

LIMIT = "hosts.mx.example.org.postfix.default_process_limit"
FIND = "between: [1, 12], such_that: finished < 4.5s, repeat: 1, max: 1"
SLOTS = (
    QUEUE.replace("port: 25", "port: 25, connections: 12")
    .replace("{exponential: {mean: 100ms}}", "1s")
    .replace("arrivals: {poisson: 8/s}", "bulk: {recipients: 24}")
    .replace("duration: 20s", "duration: 30s")
    + f"find: {{smallest: {LIMIT}, {FIND}}}\n"
)
"""24 messages at once, of a second each: with c slots the last is done after ceil(24 / c) s."""


def mailsim(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as caught:
        main([str(word) for word in words])
    assert isinstance(caught.value.code, int)
    return caught.value.code


@pytest.fixture
def slots(tmp_path: Path) -> Path:
    path = tmp_path / "slots.yaml"
    path.write_text(SLOTS)
    return path


def test_slots(slots: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert mailsim("run", slots, "--out", out) == 0
    shown = capsys.readouterr().out
    assert f"the smallest value of {LIMIT} such that finished < 4.5s: 6\n" in shown
    rows = [line.split() for line in shown.splitlines()[1:]]
    tried = {int(row[0]): " ".join(row[2:]) for row in rows if row[0].isdigit()}
    assert tried == {c: f"{-(-24 // c)} s {'✗' if c < 6 else '✓'}" for c in (1, 3, 4, 5, 6, 9, 12)}
    assert mailsim("show", out) == 0
    assert capsys.readouterr().out == shown.replace(f"results   {out}\n", "")
    opened = ms.open_sweep(str(out))
    assert isinstance(opened, Found)
    assert opened.value == 6
    # The same search again finds every run there already.
    kept = {part: (out / "parts").stat().st_mtime_ns for part in parts_of(out)}
    told: list[int] = []
    again = ms.load(slots).find(out=out, resume=True, progress=lambda s: told.append(s.n_kept))
    assert (again.value, told[-1]) == (6, len(kept))


def test_the_largest_and_a_knob_that_turns_the_other_way(slots: Path, tmp_path: Path) -> None:
    experiment = ms.load(slots)
    largest = experiment.find(largest=LIMIT, such_that="finished > 4.5s", out=tmp_path / "out")
    assert largest.value == 5
    assert largest.tried["value"].is_monotonic_increasing
    turned = experiment.find(such_that="finished > 4.5s", between=(2, 6), out=tmp_path / "out")
    assert turned.value is None
    assert turned.says.startswith("not monotone: finished > 4.5s is met at 2 and missed at 6")
    all_ = experiment.find(between=(11, 12), out=tmp_path / "out")
    assert all_.says.endswith(": 11, the end of 11 to 12; beyond was not looked")


def test_a_miss_is_exit_code_99(
    slots: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = ["--set", "find.between=[1, 2]"]
    words = ["run", slots, "--out", tmp_path / "out", *few, "--set", "find.such_that=finished < 2s"]
    assert mailsim(*words, "--json") == 99
    found = json.loads(capsys.readouterr().out)
    assert found["found"]["value"] is None
    assert found["found"]["says"] == (
        "no value does it: from 1 to 2 finished < 2s is missed wherever it was tried"
    )
    assert found["found"]["tried"][0] == {
        "point": 0, "value": 1, "verdict": "missed", "replications": 1, "mean": pytest.approx(24),
        "low": pytest.approx(24), "high": pytest.approx(24), "unit": "s",
    }  # fmt: skip
    assert mailsim(*words, "--only", "point=0") == 2
    assert "--only: " in capsys.readouterr().err
    # The runs of another question are no part of this one.
    assert mailsim("run", slots, "--out", tmp_path / "out", "--resume", *few) == 2
    assert "find.such_that was 'finished < 2s', is 'finished < 4.5s'" in capsys.readouterr().err


def test_a_search_that_is_not_over(
    slots: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ms.load(slots).find(out=tmp_path / "out", progress=stop)
    assert mailsim("show", tmp_path / "out") == 2
    assert "the search is not over: mailsim run --resume goes on" in capsys.readouterr().err
    assert mailsim("run", slots, "--out", tmp_path / "out", "--resume", "-q") == 0


def test_a_share_under_noise(tmp_path: Path) -> None:
    """A share p of the recipients does not exist: what is refused is binomial, mean p."""
    path = queue_file(tmp_path)
    experiment = ms.load(path, "hosts.mx.example.org.mailboxes=[user*]", "duration=5s")
    found = experiment.find(
        largest="traffic.mail.invalid", between=("0%", "40%"), step="25%", max=12,
        such_that="rate(refused) < 20%", out=tmp_path / "out",
    )  # fmt: skip
    assert found.value == "10%"
    tried = found.tried.set_index("value")
    assert tried["verdict"].tolist()[:2] == ["met", "met"]
    # At the boundary itself nothing can be decided, and all replications are spent.
    assert tried.loc["20%", "verdict"] == "not decided at this precision"
    assert tried.loc["20%", "replications"] == 12
    assert tried.loc["0%", "replications"] == 5
    assert found.says.endswith("such that rate(refused) < 20%: 10%; not decided after 12 "
                               "replications: 20%")  # fmt: skip
    for share, row in tried.iterrows():
        assert row["low"] <= int(str(share)[:-1]) / 100 <= row["high"]
