"""Expectations of a scenario and comparisons with earlier results, through the command."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from queueing import queue_file

import mailsim as ms
from mailsim.cli import main
from mailsim.errors import ConfigError
from mailsim.experiment.check import load_scenario

LIMIT = "hosts.mx.example.org.postfix.default_process_limit"
EXPECT = """\
expect:
  - p95(delay) < 90s
  - "finished < 1s"
  - throughput > 8/s
"""


def mailsim(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as caught:
        main([str(word) for word in words])
    assert isinstance(caught.value.code, int)
    return caught.value.code


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = queue_file(tmp_path)
    path.write_text(path.read_text() + EXPECT)
    return path


def line(text: str, start: str) -> str:
    return next(" ".join(one.split()) for one in text.splitlines() if start in one)


def test_of_one_run(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert mailsim("run", file, "--out", out, "--set", "duration=2s") == 99
    shown = capsys.readouterr().out
    assert line(shown, "p95(delay) <").startswith("✓ p95(delay) < 90s")
    assert line(shown, "finished <") == "✗ finished < 1s 1.54 s"
    assert mailsim("show", out) == 0
    assert "✗ finished < 1s 1.54 s" in " ".join(capsys.readouterr().out.split())
    assert ms.open_run(str(out)).expectations["verdict"].tolist()[:2] == ["met", "missed"]


def test_of_one_run_in_json_and_quiet(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, met = tmp_path / "out", "expect=[p95(delay) < 90s]"
    assert mailsim("run", file, "--out", out, "--json", "--set", met) == 0
    (found,) = json.loads(capsys.readouterr().out)["expectations"]
    assert (found["expectation"], found["verdict"]) == ("p95(delay) < 90s", "met")
    assert (found["replications"], found["low"]) == (1, found["mean"])
    assert mailsim("run", file, "--out", out, "-q", "--set", "expect=p95(delay) < 1ms") == 99
    assert capsys.readouterr().out == ""


def test_of_a_sweep(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, sweep = tmp_path / "out", f"sweep={{grid: {{{LIMIT}: [1, 2]}}, repeat: 3}}"
    words = ["run", file, "--out", out, "--set", sweep, "--set", "duration=3s"]
    assert mailsim(*words) == 99
    shown = capsys.readouterr().out
    assert "✓ default_process_limit=1 p95(delay) < 90s" in " ".join(shown.split())
    assert line(shown, "throughput >").startswith("? default_process_limit=1")
    undecided = line(shown, "throughput >")
    found = ms.open_sweep(str(out)).values.query("point == 0 and metric == 'throughput'")["value"]
    half = 4.302653 * found.std() / 3**0.5
    enough = math.ceil(3 * (half / abs(found.mean() - 8)) ** 2)
    assert f"not decided at this precision; about {enough} replications would" in undecided
    # What is expected may change without a new run, and what is not decided is no miss.
    assert mailsim(*words, "--resume", "--set", "expect=mean(delay) < 90s", "--json") == 0
    found = json.loads(capsys.readouterr().out)["expectations"]
    assert [(one["point"], one["verdict"], one["replications"]) for one in found] == [
        (0, "met", 3), (1, "met", 3),
    ]  # fmt: skip
    assert mailsim(*words, "--resume", "--set", "expect=throughput > 8/s", "-q") == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('expect: ["finished < 9h", "p95(dely) < 90s"]', "20:32: unknown measure 'dely': known"),
        ("expect:\n  - rate(bounced) < 3", "21:21: rate(bounced): expected a share"),
        ("expect: finished < 9h, perhaps", "20:20: finished: expected a duration"),
        ("expect: [5]", "20:10: expected such as 'p95(delay) < 90s', got 5"),
        (
            'expect: ["mean(delay, host=mx.exmple.org) < 5s"]',
            "20:28: mean(delay, host=mx.exmple.org): no host 'mx.exmple.org' in the scenario; did",
        ),
    ],
)
def test_wrong(tmp_path: Path, text: str, expected: str) -> None:
    path = queue_file(tmp_path)
    path.write_text(f"{path.read_text()}{text}\n")
    with pytest.raises(ConfigError) as caught:
        load_scenario(path)
    place, _, caret = str(caught.value).splitlines()
    assert place.startswith(f"{path}:{expected}")
    assert caret.index("^") - len("      | ") == int(place.split(":")[2]) - 1


def test_wrong_in_an_override(file: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_scenario(file, ["expect=finished < soon"])
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("--set expect=finished < soon: finished: expected a duration")
    assert lines[1:] == ["      | finished < soon", "      |            ^"]


def test_compared_with_what_it_replaces(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ["run", file, "--out", out, "--set", "sweep={repeat: 4}", "--set", "expect=[]"]
    assert mailsim(*words) == 0
    before = ms.open_sweep(str(out)).values
    capsys.readouterr()
    assert mailsim(*words, "--set", f"{LIMIT}=2", "--compare", out) == 0
    shown = capsys.readouterr().out
    assert f"compared with {out}" in shown
    pick = "metric == 'delay_p50'"
    was = before.query(pick)["value"].to_numpy()
    now = ms.open_sweep(str(out)).values.query(pick)["value"].to_numpy()
    half = 3.182446 * (now - was).std(ddof=1) / 2
    row = line(shown.split("compared with")[1], "delay p50").split()
    assert row[2:4] == [f"{1000 * was.mean():.3g}", "ms"]
    assert row[6:10] == [f"{1000 * (now - was).mean():.3g}", "ms", "±", f"{1000 * half:.3g}"]


def test_compared_with_one_run(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = ms.load(file).run(out=tmp_path / "one")
    words = ["run", file, "--out", tmp_path / "two", "--seed", "5", "--compare", tmp_path / "one"]
    assert mailsim(*words) == 99
    shown = capsys.readouterr().out
    assert "whose seed was 1: not the same traffic" in shown
    assert "one replication: no intervals" in shown
    table = ms.open_run(str(tmp_path / "two")).compare(one).set_index("metric")
    row = table.loc["p95(delay)"]
    assert (row["before"], row["replications"]) == (one.measure("p95(delay)"), 1)
    assert row["mean"] == pytest.approx(row["after"] - row["before"])


def test_nothing_to_compare(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ms.load(file).run(out=tmp_path / "one")
    sweep = f"sweep.grid={{{LIMIT}: [1, 2]}}"
    words = ["run", file, "--out", tmp_path / "two", "--set", sweep, "--compare"]
    assert mailsim(*words, tmp_path / "one") == 2
    assert "nothing to compare: it has 1 point, this has 2 points (" in capsys.readouterr().err
    assert mailsim(*words, tmp_path / "nosuch") == 2
    assert "no mailsim run" in capsys.readouterr().err
    assert not (tmp_path / "two").exists()


def test_a_rate_of_what_never_came(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All of some thirty recipients are served: no proof that one in a thousand is not."""
    path = queue_file(tmp_path, "  repeat: 3\n  measures: [rate(bounced)]\n")
    expect = "expect=[rate(bounced) < 0.1%, rate(bounced) < 99%]"
    out = tmp_path / "out"
    assert mailsim("run", path, "--out", out, "--set", "duration=2s", "--set", expect) == 0
    shown = capsys.readouterr().out
    n = int(ms.open_sweep(str(out)).values.query("metric == 'n of rate(bounced)'")["value"].sum())
    most = 100 * (1 - 0.025 ** (1 / n))
    told = line(shown, "rate(bounced) < 0.1%")
    assert told.startswith(f"? rate(bounced) < 0.1% 0 % (0 % to {most:.3g} %) not decided at")
    assert f"about {math.ceil(3 * most / 0.1)} replications would" in told
    assert line(shown, "rate(bounced) < 99%").startswith("✓")
    assert f"0 (0 to {most / 100:.3g})" in shown
