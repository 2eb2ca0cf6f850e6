"""An interrupted run leaves nothing half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from queueing import queue_file
from signals import heed_signals

import mailsim as ms
from mailsim.experiment import interruption
from mailsim.experiment.interruption import note, waiting_signals
from mailsim.record.saved import replacing
from mailsim.results import Pictures

STOPPING = """
import os, signal
from mailsim.mta.policies import Policy
went_on = []
class Stopping(Policy):
    @classmethod
    def from_options(cls, options):
        return cls()
    def on_rcpt(self, seen, now_ns):
        os.kill(os.getpid(), signal.SIGINT)
        went_on.append(now_ns)
"""
BULK = Path(__file__).parents[1] / "experiments" / "bulk_send.yaml"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code", "word"),
    [
        (signal.SIGINT, 130, "interrupted"),
        (signal.SIGTERM, 143, "stopped"),
        (signal.SIGHUP, 129, "stopped"),
    ],
)
def test_a_signal_leaves_nothing(
    tmp_path: Path, number: signal.Signals, code: int, word: str
) -> None:
    out = tmp_path / "results" / "bulk"
    with subprocess.Popen(
        [sys.executable, "-m", "mailsim", "run", str(BULK), "-q", "--out", str(out)],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_signals,
    ) as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not list(tmp_path.glob("results/.*.part")):
            time.sleep(0.02)
        assert process.poll() is None
        process.send_signal(number)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == code
    assert word in stderr
    assert "Traceback" not in stderr
    assert list((tmp_path / "results").iterdir()) == []


def test_a_signal_that_a_library_has_swallowed_stops_the_run_all_the_same(tmp_path: Path) -> None:
    experiment = ms.load(queue_file(tmp_path), "duration=1s")
    note(KeyboardInterrupt())
    try:
        with pytest.raises(KeyboardInterrupt):
            experiment.run(out=tmp_path / "out")
        with pytest.raises(KeyboardInterrupt):
            experiment.sweep(repeat=2, out=tmp_path / "swept")
    finally:
        note(None)
    assert not (tmp_path / "out").exists()
    assert list((tmp_path / "swept" / "parts").iterdir()) == []


def test_a_signal_is_heeded_between_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stopping.py").write_text(STOPPING)
    monkeypatch.syspath_prepend(str(tmp_path))
    policies = 'hosts.mx.example.net.policies=["stopping:Stopping": {}]'
    experiment = ms.load(BULK.with_name("first_mail.yaml"), policies)
    with pytest.raises(KeyboardInterrupt):
        experiment.run(out=tmp_path / "out")
    import stopping  # type: ignore[import-not-found]

    assert stopping.went_on, "what a signal raises in compiled code can kill the process"
    assert not (tmp_path / "out").exists()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def hear(number: signal.Signals = signal.SIGINT) -> None:
    os.kill(os.getpid(), number)


def test_a_signal_waits_for_a_pause() -> None:
    with waiting_signals() as pause:
        pause()
        hear()
        hear()
        with pytest.raises(KeyboardInterrupt):
            pause()
        with pytest.raises(KeyboardInterrupt):
            pause()
        pause()


def test_a_signal_after_the_last_pause_is_heeded_at_the_end() -> None:
    with pytest.raises(KeyboardInterrupt), waiting_signals():
        hear()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_who_asks_again_after_a_while_need_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interruption, "_PATIENCE_S", 0.0)
    reached = []

    def ask_twice() -> None:
        with waiting_signals():
            hear()
            reached.append(1)
            hear()
            reached.append(2)

    with pytest.raises(KeyboardInterrupt):
        ask_twice()
    assert reached == [1]


def test_signals_that_are_ignored_stay_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with waiting_signals() as pause:
            hear(signal.SIGHUP)
            pause()
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_in_another_thread_signals_are_left_alone() -> None:
    def work() -> object:
        with waiting_signals() as pause:
            pause()
            return signal.getsignal(signal.SIGINT)

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(work).result() is signal.default_int_handler


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_a_library_makes_of_a_signal_is_no_traceback(number: int, code: int) -> None:
    script = (
        "import os, mailsim.__main__, mailsim.cli\n"
        "def command():\n"
        f"    try: os.kill(os.getpid(), {int(number)})\n"
        "    except BaseException as error: raise ValueError('in a callback') from error\n"
        "mailsim.cli.main = command\n"
        "mailsim.__main__.main()\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, capture_output=True, text=True, preexec_fn=heed_signals, timeout=60, check=False
    )
    assert done.returncode == code
    assert "nothing half-written is left" in done.stderr
    assert "Traceback" not in done.stderr


def test_interrupted_as_it_makes_its_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Path.mkdir

    def interrupted(self: Path, *args: int, **options: bool) -> None:
        make(self, *args, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "mkdir", interrupted)
    with pytest.raises(KeyboardInterrupt), replacing(tmp_path / "run"):
        pass
    assert list(tmp_path.iterdir()) == []


EARLY = """
import os, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "mailsim.cli":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
from mailsim.__main__ import main
main()
"""
LATE = """
import atexit, os, signal, sys
atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))
sys.argv[1:] = ["list", "plot"]
from mailsim.__main__ import main
main()
"""


@pytest.mark.parametrize(("code", "expected"), [(EARLY, 130), (LATE, 0)])
def test_sigint_on_the_way_in_and_out(code: str, expected: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=heed_signals,
    )
    assert done.returncode == expected
    assert "Traceback" not in done.stderr


def test_an_interruption_while_a_picture_is_drawn_keeps_the_old_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = ms.load(BULK.with_name("first_mail.yaml"))
    experiment.run(out=tmp_path / "r", pictures=["queue"])
    before = (tmp_path / "r" / "run.json").read_bytes()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Pictures, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        experiment.run(seed=5, out=tmp_path / "r", pictures=["queue"])
    assert (tmp_path / "r" / "run.json").read_bytes() == before
    assert (tmp_path / "r" / "queue.png").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["r"]
