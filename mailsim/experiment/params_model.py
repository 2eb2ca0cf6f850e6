"""What the messages of a traffic ask of every hop."""

from __future__ import annotations

from mailsim.experiment.keys import Model
from mailsim.message import Params
from mailsim.smtp import Command, Reply, ServerConfig, ServerSession
from mailsim.smtp.grammar import parse_command

__all__ = ["AskedOfHops", "params_of"]

_ASKABLE = ("8BITMIME", "SMTPUTF8", "DSN", "DELIVERBY", "REQUIRETLS", "XVERP")
_CONFIG = ServerConfig("check", tls="implicit", extension_names=_ASKABLE, ask=frozenset())
_MAIL = "MAIL FROM:<a@example.org>"


class AskedOfHops(Model):
    """ESMTP parameters as they stand in the commands, passed on as long as hops offer them.

    Attributes
    ----------
    mail
        Of MAIL: RET, ENVID, BY, REQUIRETLS, SMTPUTF8, BODY; BODY=8BITMIME gives the messages
        a text that needs it. XVERP is for the first hop alone.
    rcpt
        Of each RCPT: NOTIFY, ORCPT.
    """

    mail: str = ""
    rcpt: str = ""


def params_of(verb: str, text: str) -> Params:
    """Return the parameters of MAIL or RCPT that ``text`` writes.

    They are put to a server that offers everything: its checks are the extensions' own.

    Raises
    ------
    ValueError
        With the server's reply, if it does not take them.
    """
    if not text.strip():
        return ()
    server = ServerSession(_CONFIG)
    server.reply(Reply(220, ("check",)))
    server.receive(Command("EHLO", "check"))
    line = f"{_MAIL} {text}"
    if verb == "RCPT":
        server.receive(parse_command(_MAIL))
        line = f"RCPT TO:<b@example.net> {text}"
    command = parse_command(line)
    reply = server.receive(command)
    if type(command) is not Command or reply is None or not reply.is_positive:
        raise ValueError(f"{verb} with {text!r} is refused: {reply}")
    return command.params
