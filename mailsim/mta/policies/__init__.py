"""Server policies: may this client, sender, recipient?  One file, one registered class each.

A policy defines any of ``on_connect on_helo on_mail on_rcpt on_data on_message on_queued``:
Postfix's restriction stages, and a message that is complete, and one that has been accepted.  Each
returns a :class:`~mailsim.smtp.Reply` that refuses, an :class:`Action`, a :class:`Tag`, or None to
let the next policy decide; the first verdict wins.

A stage that must know more first is a generator function: it yields a tuple of questions, which
are asked at once, and gets the tuple of their answers::

    def on_connect(self, seen: Seen, now_ns: int) -> Asking:
        (answer,) = yield (Lookup("2.0.0.127.bl.example", "A"),)
        return Reply(554, ("no",), "5.7.1") if answer.data else None

Whoever runs the session answers in simulated or in real time.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

from mailsim.message import Content, Params, param
from mailsim.mta.mailbox import Mailboxes
from mailsim.registry import Room
from mailsim.smtp import Reply

__all__ = [
    "Action",
    "Answers",
    "Asking",
    "Chance",
    "Finding",
    "Lookup",
    "Overhear",
    "Policy",
    "Probe",
    "Question",
    "Questions",
    "Seen",
    "Tag",
    "Verdict",
    "Wait",
    "policies",
    "policy",
]


class Action(Enum):
    """What a policy may decide besides a reply (access(5))."""

    PERMIT = "permit"
    """No policy is asked any more at this stage."""
    DISCARD = "discard"
    """Say 250 and let the message vanish; at stages message and queued."""


class Tag(NamedTuple):
    """Let a message pass with more header lines, and let the next policy decide.

    Attributes
    ----------
    lines : tuple of str
        Without CRLF; at stages message and queued.
    """

    lines: tuple[str, ...]


class Lookup(NamedTuple):
    """Ask the host's resolver; the answer is a :class:`mailsim.dns.Answer`.

    Attributes
    ----------
    name, type : str
    """

    name: str
    type: str


class Wait(NamedTuple):
    """Let time pass, the client waiting; the answer is the time then (ns).

    Attributes
    ----------
    ns : int
        How long, at least 0.
    """

    ns: int


class Overhear(NamedTuple):
    """Wait before the greeting, unless the client talks; the answer is when it did (ns), or None.

    Attributes
    ----------
    ns : int
        How long, at least 0.
    banner : str
        First line of the greeting, to be said before the wait; empty for none.
    """

    ns: int
    banner: str = ""


class Probe(NamedTuple):
    """Begin to ask a recipient's next hop whether it would take it; the answer is None, at once.

    Attributes
    ----------
    recipient : str
    report : callable
        Called when the next hop has said something: with that and the time (ns); with None at
        once, where nobody can be asked.
    """

    recipient: str
    report: Callable[[Reply | None, int], None]


class Chance(NamedTuple):
    """Draw a number: uniform from 0, included, to 1, excluded."""


class Finding(NamedTuple):
    """Have a result of authentication recorded (RFC 8601); no answer, no time.

    Attributes
    ----------
    client : str
        Host that said what was looked at.
    message : int or None
        Number of the message, at stage message.
    method : str
        ``spf``, ``dkim`` or ``dmarc``.
    property : str
        What was looked at: ``smtp.helo``, ``smtp.mailfrom``, ``header.d`` or ``header.from``.
    domain : str
    result : str
    why : str
        May be empty.
    """

    client: str
    message: int | None
    method: str
    property: str
    domain: str
    result: str
    why: str


Question: TypeAlias = Lookup | Wait | Overhear | Probe | Chance | Finding
Questions: TypeAlias = tuple[Question, ...]
Answers: TypeAlias = tuple[Any, ...]
Verdict: TypeAlias = Reply | Action | Tag | None
Asking: TypeAlias = Generator[Questions, Answers, Verdict]


class Seen(NamedTuple):
    """What a server knows when it asks a policy.

    Attributes
    ----------
    client, address : str
        Name and address of the connected host.
    helo : str
    user : str
        Authenticated user, or empty.
    sender : str
    recipient : str
        The recipient asked about, at stage rcpt; else empty.
    is_local : bool
        Whether that recipient's domain ends at this host.
    params : Params
        Parameters of MAIL, from that stage on.
    recipients : tuple of str
        Those accepted so far, at stages data and message.
    content : Content or None
        The message, at stage message.
    n_recipients : int
        How many have been accepted so far, at stage rcpt.
    n_transactions : int
        MAIL commands accepted in the session before, at stage mail.
    """

    client: str
    address: str
    helo: str
    user: str
    sender: str
    recipient: str
    is_local: bool
    params: Params = ()
    recipients: tuple[str, ...] = ()
    content: Content | None = None
    n_recipients: int = 0
    n_transactions: int = 0

    @property
    def size_bytes(self) -> int:
        """Size of the message; before stage message what MAIL declares, 0 for nothing."""
        if self.content is not None:
            return self.content.size
        return int(param(self.params, "SIZE") or 0)


class Policy:
    """What all policies share.

    Attributes
    ----------
    is_shared : bool
        Whether its verdict depends on what other sessions did: then the driver asks it in
        the order of simulated time.
    """

    is_shared = False

    @classmethod
    def from_options(cls, options: object) -> Policy:
        """Return the policy that a scenario describes.

        Raises
        ------
        ValueError
            If the options are not what the policy takes; says what was expected.
        """
        raise NotImplementedError

    def hosts(self) -> Iterable[str]:
        """Return the hosts that its options name; each must be a host of the scenario."""
        return ()

    def decides_at(self, stage: str) -> bool:
        """Tell whether it has a say at a stage, such as ``on_rcpt``: where it has a method."""
        return getattr(type(self), stage) is not getattr(Policy, stage)

    def on_connect(self, seen: Seen, now_ns: int) -> Verdict | Asking:
        """Decide at the greeting."""
        return None

    def on_helo(self, seen: Seen, now_ns: int) -> Verdict | Asking:
        """Decide at EHLO, HELO or LHLO; ``seen.helo`` is what the client says now."""
        return None

    def on_mail(self, seen: Seen, now_ns: int) -> Verdict | Asking:
        """Decide at MAIL."""
        return None

    def on_rcpt(self, seen: Seen, now_ns: int) -> Verdict | Asking:
        """Decide at RCPT."""
        return None

    def on_data(self, seen: Seen, now_ns: int) -> Verdict | Asking:
        """Decide at DATA."""
        return None

    def on_message(self, seen: Seen, now_ns: int) -> Verdict | Asking:
        """Decide about a message that is complete, before the final reply."""
        return None

    def on_queued(self, seen: Seen, now_ns: int) -> Verdict | Asking:
        """Decide about a message that has been accepted; a Reply returns it to its sender."""
        return None

    def meet(self, mailboxes: Mailboxes) -> None:
        """Get to know the mailboxes of the host; nothing is decided."""

    def on_open(self, address: str, now_ns: int) -> None:
        """Hear of a connection that begins, before :meth:`on_connect` and whatever that says."""

    def on_close(self, address: str, now_ns: int) -> None:
        """Hear that it has ended."""

    def on_crash(self, now_ns: int) -> None:
        """Hear that the host has crashed; the connections that were open end unheard."""


policies: Room[Policy] = Room("policy", "mailsim.mta.policies", Policy)
policy = policies.register
