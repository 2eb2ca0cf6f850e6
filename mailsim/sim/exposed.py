"""Conversations in a world where things break: each flight looks where it goes.

What does not get through is sent again, as TCP does (RFC 6298: after 1 s, then twice as long each
time, a minute at most), until the side that waits gives up.  How long a client waits is RFC 5321
section 4.5.3.2, see :mod:`mailsim.sim.waits`.  A machine that has crashed knows nothing
of its connections and answers RST (RFC 9293 section 3.5.1).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import suppress
from typing import Any, ClassVar, NamedTuple

from simpy import Event

from mailsim.mta.policies import Answers, Overhear, Questions, Wait
from mailsim.sim.clock import SECOND
from mailsim.sim.conversation import Conversation
from mailsim.sim.exposed_service import SlotLost
from mailsim.sim.line import Line
from mailsim.sim.network import Path
from mailsim.sim.service import Service
from mailsim.sim.tcp import INITIAL_WINDOW
from mailsim.sim.tls import TlsSessions
from mailsim.sim.transport import CONNECT_TIMEOUT_NS, TIMED_OUT
from mailsim.sim.waits import DOING, WAITS
from mailsim.sim.wiretap import Wiretap
from mailsim.sim.world import World
from mailsim.smtp import ClientConfig, Delivery, FromClient, Reply
from mailsim.smtp.own_replies import LOST
from mailsim.smtp.values import verb_of

__all__ = ["EXPIRED", "Crashed", "ExposedConversation"]

_RTO = SECOND
_RTO_MOST = 60 * SECOND
EXPIRED = Reply(454, ("Cannot start TLS: certificate has expired",), "4.7.5", is_ours=True)


class Crashed(Exception):  # noqa: N818 - no error: what a process of a dead machine ends with
    """The client's own machine has crashed: its process ends, whatever it was doing."""


