"""Asking the policies of one stage, where some of them have questions of their own first.

Whoever runs the session answers: :meth:`Inquiry.go_on` says whether :attr:`Inquiry.questions`
are open, and takes their answers.  The policies that just decide are asked in passing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import NamedTuple

from mailsim.errors import RunError, error_text
from mailsim.message import Content
from mailsim.mta.policies import (
    Action,
    Answers,
    Asking,
    Chance,
    Finding,
    Lookup,
    Overhear,
    Probe,
    Questions,
    Seen,
    Tag,
    Verdict,
    Wait,
)
from mailsim.smtp import Reply
from mailsim.smtp.replies import PERMITTED

__all__ = ["Inquiry", "Step", "checked", "failed"]

Decide = Callable[[Seen, int], Verdict | Asking]


class Step(NamedTuple):
    """One policy at one stage.

    Attributes
    ----------
    decide : callable
        Its method.
    stage : str
        Name of that, such as ``on_rcpt``.
    place : str
        Which policy it is, for an error: where it stands in the scenario.
    """

    decide: Decide
    stage: str
    place: str


class Inquiry:
    """The policies of a stage on their way to a verdict.

    Parameters
    ----------
    steps : sequence of Step
    seen : Seen

    Attributes
    ----------
    questions : tuple of Question
        What is to be answered now.
    banner : str
        First line of the greeting that a policy has had said; empty if none.
    verdict : Reply, Action or None
        Once there are no more questions; never ``PERMIT``, which is None here, or a ``Tag``.
    """

    def __init__(self, steps: Sequence[Step], seen: Seen) -> None:
        self.questions: Questions = ()
        self.banner = ""
        self.verdict: Verdict = None
        self._seen = seen
        self._steps = list(reversed(steps))
        self._asking: Asking | None = None
        self._tags: list[str] = []

    def tagged(self, content: Content) -> Content:
        """Return the content with the header lines that policies put on it."""
        for line in self._tags:
            content = content.with_header(line)
        return content

    def go_on(self, now_ns: int, answers: Answers = ()) -> bool:
        """Ask on until there is a question, or the verdict.

        Parameters
        ----------
        now_ns : int
        answers : tuple
            Those to :attr:`questions`; empty at first.

        Returns
        -------
        bool
            Whether there is a question.

        Raises
        ------
        RunError
            If a policy raises, or returns what is no verdict.
        """
        while self._steps:
            step = self._steps[-1]
            try:
                found = self._ask(step, now_ns, answers)
            except StopIteration as stop:
                found = stop.value
            except Exception as error:  # a class of the user's may raise anything
                raise failed(step, error, self._seen, now_ns) from error
            if self._asking is not None and found is self._asking:
                for question in self.questions:
                    if type(question) is Overhear:
                        self.banner = question.banner
                return True
            self._asking = None
            self._steps.pop()
            if found is not None:
                if type(found) is Tag and step.stage in _OF_MESSAGES:
                    self._tags += found.lines
                    continue
                verdict = checked(step, found, self._seen, now_ns)
                self.verdict = None if verdict is Action.PERMIT else verdict
                return False
        return False

    def _ask(self, step: Step, now_ns: int, answers: Answers) -> Verdict | Asking:
        """Return a verdict, or the generator whose questions are open."""
        asking = self._asking
        if asking is None:
            found = step.decide(self._seen, now_ns)
            if not isinstance(found, Generator):
                return found
            self._asking = found
            self.questions = _questions(found, None)
            return found
        self.questions = _questions(asking, answers)
        return asking


def _questions(asking: Generator[object, Answers, Verdict], answers: Answers | None) -> Questions:
    """Return what a policy asks next, if these are questions; no answers begin it.

    Raises
    ------
    ValueError
        If not, or if it wants to go back in time.
    """
    asked = next(asking) if answers is None else asking.send(answers)
    if not isinstance(asked, tuple) or any(type(one) not in _QUESTIONS for one in asked):
        raise ValueError(f"expected to be asked a tuple of questions, got {asked!r}")
    for one in asked:
        if type(one) in (Wait, Overhear) and not (type(one.ns) is int and one.ns >= 0):
            raise ValueError(f"expected at least 0 ns, in whole ones, to wait, got {one.ns!r}")
    return asked


def checked(step: Step, found: object, seen: Seen, now_ns: int) -> Reply | Action:
    """Return what a policy has decided, if it is a verdict.

    Raises
    ------
    RunError
        If it is none, or one that has no place at this stage.
    """
    problem = f"expected a Reply or None, got {found!r}"
    if type(found) is Reply:
        verb = _VERBS.get(step.stage, "")
        if not verb or found.code in PERMITTED[verb]:
            return found
        problem = f"{found.code} may not answer {verb} (RFC 5321 section 4.3.2)"
    elif type(found) is Action and (found is Action.PERMIT or step.stage in _OF_MESSAGES):
        return found
    raise RunError(f"{step.place}: {step.stage}: {problem}{_when(step, seen, now_ns)}")


def failed(step: Step, error: Exception, seen: Seen, now_ns: int) -> RunError:
    """Return the error of a run in which a policy has raised one."""
    text = f"{step.place}: {step.stage} failed: {error_text(error)}"
    return RunError(f"{text}{_when(step, seen, now_ns)}")


def _when(step: Step, seen: Seen, now_ns: int) -> str:
    """Return when and about what a policy was asked."""
    to = f" to <{seen.recipient}>" if seen.recipient else ""
    about = f", mail from <{seen.sender}>{to}" if step.stage not in _BEFORE_MAIL else ""
    return f" (at {now_ns / 1e9:.3f} s, client {seen.client}{about})"


_QUESTIONS = (Lookup, Wait, Overhear, Probe, Chance, Finding)
_VERBS = {
    "on_connect": "GREETING",
    "on_helo": "EHLO",
    "on_mail": "MAIL",
    "on_rcpt": "RCPT",
    "on_data": "DATA",
    "on_message": "CONTENT",
}
_OF_MESSAGES = ("on_message", "on_queued")
_BEFORE_MAIL = ("on_connect", "on_helo")
