"""What a receiving server decides at each stage of a session, short of storing the message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from mailsim.mta.mailbox import Mailboxes
from mailsim.mta.policies import Policy, Seen
from mailsim.mta.policies.relay_control import RelayControl
from mailsim.smtp import Claim, Command, FromClient, Reply, ServerSession
from mailsim.smtp.sasl import is_right

__all__ = ["Reception"]

_AUTH_OK = Reply(235, ("Authentication successful",), "2.7.0")
_AUTH_BAD = Reply(535, ("Error: authentication failed",), "5.7.8")
_STAGES = {"GREETING": "on_connect", "MAIL": "on_mail", "RCPT": "on_rcpt", "DATA": "on_data"}

Verdict = Callable[[Seen, int], Reply | None]


class Reception:
    """The policies, users and mailboxes of one host, asked in Postfix's order.

    Parameters
    ----------
    mailboxes : Mailboxes
    users : mapping of str to str
        Password by user name, for AUTH.
    policies : iterable of Policy
        In the order they are asked; the first verdict wins.  A ``relay_control`` is put in
        front if there is none.

    Attributes
    ----------
    asked : frozenset of str
        Verbs at which somebody here has a say: what a server session must pause for.
    shared : frozenset of str
        Those at which the verdict depends on other sessions.
    """

    def __init__(
        self, mailboxes: Mailboxes, users: Mapping[str, str], policies: Iterable[Policy] = ()
    ) -> None:
        self._mailboxes = mailboxes
        self._users = dict(users)
        members = list(policies)
        relays = [member for member in members if isinstance(member, RelayControl)]
        if not relays:
            relays = [RelayControl()]
            members.insert(0, relays[0])
        self._relay_control = relays[0]
        self._verdicts: dict[str, list[Verdict]] = {}
        shared = set()
        for verb, method in _STAGES.items():
            deciding = [
                m for m in members if getattr(type(m), method) is not getattr(Policy, method)
            ]
            self._verdicts[verb] = [getattr(member, method) for member in deciding]
            if any(member.is_shared for member in deciding):
                shared.add(verb)
        self.shared = frozenset(shared)
        stages = {verb for verb in ("MAIL", "DATA") if self.has_say(verb)}
        self.asked = frozenset(
            {"RCPT", "CONTENT", "BDAT_LAST", "AUTH", "AUTH_RESPONSE", "VRFY", *stages}
        )

    def has_say(self, verb: str) -> bool:
        """Tell whether a policy decides at a verb, or at the GREETING."""
        return bool(self._verdicts[verb])

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
        assert type(value) is Command
        if verb == "VRFY":
            seen = Seen(client, address, session.helo, session.user, "", value.arg, False)
            return self._verify(seen, now_ns)
        sender, recipient, is_local = session.sender, "", False
        if verb == "MAIL":
            sender = value.arg
        elif verb == "RCPT":
            recipient = value.arg
            is_local = self._mailboxes.is_local(recipient)
            if is_local and not self._mailboxes.exists(recipient):
                text = f"<{recipient}>: Recipient address rejected: User unknown"
                return Reply(550, (text,), "5.1.1")
        refusal = self.refuse(
            verb,
            Seen(client, address, session.helo, session.user, sender, recipient, is_local),
            now_ns,
        )
        return refusal or session.default_reply()

    def _judge(self, claim: Claim | None) -> Reply:
        """Return the reply to who a client says it is."""
        password = self._users.get(claim.user) if claim is not None else None
        if claim is None or password is None or not is_right(claim, password):
            return _AUTH_BAD
        return _AUTH_OK

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
            text = f"<{address}>: Recipient address rejected: User unknown"
            return Reply(550, (text,), "5.1.1")
        return Reply(252, (address,), "2.0.0")

    def refuse(self, verb: str, seen: Seen, now_ns: int) -> Reply | None:
        """Return the first refusal of the policies at a stage, or None if all let it pass."""
        for verdict in self._verdicts[verb]:
            refusal = verdict(seen, now_ns)
            if refusal is not None:
                return refusal
        return None
