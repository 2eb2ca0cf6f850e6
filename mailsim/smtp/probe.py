"""A client that asks whether a recipient would be accepted, and sends no message."""

from __future__ import annotations

from dataclasses import replace

from mailsim.smtp.client import ClientSession
from mailsim.smtp.client_config import ClientConfig
from mailsim.smtp.values import FromClient

__all__ = ["ProbeSession"]


class ProbeSession(ClientSession):
    """Ends each transaction when its recipients have been answered, before DATA.

    What the last of them was answered is the end of the transaction; QUIT comes next.  Without
    pipelining, since DATA would come along.

    Source: Postfix ADDRESS_VERIFICATION_README: a probe stops before DATA.

    Parameters
    ----------
    config : ClientConfig
    """

    __slots__ = ()

    def __init__(self, config: ClientConfig) -> None:
        super().__init__(replace(config, pipelining=False))

    def flight(self) -> tuple[FromClient, ...]:
        """Return what may be sent now; nothing more once the recipients have been answered."""
        transaction = self.transaction
        if transaction is not None and transaction.final is None and not self.owed:
            replies = transaction.replies
            if replies and len(replies) == len(transaction.asked.recipients):
                transaction.final = replies[-1]
        return super().flight()
