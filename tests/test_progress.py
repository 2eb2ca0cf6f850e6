"""How far it has come: in a terminal, in a notebook, and nowhere else."""

from __future__ import annotations

import importlib
import io
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from queueing import queue_file

import mailsim as ms
from mailsim.errors import ConfigError
from mailsim.experiment import sweep_run
from mailsim.experiment.sweep_run import Status
from mailsim.progress import is_notebook, run_bar, status_text, sweep_bar

HALF = Status(3, 5, 9, 2, 3600.0, 30.0, 40.0, "point 1, replication 1")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_text() -> None:
    assert status_text(HALF) == (
        "5 of 9 runs, 2 kept, 3 points, 1 h simulated, 30 s gone, about 40 s left"
    )
    done = HALF._replace(n_points=1, n_done=9, n_kept=0)
    assert status_text(done) == "9 of 9 runs, 1 point, 1 h simulated, 30 s gone"


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_long_run_is_told_of_before_it_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    monkeypatch.setattr(sweep_run, "_TICK_S", 0.02)
    told: list[Status] = []
    experiment = ms.load(queue_file(tmp_path), "duration=200s")
    experiment.sweep(repeat=2, out=tmp_path / "out", jobs=jobs, progress=told.append)
    between = [status for status in told if status.n_done == 0 and status.under_way > 0]
    assert between, "in the first run"
    assert between[-1].simulated_s == pytest.approx(200 * between[-1].under_way)
    assert between[-1].remaining_s is not None
    assert all(0 <= status.under_way <= jobs for status in told)
    assert (told[-1].n_done, told[-1].under_way) == (2, 0)


def test_what_remains_is_not_guessed_before_it_can_be(tmp_path: Path) -> None:
    """Workers that do not say how far they are: time goes by, and an estimate runs down."""
    told: list[Status] = []
    with ThreadPoolExecutor(1) as executor:
        experiment = ms.load(queue_file(tmp_path), "duration=60s")
        experiment.sweep(repeat=3, out=tmp_path / "out", executor=executor, progress=told.append)
    assert all(status.under_way == 0 for status in told)
    assert all((status.remaining_s is None) == (status.n_done == 0) for status in told)
    assert told[-1].remaining_s == 0


def test_quiet_when_nobody_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    with sweep_bar("x") as told:
        assert told is None
    with run_bar("x") as update:
        assert update is None
    assert capsys.readouterr() == ("", "")


def test_a_library_that_imports_a_kernel_is_no_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As ``import distributed`` does: nothing could be displayed."""
    for name in ("ipykernel", "IPython"):
        monkeypatch.setitem(sys.modules, name, importlib.import_module(name))
    assert not is_notebook()
    swept = ms.load(queue_file(tmp_path), "duration=1s").sweep(repeat=2, out=tmp_path / "out")
    assert len(swept.values["replication"].unique()) == 2


def test_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("COLUMNS", "150")
    monkeypatch.setenv("TERM", "xterm")
    with sweep_bar("relays") as told, sweep_bar("x", quiet=True) as nobody:
        assert nobody is None
        assert told is not None
        told(HALF)
    with run_bar("alone") as update:
        assert update is not None
        update(60 * 10**9, 120 * 10**9, 5, 9)
    drawn = sys.stderr.getvalue()
    assert "relays" in drawn
    assert "about 40 s left" in drawn
    assert "1 of 2 min, 5 of 9 recipients" in drawn


def test_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    class Handle:
        def update(self, data: dict[str, Any], raw: bool) -> None:
            shown.append(data["text/plain"])

    def display(data: dict[str, Any], raw: bool, display_id: bool) -> Handle:
        assert "<progress" in data["text/html"]
        shown.append(data["text/plain"])
        return Handle()

    fake = ModuleType("IPython.display")
    fake.display = display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython.display", fake)
    ipython = ModuleType("IPython")
    ipython.get_ipython = lambda: SimpleNamespace(kernel=object())  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    experiment = ms.load(queue_file(tmp_path), "duration=1s")
    experiment.sweep(repeat=2, out=tmp_path / "out")
    assert shown[-1].startswith("queue: 100%, 2 of 2 runs")
    n = len(shown)
    told: list[Status] = []
    experiment.sweep(repeat=2, out=tmp_path / "out", progress=told.append)
    assert len(shown) == n
    done = [status for status in told if status.last]
    assert [status.n_done for status in done] == [1, 2]
    assert done[0].remaining_s is not None
    assert (told[0].n_done, told[0].remaining_s) == (0, None), "there is something to see at once"


def test_true_is_a_bar_and_nonsense_is_told_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment, out = ms.load(queue_file(tmp_path), "duration=2s"), tmp_path / "out"
    for go in (experiment.run, experiment.sweep):
        with pytest.raises(
            ConfigError, match="progress: expected a function, True or False, got 3"
        ):
            go(out=out, progress=3)  # type: ignore[operator]
        assert not out.exists()
    for progress, is_drawn in ((True, True), (False, False), (None, False)):
        screen = Terminal()
        monkeypatch.setattr(sys, "stderr", screen)
        assert experiment.run(progress=progress).info["counts"]["submitted"]
        assert bool(screen.getvalue()) == is_drawn
