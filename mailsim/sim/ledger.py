"""Who is responsible for each recipient: the book of the run, and its law of conservation.

Every recipient is opened once and sealed once: delivered, bounced, expired or refused.  At the
end each one still open must be in somebody's queue, else mail was lost and the run has failed.

Where a connection breaks before a client hears that its message was taken, the client sends it
again (RFC 5321 section 6.1): the book allows one more fate for each such doubt, and counts it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mailsim.errors import RunError
from mailsim.message import domain_of
from mailsim.record.tables import FATES
from mailsim.sim.tracked import Tracked, UnderWay

if TYPE_CHECKING:
    from mailsim.record.log import Log

__all__ = ["Ledger"]


_FLUSH = 10_000


class Ledger:
    """The recipients of a run.

    Parameters
    ----------
    log : Log
        Gets a row of ``deliveries`` when a recipient's fate is sealed.
    """

    def __init__(self, log: Log) -> None:
        self._append = log.deliveries.append
        self._flush = log.flush
        self._append_duplicate = log.duplicates.append
        self._senders: dict[tuple[int, str], str] = {}
        self._doubts: Counter[tuple[int, str]] = Counter()
        self._open = UnderWay()
        self._n_messages = 0
        self.n_opened = 0
        self.counts = dict.fromkeys(FATES, 0)
        self.n_duplicates = 0
        self._breaches: list[str] = []

    @property
    def n_finished(self) -> int:
        """Recipients whose fate is sealed."""
        return sum(self.counts.values())

    def next_number(self) -> int:
        """Return the number of a new message."""
        self._n_messages += 1
        return self._n_messages

    def open(
        self,
        number: int,
        sender: str,
        recipients: tuple[str, ...],
        traffic: str,
        size_bytes: int,
        now_ns: int,
        host: str,
    ) -> None:
        """Enter a new message and its recipients: from now on ``host`` is responsible.

        Parameters
        ----------
        number : int
            Number of the message.
        sender : str
        recipients : tuple of str
        traffic : str
            Name of the traffic it belongs to.
        size_bytes : int
            Of the content.
        now_ns : int
        host : str
        """
        tracked = Tracked(sender, recipients, traffic, size_bytes, now_ns, host)
        self._open.put(number, tracked)
        self.n_opened += 1 if len(recipients) == 1 else len(tracked.open())

    def taken(self, number: int, host: str, now_ns: int) -> None:
        """Say that ``host`` took a message over.

        Parameters
        ----------
        number : int
            Number of the message.
        host : str
        now_ns : int
        """
        tracked = self._open.get(number)
        if tracked is not None:
            tracked.host = host
            if tracked.taken_ns < 0:
                tracked.taken_ns = now_ns

    def attempted(self, number: int, recipient: str) -> None:
        """Count a delivery attempt by a server."""
        tracked = self._open.get(number)
        if tracked is not None and tracked.has(recipient):
            tracked.attempted(recipient)

    def doubt(self, number: int, recipients: Iterable[str]) -> None:
        """Say that a client has yet to hear that a server took its message: it may send it again.

        Parameters
        ----------
        number : int
            Number of the message.
        recipients : iterable of str
            For whom the server took it.
        """
        for recipient in recipients:
            self._doubts[number, recipient] += 1

    def resolve(self, number: int, recipients: Iterable[str]) -> None:
        """Say that the client has heard it."""
        for recipient in recipients:
            self._spend_doubt(number, recipient)

    def expand(
        self,
        number: int,
        recipient: str,
        members: Iterable[tuple[str, str]],
        now_ns: int,
        host: str,
        hops: int,
        reply: str,
    ) -> None:
        """Put others in the place of a recipient, who ends as ``expanded`` unless among them.

        To whom the message is on its way already, it may come once more.

        Parameters
        ----------
        number : int
            Number of the message.
        recipient : str
            An alias, or a list.
        members : iterable of (str, str)
            Who gets the message instead, and from which sender.
        now_ns : int
        host : str
            Where that was found.
        hops : int
            Servers that had taken it over.
        reply : str
            What to say of it.
        """
        tracked = self._open.get(number)
        is_first = tracked is not None and tracked.has(recipient)
        is_kept = False
        for member, sender in members:
            if member == recipient and not is_kept:
                is_kept = True
            elif tracked is None or not is_first or tracked.has(member):
                self._doubts[number, member] += 1
            else:
                tracked.add(member)
                self.n_opened += 1
                if sender != tracked.sender:
                    self._senders[number, member] = sender
        if not is_kept:
            self.seal(number, recipient, "expanded", now_ns, host, hops, reply)

    def _spend_doubt(self, number: int, recipient: str) -> bool:
        """Take one doubt away; tell whether there was one."""
        n = self._doubts.pop((number, recipient), 0)
        if n > 1:
            self._doubts[number, recipient] = n - 1
        return n > 0

    def seal(
        self, number: int, recipient: str, fate: str, now_ns: int, host: str, hops: int, reply: str
    ) -> None:
        """Write down the fate of a recipient; a second one, unless in doubt, is a breach.

        Parameters
        ----------
        number : int
            Number of the message.
        recipient : str
        fate : str
            One of :data:`FATES`, but ``queued``.
        now_ns : int
        host : str
            Where it was sealed.
        hops : int
            Servers that had taken it over.
        reply : str
            The reply that did it.
        """
        tracked = self._open.get(number)
        attempts = tracked.take(recipient) if tracked is not None else -1
        if tracked is None or attempts < 0:
            if self._spend_doubt(number, recipient):
                self.n_duplicates += 1
                self._append_duplicate((now_ns, number, recipient, host, fate, hops))
            else:
                self._breaches.append(f"{recipient} of message {number}: {fate} a second time")
            return
        if not tracked.left:
            self._open.remove(number)
        self.counts[fate] += 1
        self._row(tracked, number, recipient, fate, now_ns, attempts, host, hops, reply)

    def _row(
        self,
        tracked: Tracked,
        number: int,
        recipient: str,
        fate: str,
        ended_ns: int | None,
        attempts: int,
        host: str,
        hops: int,
        reply: str,
    ) -> None:
        submitted = tracked.submitted_ns
        self._append(
            (
                number,
                recipient,
                self._senders.pop((number, recipient), tracked.sender)
                if self._senders
                else tracked.sender,
                tracked.traffic,
                domain_of(recipient),
                tracked.size,
                submitted,
                None if tracked.taken_ns < 0 else tracked.taken_ns,
                ended_ns,
                None if ended_ns is None else ended_ns - submitted,
                fate,
                attempts,
                hops,
                host,
                reply,
            )
        )

    def close(self, held: Iterable[tuple[int, str, int, str]]) -> None:
        """Enter what is still queued, and check that nothing was lost or doubled.

        Parameters
        ----------
        held : iterable of (int, str, int, str)
            Message, recipient, hops so far and host, of all in somebody's queue or hands.

        Raises
        ------
        RunError
            If submitted = delivered + bounced + expired + refused + queued does not hold for
            some recipient; names it.
        """
        several: dict[tuple[int, str], tuple[int, str]] = {}
        for number, recipient, hops, host in held:
            tracked = self._open.get(number)
            if tracked is None or not tracked.has(recipient):
                continue
            if isinstance(tracked.left, dict):
                if hops > several.get((number, recipient), (-1, ""))[0]:
                    several[number, recipient] = hops, host
            elif hops > tracked.hops:
                tracked.hops, tracked.host = hops, host
        breaches = list(self._breaches)
        for number, tracked in self._open:
            for recipient, attempts in tracked.open().items():
                hops, host = tracked.hops, tracked.host
                if isinstance(tracked.left, dict):
                    hops, host = several.get((number, recipient), (-1, host))
                if hops < 0:
                    breaches.append(f"{recipient} of message {number}: lost at {host}")
                    continue
                self.counts["queued"] += 1
                self._row(tracked, number, recipient, "queued", None, attempts, host, hops, "")
                if self.counts["queued"] % _FLUSH == 0:
                    self._flush()
        if self.n_finished != self.n_opened and not breaches:
            breaches.append(f"{self.n_opened} submitted, {self.n_finished} accounted for")
        if breaches:
            shown = "\n".join(f"  {breach}" for breach in breaches[:20])
            more = f"\n  and {len(breaches) - 20} more" if len(breaches) > 20 else ""
            raise RunError(f"recipients are not conserved:\n{shown}{more}")
