"""Cost of one dialogue, both ends, by values and through the codec, next to smtpproto's client.

smtpproto speaks with a server of a few lines that answers each line with a fixed reply, so its
figure is nearly that of its client alone.  The rounds of all subjects take turns.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from email.message import EmailMessage

from smtpproto.protocol import SMTPClientProtocol

from mailsim.message import Content, Envelope
from mailsim.smtp import (
    ClientConfig,
    ClientConnection,
    ClientSession,
    Reply,
    ServerConfig,
    ServerConnection,
    ServerSession,
)  # fmt: skip

N = 500
ROUNDS = 7
GREETING = Reply(220, ("mx.example.net ESMTP",))
CONTENT = Content.from_bytes(b"Subject: hello\r\nFrom: <a@example.org>\r\n\r\nHello.\r\n")


def by_values() -> None:
    """Carry a message in values between our two machines."""
    client = ClientSession(ClientConfig("client.example.org", tls="none"))
    server = ServerSession(ServerConfig("mx.example.net"))
    client.begin(Envelope("a@example.org", ("b@example.net",)), CONTENT)
    client.receive(server.reply(GREETING))
    while flight := client.flight():
        for value in flight:
            reply = server.receive(value)
            client.receive(reply or server.reply(server.default_reply()))
    assert server.n_transactions == 1


def through_codec() -> None:
    """Carry a message in octets between our two machines."""
    client = ClientConnection(ClientConfig("client.example.org", tls="none"))
    server = ServerConnection(ServerConfig("mx.example.net"))
    client.begin(Envelope("a@example.org", ("b@example.net",)), CONTENT)
    server.reply(GREETING)
    client.receive_data(server.data_to_send())
    while data := client.data_to_send():
        server.receive_data(data)
        while server.advance() is not None:
            server.reply(server.session.default_reply())
        client.receive_data(server.data_to_send())
    assert server.session.n_transactions == 1


def smtpproto_client() -> None:
    """Carry one from smtpproto's client to a server that only counts lines."""
    client = SMTPClientProtocol()
    client.feed_bytes(b"220 mx.example.net ESMTP\r\n")

    def pump(reply: bytes) -> None:
        assert client.get_outgoing_data().endswith(b"\r\n")
        client.feed_bytes(reply)

    client.send_greeting("client.example.org")
    pump(b"250-mx.example.net\r\n250-8BITMIME\r\n250 SIZE\r\n")
    client.mail("a@example.org")
    pump(b"250 Ok\r\n")
    client.recipient("b@example.net")
    pump(b"250 Ok\r\n")
    client.start_data()
    pump(b"354 Go on\r\n")
    message = EmailMessage()
    message["Subject"], message["From"] = "hello", "a@example.org"
    message.set_content("Hello.\n")
    client.data(message)
    pump(b"250 Ok\r\n")


SUBJECTS: dict[str, Callable[[], None]] = {
    "by values": by_values, "through the codec": through_codec,
    "smtpproto's client": smtpproto_client,
}  # fmt: skip


def test_dialogue() -> None:
    """A dialogue by values costs at most a third of smtpproto's."""
    times: dict[str, list[float]] = {name: [] for name in SUBJECTS}
    for _ in range(ROUNDS):
        for name, call in SUBJECTS.items():
            start = time.perf_counter()
            for _ in range(N):
                call()
            times[name].append((time.perf_counter() - start) / N)
    best = {name: min(all_times) for name, all_times in times.items()}
    unit = best["smtpproto's client"]
    print()
    for name, seconds in best.items():
        print(f"{name:<20} {seconds * 1e6:8.1f} us  {seconds / unit:6.3f}")
    assert best["by values"] <= unit / 3
