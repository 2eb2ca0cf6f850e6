"""Variable envelope return paths: each recipient's bounces have an address of their own.

``list@origin`` becomes ``list+user=domain@origin`` for ``user@domain``, so that a bounce tells
whom it is about whatever it says.  It takes a transaction for each recipient.

Source: Postfix VERP_README and ``verp_sender.c``; D. J. Bernstein, "Variable Envelope Return
Paths" (1997), whose ezmlm has the number of the message in it: ``list-return-42-user=domain``.
"""

from __future__ import annotations

from mailsim.message import Content, Envelope, domain_of, local_part_of
from mailsim.mta.queued import QueuedMessage, Told

__all__ = ["VerpMessage", "verp_sender"]


def verp_sender(sender: str, recipient: str, delimiters: str) -> str:
    """Return the sender of a message to one recipient.

    Parameters
    ----------
    sender : str
        Of the message.
    recipient : str
    delimiters : str
        What comes before the recipient, and between its local part and its domain.

    Examples
    --------
    >>> verp_sender("news@example.org", "bob@example.net", "+=")
    'news+bob=example.net@example.org'
    """
    before, between = delimiters[0], delimiters[1]
    user, domain = local_part_of(recipient), recipient.rpartition("@")[2]
    return f"{local_part_of(sender)}{before}{user}{between}{domain}@{domain_of(sender)}"


class VerpMessage(QueuedMessage):
    """A message that each recipient gets in a transaction of its own, from a sender of its own.

    Parameters
    ----------
    queue_id, sender, recipients, content, arrived_ns
        As of :class:`~mailsim.mta.queued.QueuedMessage`.
    delimiters : str
        As of :func:`verp_sender`.
    """

    __slots__ = ("_delimiters",)

    def __init__(
        self,
        queue_id: str,
        sender: str,
        recipients: tuple[str, ...],
        content: Content,
        arrived_ns: int,
        delimiters: str,
    ) -> None:
        super().__init__(queue_id, sender, recipients, content, arrived_ns)
        self._delimiters = delimiters

    @property
    def is_single(self) -> bool:
        """Each recipient has a delivery of its own."""
        return True

    def envelope(self, recipients: tuple[str, ...], now_ns: int) -> Envelope:
        """Return the envelope for the next hop, of one recipient."""
        envelope = super().envelope(recipients, now_ns)
        return envelope._replace(sender=verp_sender(self.sender, recipients[0], self._delimiters))

    def by_sender(self, about: list[Told]) -> list[tuple[QueuedMessage, list[Told]]]:
        """Return a message for each recipient to report about, with its sender."""
        found: list[tuple[QueuedMessage, list[Told]]] = []
        for told in about:
            sender = verp_sender(self.sender, told.recipient, self._delimiters)
            message = QueuedMessage(
                self.queue_id, sender, (), self.content, self.arrived_ns, self.params,
                self.rcpt_params,
            )  # fmt: skip
            found.append((message, [told]))
        return found
