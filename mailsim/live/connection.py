"""One client of a real server: octets in, decisions, octets out, and a row when it is over."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Coroutine
from typing import TYPE_CHECKING, Any, Final, cast

from mailsim.errors import error_text
from mailsim.live.host import Peer
from mailsim.live.linger import Drain
from mailsim.live.outcomes import BROKEN, BUSY, STOPPING, TIMEOUT, handshake_failed
from mailsim.live.witness import Witness
from mailsim.mta.policies import Verdict
from mailsim.smtp import FromClient, Reply, ServerConfig, ServerConnection, State
from mailsim.smtp.values import verb_of

if TYPE_CHECKING:
    from mailsim.live.server import Listener

__all__ = ["Connection"]

_MIN_DATA_RATE: Final = 500
"""Octets a second that extend a deadline (Postfix: ``smtpd_min_data_rate``)."""
_SECOND: Final = 1_000_000_000
_LINGER_NS: Final = _SECOND
_CLOSED: Final = State.CLOSED
_NOBODY: Final = Peer("", "")
_GONE: Final = ServerConnection(ServerConfig("gone"))
_GONE.session.lost()


class Connection(asyncio.Protocol):
    """A connection to a listener.

    A request must be complete within the listener's timeout, which every 500 octets extend by a
    second: a client that sends an octet now and then is not waited for.  A client that does not
    read its replies is not read from until it does.  One that has shut down its side of the
    connection still gets the replies to all it has sent.

    Parameters
    ----------
    listener : Listener
    nonce : str
        Of CRAM-MD5's challenge.
    """

    _is_lingering = False

    def __init__(self, listener: Listener, nonce: str) -> None:
        self._listener = listener
        self._host = listener.host
        self._book = listener.host.book
        self._smtp = ServerConnection(listener.config, nonce, is_noted=True)
        self.peer = _NOBODY
        self._transport: asyncio.Transport | None = None
        self._witness = Witness(self._book, self._host.name, is_lmtp=listener.config.is_lmtp)
        self._opened_ns = self._accepted_ns = 0
        self._n_sent = self._n_received = self._n_messages = self._n_trips = self._spent_ns = 0
        self._is_busy = True  # until the greeting nothing is read
        self._is_paused = self._is_clogged = self._has_ended = False
        self.heard_ns = self.deadline_ns = 0  # when the last octets came
        self._early: bytearray | None = None
        self._outcome = ""

    # -- asyncio ----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a new connection; after STARTTLS, the same one inside TLS."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own is none by descent
        if self._witness.session:
            return
        address = transport.get_extra_info("peername")
        self.meet(address[0] if address else "unknown")

    def meet(self, shown: str) -> None:
        """Open the session of a client at this address, and ask for a slot."""
        self.peer = self._listener.peer_of(shown)
        self._witness.open()
        self._opened_ns = self._book.now()
        self._witness.note(f"connection from {shown}")
        self._listener.arrive(self)

    def data_received(self, data: bytes) -> None:
        """Take octets of the client."""
        self._n_received += len(data)
        if self._early is not None:  # TLS has begun, and our machine is about to hear of it
            self._early += data
            return
        self.heard_ns = now_ns = self._book.now()
        if self.deadline_ns:
            longer_ns = self.deadline_ns + len(data) * _SECOND // _MIN_DATA_RATE
            latest_ns = now_ns + self._listener.timeout_ns
            self.deadline_ns = longer_ns if longer_ns < latest_ns else latest_ns
        self._smtp.receive_data(data)
        if self._is_busy:
            self._pause()
            return
        self._work()

    def eof_received(self) -> bool:
        """Close once all is answered that the client has sent; it may still read the replies."""
        self._has_ended = True
        is_open = self._is_busy or self._is_clogged
        return is_open and not self._smtp.session.is_tls  # TLS knows no half-closed connection

    def pause_writing(self) -> None:
        """Read no more from a client that does not read its replies."""
        self._is_clogged = True
        self._pause()

    def resume_writing(self) -> None:
        """Go on with it once it has read them."""
        self._is_clogged = False
        if not self._is_busy and self._transport is not None:
            self._resume()
            self._work()

    def _pause(self) -> None:
        if self._transport is not None and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()

    def _resume(self) -> None:
        if self._transport is not None and self._is_paused:
            self._is_paused = False
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Write the row of the session."""
        if self._transport:
            self._end(exc)

    def _end(self, exc: Exception | None) -> None:
        self._transport = None
        session = self._smtp.session
        if not self._outcome and self._early is not None:
            self._outcome = handshake_failed(exc)
        if not self._outcome:
            is_over = session.state is State.CLOSED
            where = verb_of(session.command) if session.command is not None else "CONNECT"
            self._outcome = "quit" if is_over else f"lost connection after {where or 'UNKNOWN'}"
        session.lost()
        self._follow()
        if self._outcome.startswith(("lost", "TLS")):
            self._witness.note(self._outcome)
        self._row()
        self._listener.leave(self, was_accepted=self._accepted_ns > 0)
        self._smtp = _GONE  # the two know each other; so both are freed at once

    def start(self) -> None:
        """Greet: a worker slot is free."""
        self._accepted_ns = max(self._book.now(), 1)
        self._greet()

    def _greet(self) -> None:
        if self._host.has_greeting_policy:
            self._wait_for(self._greet_later())
        else:
            self._say_greeting(None)

    async def _greet_later(self) -> None:
        self._say_greeting(await self._host.verdict_on(self))

    def _say_greeting(self, refusal: Verdict) -> None:
        if self._smtp.session.awaited:  # neither stopped nor gone meanwhile
            self._smtp.reply(self._host.greeting(refusal, self._listener.config.is_lmtp))
        self._go_on()

    def tease(self, line: bytes) -> None:
        """Send a line before the greeting is due."""
        if self._transport is not None:
            self._transport.write(line)

    def refuse(self) -> None:
        """Say that there is no room, and close."""
        self._outcome = str(BUSY)
        self._smtp.close(BUSY)
        self._flush()

    def stop(self, reply: Reply = STOPPING) -> None:
        """Close in order, unless a message is being stored; then right after it."""
        self._outcome = self._outcome or str(reply)
        if self._smtp.state is State.CLOSED or self._early is not None:
            if not self._is_lingering:
                self.abort()
        elif not self._smtp.session.awaited or self._smtp.session.awaited == "GREETING":
            self._smtp.close(reply)
            self._flush()

    def check(self, now_ns: int) -> None:
        """Close when the client has had its time."""
        if now_ns < self.deadline_ns or self._transport is None:
            return
        if self._smtp.state is State.CLOSED or self._is_clogged:
            self._outcome = self._outcome or "timeout: the client does not read"
            self.abort()
        elif not self._is_busy:
            self.stop(TIMEOUT)
            self.deadline_ns = now_ns + 5 * _SECOND

    def abort(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()

    def _fail(self, error: Exception) -> None:
        """Close: something of ours, a policy perhaps, has raised what it should not."""
        self._outcome = f"internal error: {error_text(error)}"
        if self._smtp.state is not State.CLOSED:
            self._smtp.close(BROKEN)
        self._flush()

    def _work(self) -> None:
        """Answer what can be answered now; what needs waiting goes on in a task."""
        try:
            self._answer()
        except Exception as error:
            self._fail(error)

    def _answer(self) -> None:
        smtp = self._smtp
        self._n_trips += 1
        while not self._is_clogged:
            value = smtp.advance()
            if value is None:
                break
            started = self._book.now()
            if smtp.session.awaited in self._host.asking:
                self._wait_for(self._consult(value, started))
                return
            if smtp.session.awaited in ("CONTENT", "BDAT_LAST"):
                if not self._take_over(started):
                    return
            else:
                smtp.reply(self._host.decide(smtp.session, value, self.peer))
            self._spent_ns += self._book.now() - started
        delay_ns = smtp.take_delay()
        if delay_ns:
            self._wait_for(self._sleep(delay_ns))
            return
        self._flush()
        if smtp.state is State.TLS:
            self._wait_for(self._starttls())
        elif self._has_ended and not self._is_clogged and self._transport is not None:
            self._transport.close()

    def _wait_for(self, task: Coroutine[Any, Any, None], *, must_end: bool = False) -> None:
        """Read nothing more until a task is done."""
        self._is_busy = True
        self._listener.run(self._guarded(task), must_end=must_end)

    async def _guarded(self, task: Coroutine[Any, Any, None]) -> None:
        """Let no task leave its connection waiting for ever."""
        try:
            await task
        except Exception as error:
            self._fail(error)

    def _go_on(self) -> None:
        self._is_busy = False
        if self._transport is not None:
            self._resume()
            if self._outcome and self._smtp.state is not State.CLOSED:  # stopped meanwhile
                self.stop()
            else:
                self._work()

    def _take_over(self, started_ns: int) -> bool:
        """Give the message to the host; tell whether that is done already."""
        self._follow()
        message, mail_ns = self._witness.message, self._witness.mail_ns
        reply = self._host.take_over(self._smtp.session, self.peer, message, mail_ns)
        if not isinstance(reply, Reply):
            self._wait_for(self._store(reply, started_ns), must_end=True)
            return False
        self._conclude(reply)
        return True

    async def _consult(self, value: FromClient, started_ns: int) -> None:
        """Reply once the policies have decided that have questions of their own."""
        session = self._smtp.session
        verdict = await self._host.judged(session, value, self.peer)
        if self._transport is None:  # the client has gone meanwhile
            return
        if session.awaited not in ("CONTENT", "BDAT_LAST"):
            refusal = verdict if isinstance(verdict, Reply) else None
            self._smtp.reply(refusal or session.default_reply())
        elif isinstance(verdict, Reply):
            self._conclude(verdict)
        elif verdict is not None:
            self._follow()
            self._conclude(self._host.discard(session, self._witness))
        elif not self._take_over(started_ns):
            return
        self._spent_ns += self._book.now() - started_ns
        self._go_on()

    async def _sleep(self, delay_ns: int) -> None:
        await asyncio.sleep(delay_ns / 1e9)
        self._flush()
        self._go_on()

    async def _store(self, stored: Awaitable[Reply], started_ns: int) -> None:
        reply = await stored
        self._spent_ns += self._book.now() - started_ns
        self._conclude(reply)
        self._go_on()

    def _conclude(self, reply: Reply) -> None:
        """Give the final reply; in LMTP one per recipient."""
        while self._smtp.session.awaited:
            self._smtp.reply(reply)
        if reply.is_positive:
            self._n_messages += 1

    async def _starttls(self) -> None:
        context, transport = self._listener.context, self._transport
        assert context is not None
        if transport is None:
            return
        loop = asyncio.get_running_loop()
        self._early = bytearray()
        try:
            upgraded = await loop.start_tls(
                transport,
                self,
                context,
                server_side=True,
                ssl_handshake_timeout=self._listener.handshake_s,
            )
        except (OSError, ssl.SSLError) as error:
            self._outcome = handshake_failed(error)
            transport.abort()
            self.connection_lost(error)  # nobody else may tell
            return
        if upgraded is None or self._transport is None:  # the connection went away meanwhile
            self.connection_lost(None)
            return
        self._transport = upgraded
        self._is_paused = False
        self._smtp.tls_done()
        self._smtp.receive_data(bytes(self._early))
        self._early = None
        self._witness.note("TLS handshake")
        self._go_on()

    def _flush(self) -> None:
        """Send what is to be sent; close if the session is over."""
        transport, smtp = self._transport, self._smtp
        if transport is None:
            return
        data = smtp.data_to_send()
        if data:
            self._n_sent += len(data)
            transport.write(data)
            self.deadline_ns = self._follow() + self._listener.timeout_ns
        if smtp.session.state is _CLOSED:
            self.deadline_ns = self._book.now() + 5 * _SECOND
            if self._witness.last_421 is None:  # the client has said QUIT
                transport.close()
            else:
                self._linger(transport)

    def _linger(self, transport: asyncio.Transport) -> None:
        """Close behind a 421 that the client does not wait for; see :mod:`mailsim.live.linger`."""
        if self._has_ended or not transport.can_write_eof():  # it says no more, or TLS sees to it
            transport.close()
        elif not self._is_lingering:
            self._is_lingering = True
            if not transport.get_write_buffer_size():
                self.deadline_ns = self._book.now() + _LINGER_NS
            self._resume()
            transport.set_protocol(Drain(self))
            transport.write_eof()

    def _follow(self) -> int:
        """Let what has been said be noted; return the time (ns)."""
        said, witness = self._smtp.said, self._witness
        now_ns = witness.follow(said, self.heard_ns)
        said.clear()
        if witness.last_421 is not None:
            self._outcome = self._outcome or str(witness.last_421)
        return now_ns

    def _row(self) -> None:
        session, config = self._smtp.session, self._listener.config
        tls = "implicit" if config.tls == "implicit" else "starttls" if session.is_tls else ""
        accepted = self._accepted_ns or None
        row = (
            self._witness.session, self.peer.name, self._host.name, self._listener.port,
            self._opened_ns, self._opened_ns, accepted, self._book.now() if accepted else None,
            None if accepted is None else max(accepted - self._opened_ns, 0), self._spent_ns,
            tls, session.mechanism if session.user else "",
            " ".join([f"{verb}={n}" for verb, n in self._witness.verbs.items()]),
            self._n_messages, self._n_trips, self._n_received, self._n_sent, self._outcome,
        )  # fmt: skip
        self._book.log.sessions.append(row)
