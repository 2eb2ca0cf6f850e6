"""What a receiving server decides at each stage of a session, short of storing the message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from inspect import isgeneratorfunction
from typing import Final

from mailsim.message import Content
from mailsim.mta.inquiry import Inquiry, Step, checked, failed
from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.policies import Policy, Seen
from mailsim.mta.policies.relay_control import RelayControl
from mailsim.smtp import Claim, Command, FromClient, Reply, ServerSession
from mailsim.smtp.sasl import is_right, shown

__all__ = ["Reception"]

_AUTH_OK: Final = Reply(235, ("Authentication successful",), "2.7.0")
_AUTH_BAD: Final = Reply(535, ("Error: authentication failed",), "5.7.8")
_QUEUED: Final = "QUEUED"
_STAGES: Final = {
    "GREETING": "on_connect",
    "EHLO": "on_helo",
    "HELO": "on_helo",
    "LHLO": "on_helo",
    "MAIL": "on_mail",
    "RCPT": "on_rcpt",
    "DATA": "on_data",
    "CONTENT": "on_message",
    "BDAT_LAST": "on_message",
    _QUEUED: "on_queued",
}
_NO_VERBS: Final = ("GREETING", _QUEUED)


class Reception:
    """The policies, users and mailboxes of one host, asked in Postfix's order.

    Parameters
    ----------
    mailboxes : Mailboxes
    users : mapping of str to str
        Password by user name, for AUTH.
    policies : iterable of Policy
        In the order they are asked; the first verdict wins.  A ``relay_control`` comes first;
        there is one even if none is given.
    places : sequence of str
        How an error names each of the policies; unless given, by its class.

    Attributes
    ----------
    asked : frozenset of str
        Verbs at which somebody here has a say: what a server session must pause for.
    shared : frozenset of str
        Those at which the verdict depends on other sessions, or may take time.
    is_shared : bool
        Whether a policy's verdict depends on other sessions.
    filters_queue : bool
        Whether policies judge messages that have been accepted.
    counts_mail : bool
        Whether policies want to know what is in mailboxes.
    asking : frozenset of str
        Those at which to :meth:`inquire`: a policy has questions of its own, or the message is
        judged.
    """

    def __init__(
        self,
        mailboxes: Mailboxes,
        users: Mapping[str, str],
        policies: Iterable[Policy] = (),
        places: Sequence[str] = (),
    ) -> None:
        self._mailboxes = mailboxes
        self._users = dict(users)
        members = list(policies)
        names = list(places) or [type(member).__name__ for member in members]
        relays = [member for member in members if isinstance(member, RelayControl)]
        if not relays:
            relays = [RelayControl()]
            members.append(relays[0])
            names.append("relay_control")
        self._relay_control = relays[0]
        pairs = sorted(
            zip(members, names, strict=True), key=lambda pair: not isinstance(pair[0], RelayControl)
        )
        self._steps: dict[str, list[Step]] = {}
        shared, asking = set(), set()
        for verb, method in _STAGES.items():
            deciding = [pair for pair in pairs if pair[0].decides_at(method)]
            self._steps[verb] = [Step(getattr(m, method), method, name) for m, name in deciding]
            asks = any(isgeneratorfunction(getattr(type(m), method)) for m, _ in deciding)
            if asks or (deciding and method == "on_message"):
                asking.add(verb)
            if verb in asking or any(m.is_shared for m, _ in deciding):
                shared.add(verb)
        self.is_shared = any(member.is_shared for member in members)
        self._hearing = [member for member in members if type(member).on_open is not Policy.on_open]
        self.filters_queue = bool(self._steps[_QUEUED])
        self.counts_mail = any(member.decides_at("meet") for member in members)
        for member in members:
            member.meet(mailboxes)
        self.shared = frozenset(shared)
        self.asking = frozenset(asking)
        stages = {verb for verb in _STAGES if self.has_say(verb) and verb not in _NO_VERBS}
        self.asked = frozenset(
            {"RCPT", "CONTENT", "BDAT_LAST", "AUTH", "AUTH_RESPONSE", "VRFY", *stages}
        )

    def has_say(self, verb: str) -> bool:
        """Tell whether a policy decides at a verb; at the GREETING, or hears of connections."""
        return bool(self._steps[verb] or (verb == "GREETING" and self._hearing))

    def opened(self, address: str, now_ns: int) -> None:
        """Let policies hear of a connection that begins."""
        for member in self._hearing:
            member.on_open(address, now_ns)

    def closed(self, address: str, now_ns: int) -> None:
        """Let policies hear of a connection that has ended."""
        for member in self._hearing:
            member.on_close(address, now_ns)

    def crashed(self, now_ns: int) -> None:
        """Let policies hear that the host has crashed."""
        for member in self._hearing:
            member.on_crash(now_ns)

    def decide(
        self, session: ServerSession, value: FromClient, client: str, address: str, now_ns: int
    ) -> Reply:
        """Return the reply to the command the session pauses at.

        Parameters
        ----------
        session : ServerSession
        value : FromClient
            The command.
        client, address : str
            Name and address of the connected host.
        now_ns : int
        """
        verb = session.awaited
        if verb in ("AUTH", "AUTH_RESPONSE"):
            return self._judge(session.claim)
        if verb == "VRFY":
            assert type(value) is Command
            seen = Seen(client, address, session.helo, session.user, "", value.arg, False)
            return self._verify(seen, now_ns)
        seen = self._seen(verb, session, value, client, address)
        if seen.is_local and not self._mailboxes.exists(seen.recipient):
            return _unknown(seen.recipient)
        refusal = self.refuse(verb, seen, now_ns)
        return refusal or session.default_reply()

    def inquire(
        self, session: ServerSession, value: FromClient, client: str, address: str
    ) -> Inquiry:
        """Return what leads to the verdict on the command the session pauses at.

        Parameters
        ----------
        session : ServerSession
        value : FromClient
            The command.
        client, address : str
            Name and address of the connected host.
        """
        verb = session.awaited
        seen = self._seen(verb, session, value, client, address)
        if seen.is_local and not self._mailboxes.exists(seen.recipient):
            inquiry = Inquiry((), seen)
            inquiry.verdict = _unknown(seen.recipient)
            return inquiry
        return Inquiry(self._steps[verb], seen)

    def inquire_queued(
        self, session: ServerSession, content: Content, client: str, address: str
    ) -> Inquiry:
        """Return what leads to the verdict on a message that is accepted just now."""
        mail = session.mail.params
        return Inquiry(
            self._steps[_QUEUED],
            Seen(
                client, address, session.helo, session.user, session.sender, "", False, mail,
                tuple(session.recipients), content,
            ),
        )  # fmt: skip

    def has_stored(self, recipients: Iterable[str], size_bytes: int) -> None:
        """Count a message that has been stored, where :attr:`counts_mail`."""
        for recipient in recipients:
            if self._mailboxes.is_local(recipient):
                self._mailboxes.store(recipient, size_bytes)

    def inquire_greeting(self, client: str, address: str) -> Inquiry:
        """Return what leads to the verdict on a client that has connected."""
        return Inquiry(
            self._steps["GREETING"], Seen(client, address, "", "", "", "", is_local=False)
        )

    def _seen(
        self, verb: str, session: ServerSession, value: FromClient, client: str, address: str
    ) -> Seen:
        """Return what there is to see at a stage."""
        helo, user, sender = session.helo, session.user, session.sender
        if verb == "RCPT":
            assert type(value) is Command
            to, mail = value.arg, session.mail
            is_local = self._mailboxes.is_local(to)
            n = len(session.recipients)
            return Seen(
                client, address, helo, user, sender, to, is_local, mail.params, n_recipients=n
            )
        if verb == "MAIL":
            assert type(value) is Command
            seen = Seen(client, address, helo, user, value.arg, "", False, value.params)
            return seen._replace(n_transactions=session.n_transactions)
        if verb in ("EHLO", "HELO", "LHLO"):
            assert type(value) is Command
            return Seen(client, address, value.arg, user, "", "", False)
        return Seen(
            client,
            address,
            helo,
            user,
            sender,
            "",
            False,
            session.mail.params,
            tuple(session.recipients),
            session.content,
        )

    def _judge(self, claim: Claim | None) -> Reply:
        """Return the reply to who a client says it is."""
        password = self._users.get(claim.user) if claim is not None else None
        if claim is None or password is None or not is_right(claim, password):
            return _AUTH_BAD
        return shown(claim, password) or _AUTH_OK

    def _verify(self, seen: Seen, now_ns: int) -> Reply:
        """Answer VRFY: 252 unless the address can have no mail here (section 3.5.3)."""
        words = seen.recipient.split()
        if words[-1].upper() == "SMTPUTF8":  # RFC 6531 section 3.7.4.2
            words.pop()
        address = " ".join(words).removeprefix("<").removesuffix(">")
        if not self._mailboxes.is_local(address):
            refusal = self._relay_control.on_rcpt(seen._replace(recipient=address), now_ns)
            if refusal is not None:
                return Reply(550, refusal.lines, refusal.enhanced)
            text = f"Cannot VRFY <{address}>, but will accept message and attempt delivery"
            return Reply(252, (text,), "2.0.0")
        if not self._mailboxes.exists(address):
            return _unknown(address)
        return Reply(252, (address,), "2.0.0")

    def refuse(self, verb: str, seen: Seen, now_ns: int) -> Reply | None:
        """Return the first refusal of the policies at a stage, or None if all let it pass.

        Raises
        ------
        RunError
            If a policy raises, or returns what is no verdict.
        """
        for step in self._steps[verb]:
            try:
                found = step.decide(seen, now_ns)
            except Exception as error:  # a class of the user's may raise anything
                raise failed(step, error, seen, now_ns) from error
            if found is not None:
                verdict = checked(step, found, seen, now_ns)
                return verdict if type(verdict) is Reply else None
        return None


def _unknown(recipient: str) -> Reply:
    text = f"<{recipient}>: Recipient address rejected: User unknown"
    return Reply(550, (text,), "5.1.1")
