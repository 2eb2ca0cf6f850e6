"""``mailsim serve`` with several processes: to its clients, and in its tables, it is one host."""

from __future__ import annotations

import os
import re
import resource
import signal
import socket
import struct
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest
from live import test_bad_usage as bad_usage
from live.hosting import MAIL, SCENARIO, Hosted, command, dial, hosted, send_until_gone, talk
from peers.running import until
from signals import heed_signals

import mailsim as ms
from mailsim.live.shared import Counter, Slots

SLOTS = "hosts.mx.example.net.postfix.default_process_limit"
BACKLOG = "hosts.mx.example.net.backlog"
PATIENCE = "hosts.mx.example.net.postfix.smtpd_timeout"


def greeting(client: socket.socket, timeout_s: float = 5) -> bytes:
    """Return what comes within some time, or nothing."""
    client.settimeout(timeout_s)
    try:
        return client.recv(1000)
    except TimeoutError:
        return b""


def abort(client: socket.socket) -> None:
    """Close with RST; after FIN alone a server may not stop to wait for us."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def test_numbers_are_those_of_one_host(tmp_path: Path) -> None:
    with hosted(tmp_path, "--workers", "3") as server:
        assert len(server.workers()) == 3
        for _ in range(30):
            assert b"Ok: queued" in talk(server.port, *MAIL, b"QUIT\r\n")
        tables = server.stop()
    assert sorted(tables.sessions["session"]) == list(range(1, 31))
    assert sorted(tables.deliveries["message"]) == list(range(1, 31))
    queue_ids = tables.deliveries["reply"].str.extract(r"queued as (\w+)")[0]
    assert queue_ids.is_unique
    for name in ("queues", "events"):
        assert getattr(tables, name)["at_s"].is_monotonic_increasing


def test_slots_and_backlog_are_those_of_the_host(tmp_path: Path) -> None:
    settings = (f"{SLOTS}=2", f"{BACKLOG}=6", f"{PATIENCE}=1min")
    options = [word for setting in settings for word in ("--set", setting)]
    with hosted(tmp_path, "--workers", "3", *options) as server, ExitStack() as stack:
        served = [stack.enter_context(dial(server.port)) for _ in range(2)]
        assert all(greeting(client).startswith(b"220") for client in served)
        waiting = [stack.enter_context(dial(server.port)) for _ in range(6)]
        assert [greeting(client, 0.2) for client in waiting] == [b""] * 6
        with dial(server.port) as refused:
            assert greeting(refused).startswith(b"421 4.7.0")
        abort(waiting.pop())  # one has had enough: its place is free
        until(lambda: _waits(server), "there is room in the backlog again")
        for _ in range(5):  # each slot that comes free goes to one that waits, at whichever worker
            served.pop().close()
            chosen = [c for c in waiting if greeting(c, 0.5).startswith(b"220")]
            assert len(chosen) == 1
            waiting.remove(chosen[0])
            served.append(chosen[0])
        tables = server.stop()
    deepest = tables.queues.groupby("queue")["depth"].max()
    assert deepest[f"busy:{server.port}"] == 2
    assert deepest[f"backlog:{server.port}"] == 6


def _waits(server: Hosted) -> bool:
    """Tell whether a new client is let into the backlog; it does not stay."""
    with dial(server.port) as client:
        said = greeting(client, 0.2)
        abort(client)
    return said == b""


def test_mbox_of_several_writers(tmp_path: Path) -> None:
    box = tmp_path / "box.mbox"
    with hosted(tmp_path, "--workers", "3", "--maildir", box) as server:
        for _ in range(20):
            assert b"Ok: queued" in talk(server.port, *MAIL, b"QUIT\r\n")
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 0
    assert len(re.findall(rb"^From ", box.read_bytes(), re.MULTILINE)) == 20


def test_what_the_others_saw_is_kept_when_a_worker_dies(tmp_path: Path) -> None:
    with hosted(tmp_path, "--workers", "2") as server:
        dying, staying = server.workers()
        for served, stopped, mails in ((dying, staying, 4), (staying, dying, 6)):
            os.kill(stopped, signal.SIGSTOP)  # so that it is known who serves
            os.kill(served, signal.SIGCONT)
            for _ in range(mails):
                assert b"Ok: queued" in talk(server.port, *MAIL, b"QUIT\r\n")
        os.kill(dying, signal.SIGKILL)
        assert server.process.wait(20) == 1
    said = (tmp_path / "serve.log").read_text().splitlines()
    run = tmp_path / "run"
    assert said[-1] == (
        f"mailsim: a worker process has died; {run} has what the other processes saw"
    )
    tables = ms.open_run(str(run))
    assert len(tables.sessions) == 6
    assert len(tables.deliveries) == 6


def test_nothing_is_kept_when_the_only_worker_dies(tmp_path: Path) -> None:
    with hosted(tmp_path, "--workers", "1") as server:
        os.kill(server.workers()[0], signal.SIGKILL)
        assert server.process.wait(20) == 1
    said = (tmp_path / "serve.log").read_text().splitlines()
    assert said[-1] == "mailsim: a worker process has died"
    assert not (tmp_path / "run").exists()
    assert not list(tmp_path.glob(".*.part"))


def test_workers_go_when_nobody_looks_after_them(tmp_path: Path) -> None:
    with hosted(tmp_path, "--workers", "2") as server:
        workers = server.workers()
        server.process.kill()
        server.process.wait(20)
        until(lambda: not any(_is_alive(pid) for pid in workers), "the workers are gone")


def _is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that nobody has waited for yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_another_server_of_ours_does_not_share_the_port(tmp_path: Path) -> None:
    with hosted(tmp_path) as server:
        where = f"127.0.0.1:{server.port}"
        code, said = bad_usage.run(
            "serve", SCENARIO, "--host", "mx.example.net", "--listen", where, cwd=tmp_path
        )
        assert code == 2
        assert "the port is in use" in said


def test_two_servers_at_the_same_moment(tmp_path: Path) -> None:
    """One of them has the port, the other says so; whoever comes first."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        where = f"127.0.0.1:{free.getsockname()[1]}"
    words = command("serve", SCENARIO, "--host", "mx.example.net", "--listen", where)
    processes = []
    for i in range(2):
        options = ["--workers", "2", "--out", str(tmp_path / str(i))]
        with (tmp_path / f"{i}.log").open("wb") as log:
            processes.append(subprocess.Popen([*words, *options], stdout=log, stderr=log))
    try:
        (lost,) = until(lambda: [p for p in processes if p.poll() is not None], "one gives up")
        assert lost.returncode == 2
        said = (tmp_path / f"{processes.index(lost)}.log").read_text()
        assert said == f"cannot listen on {where}: the port is in use\n"
    finally:
        for process in processes:
            if process.poll() is None:
                process.terminate()
            process.wait(20)


