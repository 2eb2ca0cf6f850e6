"""Messages that a host has taken over, and that its after-queue filters look at first."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

from simpy import Event

from mailsim.errors import RunError
from mailsim.message import Content, Envelope
from mailsim.mta.inquiry import Inquiry
from mailsim.mta.policies import Answers
from mailsim.mta.queued import QueuedMessage, Told
from mailsim.sim.asking import answers_to
from mailsim.smtp import Reply

if TYPE_CHECKING:
    from mailsim.sim.mailhost import MailHost

__all__ = ["AfterQueue"]


class AfterQueue:
    """What waits for the filters of one host; it is on disk, and a crash does not disturb it.

    Parameters
    ----------
    host : MailHost
    """

    def __init__(self, host: MailHost) -> None:
        self._host = host
        self._held: dict[str, tuple[Envelope, Content]] = {}

    def held(self) -> Iterator[tuple[int, str, int]]:
        """Iterate over what waits: message, recipient, hops."""
        for envelope, content in self._held.values():
            for recipient in envelope.recipients:
                yield content.number, recipient, len(content.trace)

    def take(
        self, inquiry: Inquiry, queue_id: str, envelope: Envelope, content: Content, reply: str
    ) -> None:
        """Let a message be judged; then it is placed, or what the verdict says."""
        self._held[queue_id] = envelope, content
        self._note()
        self._host.world.env.process(self._judge(inquiry, queue_id, envelope, content, reply))

    def _judge(
        self, inquiry: Inquiry, queue_id: str, envelope: Envelope, content: Content, reply: str
    ) -> Generator[Event, Any, None]:
        host, world = self._host, self._host.world
        number = world.next_number()
        arrived = world.env.now
        answers: Answers = ()
        try:
            while inquiry.go_on(world.env.now, answers):
                answers = yield from answers_to(world, host.name, number, inquiry.questions)
        except RunError as error:
            raise RunError(f"{error}, message {content.number}") from error
        del self._held[queue_id]
        self._note()
        now, verdict = world.env.now, inquiry.verdict
        if verdict is None:
            host.place(queue_id, envelope, inquiry.tagged(content), now, reply)
            return
        fate, said = "discarded", reply
        if isinstance(verdict, Reply):
            fate, said = "bounced", str(verdict)
        hops = len(content.trace)
        for to in envelope.recipients:
            world.ledger.seal(content.number, to, fate, now, host.name, hops, said)
        if isinstance(verdict, Reply):
            message = QueuedMessage(queue_id, envelope.sender, (), content, arrived)
            message.params = envelope.params
            message.rcpt_params = {
                to: envelope.of_recipient(i) for i, to in enumerate(envelope.recipients)
            }
            host.report(message, [Told(to, "", verdict) for to in envelope.recipients], now)

    def _note(self) -> None:
        world = self._host.world
        world.log.queues.append((world.env.now, self._host.name, "filter", len(self._held)))
