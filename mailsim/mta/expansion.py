"""What becomes of a message's recipients at a host: aliases, forwarding, lists.

An alias keeps the sender, a list replaces it (RFC 5321 section 3.9).  Source of the rest: Postfix
virtual(5), aliases(5), ``cleanup_out_recipient.c``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mailsim.message import Envelope, Params, domain_of, local_part_of
from mailsim.mta.lists import MailingList
from mailsim.mta.mailbox import Mailboxes, user_of
from mailsim.mta.srs import Srs

__all__ = ["Copy", "Expanded", "Expansion"]

_OF_THE_SENDER = ("RET", "ENVID", "BY", "XVERP")
"""Parameters that mean the sender, whom a list replaces (RFC 3461 section 5.2.7.3)."""


class Copy(NamedTuple):
    """A message to make of the one that came: some recipients, with one sender.

    Attributes
    ----------
    envelope : Envelope
    delimiters : str
        Of variable envelope return paths; empty for none.
    """

    envelope: Envelope
    delimiters: str


class Expanded(NamedTuple):
    """An address that leads to others.

    Attributes
    ----------
    recipient : str
        As in the envelope.
    members : tuple of (str, str)
        Whom it leads to, each with the sender that its copy has; without those who get one
        already.  Empty where nobody is left, or nobody is known.
    is_known : bool
        False for an address of ours whose time is over: nobody can have it.
    is_list : bool
        Whether it is a list: to its sender the message is delivered then, for what the list sends
        is another one (RFC 3461 section 5.2.7.3).
    """

    recipient: str
    members: tuple[tuple[str, str], ...]
    is_known: bool = True
    is_list: bool = False


class _From(NamedTuple):
    """Who sends a copy instead of the sender."""

    sender: str
    delimiters: str


class Expansion:
    """The aliases, lists and rewritten senders of one host.

    Parameters
    ----------
    mailboxes : Mailboxes
        Whose mail ends here.
    virtual : mapping of str to sequence of str
        Postfix ``virtual_alias_maps``: by address, local part, or ``@domain``.
    aliases : mapping of str to sequence of str
        Postfix ``alias_maps``: by local part.  With an alias ``owner-NAME``, that is the sender.
    lists : sequence of MailingList
    srs : Srs or None
        Rewrites the sender of what is forwarded.
    by_original : bool
        Postfix ``enable_original_recipient``: a mailbox here that several recipients lead to gets
        a copy for each of these.
    delimiter : str
        Postfix ``recipient_delimiter``: an address with an extension is looked up as it is, then
        without, and hands the extension on to whom a virtual alias leads to
        (``propagate_unmatched_extensions``).
    """

    def __init__(
        self,
        mailboxes: Mailboxes,
        virtual: Mapping[str, Sequence[str]],
        aliases: Mapping[str, Sequence[str]],
        lists: Sequence[MailingList] = (),
        srs: Srs | None = None,
        *,
        by_original: bool = True,
        delimiter: str = "",
    ) -> None:
        self._mailboxes = mailboxes
        self._virtual = {key.lower(): tuple(to) for key, to in virtual.items()}
        self._aliases = {key.lower(): tuple(to) for key, to in aliases.items()}
        self._lists = {one.address.lower(): one for one in lists}
        self._srs = srs
        self._by_original = by_original
        self._delimiter = delimiter

    def knows(self, recipient: str) -> bool | None:
        """Tell whether an address exists beside the mailboxes; None if that is theirs to say."""
        if self._srs is not None and self._srs.is_srs(recipient):
            return self._srs.reverse(recipient) is not None
        is_list = recipient.lower() in self._lists
        return True if is_list or self.lookup(recipient) is not None else None

    def lookup(self, address: str) -> tuple[str, ...] | None:
        """Return whom an alias leads to directly; None if an address is none."""
        domain, is_local = domain_of(address), self._mailboxes.is_local(address)
        local = local_part_of(address)
        name, user = local.lower(), user_of(local, self._delimiter)
        extension, short = local[len(user) :], user.lower()
        keys = [(address.lower(), "")]
        if extension:
            keys.append((f"{short}@{domain}", extension))
        if is_local:
            keys += [(name, ""), (short, extension)]
        for key, unmatched in [*keys, (f"@{domain}", "")]:
            found = self._virtual.get(key)
            if found is not None:
                return tuple([self._full(one, address, unmatched) for one in found])
        found = self._aliases.get(name, self._aliases.get(short)) if is_local else None
        return None if found is None else tuple([self._full(one, address, "") for one in found])

    def _full(self, target: str, address: str, extension: str) -> str:
        if target.startswith("@"):  # the same name in another domain
            return f"{local_part_of(address)}{target}"
        domain = domain_of(address) or next(iter(sorted(self._mailboxes.domains)), "")
        local, _, at = (target if "@" in target else f"{target}@{domain}").rpartition("@")
        return f"{local}{extension}@{at}"

    def expand(self, envelope: Envelope, unix_s: int) -> tuple[list[Copy], list[Expanded]]:
        """Return the messages to make of one, and which recipients are others' addresses.

        An address that comes up again gets one copy from each sender.

        Parameters
        ----------
        envelope : Envelope
        unix_s : int
            Now, in seconds since 1970 UTC.
        """
        copies: dict[_From, list[tuple[str, Params]]] = {}
        expanded: list[Expanded] = []
        seen: set[tuple[str, str, _From]] = set()
        own = _From(envelope.sender, "")
        rewritten = own
        if self._is_to_rewrite(envelope.sender):
            assert self._srs is not None
            rewritten = _From(self._srs.forward(envelope.sender, unix_s), "")
        for i, recipient in enumerate(envelope.recipients):
            params = envelope.of_recipient(i)
            found = self._targets(recipient, unix_s)
            if found is None:
                expanded.append(Expanded(recipient, (), is_known=False))
                continue
            members = []
            for address, via in found:
                is_new, is_local = address != recipient, self._mailboxes.is_local(address)
                chosen = via or (own if is_local or not is_new else rewritten)
                # The next host would merge them anyway: it does not know of our recipients.
                original = recipient.lower() if self._by_original and is_local else ""
                mark = (original, address.lower(), chosen)
                if mark in seen:
                    continue
                seen.add(mark)
                asked = params if not is_new else (_passed_on(params) if via is None else ())
                copies.setdefault(chosen, []).append((address, asked))
                members.append((address, chosen.sender))
            if [address for address, _ in found] != [recipient]:
                is_list = recipient.lower() in self._lists
                expanded.append(Expanded(recipient, tuple(members), is_list=is_list))
        made = [
            Copy(
                _envelope(envelope, chosen.sender, pairs, chosen in (own, rewritten)),
                chosen.delimiters,
            )
            for chosen, pairs in copies.items()
        ]
        return made, expanded

    def _is_to_rewrite(self, sender: str) -> bool:
        """Tell whether a forwarded message must not keep its sender: SPF would fail."""
        if self._srs is None or not sender or self._mailboxes.is_local(sender):
            return False
        return domain_of(sender) != self._srs.domain

    def _targets(self, recipient: str, unix_s: int) -> list[tuple[str, _From | None]] | None:
        """Return whom a recipient leads to in the end; None if it is nobody's address any more."""
        if self._srs is not None and self._srs.is_srs(recipient):
            original = self._srs.reverse(recipient)
            if original is None or not self._srs.is_fresh(recipient, unix_s):
                return None
            return [(original, None)]
        found: list[tuple[str, _From | None]] = []
        self._follow(recipient, None, (), found)
        return found

    def _follow(
        self,
        address: str,
        via: _From | None,
        way: tuple[str, ...],
        found: list[tuple[str, _From | None]],
    ) -> None:
        """Follow an address to those it leads to; one that it has come by is final."""
        key = address.lower()
        members = None
        if key not in way:
            one = self._lists.get(key)
            if one is not None:
                via, members = _From(one.next_sender(), one.delimiters), one.members
            else:
                members = self.lookup(address)
                owner = f"owner-{user_of(local_part_of(key), self._delimiter)}"
                if members is not None and owner in self._aliases:
                    via = _From(f"{owner}@{domain_of(address)}", "")
        if members is None:
            found.append((address, via))
            return
        for member in members:
            self._follow(member, via, (*way, key), found)


def _passed_on(params: Params) -> Params:
    """Return what an alias passes on: success is told here, as expansion (RFC 3461 5.2.7.2)."""
    kept: list[tuple[str, str | None]] = []
    for name, value in params:
        if name == "NOTIFY" and value:
            rest = [word for word in value.upper().split(",") if word != "SUCCESS"]
            value = ",".join(rest) or "NEVER"
        kept.append((name, value))
    return tuple(kept)


def _envelope(
    envelope: Envelope, sender: str, pairs: list[tuple[str, Params]], is_senders: bool
) -> Envelope:
    recipients = tuple([address for address, _ in pairs])
    params = tuple([asked for _, asked in pairs])
    of_message = envelope.params
    if not is_senders:
        of_message = tuple([one for one in of_message if one[0] not in _OF_THE_SENDER])
    return Envelope(sender, recipients, of_message, params if any(params) else ())