def test_a_policy_that_looks_at_all_sessions_has_one_process(tmp_path: Path) -> None:
    policy = "hosts.mx.example.net.policies=[{greylist: {delay: 5min}}]"
    with hosted(tmp_path, "--set", policy) as server:
        assert len(server.workers()) == 1
        assert "served by 1 process\n" in (tmp_path / "serve.log").read_text()
    words = ["serve", SCENARIO, "--host", "mx.example.net", "--set", policy, "--workers", "2"]
    code, said = bad_usage.run(*words, cwd=tmp_path)
    assert code == 2
    assert "--workers 2: mx.example.net has a policy that looks at all sessions" in said


def test_slots_are_handed_on() -> None:
    slots = Slots(1, 1)
    assert slots.arrive()[:2] == ("busy", 1)
    assert slots.arrive()[:2] == ("backlog", 1)
    assert slots.arrive() is None
    assert not slots.take_freed()
    assert slots.leave()[:2] == ("backlog", 0)  # the slot goes over to the one that waits
    assert slots.give_up()[:2] == ("busy", 0)  # who has given up just now
    assert not slots.take_freed()
    assert slots.arrive()[:2] == ("busy", 1)
    assert slots.arrive()[:2] == ("backlog", 1)
    assert slots.leave()[:2] == ("backlog", 0)
    assert slots.take_freed()
    assert slots.leave()[:2] == ("busy", 0)
    slots.close()


@pytest.mark.parametrize("n", [1, 5])
def test_a_counter_counts(n: int) -> None:
    counter = Counter()
    assert [counter.next() for _ in range(n)] == list(range(1, n + 1))
    assert counter.value == n


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_amid_the_start_is_heeded(number: signal.Signals, tmp_path: Path) -> None:
    words = command("serve", SCENARIO, "--host", "mx.example.net", "--listen", "127.0.0.1:0")
    with subprocess.Popen(
        [*words, "--workers", "12", "--out", tmp_path / "run"],
        stderr=subprocess.PIPE, text=True, preexec_fn=heed_signals,
    ) as process:  # fmt: skip
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        until(lambda: children.read_text(), "the first worker is there")
        process.send_signal(number)
        said = process.communicate(timeout=60)[1]
    assert process.returncode in (128 + number, 0)
    assert "Traceback" not in said
    assert "Exception ignored" not in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_in_quick_succession_keep_the_tables(
    number: signal.Signals, tmp_path: Path
) -> None:
    with hosted(tmp_path, "--workers", "3") as server:
        for _ in range(20):
            assert b"Ok: queued" in talk(server.port, *MAIL, b"QUIT\r\n")
        send_until_gone(server.process, number)
        code = server.process.wait(30)
        assert code == (0 if number == signal.SIGTERM else 128 + number)
        assert "half-written" not in (tmp_path / "serve.log").read_text()
        assert len(server.balanced().deliveries) == 20


@pytest.mark.parametrize("who", ["worker", "parent"])
def test_no_room_for_the_tables_is_said(who: str, tmp_path: Path) -> None:
    with hosted(tmp_path, "--workers", "1") as server:
        assert b"Ok: queued" in talk(server.port, *MAIL, b"QUIT\r\n")
        pids = server.workers() if who == "worker" else [server.process.pid]
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (1200, resource.RLIM_INFINITY))
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 1
    said = (tmp_path / "serve.log").read_text()
    assert "Traceback" not in said
    assert "File too large" in said.splitlines()[-1]
    assert not (tmp_path / "run").exists()
    assert not list(tmp_path.glob(".*.part"))
