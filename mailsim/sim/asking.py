"""What policies ask, answered in simulated time: DNS lookups, waits, chance.

Questions of one time are answered side by side: lookups by a process each.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simpy import AllOf, Event, Process

from mailsim.mta.policies import (
    Answers,
    Chance,
    Finding,
    Lookup,
    Overhear,
    Probe,
    Question,
    Questions,
    Wait,
)
from mailsim.sim.probe import probe
from mailsim.sim.resolver import Resolver

if TYPE_CHECKING:
    from mailsim.sim.world import World

__all__ = ["answers_to"]


def answers_to(
    world: World, host: str, number: int, questions: Questions, client: str = ""
) -> Generator[Event, Any, Answers]:
    """Return the answers to what a policy asks, when all of them are there.

    Parameters
    ----------
    world : World
    host : str
        Whose policy it is.
    number : int
        Number of the process that waits.
    questions : tuple of Question
    client : str
        Host of the client that waits, if one does.
    """
    if len(questions) == 1:
        answer = yield from _answer(world, host, number, questions[0], client)
        return (answer,)
    found: dict[int, Any] = {}
    asked: dict[int, Process] = {}
    for i, question in enumerate(questions):
        if isinstance(question, Chance):
            found[i] = yield from _answer(world, host, number, question, client)
        else:
            asked[i] = world.env.process(
                _answer(world, host, world.next_number(), question, client)
            )
    if asked:
        yield AllOf(world.env, list(asked.values()))
        yield world.at(world.env.now, number)
    return tuple([found[i] if i in found else asked[i].value for i in range(len(questions))])


def _answer(
    world: World, host: str, number: int, question: Question, client: str
) -> Generator[Event, Any, Any]:
    if isinstance(question, Lookup):
        resolver, name = Resolver.of(world, host), question.name.lower()
        answer = resolver.cached(name, question.type)
        if answer is None:
            answer = yield from resolver.ask(name, question.type, number)
        return answer
    if isinstance(question, Overhear):
        if client in world.early_talkers:  # it talked as soon as the connection was complete
            return world.env.now
        yield world.at(world.env.now + question.ns, number)
        return None
    if isinstance(question, Probe):
        world.env.process(_probe(world, host, question))
        return None
    if isinstance(question, Wait):
        yield world.at(world.env.now + question.ns, number)
        return world.env.now
    if isinstance(question, Finding):
        world.log.authentication.append((world.env.now, host, *question))
        return None
    return world.streams[f"policies/{host}"].uniform()


def _probe(world: World, host: str, question: Probe) -> Generator[Event, Any, None]:
    number = world.next_number()
    reply = yield from probe(world.mail_hosts[host], question.recipient, number)
    question.report(reply, world.env.now)
