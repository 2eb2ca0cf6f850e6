"""The envelope: who sent a message and who gets it (RFC 5321 section 2.3.1)."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Envelope", "Params", "param"]

Params = tuple[tuple[str, str | None], ...]
"""ESMTP parameters of MAIL or RCPT: keyword in capitals, and value if there is one."""


def param(params: Params, keyword: str) -> str | None:
    """Return the value of a parameter: empty if it has none, None if it is not there."""
    for name, value in params:
        if name == keyword:
            return value or ""
    return None


class Envelope(NamedTuple):
    """Reverse-path and forward-paths of one message.

    Attributes
    ----------
    sender : str
        The reverse-path without angle brackets; empty for ``<>``, the null path.
    recipients : tuple of str
        The forward-paths, at least one.
    params : tuple of (str, str or None)
        What the message asks of every hop (``RET``, ``ENVID``, ``BY``, ``REQUIRETLS``,
        ``SMTPUTF8``, ``BODY``, ``AUTH``); SIZE is each client's own to tell.
    rcpt_params : tuple of Params
        The same per recipient (``NOTIFY``, ``ORCPT``), in their order; empty for none at all.
    """

    sender: str
    recipients: tuple[str, ...]
    params: Params = ()
    rcpt_params: tuple[Params, ...] = ()

    def of_recipient(self, index: int) -> Params:
        """Return the parameters of the recipient at ``index``."""
        return self.rcpt_params[index] if self.rcpt_params else ()
