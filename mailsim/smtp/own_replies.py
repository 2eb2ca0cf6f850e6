"""What a client makes of a session that no reply of the server has ended."""

from __future__ import annotations

from typing import Final

from mailsim.smtp.values import Reply

__all__ = ["LOST", "NO_AUTH", "NO_PROOF", "NO_RSET", "NO_TLS"]

LOST: Final = Reply(451, ("lost connection with the server",), "4.4.2", is_ours=True)
"""What a connection that ends in mid-transaction counts as (RFC 5321 section 3.8)."""
NO_TLS: Final = Reply(454, ("TLS is required, but was not offered",), "4.7.4", is_ours=True)
NO_RSET: Final = Reply(
    451, ("the server does not end the last transaction",), "4.5.0", is_ours=True
)
NO_PROOF: Final = Reply(535, ("the server does not show who it is",), "5.7.8", is_ours=True)
NO_AUTH: Final = Reply(
    535, ("authentication is required, but no known mechanism was offered",), "5.7.8", is_ours=True
)
