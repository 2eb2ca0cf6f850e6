"""A real SMTP server in one process: a listener, its clients, and a graceful end."""

from __future__ import annotations

import asyncio
import secrets
import socket
import ssl
import time
from collections import deque
from collections.abc import Coroutine, Mapping
from typing import Any, Final

from mailsim.live.connection import Connection
from mailsim.live.host import Host, Peer
from mailsim.live.ports import QUEUE
from mailsim.live.shared import Change, Slots
from mailsim.live.tls import Door, TlsConnection
from mailsim.smtp import ServerConfig
from mailsim.smtp.memo import keep

__all__ = ["Listener"]

_HANDSHAKE_S: Final = 30
_WITH_NONCE: Final = frozenset({"CRAM-MD5", "SCRAM-SHA-256"})


class Listener:
    """One port of a host.

    Parameters
    ----------
    host : Host
    config : ServerConfig
    context : ssl.SSLContext or None
        For STARTTLS, or for TLS from the first octet if ``config.tls`` is ``implicit``.
    slots : Slots
        Those of the port; clients beyond its backlog get 421.
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
        slots: Slots,
        timeout_ns: int,
        names: Mapping[str, str],
    ) -> None:
        self.host = host
        self.config = config
        self.context = context
        self.timeout_ns = timeout_ns
        self.handshake_s = min(_HANDSHAKE_S, timeout_ns / 1e9)
        self.port = 0
        self._slots = slots
        self._names = names
        self._peers: dict[str, Peer] = {}
        self._server: asyncio.Server | None = None
        self._door: Door | None = None
        self._open: set[Connection] = set()
        self._waiting: deque[Connection] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._storing: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    async def listen(self, sock: socket.socket) -> None:
        """Accept clients at a socket that listens."""
        needs_nonce = self.config.auth != "none" and bool(
            _WITH_NONCE.intersection(self.config.mechanisms)
        )

        def nonce() -> str:
            return secrets.token_hex(12) if needs_nonce else ""

        self.port = sock.getsockname()[1]
        loop = asyncio.get_running_loop()
        if self.config.tls == "implicit":
            self._door = Door(
                sock,
                lambda client, address: TlsConnection(self, nonce(), client).meet(address),
                lambda error: loop.call_exception_handler(
                    {"message": "no client can be accepted", "exception": error}
                ),
            )
            return
        self._server = await loop.create_server(
            lambda: Connection(self, nonce()), sock=sock, backlog=QUEUE
        )

    def peer_of(self, address: str) -> Peer:
        """Return who a client is by its address, which is its name too if it has none."""
        peer = self._peers.get(address)
        if peer is None:
            peer = keep(self._peers, address, Peer(self._names.get(address, address), address))
        return peer

    # -- worker slots -----------------------------------------------------------------------

    def arrive(self, connection: Connection) -> None:
        """Give a new connection a slot, or a place in the backlog, or 421."""
        self._open.add(connection)
        if self._is_stopping:
            connection.stop()
            return
        change = self._slots.arrive()
        if change is None:
            connection.refuse()
            return
        self._note(change)
        if change[0] == "busy":
            self._begin(connection)
            return
        if not self._waiting:
            asyncio.get_running_loop().add_reader(self._slots.freed, self._call)
        self._waiting.append(connection)

    def _call(self) -> None:
        """Give a slot that has come free to the first that waits here."""
        if self._slots.take_freed():
            self._begin(self._no_more(self._waiting.popleft()))

    def _begin(self, connection: Connection) -> None:
        self.host.opened(connection.peer)
        connection.start()

    def _no_more(self, connection: Connection) -> Connection:
        """Look for free slots no more once nobody waits for one; return who did."""
        if not self._waiting:
            asyncio.get_running_loop().remove_reader(self._slots.freed)
        return connection

    def leave(self, connection: Connection, *, was_accepted: bool) -> None:
        """Forget a connection; its slot goes to one that waits."""
        self._open.discard(connection)
        if was_accepted:
            self.host.closed(connection.peer)
            self._note(self._slots.leave())
        elif connection in self._waiting:
            self._waiting.remove(connection)
            self._no_more(connection)
            change = self._slots.give_up()
            if change is not None:
                self._note(change)

    def _note(self, change: Change) -> None:
        queue, depth, at_ns = change
        self.host.book.depth(self.host.name, f"{queue}:{self.port}", depth, at_ns)

    # -- time -------------------------------------------------------------------------------

    def run(self, task: Coroutine[Any, Any, None], *, must_end: bool = False) -> asyncio.Task[None]:
        """Let something that waits go on beside everything else; see to its end if it must."""
        running = asyncio.get_running_loop().create_task(task)
        tasks = self._storing if must_end else self._tasks
        tasks.add(running)
        running.add_done_callback(tasks.discard)
        return running

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
        if self._door is not None:
            self._door.close()
        asyncio.get_running_loop().remove_reader(self._slots.freed)
        for connection in list(self._open):
            connection.stop()
        while self._storing:
            await asyncio.wait(self._storing)
        give_up_at = time.monotonic() + grace_s
        while self._open and time.monotonic() < give_up_at:
            await asyncio.sleep(0.02)
            self.check()
        for connection in list(self._open):
            connection.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in list(self._open):
            connection.connection_lost(None)  # what has no transport any more hears of nothing
