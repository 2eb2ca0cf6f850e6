"""A message in the queue of a host, and what there is to tell its sender."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from mailsim.message import Content, DeliverBy, Envelope, Params, param
from mailsim.smtp import Reply
from mailsim.smtp.grammar import from_xtext

__all__ = ["QueuedMessage", "Told", "by_kind"]

_NO_PARAMS: Mapping[str, Params] = MappingProxyType({})


class Told(NamedTuple):
    """What there is to tell of one recipient.

    Attributes
    ----------
    recipient : str
    remote : str
        The host that said so, or empty.
    reply : Reply
    action : str
        As in a report: ``failed``, ``delayed`` and so on (RFC 3464 section 2.3.3).
    """

    recipient: str
    remote: str
    reply: Reply
    action: str = "failed"


def by_kind(told: list[Told]) -> list[list[Told]]:
    """Return what there is to tell, for each report of a kind: who failed, and who did not."""
    failed = [one for one in told if one.action == "failed"]
    others = [one for one in told if one.action != "failed"]
    return [about for about in (failed, others) if about]


class QueuedMessage:
    """A message in the queue of one host.

    Attributes
    ----------
    queue_id : str
    sender : str
    recipients : tuple of str
        Those whose fate at this host is still open.
    content : Content
    arrived_ns : int
        When this host took it over.
    params : Params
        What its MAIL asked of every hop.
    rcpt_params : mapping of str to Params
        The same of the recipients that have any, such as NOTIFY.
    warned_ns : int
        Until when the sender has been told of delays.
    """

    __slots__ = (
        "_deferred",
        "_told",
        "arrived_ns",
        "content",
        "n_deferrals",
        "n_entries",
        "params",
        "queue_id",
        "rcpt_params",
        "recipients",
        "sender",
        "warned_ns",
    )

    def __init__(
        self,
        queue_id: str,
        sender: str,
        recipients: tuple[str, ...],
        content: Content,
        arrived_ns: int,
        params: Params = (),
        rcpt_params: Mapping[str, Params] | None = None,
    ) -> None:
        self.queue_id = queue_id
        self.sender = sender
        self.recipients = recipients
        self.content = content
        self.arrived_ns = self.warned_ns = arrived_ns
        self.params = params
        self.rcpt_params: Mapping[str, Params] = rcpt_params or _NO_PARAMS
        self.n_entries = self.n_deferrals = 0
        # Lists only while there is something in them: a million messages may wait.
        self._deferred: list[Told] | None = None
        self._told: list[Told] | None = None

    def tell(self, told: Told) -> None:
        """Note what the sender is to hear when this round of deliveries is over."""
        if self._told is None:
            self._told = []
        self._told.append(told)

    def take_told(self) -> list[Told]:
        """Return what has been noted, which is then forgotten."""
        told, self._told = self._told, None
        return told or []

    def put_off(self, told: Told) -> None:
        """Note who is deferred in this round of deliveries."""
        if self._deferred is None:
            self._deferred = []
        self._deferred.append(told)

    def take_deferred(self) -> list[Told]:
        """Return who has been deferred, which is then forgotten."""
        deferred, self._deferred = self._deferred, None
        return deferred or []

    def settle(self, recipients: list[str]) -> None:
        """Take out recipients whose fate at this host is sealed."""
        if len(recipients) == len(self.recipients):
            self.recipients = ()
        elif recipients:
            left = list(self.recipients)
            for recipient in recipients:
                left.remove(recipient)
            self.recipients = tuple(left)

    def envelope(self, recipients: tuple[str, ...], now_ns: int) -> Envelope:
        """Return the envelope for the next hop; of ``BY`` what is left of the time."""
        if not self.params and not self.rcpt_params:
            return Envelope(self.sender, recipients)
        by = self._deliver_by(now_ns)
        params = self.params
        if by is not None:
            params = tuple([("BY", str(by)) if name == "BY" else (name, v) for name, v in params])
        rcpt_params = tuple([self.rcpt_params.get(to, ()) for to in recipients])
        return Envelope(self.sender, recipients, params, rcpt_params if any(rcpt_params) else ())

    def is_late(self, now_ns: int) -> bool:
        """Tell whether the message is to be returned because its time is over (RFC 2852)."""
        by = self._deliver_by(now_ns)
        return by is not None and by.mode == "R" and by.seconds <= 0

    @property
    def deadline_ns(self) -> int | None:
        """When its time is over, if it had any left on arrival."""
        by = self._deliver_by(self.arrived_ns)
        if by is None or by.seconds <= 0:
            return None
        return self.arrived_ns + by.seconds * 1_000_000_000

    def _deliver_by(self, now_ns: int) -> DeliverBy | None:
        value = param(self.params, "BY") if self.params else None
        by = DeliverBy.parse(value) if value is not None else None
        return None if by is None else by.after((now_ns - self.arrived_ns) // 1_000_000_000)

    @property
    def is_single(self) -> bool:
        """True if each recipient has a delivery of its own."""
        return False

    def by_sender(self, about: list[Told]) -> list[tuple[QueuedMessage, list[Told]]]:
        """Return what to report about, apart for each sender that the message goes out with."""
        return [(self, about)]

    def original_of(self, recipient: str) -> str:
        """Return the ORCPT of a recipient, decoded, or an empty string."""
        kind, _, text = (param(self.rcpt_params.get(recipient, ()), "ORCPT") or "").partition(";")
        return f"{kind};{from_xtext(text)}" if kind else ""

    def wants_report(self, recipient: str, kind: str = "FAILURE") -> bool:
        """Tell whether the sender wants to hear of this of a recipient (RFC 3461 section 4.1).

        Without NOTIFY of failures and, as Postfix understands it, of delays.
        """
        notify = self._notify(recipient)
        return kind != "SUCCESS" if notify is None else kind in notify.upper().split(",")

    def _notify(self, recipient: str) -> str | None:
        return param(self.rcpt_params.get(recipient, ()), "NOTIFY")

    def wants_relay_report(self, recipient: str, offers: Mapping[str, str]) -> bool:
        """Tell whether the sender hears that a recipient has been handed to the next hop.

        That is so where reports of success were asked for and the next hop sends none (RFC 3461
        section 5.2.2), where it does not know of the time that a late message is to be told of
        after, and for each hop of a message that is traced (RFC 2852 section 4.1.4).

        Parameters
        ----------
        recipient : str
        offers : mapping of str to str
            The extensions of the next hop.
        """
        if "DSN" not in offers and self.wants_report(recipient, "SUCCESS"):
            return True
        by = self._deliver_by(self.arrived_ns)
        if by is None or (self._notify(recipient) or "").upper() == "NEVER":
            return False
        return by.is_traced or (by.mode == "N" and "DELIVERBY" not in offers)
