"""Where an attempt to deliver must not go on as usual."""

from __future__ import annotations

from mailsim.mta.attempt import Attempt
from mailsim.mta.nowhere import said_nowhere
from mailsim.mta.queued import Told
from mailsim.sim.conversation import Conversation
from mailsim.sim.world import World
from mailsim.smtp import Delivery

__all__ = ["NO_FALLBACK", "ends_nowhere", "is_late", "needs_seven_bit"]

NO_FALLBACK = ("5.1.10", "5.4.6")
"""No mail is wanted there (RFC 7505 section 4.1), and loops, which a fallback relay makes worse."""


def ends_nowhere(world: World, host: str, attempt: Attempt[Conversation]) -> bool:
    """End an attempt whose destination leads nowhere; tell whether it does.

    Who is discarded there has it delivered, for all that the sender hears (discard(8), ``sent.c``).
    """
    said = said_nowhere(attempt.entry.destination)
    if said is None:
        return False
    now, message = world.env.now, attempt.entry.message
    attempt.end(said, now)
    if said.code < 400:
        content = message.content
        for to in attempt.entry.recipients:
            hops = len(content.trace)
            world.ledger.seal(content.number, to, "discarded", now, host, hops, str(said))
            if message.rcpt_params:
                message.tell(Told(to, "", said, "delivered"))
    return True


def is_late(attempt: Attempt[Conversation], now_ns: int) -> bool:
    """Tell whether the time of a message is over that is to be returned then (RFC 2852)."""
    message = attempt.entry.message
    return bool(message.params) and message.is_late(now_ns)


def needs_seven_bit(delivery: Delivery) -> bool:
    """Tell whether 8-bit content is all that keeps a server from it (RFC 6152 section 3)."""
    replies = delivery.replies
    return bool(replies) and replies[0].is_ours and replies[0].enhanced == "5.6.3"
