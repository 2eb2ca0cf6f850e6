"""A real SMTP server: listeners, worker slots with a backlog, and a graceful end."""

from __future__ import annotations

import asyncio
import errno
import secrets
import ssl
import time
from collections import deque
from collections.abc import Coroutine, Mapping
from typing import Any

from mailsim.errors import ConfigError
from mailsim.live.connection import Connection
from mailsim.live.host import Host
from mailsim.smtp import ServerConfig

__all__ = ["Listener"]

_QUEUE = 4096
"""Connections that the kernel may hold for us; it takes less if it must."""


class Listener:
    """One port of a host.

    Parameters
    ----------
    host : Host
    config : ServerConfig
    context : ssl.SSLContext or None
        For STARTTLS, or for TLS from the first octet if ``config.tls`` is ``implicit``.
    slots : int
        Clients served at a time.
    backlog : int
        Clients that may wait for a slot; further ones get 421.  -1 for any number.
    timeout_ns : int
        Within which a request must be complete (Postfix: ``smtpd_timeout``).
    names : mapping of str to str
        Host name by address, for the clients that the scenario knows.
    """

    def __init__(
        self,
        host: Host,
        config: ServerConfig,
        context: ssl.SSLContext | None,
        *,
        slots: int,
        backlog: int,
        timeout_ns: int,
        names: Mapping[str, str],
    ) -> None:
        self.host = host
        self.config = config
        self.context = context
        self.timeout_ns = timeout_ns
        self.address, self.port = "", 0
        self._queues = ("busy", "backlog")
        self._slots = slots
        self._backlog = backlog
        self._names = names
        self._server: asyncio.Server | None = None
        self._open: set[Connection] = set()
        self._waiting: deque[Connection] = deque()
        self._n_busy = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._storing: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    async def listen(self, address: str, port: int) -> None:
        """Start to listen; with port 0 on a free one, which :attr:`port` tells.

        Raises
        ------
        ConfigError
            If the port is in use, or not ours to use, or the address is none of this machine.
        """
        loop = asyncio.get_running_loop()
        context = self.context if self.config.tls == "implicit" else None
        needs_nonce = self.config.auth != "none" and "CRAM-MD5" in self.config.mechanisms

        def factory() -> Connection:
            return Connection(self, secrets.token_hex(12) if needs_nonce else "")

        try:
            self._server = await loop.create_server(
                factory, address, port, ssl=context, backlog=_QUEUE,
                ssl_handshake_timeout=30 if context else None,
            )  # fmt: skip
        except OSError as error:
            known = {errno.EADDRINUSE: "the port is in use", errno.EACCES: "permission denied"}
            text = known.get(error.errno or 0, error.strerror or str(error))
            raise ConfigError(f"cannot listen on {address}:{port}: {text}") from error
        self.address, self.port = self._server.sockets[0].getsockname()[:2]
        self._queues = (f"busy:{self.port}", f"backlog:{self.port}")

    def name_of(self, address: str) -> str:
        """Return the name of a client by its address; the address itself if it has none."""
        return self._names.get(address, address)

    # -- worker slots -----------------------------------------------------------------------

    def arrive(self, connection: Connection) -> None:
        """Give a new connection a slot, or a place in the backlog, or 421."""
        self._open.add(connection)
        if self._is_stopping:
            connection.stop()
        elif self._n_busy < self._slots:
            self._take_slot(connection)
        elif self._backlog < 0 or len(self._waiting) < self._backlog:
            self._waiting.append(connection)
            self.host.book.depth(self.host.name, self._queues[1], 1)
        else:
            connection.refuse()

    def _take_slot(self, connection: Connection) -> None:
        self._n_busy += 1
        self.host.book.depth(self.host.name, self._queues[0], 1)
        connection.start()

    def leave(self, connection: Connection, *, was_accepted: bool) -> None:
        """Forget a connection; its slot goes to the first in the backlog."""
        self._open.discard(connection)
        book, name = self.host.book, self.host.name
        if not was_accepted:
            if connection in self._waiting:
                self._waiting.remove(connection)
                book.depth(name, self._queues[1], -1)
            return
        self._n_busy -= 1
        book.depth(name, self._queues[0], -1)
        if self._waiting and not self._is_stopping:
            following = self._waiting.popleft()
            book.depth(name, self._queues[1], -1)
            self._take_slot(following)

    # -- time -------------------------------------------------------------------------------

    def run(self, task: Coroutine[Any, Any, None], *, must_end: bool) -> None:
        """Let something that waits go on beside everything else; see to its end if it must."""
        running = asyncio.get_running_loop().create_task(task)
        tasks = self._storing if must_end else self._tasks
        tasks.add(running)
        running.add_done_callback(tasks.discard)

    def check(self) -> None:
        """Close connections whose time is over; to be called about every second."""
        now_ns = self.host.book.now()
        for connection in [c for c in self._open if c.deadline_ns and c.deadline_ns <= now_ns]:
            connection.check(now_ns)

    async def stop(self, grace_s: float = 5.0) -> None:
        """Listen no more; tell all clients 421, but let what is being stored be stored."""
        self._is_stopping = True
        if self._server is not None:
            self._server.close()
        for connection in list(self._open):
            connection.stop()
        while self._storing:
            await asyncio.wait(self._storing)
        give_up_at = time.monotonic() + grace_s
        while self._open and time.monotonic() < give_up_at:
            await asyncio.sleep(0.02)
        for connection in list(self._open):
            connection.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in list(self._open):
            connection.connection_lost(None)  # what has no transport any more hears of nothing
