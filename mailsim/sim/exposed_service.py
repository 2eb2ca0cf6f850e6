"""A listening service that faults may befall: its machine crashes, its disk is full."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from mailsim.message import Content
from mailsim.sim.service import Service
from mailsim.smtp import FromClient, Reply, ServerConfig, ServerSession

if TYPE_CHECKING:
    from mailsim.sim.conversation import Conversation
    from mailsim.sim.exposed import ExposedConversation
    from mailsim.sim.mailhost import MailHost

__all__ = ["ExposedService", "SlotLost"]

FULL = Reply(452, ("Insufficient system storage",), "4.3.1")
"""RFC 5321 section 4.2.3; at MAIL, as Postfix's smtpd(8) says it, and after the content."""


class SlotLost(Exception):  # noqa: N818 - an event that fails
    """The server has crashed while a connection waited in its backlog."""


class ExposedService(Service):
    """One port of a mail host that may crash or run out of disk.

    Parameters
    ----------
    mail_host : MailHost
    port : int
    config : ServerConfig
    slots : int
    backlog : int
    tls_protocol : str
    """

    def __init__(
        self,
        mail_host: MailHost,
        port: int,
        config: ServerConfig,
        slots: int,
        backlog: int,
        tls_protocol: str,
    ) -> None:
        config = replace(config, ask=config.ask | {"MAIL"})
        super().__init__(mail_host, port, config, slots, backlog, tls_protocol)
        self._machine = mail_host.world.machines[mail_host.name]

    def crash(self) -> None:
        """Forget all connections, those in the backlog too."""
        self._mail_host.reception.crashed(self._env.now)
        waiting = list(self._waiting)
        self._waiting.clear()
        for granted in waiting:
            granted.fail(SlotLost())
        now = self._env.now
        if waiting:
            self._log((now, self.host, self._names[1], 0))
        if self._n_busy:
            self._n_busy = 0
            self._log((now, self.host, self._names[0], 0))

    def decide(
        self, conversation: Conversation, server: ServerSession, value: FromClient, now_ns: int
    ) -> Reply:
        """Return the reply to a command that the session pauses at; 452 to MAIL on a full disk."""
        if server.awaited == "MAIL" and self._machine.n_full:
            return FULL
        return super().decide(conversation, server, value, now_ns)

    def store(
        self, conversation: Conversation, server: ServerSession, content: Content, now_ns: int
    ) -> Reply:
        """Take the message over, unless the disk is full; the client is yet to hear of it."""
        if self._machine.n_full:
            return FULL
        recipients = server.recipients
        reply = super().store(conversation, server, content, now_ns)
        if reply.code < 400:
            cast("ExposedConversation", conversation).took(content.number, recipients)
        return reply

    def discard(
        self, conversation: Conversation, server: ServerSession, content: Content, now_ns: int
    ) -> Reply:
        """Take the message over and let it vanish; the client is yet to hear of it."""
        recipients = server.recipients
        reply = super().discard(conversation, server, content, now_ns)
        cast("ExposedConversation", conversation).took(content.number, recipients)
        return reply
