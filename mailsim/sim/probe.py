"""Asking the next hop whether it would take a recipient (Postfix ADDRESS_VERIFICATION_README)."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simpy import Event

from mailsim.message import Envelope, Head, new_content
from mailsim.mta.nowhere import said_nowhere
from mailsim.smtp import Delivery, Reply

if TYPE_CHECKING:
    from mailsim.sim.mailhost import MailHost

__all__ = ["probe"]

_MOST_HOSTS = 5
_NOBODY = Reply(450, ("no host takes mail for it",), "4.4.1", is_ours=True)


def probe(host: MailHost, recipient: str, number: int) -> Generator[Event, Any, Reply]:
    """Return what the next hop of a recipient says to it.

    The first host that can be connected to says it; 4yz if there is none.  The sender is the
    ``double-bounce`` of the asking host (``address_verify_sender``).

    Parameters
    ----------
    host : MailHost
        Who asks.
    recipient : str
    number : int
        Number of the process that asks.
    """
    world, relay = host.world, host.relay
    hop = host.routing.next_hop(recipient)
    if (said := said_nowhere(hop)) is not None:
        return said
    destination = hop.rpartition(":")[2]
    found = yield from relay.resolve(destination, number)
    if isinstance(found, Reply):
        return found
    sender = f"double-bounce@{host.name}"
    content = new_content(Head(0, host.name, sender, recipient, "probe", 0), 2)
    for _, address in found[:_MOST_HOSTS]:
        target = world.mail_hosts.get(world.hosts_at.get(address, ""))
        service = target.services.get(25) if target is not None else None
        if service is None:
            continue
        conversation = relay.probing(service, number)
        yield from conversation.open(0, host.settings.smtp_connect_timeout)
        if conversation.client.failure is not None:
            yield world.at(max(conversation.t, world.env.now), number)
            continue
        delivery = Delivery(Envelope(sender, (recipient,)), content)
        yield from conversation.send(delivery)
        yield world.at(max(conversation.t, world.env.now), number)
        conversation.leave()
        return delivery.replies[0]
    return _NOBODY
