"""A scenario's host on a real socket: what ``mailsim serve`` does."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import resource
import shutil
import signal
import time
from collections import Counter as Bag
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mailsim.dns import NODATA, NOERROR, NXDOMAIN, REFUSED, SERVFAIL, Answer, Authority
from mailsim.errors import ConfigError, MailsimError, RunError
from mailsim.experiment.model import Scenario
from mailsim.experiment.services import MailParts, mail_parts
from mailsim.live.book import Book, Numbers
from mailsim.live.certificate import server_context
from mailsim.live.loop import fast_loop
from mailsim.live.ports import bound
from mailsim.live.shared import Counter, Slots
from mailsim.live.stopping import Stoppable
from mailsim.live.store import open_store
from mailsim.live.worker import Port, Served, serve_share
from mailsim.live.workers import Control, Workers, n_processors
from mailsim.record.light import keep_pandas_out
from mailsim.record.log import Log
from mailsim.record.merge import merge
from mailsim.recording import recording
from mailsim.spelling import nearest

__all__ = ["Serving", "serve"]

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Serving:
    """How a host is put on real sockets.

    Attributes
    ----------
    host : str
        Name of the host in the scenario.
    listen, listen_tls : tuple of (str, int)
        Addresses and ports to listen on: SMTP, and SMTP with TLS from the first octet.
    service : int or None
        Which of the host's ports is served; unless said 25, or its only one.
    cert, key : Path or None
        Certificate and key in PEM form; made on the spot unless given.
    maildir : Path or None
        Where accepted mail goes: a Maildir, or an mbox; dropped unless given.
    out : Path
        Result directory.
    events : bool
        Record every line, for transcripts.
    workers : int
        Processes that serve; 0 for one per processor, unless the host's policies need one alone.
    """

    host: str
    listen: tuple[tuple[str, int], ...]
    listen_tls: tuple[tuple[str, int], ...] = ()
    service: int | None = None
    cert: Path | None = None
    key: Path | None = None
    maildir: Path | None = None
    out: Path = Path("results/serve")
    events: bool = True
    workers: int = 0


def serve(scenario: Scenario, serving: Serving, say: Callable[[str], None]) -> int:
    """Serve until a signal comes; return the exit code, 0 for SIGTERM, 130 for SIGINT.

    Further signals are ignored from then on: the process is expected to end.

    Parameters
    ----------
    scenario : Scenario
    serving : Serving
    say : callable
        Takes the lines a user is to see.

    Raises
    ------
    ConfigError
        If the scenario has no such host or service, or a port, certificate or mailbox cannot
        be used.
    """
    if serving.host not in scenario.directory.mail_hosts:
        known = scenario.directory.mail_hosts
        near = nearest(serving.host, known)
        raise ConfigError(
            f"--host {serving.host}: no mail host of {scenario.path}; it has {', '.join(known)}"
            + (f"; did you mean {near!r}?" if near else "")
        )
    parts = mail_parts(scenario, serving.host)
    service = serving.service
    if service is None:
        service = 25 if 25 in parts.configs else next(iter(parts.configs))
    if service not in parts.configs:
        offered = ", ".join(map(str, parts.configs))
        raise ConfigError(f"--service {service}: {serving.host} has {offered}")
    if serving.cert is not None and not _has_tls(serving, parts, service):
        raise ConfigError(
            f"--cert: no effect, port {service} of {serving.host} has no TLS; give it "
            "'tls: may' in the scenario, or add --listen-tls"
        )
    n = _n_workers(serving, parts)
    if serving.maildir is not None:
        open_store(serving.maildir).close()  # trouble is told at once
    with ExitStack() as opened:
        ports = _ports(scenario, serving, parts, service, opened)
        return _serve(scenario, serving, parts, ports, n, say)


def _serve(
    scenario: Scenario,
    serving: Serving,
    parts: MailParts,
    ports: list[Port],
    n: int,
    say: Callable[[str], None],
) -> int:
    """Serve at ports that are bound, with so many processes."""
    served = Served(
        serving.host, parts.reception, parts.settings, ports, _names(scenario), say,
        _lookups(scenario),
    )  # fmt: skip
    numbers = Numbers(Counter(), Counter(), time.monotonic_ns())
    lock = multiprocessing.get_context("fork").Lock()
    with (
        Stoppable(fast_loop) as stoppable,
        recording(serving.out, with_events=serving.events) as (log, finish),
    ):
        assert log.directory is not None
        _make_room()
        shares = [log.directory / f"worker{i}" for i in range(n)]

        def work(control: Control, i: int) -> dict[str, int]:
            shares[i].mkdir()
            its_log = Log(shares[i], with_events=serving.events, as_streams=True)
            book = Book(its_log, "served", numbers)
            store = open_store(serving.maildir, lock) if serving.maildir is not None else None
            with asyncio.Runner(loop_factory=fast_loop) as runner:
                runner.run(serve_share(served, book, store, control.ready, control.to_stop))
            if store is not None:
                store.close()
            its_log.close()
            return book.counts

        workers = Workers(n, work)
        for port in ports:
            port.sock.close()
        workers.wait_ready()

        def say_start() -> None:
            for line in _start_lines(
                serving, parts, ports, n, scenario.hosts[serving.host].policies
            ):
                say(line)

        number = workers.wait_for_signal(stoppable.runner, say_start)
        stoppable.is_stopped = True
        ended = workers.stop()
        kept = [share for share, end in zip(shares, ended, strict=True) if isinstance(end, dict)]
        troubles = [end for end in ended if isinstance(end, MailsimError)]
        if not kept:
            raise troubles[0]
        counts: Bag[str] = Bag()
        for end in ended:
            if isinstance(end, dict):
                counts.update(end)
        n_sessions = numbers.sessions.value
        say(f"stopped after {n_sessions} sessions, {counts['delivered']} recipients taken")
        merge(kept, log)
        for share in shares:
            shutil.rmtree(share)
        took_ns = time.monotonic_ns() - numbers.start_ns
        finish(f"{scenario.name}_served", scenario, took_ns, counts)
    if troubles:  # what the others saw is kept
        raise RunError(f"{troubles[0]}; {serving.out} has what the other processes saw")
    return 128 + number if number in (signal.SIGINT, signal.SIGHUP) else 0


def _has_tls(serving: Serving, parts: MailParts, service: int) -> bool:
    """Tell whether a certificate will be shown to anybody."""
    is_offered = bool(serving.listen) and parts.configs[service].tls != "none"
    return is_offered or bool(serving.listen_tls)


def _n_workers(serving: Serving, parts: MailParts) -> int:
    """Return how many processes serve; a policy that looks at other sessions sees one's only."""
    if not parts.reception.is_shared:
        return serving.workers or n_processors()
    if serving.workers > 1:
        raise ConfigError(
            f"--workers {serving.workers}: {serving.host} has a policy that looks at all "
            "sessions, so one process must serve them all"
        )
    return 1


