"""Mailing lists: an address for many, whose bounces it takes (RFC 5321 section 3.9.2)."""

from __future__ import annotations

from mailsim.message import domain_of, local_part_of

__all__ = ["MailingList"]


class MailingList:
    """A list at one host.

    Parameters
    ----------
    address : str
        Where one writes to it.
    members : tuple of str
    sender : str
        Whom bounces go to; unless said, ``NAME-bounces`` (Mailman), or with ``is_ezmlm``
        ``NAME-return-NUMBER`` (ezmlm), NUMBER counting the list's messages.
    delimiters : str
        Of variable envelope return paths; empty for one sender for all.
    is_ezmlm : bool
        Whether they are ezmlm's.
    """

    def __init__(
        self,
        address: str,
        members: tuple[str, ...],
        sender: str = "",
        delimiters: str = "",
        *,
        is_ezmlm: bool = False,
    ) -> None:
        self.address = address
        self.members = members
        self.delimiters = "-=" if is_ezmlm else delimiters
        self._is_ezmlm = is_ezmlm
        self._sender = sender
        self._n_messages = 0

    @property
    def bounce_patterns(self) -> tuple[str, ...]:
        """Shell patterns of the local parts that its bounces come back to, none if elsewhere."""
        name = local_part_of(self.address)
        if self._is_ezmlm:
            return (f"{name}-return-*",)
        sender = self._sender or f"{name}-bounces@{domain_of(self.address)}"
        if domain_of(sender) != domain_of(self.address):
            return ()
        local = local_part_of(sender)
        return (local, f"{local}{self.delimiters[0]}*") if self.delimiters else (local,)

    def next_sender(self) -> str:
        """Count a message; return its sender."""
        self._n_messages += 1
        if self._sender:
            return self._sender
        name, domain = local_part_of(self.address), domain_of(self.address)
        end = f"return-{self._n_messages}" if self._is_ezmlm else "bounces"
        return f"{name}-{end}@{domain}"
