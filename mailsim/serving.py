"""A scenario's host on a real socket: what ``mailsim serve`` does."""

from __future__ import annotations

import asyncio
import gc
import resource
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from mailsim.errors import ConfigError, error_text
from mailsim.experiment.model import Scenario
from mailsim.experiment.services import MailParts, mail_parts
from mailsim.experiment.spelling import nearest
from mailsim.live.book import Book
from mailsim.live.certificate import server_context
from mailsim.live.host import Host
from mailsim.live.loop import fast_loop
from mailsim.live.server import Listener
from mailsim.live.store import Store, open_store
from mailsim.record.log import Log
from mailsim.recording import recording
from mailsim.smtp import ServerConfig

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


def serve(scenario: Scenario, serving: Serving, say: Callable[[str], None]) -> int:
    """Serve until a signal comes; return the exit code, 0 for SIGTERM and 130 for SIGINT.

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
    port = serving.service or (25 if 25 in parts.configs else next(iter(parts.configs)))
    if port not in parts.configs:
        ports = ", ".join(map(str, parts.configs))
        raise ConfigError(f"--service {port}: {serving.host} has {ports}")
    _raise_limits()
    gc.freeze()  # what there is now stays
    gc.set_threshold(20_000, 20, 100)  # connections are freed without it
    store = open_store(serving.maildir) if serving.maildir is not None else None
    try:
        with recording(serving.out, with_events=serving.events) as (log, finish):
            with asyncio.Runner(loop_factory=fast_loop) as runner:
                served = _serve(scenario, serving, parts, port, store, log, say)
                code, book = runner.run(served)
            finish(f"{scenario.name}_served", scenario, book.now(), book.counts)
    finally:
        if store is not None:
            store.close()
    return code


def _raise_limits() -> None:
    """Allow as many open connections as the system lets us have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _serve(
    scenario: Scenario,
    serving: Serving,
    parts: MailParts,
    port: int,
    store: Store | None,
    log: Log,
    say: Callable[[str], None],
) -> tuple[int, Book]:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, what: say(f"mailsim: {_trouble(what)}"))
    settings, config = parts.settings, parts.configs[port]
    book = Book(log, "served")
    with ThreadPoolExecutor(1) as thread:  # one: mailboxes of the standard library need that
        in_thread = partial(loop.run_in_executor, thread)
        host = Host(serving.host, parts.reception, book, store, in_thread, settings.hopcount_limit)
        names = _names(scenario)

        def listener(config: ServerConfig) -> Listener:
            is_tls = config.tls != "none"
            return Listener(
                host,
                config,
                server_context(serving.host, serving.cert, serving.key) if is_tls else None,
                slots=settings.default_process_limit,
                backlog=scenario.hosts[serving.host].backlog,
                timeout_ns=settings.smtpd_timeout,
                names=names,
            )

        listeners = []
        wanted = [(config, where) for where in serving.listen]
        wanted += [(replace(config, tls="implicit"), where) for where in serving.listen_tls]
        try:
            for its_config, (address, number) in wanted:
                one = listener(its_config)
                listeners.append(one)
                await one.listen(address, number)
            for line in _start_lines(serving, parts, listeners, store):
                say(line)
            number = await _until_signal(listeners, log)
        finally:
            await asyncio.gather(*[one.stop() for one in listeners])
    say(f"stopped after {book.n_sessions} sessions, {book.counts['delivered']} recipients taken")
    return (130 if number == signal.SIGINT else 0), book


async def _until_signal(listeners: list[Listener], log: Log) -> int:
    """Look after deadlines and rows every second, until a signal says to stop."""
    loop = asyncio.get_running_loop()
    told: asyncio.Future[int] = loop.create_future()

    def tell(number: int) -> None:
        if not told.done():
            told.set_result(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, tell, number)
    while not told.done():
        await asyncio.wait([told], timeout=1.0)
        for one in listeners:
            one.check()
        log.flush()
    return told.result()


def _trouble(what: dict[str, Any]) -> str:
    """Return on one line what the event loop complains of."""
    error = what.get("exception")
    return str(what.get("message", "trouble")) + (f": {error_text(error)}" if error else "")


def _names(scenario: Scenario) -> dict[str, str]:
    """Return the scenario's hosts by address, so that policies know a client by its name."""
    directory = scenario.directory
    return {
        address: name for name in scenario.hosts for address in directory.addresses.get(name, [])
    }


def _start_lines(
    serving: Serving, parts: MailParts, listeners: list[Listener], store: Store | None
) -> list[str]:
    lines = []
    for one in listeners:
        config = one.config
        tls = {"none": "no TLS", "implicit": "TLS from the first octet"}.get(config.tls, "STARTTLS")
        auth = f"AUTH {' '.join(config.mechanisms)}" if config.auth != "none" else "no AUTH"
        reach = "loopback only" if one.address in _LOOPBACK else "REACHABLE FROM ELSEWHERE"
        lines.append(
            f"{serving.host} listening on {one.address}:{one.port}: {tls}, {auth}; {reach}"
        )
    domains = ", ".join(sorted(parts.mailboxes.domains)) or "nobody"
    lines.append(f"takes mail for {domains}; never an open relay: nothing is ever sent on")
    where = serving.maildir if store is not None else "dropped and counted"
    lines.append(f"accepted mail: {where}; tables: {serving.out} (at the end; stop with Ctrl-C)")
    return lines
