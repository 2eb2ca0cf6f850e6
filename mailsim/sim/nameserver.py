"""Name servers: processes that answer the questions of resolvers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from simpy import Event

from mailsim.dns import (
    REFUSED,
    SERVFAIL,
    TRUNCATED,
    Answer,
    Authority,
    answer_bytes,
    question_bytes,
)
from mailsim.sim.clock import OpenPoint

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["NameServer", "Question"]

_LAME = Answer(REFUSED, (), 0)
_FAILS = Answer(SERVFAIL, (), 0)
_TOO_LARGE = Answer(TRUNCATED, (), 0)


class Question(OpenPoint):
    """A question on its way: an event whose value is the answer, or None if none comes in time.

    Parameters
    ----------
    world : World
    name, type : str
    asker : str
        Host whose resolver asks.
    number : int
        Number of the asking process.
    until_ns : int
        When the asker gives up.
    limit_bytes : int
        Largest answer that may come over UDP; 0 over TCP.
    is_carried : bool
        The asker sees to the answer's way back; else the server does.
    """

    def __init__(
        self,
        world: World,
        name: str,
        type: str,
        asker: str,
        number: int,
        until_ns: int,
        limit_bytes: int,
        *,
        is_carried: bool = False,
    ) -> None:
        super().__init__(world.env, number)
        self.is_carried = is_carried
        self.name = name
        self.type = type
        self.asker = asker
        self.until_ns = until_ns
        self.limit_bytes = limit_bytes


class NameServer:
    """The name server of a host.

    Its process sleeps until a question arrives.  Questions do not wait for each other: each is
    answered ``answer_ns`` after it came.

    Parameters
    ----------
    world : World
    host : str
    authority : Authority
    answer_ns : callable
        Draws the time that an answer takes (ns).

    Attributes
    ----------
    is_down : bool
        It does not answer at all.
    is_failing : bool
        It answers SERVFAIL to everything.
    is_lame : bool
        It does not know its zones and answers REFUSED to everything.
    """

    def __init__(
        self,
        world: World,
        host: str,
        authority: Authority,
        answer_ns: Callable[[], int] = lambda: 0,
    ) -> None:
        self.host = host
        self.authority = authority
        self.is_down = self.is_failing = self.is_lame = False
        self._world = world
        self._answer_ns = answer_ns
        self._arrived: deque[Question] = deque()
        self._idle: Event | None = None
        world.env.process(self._run())

    def take(self, question: Question) -> None:
        """Let a question arrive now."""
        self._arrived.append(question)
        if self._idle is not None:
            self._idle.succeed()
            self._idle = None

    def _run(self) -> Generator[Event, Any, None]:
        while True:
            if not self._arrived:
                self._idle = self._world.env.event()
                yield self._idle
            self._serve(self._arrived.popleft())

    def _serve(self, question: Question) -> None:
        network = self._world.network
        # Whom it reached on a slow way may have given up before it came.
        too_late_ns = max(question.until_ns, self._world.env.now)
        is_cut_off = not network.reaches(self.host, question.asker)
        if self.is_down or is_cut_off:
            question.fix(too_late_ns, None)
            return
        if self.is_lame:
            answer = _LAME
        elif self.is_failing:
            answer = _FAILS
        else:
            answer = self.authority.answer(question.name, question.type)
        size, limit = answer_bytes(question.name, question.type, answer), question.limit_bytes
        if limit and size > limit:
            answer, size = _TOO_LARGE, question_bytes(question.name)
        at_ns = self._world.env.now + self._answer_ns()
        if not question.is_carried:
            at_ns += network.path(self.host, question.asker).flight_ns(size)
        if at_ns > question.until_ns:
            question.fix(too_late_ns, None)
        else:
            question.fix(at_ns, answer)
