"""What a client says with MAIL and RCPT: what its extensions make of the message."""

from __future__ import annotations

from collections.abc import Mapping

from mailsim.message import Envelope, Params
from mailsim.smtp.client_config import ClientConfig
from mailsim.smtp.transaction import Transaction
from mailsim.smtp.values import Command, Reply

__all__ = ["mail_params", "rcpt"]


def mail_params(
    config: ClientConfig, transaction: Transaction, offers: Mapping[str, str], *, is_tls: bool
) -> Params | Reply:
    """Return the parameters of MAIL; a reply if the message cannot go to this server."""
    params: list[tuple[str, str | None]] = []
    for extension in config.extensions:
        said = extension.say_mail(transaction.envelope, transaction.content, offers, is_tls=is_tls)
        if isinstance(said, Reply):
            return said
        params += said
    return tuple(params)


def rcpt(
    config: ClientConfig, envelope: Envelope, index: int, offers: Mapping[str, str]
) -> Command:
    """Return the RCPT of one recipient, with its parameters."""
    if not envelope.rcpt_params:
        return Command("RCPT", envelope.recipients[index])
    params: list[tuple[str, str | None]] = []
    for extension in config.extensions:
        params += extension.say_rcpt(envelope.rcpt_params[index], offers)
    return Command("RCPT", envelope.recipients[index], tuple(params))
