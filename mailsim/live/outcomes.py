"""What a real server says when it ends a session by itself, and what the tables say of the end."""

from __future__ import annotations

from typing import Final

from mailsim.smtp import Reply

__all__ = ["BROKEN", "BUSY", "STOPPING", "TIMEOUT", "handshake_failed"]

TIMEOUT: Final = Reply(421, ("Error: timeout exceeded",), "4.4.2")
STOPPING: Final = Reply(421, ("Service shutting down",), "4.3.2")
BUSY: Final = Reply(421, ("Error: too many connections",), "4.7.0")
BROKEN: Final = Reply(421, ("Error: internal error",), "4.3.0")


def handshake_failed(error: BaseException | None) -> str:
    """Return the outcome of a session whose TLS handshake has failed, and why."""
    why = getattr(error, "reason", None) or (str(error) if error is not None else "")
    return f"TLS handshake failed: {why or 'the client has gone'}"
