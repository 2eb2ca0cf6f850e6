"""A server that is slow to end its side of TLS keeps nobody from sending on."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import warnings
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from mailsim.live.book import Book
from mailsim.live.certificate import client_context, server_context
from mailsim.live.client import Sender, Target
from mailsim.message import Content, Envelope
from mailsim.record.log import Log
from mailsim.smtp import ClientConfig

N = 3
REPLIES = {b"DATA": b"354 Go on\r\n", b".": b"250 2.0.0 Taken\r\n", b"QUIT": b"221 Bye\r\n"}


def serve(listener: socket.socket, context: ssl.SSLContext, may_end: Event) -> None:
    """Take a message of each of N clients; end no connection before all have said QUIT."""
    kept = []
    for _ in range(N):
        client = context.wrap_socket(listener.accept()[0], server_side=True)
        kept.append(client)
        client.sendall(b"220 mx.example.net ESMTP\r\n")
        is_data, line = False, b""
        with client.makefile("rb") as lines:
            while line != b"QUIT":
                line = lines.readline().rstrip()
                if is_data and line != b".":
                    continue
                is_data = line == b"DATA"
                client.sendall(REPLIES.get(line, b"250 2.0.0 Ok\r\n"))
    assert may_end.wait(30)
    for client in kept:
        client.close()


async def sent(port: int, log: Log) -> list[str]:
    """Send over N connections, and return the replies."""
    config = ClientConfig("c.example.org", tls="implicit")
    target = Target("127.0.0.1", port, client_context(), 30.0)
    sender = Sender(target, config, Book(log, "sent"))
    envelope = Envelope("a@example.org", ("b@example.net",))
    replies = []
    for number in range(1, N + 1):
        outcome = await sender.send(envelope, Content.from_bytes(b"x: y\r\n\r\nz\r\n"), number)
        replies += [str(reply) for reply in outcome.replies]
        await sender.close()
    await sender.finish()
    return replies


def replies_and_rows(may_end_first: bool) -> tuple[list[str], int]:
    """Return the replies, and the number of sessions, of a client of such a server."""
    log, may_end = Log(), Event()
    if may_end_first:
        may_end.set()
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as thread:
        listener.settimeout(30)
        context = server_context("mx.example.net")
        served: Future[None] = thread.submit(serve, listener, context, may_end)
        port = listener.getsockname()[1]
        replies = asyncio.run(asyncio.wait_for(sent(port, log), 30))
        may_end.set()
        served.result(30)
    return replies, len(log.sessions)


def test_the_next_message_does_not_wait_for_the_end_of_a_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mailsim.live.client._CLOSING_S", 600.0)
    assert replies_and_rows(may_end_first=True) == (["250 2.0.0 Taken"] * N, N)


def test_connections_that_the_server_does_not_end_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailsim.live.client._CLOSING_S", 0.05)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        assert replies_and_rows(may_end_first=False) == (["250 2.0.0 Taken"] * N, N)
        gc.collect()
