"""How long a client waits for each reply, and how it says that it waited in vain.

RFC 5321 section 4.5.3.2; the names and defaults are those of Postfix's smtp(8).
"""

from __future__ import annotations

from mailsim.mta.settings import Settings
from mailsim.sim.clock import SECOND

__all__ = ["DOING", "WAITS", "waits_of"]

DOING = {
    "": "receiving the initial server greeting",
    "MAIL": "sending MAIL FROM",
    "RCPT": "sending RCPT TO",
    "DATA": "sending DATA command",
    "CONTENT": "sending end of data -- message may be sent more than once",
    "BDAT_LAST": "sending end of data -- message may be sent more than once",
    "BDAT": "sending message body",
    "RSET": "sending RSET",
    "EHLO": "performing the EHLO handshake",
    "HELO": "performing the HELO handshake",
    "STARTTLS": "performing the TLS handshake",
    "AUTH": "performing SASL authentication",
    "AUTH_RESPONSE": "performing SASL authentication",
    "QUIT": "sending QUIT command",
}
"""What the client is doing, by the verb that it has sent, as Postfix says it (smtp_proto.c)."""


def waits_of(settings: Settings) -> dict[str, int]:
    """Return how long a relay waits for a reply (ns), by the verb; of others as for MAIL.

    The greeting, before any verb, is under the empty text.
    """
    s = settings
    return {
        **dict.fromkeys(("", "EHLO", "HELO", "AUTH", "AUTH_RESPONSE"), s.smtp_helo_timeout),
        "STARTTLS": s.smtp_starttls_timeout,
        "MAIL": s.smtp_mail_timeout,
        "RCPT": s.smtp_rcpt_timeout,
        "RSET": s.smtp_rset_timeout,
        "DATA": s.smtp_data_init_timeout,
        "BDAT": s.smtp_data_xfer_timeout,
        "CONTENT": s.smtp_data_done_timeout,
        "BDAT_LAST": s.smtp_data_done_timeout,
    }


WAITS = {**waits_of(Settings()), "RSET": 300 * SECOND}
"""What clients take, which have no parameters: what RFC 5321 asks for at least."""
