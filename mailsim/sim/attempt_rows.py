"""What the table ``attempts`` keeps of a delivery: a row for each recipient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mailsim.mta.attempt import Outcome
from mailsim.mta.queue import Entry
from mailsim.record.log import Log
from mailsim.sim.conversation import Conversation

__all__ = ["write_attempts"]


def write_attempts(
    log: Log,
    host: str,
    entry: Entry,
    outcomes: Sequence[Outcome[Conversation]],
    handed_ns: int,
    fates: Mapping[str, str],
) -> None:
    """Write the rows of a delivery that is over.

    Parameters
    ----------
    log : Log
    host : str
        Who delivered.
    entry : Entry
    outcomes : sequence of Outcome
        One per recipient, in order.
    handed_ns : int
        When an agent took the entry.
    fates : mapping of str to str
        Of the recipients given up in it: ``bounced`` or ``expired``.
    """
    message = entry.message
    number = message.content.number
    append = log.attempts.append
    for recipient, (reply, via, at_ns) in zip(entry.recipients, outcomes, strict=True):
        relay, session, n_use, mail_ns = "none", None, 0, at_ns
        code = None if reply.is_ours else reply.code
        if via is not None:
            relay, session, n_use = via.relay_name, via.session or None, via.n_sent
            if via.mail_ns >= 0:
                mail_ns = via.mail_ns
            elif code is not None and via.client.failure is not None:
                code = via.client.failure.code  # what the server said, not what it amounts to
        status = "sent" if reply.code < 400 else fates.get(recipient, "deferred")
        append(
            (
                number,
                recipient,
                host,
                entry.destination,
                relay,
                session,
                n_use,
                at_ns,
                at_ns - message.arrived_ns,
                entry.active_ns - message.arrived_ns,
                handed_ns - entry.active_ns,
                mail_ns - handed_ns,
                at_ns - mail_ns,
                status,
                code,
                reply.enhanced,
                reply.text,
            )
        )
