"""One message on its way through one session, as the client keeps account of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mailsim.errors import LocalProtocolError
from mailsim.message import Content, Envelope
from mailsim.smtp.values import Chunk, Reply

__all__ = ["Delivery", "Transaction"]

_NOT_ASKED: Final = Reply(452, ("too many recipients for one transaction",), "4.5.3", is_ours=True)


class Transaction:
    """One message on its way through one session.

    Attributes
    ----------
    envelope : Envelope
    content : Content
    asked : Envelope
        What is asked for: the envelope, unless the server's LIMITS are narrower.
    replies : list of Reply
        One per recipient asked for so far, in order.
    final : Reply or None
        The reply to MAIL, DATA or the content that decided about all recipients left.
    finals : list of Reply
        In LMTP, the replies to the content so far: one per accepted recipient.
    """

    __slots__ = (
        "_places",
        "asked",
        "content",
        "envelope",
        "final",
        "finals",
        "n_accepted",
        "n_chunked",
        "replies",
    )

    def __init__(self, envelope: Envelope, content: Content) -> None:
        self.envelope = self.asked = envelope
        self._places: Sequence[int] | None = None  # in the envelope, of those asked for
        self.content = content
        self.replies: list[Reply] = []
        self.finals: list[Reply] = []
        self.n_accepted = 0
        self.n_chunked = 0
        self.final: Reply | None = None

    def ask_only(self, places: Sequence[int]) -> None:
        """Ask for the recipients at these places of the envelope only; the rest is left over."""
        if len(places) < len(self.envelope.recipients):
            self._places = places
            self.asked = _part_of(self.envelope, places)

    def take(self, reply: Reply) -> None:
        """Take the reply to a RCPT; after a refused MAIL its 503 tells nothing new."""
        if self.final is None:
            self.replies.append(reply)
            if reply.code < 400:
                self.n_accepted += 1

    def reply_to(self, index: int) -> Reply:
        """Return the reply that decided about the recipient at ``index``.

        Raises
        ------
        LocalProtocolError
            If the transaction is not over.
        """
        replies = self.replies
        if self._places is not None:
            if index not in self._places:
                if self.final is not None and not self._is_done_well():
                    return self.final
                return _NOT_ASKED
            index = self._places.index(index)
        if index < len(replies) and not replies[index].is_positive:
            return replies[index]
        if self.final is None:
            raise LocalProtocolError("the transaction is not over")
        if self.finals and index < len(replies):
            nth = sum(reply.is_positive for reply in replies[:index])
            if nth < len(self.finals):
                return self.finals[nth]
        return self.final

    def next_chunks(self, size_bytes: int, *, everything: bool) -> tuple[Chunk, ...]:
        """Return the chunks of at most ``size_bytes`` octets still to be sent, or the next.

        0 is the whole message in one chunk.
        """
        content = self.content
        if not size_bytes or content.size <= size_bytes:
            return (Chunk(content, is_last=True),)
        data = content.to_bytes()
        starts = range(self.n_chunked, len(data), size_bytes)
        pieces = [Content.from_bytes(data[start : start + size_bytes]) for start in starts]
        chunks = [Chunk(piece, i == len(pieces) - 1) for i, piece in enumerate(pieces)]
        sent = chunks if everything else chunks[:1]
        self.n_chunked += sum(chunk.content.size for chunk in sent)
        return tuple(sent)

    def _is_done_well(self) -> bool:
        """Tell whether the server has judged each recipient, and took the message for some."""
        if self.final is None or len(self.replies) < len(self.asked.recipients):
            return False
        return self.final.is_positive or not self.n_accepted

    def left_over(self) -> Envelope | None:
        """Return the envelope of the recipients that did not fit, to be sent at once; or None.

        A server that takes no more recipients says 452, or 552 as RFC 821 had it; what it took
        is delivered, and the rest goes in a further transaction (RFC 5321 section 4.5.3.1.10).
        So do those that were not asked for, because of the server's LIMITS.
        """
        places = self._left_over()
        return _part_of(self.envelope, places) if places else None

    def _left_over(self) -> list[int]:
        """Return the places of the recipients that did not fit."""
        n = len(self.envelope.recipients)
        if self.n_accepted == n:
            return []
        asked = self._places
        if not self.n_accepted and asked is None:
            return []
        if not self._is_done_well():
            return []
        places = range(n) if asked is None else asked
        rest = []
        if self.n_accepted:
            rest = [p for p, r in zip(places, self.replies, strict=True) if _is_too_many(r)]
        if asked is not None:
            rest = sorted([*rest, *(set(range(n)) - set(asked))])
        return rest


class Delivery:
    """A message on its way to one server, in as many transactions as it takes.

    As long as :attr:`rest` is not None a transaction is to be made with it, over the same
    session if that has room for it, and to be given to :meth:`take`.

    Parameters
    ----------
    envelope : Envelope
    content : Content

    Attributes
    ----------
    rest : Envelope or None
        Of the recipients not asked for yet, or that did not fit.
    replies : list of Reply
        One per recipient of the envelope, when ``rest`` is None.
    """

    __slots__ = ("_places", "content", "replies", "rest")

    def __init__(self, envelope: Envelope, content: Content) -> None:
        self.content = content
        self.rest: Envelope | None = envelope
        self.replies: list[Reply] = []
        self._places: Sequence[int] = ()

    def take(self, transaction: Transaction) -> None:
        """Take what a transaction with :attr:`rest` came to."""
        n = len(transaction.envelope.recipients)
        replies = [transaction.reply_to(i) for i in range(n)]
        if not self.replies:
            self.replies = replies
            self._places = range(n)
        else:
            for place, reply in zip(self._places, replies, strict=True):
                self.replies[place] = reply
        left = transaction._left_over()
        if left:
            self._places = [self._places[i] for i in left]
            self.rest = _part_of(transaction.envelope, left)
        else:
            self.rest = None


def _is_too_many(reply: Reply) -> bool:
    return reply.code == 552 or (reply.code == 452 and reply.enhanced in ("", "4.5.3"))


def _part_of(envelope: Envelope, places: Sequence[int]) -> Envelope:
    extra = [envelope.of_recipient(i) for i in places] if envelope.rcpt_params else ()
    recipients = tuple([envelope.recipients[i] for i in places])
    return envelope._replace(recipients=recipients, rcpt_params=tuple(extra))
