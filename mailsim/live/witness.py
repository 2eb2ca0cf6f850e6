"""What becomes of what a server hears and says: its lines, its verbs, and who was refused."""

from __future__ import annotations

from typing import Final

from mailsim.live.book import Book, SessionLines
from mailsim.smtp import Command, FromClient, Garbage, Reply
from mailsim.smtp.values import verb_of

__all__ = ["Witness"]

_FINAL: Final = frozenset({"CONTENT", "BDAT_LAST"})
_FORGETTING: Final = frozenset({"RSET", "EHLO", "HELO", "LHLO"})
_OUT_OF_ORDER: Final = 503


class Witness:
    """Follows one session.

    Parameters
    ----------
    book : Book
    host : str
        The server's.
    is_lmtp : bool

    Attributes
    ----------
    session : int
        Number of the session; 0 before it is open.
    message, mail_ns : int
        Number of the current or last message, and when its MAIL came.
    verbs : dict of str to int
        How often the client said what, in order of first use.
    last_421 : Reply or None
    """

    def __init__(self, book: Book, host: str, *, is_lmtp: bool) -> None:
        self._book = book
        self._host = host
        self._is_lmtp = is_lmtp
        self._lines: SessionLines | None = None
        self._value: FromClient | None = None
        self._verb = ""
        self._sender = ""
        self._accepted: list[str] = []
        self.session = self.message = self.mail_ns = 0
        self.verbs: dict[str, int] = {}
        self.last_421: Reply | None = None

    def open(self) -> None:
        """Give the session its number."""
        self.session = self._book.next_session()
        if self._book.log.with_events:
            self._lines = SessionLines(self._book, self.session)

    def note(self, text: str) -> None:
        """Note what happens below SMTP."""
        if self._lines is not None:
            self._lines.note(text)

    def follow(self, said: list[FromClient | Reply], heard_ns: int) -> int:
        """Note what has been said since the last time; return the time (ns).

        The client's values came when its last octets did, ``heard_ns``; the replies leave now.
        """
        now_ns, lines = self._book.now(), self._lines
        for i, one in enumerate(said):
            if isinstance(one, Reply):
                self._judge(one)
                if lines is not None:
                    lines.say(one, now_ns)
                    if self._verb in _FORGETTING and one.code < 400:
                        lines.message = 0
                continue
            is_next = self._verb in _FINAL
            verb = verb_of(one) or "?"
            self._value, self._verb = one, verb
            self.verbs[verb] = self.verbs.get(verb, 0) + 1
            if verb == "MAIL":
                following = said[i + 1] if i + 1 < len(said) else None
                is_begun = isinstance(following, Reply) and following.code < 400
                if is_begun:
                    self._begin(one, heard_ns)
            if lines is not None:
                if verb == "MAIL":
                    lines.message = self.message if is_begun else 0
                elif is_next and verb not in _FINAL:
                    lines.message = 0
                if type(one) is not Garbage or one.line:
                    lines.say(one, heard_ns)
        return now_ns

    def _begin(self, mail: FromClient, heard_ns: int) -> None:
        assert isinstance(mail, Command)
        self.mail_ns = heard_ns
        self.message = self._book.next_message()
        self._sender = mail.arg
        self._accepted = []

    def _judge(self, reply: Reply) -> None:
        """Note who is refused for good, at RCPT or with the whole message."""
        code, verb = reply.code, self._verb
        if code == 421:
            self.last_421 = reply
        elif verb == "RCPT" and isinstance(self._value, Command):
            if code < 400:
                self._accepted.append(self._value.arg)
            elif code >= 500 and code != _OUT_OF_ORDER:
                self._refuse([self._value.arg], reply)
        elif verb in _FINAL:
            ended = self._accepted[:1] if self._is_lmtp else self._accepted
            self._accepted = self._accepted[len(ended) :]
            if code >= 500 and code != _OUT_OF_ORDER:
                self._refuse(ended, reply)

    def _refuse(self, recipients: list[str], reply: Reply) -> None:
        outcomes = [(recipient, "refused", reply) for recipient in recipients]
        self._book.delivery(self.message, self._sender, outcomes, 0, self.mail_ns, self._host, 0)
