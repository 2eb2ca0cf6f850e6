"""A listening SMTP service: worker slots, a backlog, and the host behind them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from simpy import Event

from mailsim.errors import RunError
from mailsim.message import Content
from mailsim.mta.inquiry import Inquiry
from mailsim.mta.policies import Answers
from mailsim.smtp import FromClient, Reply, ServerConfig, ServerSession

if TYPE_CHECKING:
    from mailsim.sim.conversation import Conversation
    from mailsim.sim.mailhost import MailHost

__all__ = ["Service"]


class Service:
    """One port of a mail host.

    A connection holds a worker slot (a smtpd process) from the moment it is accepted until
    the server has answered QUIT or closed.  Connections that find no slot wait in the backlog
    in order of arrival; those that find the backlog full get 421, or nothing.

    Parameters
    ----------
    mail_host : MailHost
    port : int
    config : ServerConfig
    slots : int
        Worker slots, at least 1.
    backlog : int
        Connections that may wait; -1 for any number.
    tls_protocol : str
        ``TLSv1.2`` or ``TLSv1.3``.

    Attributes
    ----------
    is_silent : bool
        Whether nobody answers who finds the backlog full: the SYN is dropped, as kernels do.
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
        self.tls_protocol = tls_protocol
        self.is_silent = False
        self.host = mail_host.name
        self.port = port
        self.config = config
        self.address = mail_host.world.addresses[self.host]
        self.is_ipv6 = ":" in self.address
        self.relay_name = f"{self.host}[{self.address}]:{port}"
        self.greeting = Reply(220, (f"{self.host} ESMTP",))
        self.shared = mail_host.reception.shared
        self.asking = mail_host.reception.asking
        self.judges_content = "CONTENT" in self.asking
        self.has_greeting_policy = mail_host.reception.has_say("GREETING")
        self.service_ns = mail_host.service_ns
        self._mail_host = mail_host
        self._slots = slots
        self._backlog = backlog
        self._waiting: deque[Event] = deque()
        self._n_busy = 0
        self._env = mail_host.world.env
        self._log = mail_host.world.log.queues.append
        self._names = (f"busy:{port}", f"backlog:{port}")

    def arrive(self) -> Event | None:
        """Queue up for a slot if none is free; return the event of getting it.

        Returns
        -------
        simpy.Event or None
            None when there is nothing to wait for: a slot is free, or the backlog is full.
        """
        if self._n_busy < self._slots or self._is_full():
            return None
        granted = self._env.event()
        self._waiting.append(granted)
        self._log((self._env.now, self.host, self._names[1], len(self._waiting)))
        return granted

    def take_slot(self) -> bool:
        """Take a free slot; False when there is none."""
        if self._n_busy >= self._slots:
            return False
        self._n_busy += 1
        self._log((self._env.now, self.host, self._names[0], self._n_busy))
        return True

    def release(self, conversation: Conversation) -> None:
        """Give a connection's slot back: to the first in the backlog, if any."""
        if self.has_greeting_policy:
            self._mail_host.reception.closed(conversation.address, self._env.now)
        if self._waiting:
            self._waiting.popleft().succeed()
            self._log((self._env.now, self.host, self._names[1], len(self._waiting)))
            return
        self._n_busy -= 1
        self._log((self._env.now, self.host, self._names[0], self._n_busy))

    def _is_full(self) -> bool:
        return 0 <= self._backlog <= len(self._waiting)

    def inquire_greeting(self, conversation: Conversation) -> Inquiry:
        """Return what leads to the verdict on a client that connects now."""
        reception = self._mail_host.reception
        reception.opened(conversation.address, self._env.now)
        return reception.inquire_greeting(conversation.host, conversation.address)

    def greeting_after(self, inquiry: Inquiry) -> Reply:
        """Return the greeting, or the refusal that policies have decided on."""
        if isinstance(inquiry.verdict, Reply):
            return inquiry.verdict
        if inquiry.banner:
            return Reply(220, (inquiry.banner, *self.greeting.lines))
        return self.greeting

    def inquire(
        self, conversation: Conversation, server: ServerSession, value: FromClient
    ) -> Inquiry:
        """Return what leads to the verdict on a command that the session pauses at."""
        reception = self._mail_host.reception
        return reception.inquire(server, value, conversation.host, conversation.address)

    def decide(
        self, conversation: Conversation, server: ServerSession, value: FromClient, now_ns: int
    ) -> Reply:
        """Return the reply to a command that the session pauses at.

        Parameters
        ----------
        conversation : Conversation
            Whose client sent it.
        server : ServerSession
        value : FromClient
            The command.
        now_ns : int

        Raises
        ------
        RunError
            If a policy fails.
        """
        try:
            return self._mail_host.reception.decide(
                server, value, conversation.host, conversation.address, now_ns
            )
        except RunError as error:
            raise RunError(f"{error}, {conversation.subject}") from error

    def go_on(
        self, inquiry: Inquiry, conversation: Conversation, now_ns: int, answers: Answers
    ) -> bool:
        """Ask policies on; tell whether they have a question.

        Raises
        ------
        RunError
            If a policy fails.
        """
        try:
            return inquiry.go_on(now_ns, answers)
        except RunError as error:
            raise RunError(f"{error}, {conversation.subject}") from error

    def store(
        self, conversation: Conversation, server: ServerSession, content: Content, now_ns: int
    ) -> Reply:
        """Take the message over, or say why not.

        Parameters
        ----------
        conversation : Conversation
            Whose client sent it.
        server : ServerSession
            Knows its envelope.
        content : Content
        now_ns : int
            When the service time is over.
        """
        return self._mail_host.take_over(
            server, content, conversation.host, conversation.address, now_ns
        )

    def discard(
        self, conversation: Conversation, server: ServerSession, content: Content, now_ns: int
    ) -> Reply:
        """Take the message over and let it vanish."""
        return self._mail_host.discard(server, content, now_ns)
