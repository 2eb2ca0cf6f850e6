"""One message on its way through one session, as the client keeps account of it."""

from __future__ import annotations

from mailsim.errors import LocalProtocolError
from mailsim.message import Content, Envelope
from mailsim.smtp.values import Chunk, Reply

__all__ = ["Transaction"]


class Transaction:
    """One message on its way through one session.

    Attributes
    ----------
    envelope : Envelope
    content : Content
    replies : list of Reply
        One per recipient asked for so far, in order.
    final : Reply or None
        The reply to MAIL, DATA or the content that decided about all recipients left.
    finals : list of Reply
        In LMTP, the replies to the content so far: one per accepted recipient.
    """

    __slots__ = ("content", "envelope", "final", "finals", "n_accepted", "n_chunked", "replies")

    def __init__(self, envelope: Envelope, content: Content) -> None:
        self.envelope = envelope
        self.content = content
        self.replies: list[Reply] = []
        self.finals: list[Reply] = []
        self.n_accepted = 0
        self.n_chunked = 0
        self.final: Reply | None = None

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

    def left_over(self) -> Envelope | None:
        """Return the envelope of the recipients that did not fit, to be sent at once; or None.

        A server that takes no more recipients says 452, or 552 as RFC 821 had it; what it took
        is delivered, and the rest goes in a further transaction (RFC 5321 section 4.5.3.1.10).
        """
        if not self.n_accepted or self.final is None or not self.final.is_positive:
            return None
        envelope = self.envelope
        rest = [
            i
            for i, reply in enumerate(self.replies)
            if reply.code == 552 or (reply.code == 452 and reply.enhanced in ("", "4.5.3"))
        ]
        if not rest:
            return None
        return envelope._replace(
            recipients=tuple([envelope.recipients[i] for i in rest]),
            rcpt_params=tuple([envelope.of_recipient(i) for i in rest])
            if envelope.rcpt_params
            else (),
        )