def _ports(
    scenario: Scenario, serving: Serving, parts: MailParts, service: int, opened: ExitStack
) -> list[Port]:
    """Return the ports to serve, bound; the stack closes them."""
    config = parts.configs[service]
    wanted = [(config, where) for where in serving.listen]
    wanted += [(replace(config, tls="implicit"), where) for where in serving.listen_tls]
    limit, backlog = parts.settings.default_process_limit, scenario.hosts[serving.host].backlog
    ports = []
    for its_config, (address, number) in wanted:
        is_tls = its_config.tls != "none"
        context = server_context(serving.host, serving.cert, serving.key) if is_tls else None
        sock = opened.enter_context(bound(address, number))
        address, number = sock.getsockname()[:2]
        slots = Slots(limit, backlog)
        ports.append(Port(address, number, its_config, context, slots, sock))
    return ports


def _make_room() -> None:
    """Allow as many open connections as the system lets us have, and little work besides."""
    keep_pandas_out()
    gc.freeze()  # what there is now stays
    gc.set_threshold(200_000, 20, 100)  # connections are freed without it
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _names(scenario: Scenario) -> dict[str, str]:
    """Return the scenario's hosts by address, so that policies know a client by its name."""
    directory = scenario.directory
    return {
        address: name for name in scenario.hosts for address in directory.addresses.get(name, [])
    }


def _lookups(scenario: Scenario) -> Callable[[str, str], Answer]:
    """Return what answers a question as the name servers of the scenario's zones would."""
    authority = Authority(scenario.directory.records)

    def lookup(name: str, type: str) -> Answer:
        answer = authority.answer(name, type)
        if answer.status == REFUSED:  # no zone of the scenario holds it
            return answer._replace(status=NXDOMAIN)
        if answer.status in (NOERROR, NODATA, NXDOMAIN):
            return answer
        return Answer(SERVFAIL, (), 1)

    return lookup


_NOT_HERE = {
    "content_filter": "there is no queue here, so where: after filters nothing",
    "dkim": "signatures are not checked here, so no message has one (on_no_signature)",
    "dmarc": "signatures are not checked here, so SPF alone decides",
    "verify_recipient": "nobody is probed here, so all recipients pass",
}
"""What policies lack on a socket; said at the start, for verdicts are other ones there."""


def _start_lines(
    serving: Serving, parts: MailParts, ports: list[Port], n: int, policies: list[dict[str, Any]]
) -> list[str]:
    lines = []
    for port in ports:
        config = port.config
        tls = {"none": "no TLS", "implicit": "TLS from the first octet"}.get(config.tls, "STARTTLS")
        auth = f"AUTH {' '.join(config.mechanisms)}" if config.auth != "none" else "no AUTH"
        reach = "loopback only" if port.address in _LOOPBACK else "REACHABLE FROM ELSEWHERE"
        address = f"[{port.address}]" if ":" in port.address else port.address
        where = f"{address}:{port.number}"
        protocol = "LMTP, " if config.is_lmtp else ""
        lines.append(f"{serving.host} listening on {where}: {protocol}{tls}, {auth}; {reach}")
    domains = ", ".join(sorted(parts.mailboxes.domains)) or "nobody"
    for policy in policies:
        ((name, options),) = policy.items()
        is_after = name == "content_filter" and (options or {}).get("where") == "after"
        if (name in _NOT_HERE and name != "content_filter") or is_after:
            lines.append(f"policy {name}: {_NOT_HERE[name]}")
    lines.append(f"takes mail for {domains}; never an open relay: nothing is ever sent on")
    where = str(serving.maildir) if serving.maildir is not None else "dropped and counted"
    lines.append(f"accepted mail: {where}; tables: {serving.out} (at the end; stop with Ctrl-C)")
    processes = "1 process" if n == 1 else f"{n} processes"
    lines.append(f"served by {processes}")
    return lines
