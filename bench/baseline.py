"""Bare SimPy, the unit of all speed figures: what a model costs before it knows any protocol."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import simpy

Steps = Generator[simpy.Event, Any, None]
EXCHANGES = 8


def timeouts(n_processes: int = 1000, n_each: int = 100) -> None:
    """Let ``n_processes`` processes wait ``n_each`` times."""
    env = simpy.Environment()

    def wait(delay: int) -> Steps:
        for _ in range(n_each):
            yield env.timeout(delay)

    for i in range(n_processes):
        env.process(wait(1 + i % 7))
    env.run()


def naive_dialogues(n_sessions: int = 5000, at_a_time: int = 50) -> float:
    """Run dialogues as one would write them first; return the simulated seconds of all.

    A client and a server process per session, a Store per direction, and for each message a
    process that waits 10 ms and puts a string into the Store; 1 ms of service per command.
    """
    env = simpy.Environment()
    left = n_sessions

    def travel(store: simpy.Store, text: str) -> Steps:
        yield env.timeout(0.010)
        yield store.put(text)

    def client(up: simpy.Store, down: simpy.Store, done: Callable[[], None]) -> Steps:
        for _ in range(EXCHANGES):
            env.process(travel(up, "COMMAND"))
            yield down.get()
        done()

    def server(up: simpy.Store, down: simpy.Store) -> Steps:
        for _ in range(EXCHANGES):
            yield up.get()
            yield env.timeout(0.001)
            env.process(travel(down, "250 Ok"))

    def start() -> None:
        nonlocal left
        if left:
            left -= 1
            up, down = simpy.Store(env), simpy.Store(env)
            env.process(client(up, down, start))
            env.process(server(up, down))

    for _ in range(at_a_time):
        start()
    env.run()
    return float(env.now)
