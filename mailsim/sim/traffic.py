"""Traffic: who writes to whom, how much, and through which client host."""

from __future__ import annotations

import bisect
from collections.abc import Generator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from simpy import Event

from mailsim.message import Envelope, Head, Params, new_content, param
from mailsim.sim.client import ClientHost, Outgoing
from mailsim.sim.distributions import LARGEST_SIZE, Sampler
from mailsim.sim.people import PEOPLE, no_such_user, user
from mailsim.sim.workloads import Workload
from mailsim.sim.workloads.closed import Closed
from mailsim.sim.world import World

__all__ = ["Traffic"]

_EIGHT_BIT = (
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n"
)
_FLUSH = 10_000
_DRAWS = 1000
"""Draws that a further recipient of a message may take."""
_EIGHT_BIT_LINE = "Grüße: one line of a text beyond ASCII, which nobody wrote.\r\n".encode()


def _eight_bit_text(size: int) -> bytes:
    """Return about ``size`` octets of text that is not ASCII: whole lines, at least one."""
    return _EIGHT_BIT_LINE * max(size // len(_EIGHT_BIT_LINE), 1)


class Traffic:
    """One stream of messages.

    Parameters
    ----------
    world : World
    name : str
    workload : Workload
        Says when a message falls due.
    sender : str
        An address; or a domain, of which somebody writes each time.
    recipients : mapping of str to float
        Share by recipient domain, or one address with share 1.
    size : Sampler
        Draws the size of a message, header included.
    clients : sequence of ClientHost
        One of them is chosen for each message.
    invalid : float
        Share of recipients that do not exist.
    per_message : int
        Recipients of each message.
    n_recipients : int, optional
        After how many the traffic ends: the last message gets what is left of them.
    params, rcpt_params : Params
        What each message asks of every hop at MAIL and at RCPT.
    """

    def __init__(
        self,
        world: World,
        name: str,
        workload: Workload,
        sender: str,
        recipients: Mapping[str, float],
        size: Sampler,
        clients: Sequence[ClientHost],
        *,
        invalid: float = 0.0,
        per_message: int = 1,
        n_recipients: int | None = None,
        params: Params = (),
        rcpt_params: Params = (),
    ) -> None:
        self._world = world
        self._name = name
        self._workload = workload
        self._sender = sender
        self._targets = list(recipients)
        total = sum(recipients.values())
        self._shares = list(accumulate(share / total for share in recipients.values()))
        self._size = size
        self._clients = clients
        self._invalid = invalid
        self._per_message = per_message
        self._left = n_recipients
        self._params = params
        self._rcpt_params = rcpt_params
        self._is_eight_bit = (param(params, "BODY") or "").upper() == "8BITMIME"
        streams = world.streams
        self._arrivals = streams[f"traffic/{name}/arrivals"]
        self._who = streams[f"traffic/{name}/who"]
        self._sizes = streams[f"traffic/{name}/sizes"]
        self._n_recipients = 0

    def run(self) -> Generator[Event, Any, None]:
        """Submit each message when it falls due: the process of this traffic."""
        world = self._world
        if isinstance(self._workload, Closed):
            for _ in range(self._workload.people):
                world.env.process(self._person(self._workload))
            return
        number = world.next_number()
        for i, due_ns in enumerate(self._workload.due(self._arrivals)):
            if due_ns > world.env.now:  # of a burst only the first has to wait
                yield world.at(due_ns, number)
            client, message = self._message(due_ns)
            client.submit(message, self._name, is_bulk=self._workload.is_bulk)
            if i % _FLUSH == _FLUSH - 1:  # a burst is one moment: nobody else writes rows out in it
                world.log.flush()

    def _person(self, workload: Closed) -> Generator[Event, Any, None]:
        """Write one message after the other: the process of one who pauses after each."""
        world = self._world
        number = world.next_number()
        while True:
            yield world.at(world.env.now + workload.pause_ns(self._arrivals), number)
            client, message = self._message(world.env.now)
            over = client.over(message)
            client.submit(message, self._name, is_bulk=False)
            yield over

    def _message(self, due_ns: int) -> tuple[ClientHost, Outgoing]:
        world, who = self._world, self._who
        clients = self._clients
        client = clients[who.below(len(clients))] if len(clients) > 1 else clients[0]
        sender = self._sender
        if "@" not in sender:
            sender = f"{user(who.below(PEOPLE) + 1)}@{sender}"
        n = self._per_message
        if self._left is not None:
            n = min(n, self._left)
            self._left -= n
        recipients = self._recipients(n)
        head = Head(
            world.ledger.next_number(),
            client.name,
            sender,
            recipients[0],
            self._name,
            world.unix_s(due_ns),
            _EIGHT_BIT if self._is_eight_bit else "",
        )
        size = min(self._size(self._sizes), LARGEST_SIZE)
        n = max(size - head.size - 2, 2)
        body = _eight_bit_text(n) if self._is_eight_bit else n
        extra = (self._rcpt_params,) * len(recipients) if self._rcpt_params else ()
        envelope = Envelope(sender, recipients, self._params, extra)
        return client, Outgoing(envelope, new_content(head, body), due_ns)

    def _recipients(self, n: int) -> tuple[str, ...]:
        """Draw ``n`` recipients of one message, all different: who comes up again is redrawn."""
        chosen = {self._recipient(): None}
        for _ in range(_DRAWS * (n - 1)):  # an end, for those whose share is next to nothing
            if len(chosen) == n:
                break
            chosen[self._recipient()] = None
        return tuple(chosen)

    def _recipient(self) -> str:
        who = self._who
        self._n_recipients += 1
        target = self._targets[0]
        if len(self._targets) > 1:
            i = bisect.bisect_right(self._shares, who.uniform())
            target = self._targets[min(i, len(self._targets) - 1)]
        if "@" in target:
            return target
        if self._invalid and who.uniform() < self._invalid:
            return f"{no_such_user(self._n_recipients)}@{target}"
        if self._workload.is_bulk:  # a list names everybody once
            return f"{user(self._n_recipients)}@{target}"
        return f"{user(who.below(PEOPLE) + 1)}@{target}"
