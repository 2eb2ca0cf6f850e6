"""A question to a name server over a path that jitters, loses segments or is shared.

Over UDP question and answer are a packet each; over TCP they travel as mail does, by
:class:`~mailsim.sim.line.Line`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from simpy import Event

from mailsim.dns import REFUSED, TRUNCATED, Answer, answer_bytes, question_bytes
from mailsim.sim.line import Line
from mailsim.sim.nameserver import Question
from mailsim.sim.network import Path

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["exchange"]


def exchange(
    world: World, question: Question, host: str, path: Path, uniform: Callable[[], float]
) -> Generator[Event, Any, Answer | None]:
    """Ask and wait for the answer; whoever waits for this gives up by himself.

    Parameters
    ----------
    world : World
    question : Question
    host : str
        Who is asked.
    path : Path
        The way there.
    uniform : callable
        Gives numbers uniform in [0, 1): for what is lost, and how long a packet takes.

    Returns
    -------
    Answer or None
        None if a packet was lost, or the server said nothing; at any time.
    """
    number, size, line = question.number, question_bytes(question.name), None
    assert path.rough is not None
    if question.limit_bytes:
        is_there = yield from _packet(world, path, size, number, uniform)
    else:
        t = world.env.now
        line = Line(world, question.asker, host, path, path.rough)
        connected = yield from line.connect(t, number, question.until_ns - t)
        is_there = connected is not None
        if connected is not None:
            t, _ = yield from line.carry(connected[0], size, True, number)
            yield world.at(t, number)
    if not is_there:
        return None
    server = world.name_servers.get(host)
    if server is None:  # nothing listens there: ICMP says so (RFC 1122 section 3.2.2.1)
        yield world.at(world.env.now + path.latency_ns, number)
        return Answer(REFUSED, (), 0)
    server.take(question)
    answer: Answer | None = yield question
    if answer is None or not world.network.reaches(host, question.asker):
        return None
    if answer.status != TRUNCATED:
        size = answer_bytes(question.name, question.type, answer)
    if line is not None:
        t, _ = yield from line.carry(world.env.now, size, False, number)
        yield world.at(t, number)
        return answer
    back = world.network.path(host, question.asker)
    return answer if (yield from _packet(world, back, size, number, uniform)) else None


def _packet(
    world: World, path: Path, size_bytes: int, number: int, uniform: Callable[[], float]
) -> Generator[Event, Any, bool]:
    """Let a packet travel that leaves now; tell whether it arrives, which it does at the end."""
    rough, t = path.rough, world.env.now
    if rough is None:  # the network has changed since the question
        yield world.at(t + path.flight_ns(size_bytes), number)
        return True
    if rough.loss and uniform() < rough.loss:
        return False
    if rough.shared:
        yield world.sharing.carry(size_bytes, rough.shared, rough.own_bit_s)
        t = world.env.now + path.latency_ns
    else:
        t += path.flight_ns(size_bytes)
    yield world.at(t + rough.jitter_ns(uniform), number)
    return True
