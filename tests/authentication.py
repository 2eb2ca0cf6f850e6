"""What tests of SPF, DKIM and DMARC share."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

from mailsim.dns import NODATA, NOERROR, NXDOMAIN, Answer
from mailsim.mta.policies import Finding, Lookup

__all__ = ["answers_from", "drive", "verdict_of"]

Ask = Callable[[str, str], Answer]


def drive(asking: Generator[Any, Any, Any], ask: Ask) -> tuple[list[tuple[str, str]], Any]:
    """Return the questions of an evaluation, and what it returns."""
    questions = []
    try:
        question = next(asking)
        while True:
            questions.append(question)
            question = asking.send(ask(*question))
    except StopIteration as done:
        return questions, done.value


def answers_from(records: Mapping[tuple[str, str], tuple[Any, ...]]) -> Ask:
    """Return what answers from a few records."""

    def ask(name: str, type: str) -> Answer:
        if (name, type) in records:
            return Answer(NOERROR, records[name, type], 60)
        is_there = any(one == name for one, _ in records)
        return Answer(NODATA if is_there else NXDOMAIN, (), 60)

    return ask


def verdict_of(asking: Any, ask: Ask) -> tuple[list[Any], Any]:
    """Return what a policy asks, but for what is recorded, and its verdict."""
    asked: list[Any] = []
    answers: tuple[Any, ...] | None = None
    while True:
        try:
            questions = next(asking) if answers is None else asking.send(answers)
        except StopIteration as done:
            return asked, done.value
        asked += [one for one in questions if not isinstance(one, Finding)]
        answers = tuple(
            ask(one.name, one.type) if isinstance(one, Lookup) else None for one in questions
        )
