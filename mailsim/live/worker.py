"""What one process of a real server does: its share of the clients, their deadlines, the rows."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from mailsim.dns import Answer
from mailsim.errors import error_text
from mailsim.live.book import Book
from mailsim.live.host import Host
from mailsim.live.server import Listener
from mailsim.live.shared import Slots
from mailsim.live.store import Store
from mailsim.mta.reception import Reception
from mailsim.mta.settings import Settings
from mailsim.smtp import ServerConfig

__all__ = ["Port", "Served", "serve_share"]

_ROWS = 256
"""Rows of a table that are written out: what waits longer keeps memory from being used again."""
_GLANCE_S = 0.1
"""How often deadlines and rows are looked after; what comes in that time waits in memory."""


class Port(NamedTuple):
    """A port that is served.

    Attributes
    ----------
    address : str
    number : int
    config : ServerConfig
    context : ssl.SSLContext or None
        For STARTTLS, or for TLS from the first octet if ``config.tls`` is ``implicit``.
    slots : Slots
    sock : socket
        It listens; whichever worker has nothing else to do accepts the next client.
    """

    address: str
    number: int
    config: ServerConfig
    context: ssl.SSLContext | None
    slots: Slots
    sock: socket.socket


class Served(NamedTuple):
    """What all workers know of the host they serve.

    Attributes
    ----------
    name : str
    reception : Reception
    settings : Settings
    ports : list of Port
    names : mapping of str to str
        Host name by address, for the clients that the scenario knows.
    say : callable
        Takes a line that a user is to see.
    lookup : callable
        Answers what policies ask the DNS: a name in small letters, and a type.
    """

    name: str
    reception: Reception
    settings: Settings
    ports: list[Port]
    names: Mapping[str, str]
    say: Callable[[str], None]
    lookup: Callable[[str, str], Answer]


async def serve_share(
    served: Served,
    book: Book,
    store: Store | None,
    ready: Callable[[], None],
    to_stop: Callable[[], Awaitable[None]],
) -> None:
    """Serve until it is time to stop.

    Parameters
    ----------
    served : Served
    book : Book
    store : Store or None
        Where accepted mail goes; None drops it.
    ready : callable
        Called when all ports are listened on.
    to_stop : callable
        Gives what is to be waited for.
    """
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, what: served.say(f"mailsim: {_trouble(what)}"))
    settings = served.settings
    with ThreadPoolExecutor(1) as thread:  # one: mailboxes of the standard library need that
        in_thread = partial(loop.run_in_executor, thread)
        host = Host(
            served.name, served.reception, book, store, in_thread, _once(served.say),
            settings.hopcount_limit, served.lookup,
        )  # fmt: skip
        listeners = [
            Listener(
                host,
                port.config,
                port.context,
                slots=port.slots,
                timeout_ns=settings.smtpd_timeout,
                names=served.names,
            )
            for port in served.ports
        ]
        try:
            for listener, port in zip(listeners, served.ports, strict=True):
                await listener.listen(port.sock)
            told = asyncio.ensure_future(to_stop())
            ready()
            await _look_after(listeners, book, told)
        finally:
            await asyncio.gather(*[one.stop() for one in listeners])


async def _look_after(
    listeners: Sequence[Listener], book: Book, told: asyncio.Future[None]
) -> None:
    """Look after deadlines and rows until it is time to stop."""
    while not told.done():
        await asyncio.wait([told], timeout=_GLANCE_S)
        for one in listeners:
            one.check()
        book.log.flush(_ROWS)


def _once(say: Callable[[str], None]) -> Callable[[str], None]:
    """Return what says each line only the first time."""
    said: set[str] = set()

    def say_once(line: str) -> None:
        if line not in said:
            said.add(line)
            with suppress(OSError):  # where it goes there may be no room either
                say(line)

    return say_once


def _trouble(what: dict[str, Any]) -> str:
    """Return on one line what the event loop complains of."""
    error = what.get("exception")
    return str(what.get("message", "trouble")) + (f": {error_text(error)}" if error else "")
