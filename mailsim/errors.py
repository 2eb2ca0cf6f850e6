"""Every exception mailsim raises on purpose, but for one that a room keeps to itself.

::

    MailsimError
    +-- ConfigError              a scenario, a file or an option is wrong (exit 2)
    |   +-- UnknownNameError     a name that no plug-in of a room bears
    |   +-- ExpressionError      an expression such as p95(delay) that cannot be read
    +-- ZoneSyntaxError          a line of a zone file (dns.zonefile); the loader gives its place
    +-- RunError                 a run broke one of its own laws, or a policy failed (exit 1)
    |   +-- StoppedError         the same, with what the run has recorded until then
    +-- ProtocolError
        +-- LocalProtocolError   our side used a machine against the protocol
        +-- RemoteProtocolError  the peer broke the protocol; bears the reply to send

A negative SMTP reply is a value, not an exception.
"""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = [
    "ConfigError",
    "ExpressionError",
    "LocalProtocolError",
    "MailsimError",
    "Problem",
    "ProtocolError",
    "RemoteProtocolError",
    "RunError",
    "StoppedError",
    "UnknownNameError",
    "error_text",
]


class Problem(NamedTuple):
    """One thing that is wrong in a scenario.

    Attributes
    ----------
    path : tuple of str or int
        Keys and list indices from the top of the scenario to the culprit.
    message : str
        What was expected and what came.
    hint : str
        A "did you mean", or empty.
    on_key : bool
        True when the key itself is wrong, False when its value is.
    line : int
        Line within a block of text that the value is, from 1; 0 for the value itself.
    token : tuple of str and int
        For an expression: its text, and the character of it, from 0, that is meant.
    """

    path: tuple[str | int, ...]
    message: str
    hint: str = ""
    on_key: bool = False
    line: int = 0
    token: tuple[str, int] = ("", 0)


def error_text(error: Exception) -> str:
    """Return what an exception of code that is not ours says, with its kind unless that is clear.

    Examples
    --------
    >>> error_text(ValueError("expected a list")), error_text(KeyError("delay"))
    ('expected a list', "KeyError: 'delay'")
    """
    text = str(error)
    if text and isinstance(error, (MailsimError, ValueError, ImportError, AttributeError)):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


class MailsimError(Exception):
    """Anything mailsim refuses to do; its text is fit for a user's eyes."""


class ConfigError(MailsimError):
    """A scenario, a file or an option is wrong.

    Parameters
    ----------
    text : str
        The whole message, with positions where there are any.
    problems : tuple of Problem
        The single problems, in the order of the file.
    """

    def __init__(self, text: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(text)
        self.problems = problems


class UnknownNameError(ConfigError):
    """A name that no plug-in of a room bears."""


class ExpressionError(ConfigError):
    """An expression such as ``p95(delay) < 90s`` that cannot be read.

    Parameters
    ----------
    message : str
        What was expected and what came.
    text : str
        The whole expression.
    at : int
        The character of it that the message is about, from 0.
    """

    def __init__(self, message: str, text: str, at: int) -> None:
        super().__init__(f"{message}\n      | {text}\n      | {' ' * at}^")
        self.message = message
        self.text = text
        self.at = at


class RunError(MailsimError):
    """A run broke one of its own laws, such as the conservation of recipients."""


class StoppedError(RunError):
    """A run has stopped before its end; what it has recorded is kept.

    Parameters
    ----------
    text : str
    info : dict
        What ``run.json`` says of it.
    """

    def __init__(self, text: str, info: dict[str, Any]) -> None:
        super().__init__(text)
        self.info = info


class ProtocolError(MailsimError):
    """Somebody broke SMTP; never raised itself, see the two subclasses."""


class LocalProtocolError(ProtocolError):
    """Our own side asked a machine for something the protocol forbids."""


class RemoteProtocolError(ProtocolError):
    """The peer broke the protocol.

    Parameters
    ----------
    text : str
        What was expected and what came.
    reply_code : int
        The code a server answers with; 500 unless a better one is known.
    """

    def __init__(self, text: str, reply_code: int = 500) -> None:
        super().__init__(text)
        self.reply_code = reply_code
