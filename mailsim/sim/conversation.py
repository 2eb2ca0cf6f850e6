"""A conversation: one SimPy process pumps a client machine and a server machine.

Each flight (what one side sends in one go) advances the conversation's own clock by
propagation and transmission; the process yields to SimPy only at *synchronisation points*,
where it can meet somebody else:

- the connection reaches the server: a worker slot, or a place in the backlog;
- a policy whose verdict depends on other sessions is asked;
- service time is over: the message is stored, and the time that the next one takes is drawn;
- the server lets go of the slot;
- where the path jitters, loses or is shared: each flight leaves (:mod:`mailsim.sim.line`);
- (in the caller) the client has the final reply.

With ``fidelity: wire`` every flight is also an event of its own and every value goes through
the codec.  The order of accesses to shared state is the same, so the rows are too.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import Any, ClassVar

from simpy import Event

from mailsim.mta.inquiry import Inquiry
from mailsim.mta.policies import Answers, Questions, Verdict
from mailsim.sim.asking import answers_to
from mailsim.sim.service import Service
from mailsim.sim.session_words import count_text, tls_word
from mailsim.sim.tcp import INITIAL_WINDOW, transmission_ns
from mailsim.sim.tls import TlsSessions
from mailsim.sim.transport import CONNECT_TIMEOUT_NS, Transport
from mailsim.sim.world import World
from mailsim.smtp import ClientConfig, Command, Delivery, FromClient, Reply, ServerSession, State
from mailsim.smtp.codec import reply_size, size
from mailsim.smtp.values import verb_of

__all__ = ["Conversation"]

_CLOSED, _TLS = State.CLOSED, State.TLS
_TLS_OK = Reply(220, ("",))
_BUSY = "Service unavailable: all connections in use"


class Conversation(Transport):
    """One connection of a client host to a service, from SYN to close.

    Parameters
    ----------
    world : World
    number : int
        Number of the process that pumps it; breaks ties of simulated time.
    host : str
        The client's host.
    config : ClientConfig
    service : Service
    tls_sessions : TlsSessions or None
        Those that the client may resume; None if it resumes none.

    Attributes
    ----------
    session : int
        Number of the session in the tables; 0 before it is open.
    t : int
        The conversation's own clock (ns): when the client had the last reply.
    opened_ns : int
    mail_ns : int
        When the client sent the first MAIL of the last delivery; -1 before that.
    n_messages, n_sent : int
        Messages the server accepted, and those it was offered.
    address, server_address : str
        The client's, as the server sees it, and the one that the client connects to.
    """

    __slots__ = (
        "_accepted",
        "_arrived",
        "_is_slot_held",
        "_next_service_ns",
        "_opened_for",
        "_server",
        "_spent",
        "_verbs",
        "address",
        "mail_ns",
        "n_messages",
        "n_sent",
        "server_address",
    )

    _is_exposed: ClassVar[bool] = False
    """Whether faults may befall it: then each flight looks where it goes."""

    def __init__(
        self,
        world: World,
        number: int,
        host: str,
        config: ClientConfig,
        service: Service,
        tls_sessions: TlsSessions | None = None,
    ) -> None:
        super().__init__(world, number, host, config, service, tls_sessions)
        self._server = ServerSession(service.config)
        self._verbs: list[str] = []
        self._spent = self._next_service_ns = 0
        self._arrived = -1  # yet to come
        self._accepted: int | None = None
        self._is_slot_held = False
        self.address = (world.addresses6 if service.is_ipv6 else world.addresses)[host]
        self.mail_ns = -1
        self.n_messages = self.n_sent = self._opened_for = 0
        self.server_address = service.address

    def go_to(self, address: str) -> None:
        """Say which of the server's addresses to connect to, if not its first."""
        service = self._service
        self.server_address = address
        self.relay_name = f"{service.host}[{address}]:{service.port}"
        if ":" in address:
            self.address = self._world.addresses6[self.host]

    @property
    def is_usable(self) -> bool:
        """True while another message may be sent on it."""
        return self.client.failure is None and self.client.state is not State.CLOSED

    @property
    def subject(self) -> str:
        """What it is about, for an error."""
        transaction = self.client.transaction
        return f"message {self._opened_for if transaction is None else transaction.content.number}"

    @property
    def service(self) -> Service:
        """The server's end."""
        return self._service

    def open(
        self, number: int, timeout_ns: int = CONNECT_TIMEOUT_NS
    ) -> Generator[Event, Any, None]:
        """Connect for message ``number``, get a worker slot, take the greeting.

        If that takes longer than ``timeout_ns`` there is no :attr:`session`, and the client knows.

        The connection is complete at the server after one and a half round trips; there it
        waits in the backlog for a slot.  If the backlog is full the server answers 421, or
        nothing: then the client knocks again.
        """
        world, message, service = self._world, number, self._service
        number, self._opened_for = self._number, message
        t = yield from self._connect(timeout_ns)
        if t is None:
            return
        self._arrived = t
        yield world.at(t, number)
        granted = service.arrive()
        is_in = granted is not None or service.take_slot()
        if not is_in and service.is_silent:
            is_in, t, granted = yield from self._knock(timeout_ns)
            if not is_in:
                return
            self._arrived = t
        if granted is not None:
            yield granted
            t = world.env.now
        if not is_in:
            reply = Reply(421, (f"{service.host} {_BUSY}",), "4.3.2")
        else:
            self._accepted = t
            self._next_service_ns = service.service_ns()
            self._is_slot_held = True
            reply = service.greeting
            if service.has_greeting_policy:
                inquiry = service.inquire_greeting(self)
                _, t = yield from self._consult(inquiry, t)
                reply = service.greeting_after(inquiry)
            if self.client.is_tls:
                t = yield from self._implicit_tls(t)
        self._server.reply(reply)
        is_over = self._server.state is State.CLOSED
        if is_over and self._is_slot_held:
            self._release()
        self._n_trips += 2
        if reply.code >= 400 and self._wiretap is not None:
            self._wiretap.wanted_by = message  # there will be no transaction to tell
        n = reply_size(reply)
        arrives = yield from self._travel(t, n, False)
        self._hear(t, arrives, (reply,), n)
        if is_over:
            yield world.at(arrives, number)
            self._close(t)

    def send(self, delivery: Delivery) -> Generator[Event, Any, None]:
        """Send a message, in as many transactions as this session has room for.

        On return :attr:`t` is when the client knows the outcome.  The process is *not* at that
        time yet: the caller synchronises.
        """
        self.mail_ns = -1
        client = self.client
        if self._sender is not None:
            self._sender.resume(self.t)
        envelope = delivery.rest
        if envelope is not None and client.has_room_for(envelope):
            self.n_sent += 1
            while envelope is not None and client.has_room_for(envelope):
                transaction = client.begin(envelope, delivery.content)
                yield from self._exchange()
                delivery.take(transaction)
                envelope = delivery.rest
        if self._sender is not None:
            self._sender.rest(self.t)

    def hand_to(self, number: int) -> None:
        """Let the process of that number pump it from now on; it may have been idle."""
        self._number = number
        self.t = max(self.t, self._world.env.now)

    def quit(self) -> Generator[Event, Any, None]:
        """Say QUIT, unless the server has closed already; the client does not wait."""
        self.client.quit()
        yield from self._exchange()

    def leave(self) -> None:
        """Say QUIT in a process of its own, while the caller goes on at once."""
        if self.client.state is not State.CLOSED:
            self.hand_to(self._world.next_number())
            self._world.env.process(self.quit())

    def _exchange(self) -> Generator[Event, Any, None]:
        """Let flights travel until the client has nothing to send and nothing to wait for."""
        client, server, world = self.client, self._server, self._world
        said, is_wire = self._verbs.append, world.is_wire
        latency, bit_s = self._path.latency_ns, self._path.bandwidth_bit_s
        line = self._line
        is_smooth = line is None and not self._is_exposed
        is_plain = not is_wire and self._wiretap is None and is_smooth
        at_once = INITIAL_WINDOW if is_smooth else -1
        while flight := client.flight():
            first = flight[0]
            n = size(first) if len(flight) == 1 else sum(map(size, flight))
            if self.mail_ns < 0 and type(first) is Command and first.verb == "MAIL":
                self.mail_ns = self.t
            self._n_sent += n
            if n <= at_once:
                t = self.t + latency + transmission_ns(n, bit_s)
            elif is_smooth:
                t = self._send_large(n)
            else:
                t = yield from self._carry(flight, n)
            if self._wiretap is not None:
                self._wiretap.commands(self.t, t, flight, client)
            values: Iterable[FromClient] = flight
            if is_wire:
                yield world.at(t, self._number)
                assert self._codec is not None
                values = self._codec.commands(flight, server)
            replies = []
            n = 0
            for value in values:
                verb = value.verb if type(value) is Command else verb_of(value)
                said(verb)
                reply = server.receive(value)
                if reply is None:
                    if verb == "CONTENT" or verb == "BDAT_LAST":
                        t = yield from self._take(t)
                        assert server.content is not None
                        if self._service.judges_content:
                            final, t = yield from self._judge(value, t)
                        else:
                            final = self._service.store(self, server, server.content, t)
                        reply = server.reply(final)
                        if reply.code < 400:
                            self.n_messages += 1
                    else:
                        if verb in self._service.shared:
                            yield world.at(t, self._number)
                        if verb in self._service.asking:
                            inquiry = self._service.inquire(self, server, value)
                            verdict, t = yield from self._consult(inquiry, t)
                            default = server.default_reply()
                            reply = server.reply(verdict if isinstance(verdict, Reply) else default)
                        else:
                            reply = server.reply(self._service.decide(self, server, value, t))
                replies.append(reply)
                n += reply_size(reply)
                t += server.delay_ns
                if server.is_out_of_patience:
                    reply = server.close()
                    replies.append(reply)
                    n += reply_size(reply)
                    t += server.delay_ns
                state = server.state
                if state is _CLOSED:
                    break
            if state is _CLOSED:
                yield world.at(t, self._number)
                self._release()
                # Nobody waits for it to arrive.
                self._hear(t, t + self._path.flight_ns(n), replies, n)
                self._close(t)
                return
            self._n_trips += 1
            if is_plain:
                self._n_received += n
                t += latency
                self.t = t + transmission_ns(n, bit_s)
                for reply in replies:
                    client.receive(reply)
            else:
                arrives = yield from self._travel(t, n, False)
                self._hear(t, arrives, replies, n)
            if state is _TLS:
                yield from self._starttls()
                server.expect_tls()
                server.reply(_TLS_OK)
                client.tls_done()
                if self.secured is not None and self.secured.problem is not None:
                    client.give_up(self.secured.problem)

    def _carry(self, flight: Sequence[FromClient], n: int) -> Generator[Event, Any, int]:
        """Let what the client says travel, where the path is not smooth; return when it arrives."""
        return self._travel(self.t, n, True)

    def _take(self, t: int) -> Generator[Event, Any, int]:
        """Spend the service time of a message that is complete at ``t``; return its end (ns).

        That of the next message is drawn at once: draws are made in the order of simulated
        time, and here the process meets the others anyway.
        """
        spent = self._next_service_ns
        self._spent += spent
        t += spent
        yield self._world.at(t, self._number)
        self._next_service_ns = self._service.service_ns()
        return t

    def _consult(self, inquiry: Inquiry, t: int) -> Generator[Event, Any, tuple[Verdict, int]]:
        """Let policies ask until there is a verdict; return it, and when that is (ns)."""
        answers: Answers = ()
        while self._service.go_on(inquiry, self, t, answers):
            answers = yield from self._answers(inquiry.questions)
            t = self._world.env.now
        return inquiry.verdict, t

    def _answers(self, questions: Questions) -> Generator[Event, Any, Answers]:
        return answers_to(self._world, self._service.host, self._number, questions, self.host)

    def _judge(self, value: FromClient, t: int) -> Generator[Event, Any, tuple[Reply, int]]:
        """Let policies judge the message; return its final reply, and when that is (ns)."""
        service, server = self._service, self._server
        inquiry = service.inquire(self, server, value)
        verdict, t = yield from self._consult(inquiry, t)
        content = server.content
        assert content is not None
        if verdict is None:
            return service.store(self, server, inquiry.tagged(content), t), t
        if isinstance(verdict, Reply):
            return verdict, t
        return service.discard(self, server, content, t), t

    def _hear(self, t: int, arrives: int, replies: Sequence[Reply], n: int) -> None:
        """Let replies of ``n`` octets, which left at ``t``, come to the client.

        The client's machine belongs to this conversation alone, so it may know them before
        the others' clocks have come so far.
        """
        self._n_received += n
        self.t = arrives
        client = self.client
        if self._wiretap is not None:
            self._wiretap.replies(t, arrives, replies, client)
        for reply in replies if self._codec is None else self._codec.replies(replies):
            client.receive(reply)

    def _release(self) -> None:
        self._is_slot_held = False
        self._service.release(self)

    def _close(self, t: int) -> None:
        """Write the session's row."""
        server, service, accepted = self._server, self._service, self._accepted
        arrived = self._arrived if self._arrived >= 0 else None
        released, waited = (None, None) if accepted is None else (t, accepted - self._arrived)
        row = (
            *(self.session, self.host, service.host, service.port),
            *(self.opened_ns, arrived, accepted, released, waited, self._spent),
            tls_word(server),
            server.mechanism if server.user else "",
            count_text(tuple(self._verbs)),
            *(self.n_messages, self._n_trips, self._n_sent, self._n_received),
            "quit" if self.client.failure is None else str(self.client.failure),
        )
        self._world.log.sessions.append(row)
        if self._wiretap is not None:
            self._wiretap.close()
