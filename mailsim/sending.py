"""The client machine against a real server: what ``mailsim send`` does."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from mailsim.errors import ConfigError
from mailsim.live.book import Book
from mailsim.live.client import Outcome, Sender, Target
from mailsim.live.stopping import Stoppable, on_signal
from mailsim.message import Content, Envelope, Head, new_content
from mailsim.record.log import Log
from mailsim.recording import recording
from mailsim.smtp import ClientConfig
from mailsim.smtp.codec import normalized

__all__ = ["Sending", "Sent", "send"]

_GRACE_S = 2


@dataclass(frozen=True)
class Sending:
    """What to send, and how.

    Attributes
    ----------
    target : Target
    config : ClientConfig
    envelope : Envelope
    content : bytes or int
        The message, or the size of one made here (octets).
    count : int
        Messages.
    connections : int
        At a time.
    is_reused : bool
        Send further messages over the same connection, else each over one of its own.
    out : Path or None
        Result directory.
    events : bool
        Record every line, for transcripts.
    """

    target: Target
    config: ClientConfig
    envelope: Envelope
    content: bytes | int
    count: int = 1
    connections: int = 1
    is_reused: bool = True
    out: Path | None = None
    events: bool = False


@dataclass
class Sent:
    """The sum of it.

    Attributes
    ----------
    sent, failed : int
        Messages that all recipients were accepted of, and the others.
    took_s : float
    delays_s : list of float
        Of each message sent, from when it was its turn to the final reply.
    replies : Counter of int
        Codes of the replies that decided about each recipient.
    unanswered : int
        Recipients about whom no server said anything.
    first_failure : str
    signal : int
        Number of the signal that stopped it before its end; 0 if none did.
    """

    sent: int
    failed: int
    took_s: float
    delays_s: list[float]
    replies: Counter[int]
    unanswered: int = 0
    first_failure: str = ""
    signal: int = 0

    def summary(self) -> dict[str, Any]:
        """Return the figures for a program to read; a delay is null if nothing was sent."""
        ordered = sorted(self.delays_s)

        def quantile(q: float) -> float | None:
            return ordered[min(int(q * len(ordered)), len(ordered) - 1)] if ordered else None

        return {
            "sent": self.sent,
            "failed": self.failed,
            "messages_per_s": round(self.sent / self.took_s, 3) if self.took_s else 0.0,
            "delay_p50_s": quantile(0.50),
            "delay_p95_s": quantile(0.95),
            "delay_p99_s": quantile(0.99),
            "replies": {str(code): n for code, n in sorted(self.replies.items())},
            "unanswered": self.unanswered,
        }


def read_message(path: Path) -> bytes:
    """Return the octets of a message in a file, its lines ended by CRLF.

    Raises
    ------
    ConfigError
        If it cannot be read.
    """
    try:
        return normalized(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error


def send(sending: Sending, progress: Callable[[int, int], None]) -> Sent:
    """Send all messages; return the sum of it.

    Parameters
    ----------
    sending : Sending
    progress : callable
        Called with messages done and messages in all.

    Raises
    ------
    ConfigError
        If the result directory cannot be written.
    """
    with Stoppable() as stoppable:
        if sending.out is None:
            sent, _ = stoppable.runner.run(_send(sending, None, progress))
        else:
            with recording(sending.out, with_events=sending.events) as (log, finish):
                sent, book = stoppable.runner.run(_send(sending, log, progress))
                finish("send", None, book.now(), book.counts)
        stoppable.is_stopped = sent.signal > 0
    return sent


async def _send(
    sending: Sending, log: Log | None, progress: Callable[[int, int], None]
) -> tuple[Sent, Book]:
    book = Book(log or Log(), "sent")
    result = Sent(0, 0, 0.0, [], Counter())
    numbers = takewhile(lambda _: not result.signal, range(1, sending.count + 1))
    clock = time.perf_counter()
    workers = [
        _worker(sending, book, numbers, result, progress, is_kept=log is not None)
        for _ in range(min(sending.connections, sending.count))
    ]
    tasks = [asyncio.create_task(worker) for worker in workers]

    def cancel() -> None:
        for task in tasks:
            task.cancel()

    def stop(number: int) -> None:
        """Begin no further message; give up those under way if they take long."""
        result.signal = number
        asyncio.get_running_loop().call_later(_GRACE_S, cancel)

    on_signal(stop)
    try:
        await asyncio.gather(*tasks)
    except asyncio.CancelledError:
        if not result.signal:
            raise
    finally:
        cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    result.took_s = time.perf_counter() - clock
    return result, book


async def _worker(
    sending: Sending,
    book: Book,
    numbers: Iterator[int],
    result: Sent,
    progress: Callable[[int, int], None],
    *,
    is_kept: bool,
) -> None:
    sender = Sender(sending.target, sending.config, book)
    try:
        for _ in numbers:
            number = book.next_message()
            content = _content(sending, number)
            outcome = await sender.send(sending.envelope, content, number)
            if not sending.is_reused:
                await sender.close()
            _count(sending, outcome, result)
            _record(sending, book, number, content, outcome)
            if number % 1000 == 0:
                if is_kept:
                    book.log.flush()
                else:
                    _forget(book.log)
            progress(result.sent + result.failed, sending.count)
        await sender.finish()
    except asyncio.CancelledError:
        sender.give_up()
        raise


def _forget(log: Log) -> None:
    """Drop the rows that nobody wants."""
    for rows in (log.deliveries, log.attempts, log.sessions, log.queues):
        rows.clear()
    log.said.clear()


def _content(sending: Sending, number: int) -> Content:
    given = sending.content
    if isinstance(given, bytes):
        return Content.from_bytes(given)
    envelope = sending.envelope
    head = Head(
        number, sending.config.name, envelope.sender, envelope.recipients[0], "test",
        int(time.time()),
    )  # fmt: skip
    return new_content(head, max(given - head.size - 2, 2))


def _count(sending: Sending, outcome: Outcome, result: Sent) -> None:
    result.replies.update(reply.code for reply in outcome.replies if not reply.is_ours)
    result.unanswered += sum(reply.is_ours for reply in outcome.replies)
    bad = next((reply for reply in outcome.replies if not reply.is_positive), None)
    if bad is None:
        result.sent += 1
        result.delays_s.append((outcome.ended_ns - outcome.started_ns) / 1e9)
    else:
        result.failed += 1
        result.first_failure = result.first_failure or str(bad)


def _record(sending: Sending, book: Book, number: int, content: Content, outcome: Outcome) -> None:
    envelope, target = sending.envelope, sending.target
    fates = [
        (to, "delivered" if reply.is_positive else "refused", reply)
        for to, reply in zip(envelope.recipients, outcome.replies, strict=True)
    ]
    book.delivery(number, envelope.sender, fates, content.size, outcome.started_ns, target.name, 1)
    start, mail, end = outcome.started_ns, outcome.mail_ns, outcome.ended_ns
    for to, fate, reply in fates:
        book.log.attempts.append(
            (
                number, to, sending.config.name, target.address, target.name, outcome.session,
                outcome.conn_use, end, end - start, 0, 0, mail - start, end - mail,
                "sent" if fate == "delivered" else "refused",
                None if reply.is_ours else reply.code, reply.enhanced, reply.text,
            )
        )  # fmt: skip