class _Broken(Exception):  # noqa: N818 - caught where it is of use
    """The connection is of no use any more; the client says why."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply


class _Doubt(NamedTuple):
    """A message that the server has taken, which the client does not know yet."""

    number: int
    recipients: tuple[str, ...]


class ExposedConversation(Conversation):
    """One connection that faults may befall.

    Attributes
    ----------
    is_verifying : bool
        Whether the client refuses a certificate that has expired.
    waits : dict of str to int
        How long the client waits for replies; see :func:`mailsim.sim.waits.waits_of`.
    """

    __slots__ = (
        "_boots",
        "_deadline",
        "_doing",
        "_doubt",
        "_goes_on",
        "_heard_ns",
        "_machines",
        "is_verifying",
        "waits",
    )

    _is_exposed: ClassVar[bool] = True

    def __init__(
        self,
        world: World,
        number: int,
        host: str,
        config: ClientConfig,
        service: Service,
        tls_sessions: TlsSessions | None = None,
    ) -> None:
        self._machines = world.machines[host], world.machines[service.host]
        self._boots = self._machines[0].n_boots, self._machines[1].n_boots
        self._deadline = self._heard_ns = 0
        self._doing = ""
        self._doubt: _Doubt | None = None
        self._goes_on = False
        self.is_verifying = False
        self.waits = WAITS
        super().__init__(world, number, host, config, service, tls_sessions)

    def _way(self, host: str, server: str) -> Path:
        """Return the path of this moment; each flight asks for its own."""
        network = self._world.network
        return network.path(host, server) if network.reaches(host, server) else Path(0, 0)

    @property
    def _has_client_crashed(self) -> bool:
        return self._machines[0].n_boots != self._boots[0]

    @property
    def _has_server_crashed(self) -> bool:
        return self._machines[1].n_boots != self._boots[1]

    def open(
        self, number: int, timeout_ns: int = CONNECT_TIMEOUT_NS
    ) -> Generator[Event, Any, None]:
        """Connect for message ``number``, get a worker slot, take the greeting.

        Raises
        ------
        Crashed
            If the client's machine crashes meanwhile.
        """
        try:
            yield from super().open(number, timeout_ns)
        except SlotLost:  # crashed while we waited in its backlog
            yield from self._wait_in_vain_until(self.t + self.waits[""])
        except _Broken as broken:
            self._break(broken.reply)
        except Crashed:
            self._break(LOST)
            raise

    def _wait_in_vain_until(self, at_ns: int) -> Generator[Event, Any, None]:
        try:
            self._deadline = max(at_ns, self._world.env.now)
            yield from self._wait_in_vain()
        except _Broken as broken:
            self._break(broken.reply)

    def send(self, delivery: Delivery) -> Generator[Event, Any, None]:
        """Send a message; where the connection breaks, that is its reply.

        Raises
        ------
        Crashed
            If the client's machine crashes meanwhile.
        """
        yield from super().send(delivery)
        self.t = max(self.t, self._world.env.now)

    def quit(self) -> Generator[Event, Any, None]:
        """Say QUIT, if the connection still stands; the client does not wait."""
        with suppress(Crashed):
            yield from super().quit()

    def took(self, number: int, recipients: Sequence[str]) -> None:
        """Say that the server has taken a message, which the client is yet to hear."""
        self._doubt = _Doubt(number, tuple(recipients))
        self._world.ledger.doubt(*self._doubt)

    def _connect(self, timeout_ns: int) -> Generator[Event, Any, int | None]:
        """Send SYN until it is answered, or the connection times out; then the ACK."""
        world, begun = self._world, self.t
        self._deadline = begun + timeout_ns
        try:
            t = yield from self._cross(begun, 0, is_up=True)
            self._boots = self._boots[0], self._machines[1].n_boots
            self.t = t = yield from self._cross(t, 0, is_up=False)
        except _Broken as broken:
            self.t = world.env.now
            self.client.lost(broken.reply)
            return None
        self.session = world.next_session()
        if world.log.with_events:
            self._wiretap = Wiretap(world.log, self.session)
            self._wiretap.note(begun, t, f"connect to {self._service.host}")
        self._doing, self._deadline = DOING[""], t + self.waits[""]
        return (yield from self._travel(t, 0, True))

    def _exchange(self) -> Generator[Event, Any, None]:
        """Let flights travel until all is said, or the connection is of no use any more."""
        try:
            yield from super()._exchange()
        except _Broken as broken:
            self._break(broken.reply)
        except Crashed:
            self._break(LOST)
            raise

    def _carry(self, flight: Sequence[FromClient], n: int) -> Generator[Event, Any, int]:
        """Let what the client says come to the server, sooner or later."""
        last = verb_of(flight[-1])
        verb = last if last in ("CONTENT", "BDAT_LAST") else verb_of(flight[0])
        self._doing = DOING.get(verb, f"sending {verb}")
        wait = self.waits.get(verb, self.waits["MAIL"])
        self._deadline = self.t + self._path.flight_ns(n) + wait
        return self._travel(self.t, n, True)

    def _travel(self, t: int, n: int, is_up: bool) -> Generator[Event, Any, int]:
        """Let a flight come to the other side, sooner or later."""
        if not is_up:
            if self._n_trips <= 2:  # the greeting: who is in the backlog waits
                self._deadline = max(self._deadline, t + self.waits[""])
            self._heard_ns = t
        t = yield from self._cross(t, n, is_up=is_up)
        if is_up:
            yield from self._meet_server()
        return t

    def _hear(self, t: int, arrives: int, replies: Sequence[Reply], n: int) -> None:
        if self._doubt is not None:
            self._world.ledger.resolve(*self._doubt)
            self._doubt = None
        super()._hear(t, arrives, replies, n)

    def _take(self, t: int) -> Generator[Event, Any, int]:
        """Spend the service time; a client that gives up first leaves the server to itself.

        RFC 5321 section 4.5.3.2.6: then the message may come twice.
        """
        spent = self._machines[1].spent_ns(self._next_service_ns)
        self._spent += spent
        end = t + spent
        if end > self._deadline:
            self._goes_on = True
            self._world.env.process(self._go_on_alone(end))
            yield from self._wait_in_vain()
        yield self._world.at(end, self._number)
        if self._has_server_crashed:
            yield from self._wait_in_vain()
        self._next_service_ns = self._service.service_ns()
        return end

    def _answers(self, questions: Questions) -> Generator[Event, Any, Answers]:
        """Answer what a policy asks, unless the client gives up first, or the server crashes."""
        if self._goes_on:
            return (yield from super()._answers(questions))
        now = self._world.env.now
        waits = [item.ns for item in questions if isinstance(item, (Wait, Overhear))]
        longest = max(waits, default=0)
        if now + longest > self._deadline:
            yield from self._wait_in_vain()
        with suppress(Crashed):  # the server's resolver dies with it
            answers = yield from super()._answers(questions)
            if not self._has_server_crashed and self._world.env.now <= self._deadline:
                return answers
        yield from self._wait_in_vain()
        return ()

    def _starttls(self) -> Generator[Event, Any, None]:
        """Set up TLS; look at the certificate."""
        self._doing, self._deadline = DOING["STARTTLS"], self.t + self.waits["STARTTLS"]
        yield from super()._starttls()
        self._verify()

    def _implicit_tls(self, t: int) -> Generator[Event, Any, int]:
        """Set up TLS before the greeting; look at the certificate."""
        self._doing, self._deadline = DOING["STARTTLS"], t + self.waits["STARTTLS"]
        done = yield from super()._implicit_tls(t)
        self._verify()
        return done

    def _verify(self) -> None:
        if self.is_verifying and self._machines[1].n_expired:
            raise _Broken(EXPIRED)

    def _cross(self, left: int, n: int, *, is_up: bool) -> Generator[Event, Any, int]:
        """Let ``n`` octets travel, again and again until they arrive; return when they do.

        Raises
        ------
        Crashed
            If the client's machine has crashed.
        _Broken
            If the client gives up.
        """
        world, network, number = self._world, self._world.network, self._number
        source, target = self.host, self._service.host
        if not is_up:
            source, target = target, source
        wait = _RTO
        while left <= self._deadline:
            if left > world.env.now:
                yield world.at(left, number)
            self._meet_client()
            if not is_up and self._has_server_crashed:  # nobody sends it again
                break
            if network.reaches(source, target):
                arrives = yield from self._arrival(left, n, is_up=is_up)
                if arrives > self._deadline:
                    break
                yield world.at(arrives, number)
                self._meet_client()
                if network.reaches(source, target):
                    return arrives
            left += wait
            wait = min(2 * wait, _RTO_MOST)
        yield from self._wait_in_vain()
        return left

    def _arrival(self, left: int, n: int, *, is_up: bool) -> Generator[Event, Any, int]:
        """Return when a flight arrives over the path of this moment, if that lasts."""
        world, server = self._world, self._service.host
        path = world.network.path(self.host, server)
        if path is not self._path:  # what TCP had learnt of the other one is of no use
            self._path, rough = path, path.rough
            self._line = None if rough is None else Line(world, self.host, server, path, rough)
            self._sender = None if self._line is None else self._line.up
        if self._line is not None:
            arrives, n_waits = yield from self._line.carry(left, n, is_up, self._number)
            self._n_trips += n_waits
            return arrives
        if is_up and n > INITIAL_WINDOW:
            self.t = left
            return self._send_large(n)
        return left + path.flight_ns(n)

    def _meet_client(self) -> None:
        if self._has_client_crashed:
            raise Crashed

    def _meet_server(self) -> Generator[Event, Any, None]:
        """Come to the server's machine: one that has crashed meanwhile answers RST."""
        self._heard_ns = self._world.env.now
        if self._has_server_crashed:
            yield self._world.at(self._heard_ns + self._path.latency_ns, self._number)
            self._meet_client()
            name = self.relay_name.rpartition(":")[0]
            text = f"lost connection with {name} while {self._doing}"
            raise _Broken(Reply(451, (text,), "4.4.2", is_ours=True))

    def _wait_in_vain(self) -> Generator[Event, Any, None]:
        """Wait until the client gives up; it always does."""
        yield self._world.at(max(self._deadline, self._world.env.now), self._number)
        self._meet_client()
        if not self.session:
            text = f"connect to {self.relay_name}: {TIMED_OUT}"
            raise _Broken(Reply(450, (text,), "4.4.1", is_ours=True))
        name = self.relay_name.rpartition(":")[0]
        text = f"conversation with {name} timed out while {self._doing}"
        raise _Broken(Reply(451, (text,), "4.4.2", is_ours=True))

    def _break(self, reply: Reply) -> None:
        """Let the client's end go; the server's end goes when it hears of that, or times out."""
        world = self._world
        self.t = now = world.env.now
        self.client.lost(reply)
        if self._goes_on:
            return
        if not self._is_slot_held or self._has_server_crashed:
            self._close(now)
        elif not self._has_client_crashed and world.network.reaches(self.host, self._service.host):
            world.env.process(self._let_go(now + self._path.latency_ns))
        else:
            timeout_ns = world.mail_hosts[self._service.host].settings.smtpd_timeout
            world.env.process(self._let_go(max(now, self._heard_ns + timeout_ns)))

    def _let_go(self, end: int) -> Generator[Event, Any, None]:
        yield self._world.at(end, self._world.next_number())
        self._release()
        self._close(end)

    def _go_on_alone(self, end: int) -> Generator[Event, Any, None]:
        """Take the message whose client has gone."""
        yield self._world.at(end, self._world.next_number())
        server = self._server
        if not self._has_server_crashed:
            assert server.content is not None
            if self._service.judges_content and server.command is not None:
                _, end = yield from self._judge(server.command, end)
            else:
                self._service.store(self, server, server.content, end)
        self._release()
        self._close(end)

    def _release(self) -> None:
        if self._has_server_crashed:
            self._is_slot_held = False
        else:
            super()._release()

    def _close(self, t: int) -> None:
        """Write the session's row; a server that crashed let go of its slot then."""
        if self._has_server_crashed:
            t = min(t, self._machines[1].crashed_ns[self._boots[1]])
        super()._close(t)
