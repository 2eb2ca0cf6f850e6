"""Policies that ask, on a real socket: they cost real time, and see what a client does."""

from __future__ import annotations

import time
from pathlib import Path

from live.hosting import dial, hosted, read_all, until

HOST = "hosts.mx.example.net.policies"


def say(port: int, *lines: bytes, early: bytes = b"") -> tuple[bytes, float]:
    """Say lines, each after the reply before; return all that came, and how long it took."""
    started = time.monotonic()
    with dial(port) as client:
        heard = b""
        if early:
            client.sendall(early)
        for line in lines:
            while not heard.endswith(b"\n") or heard.splitlines()[-1][3:4] == b"-":
                heard += client.recv(65_536)
            client.sendall(line)
            heard += b"C: " + line.rstrip() + b"\r"
        heard += read_all(client)
    return heard, time.monotonic() - started


def test_who_talks_before_the_greeting(tmp_path: Path) -> None:
    policy = (
        "postscreen: {postscreen_greet_wait: 300ms, postscreen_greet_action: enforce, "
        "postscreen_greet_banner: wait}"
    )
    rest = b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nQUIT\r\n"
    with hosted(tmp_path, "--set", f"{HOST}=[{{{policy}}}]") as server:
        heard, took_s = say(server.port, early=b"EHLO client\r\n" + rest)
        assert heard.startswith(b"220-wait\r\n220 mx.example.net")
        assert b"550 5.5.1 Protocol error\r\n" in heard
        assert took_s >= 0.3


def test_a_tarpit_and_a_filter_take_their_time(tmp_path: Path) -> None:
    policies = (
        f"{HOST}=[{{tarpit: {{delay: 200ms, stage: mail}}}}, {{content_filter: "
        "{service_time: 300ms, true_positives: 100%, spam: [spam.example], action: reject}}]"
    )
    mail = (
        b"EHLO client\r\n", b"MAIL FROM:<a@spam.example>\r\n", b"RCPT TO:<b@example.net>\r\n",
        b"DATA\r\n", b"Subject: x\r\n\r\nHello.\r\n.\r\n", b"QUIT\r\n",
    )  # fmt: skip
    with hosted(tmp_path, "--set", policies) as server:
        heard, took_s = say(server.port, *mail)
    assert "policy" not in (tmp_path / "serve.log").read_text(), "all is as in a run"
    assert b"554 5.7.1 Message rejected as spam, score=" in heard
    assert took_s >= 0.5


def test_what_is_not_checked_here_is_said(tmp_path: Path) -> None:
    policies = (
        f"{HOST}=[{{dmarc: {{}}}}, {{dkim: {{on_no_signature: reject}}}}, "
        "{verify_recipient: {}}, {content_filter: {where: after, spam: [x.example]}}]"
    )
    mail = (
        b"EHLO client\r\n", b"MAIL FROM:<a@spam.example>\r\n", b"RCPT TO:<b@example.net>\r\n",
        b"DATA\r\n", b"DKIM-Signature: v=1; d=spam.example\r\n\r\nHello.\r\n.\r\n", b"QUIT\r\n",
    )  # fmt: skip
    with hosted(tmp_path, "--set", policies) as server:
        for line in (
            "policy dmarc: signatures are not checked here, so SPF alone decides",
            "policy dkim: signatures are not checked here, so no message has one (on_no_signature)",
            "policy verify_recipient: nobody is probed here, so all recipients pass",
            "policy content_filter: there is no queue here, so where: after filters nothing",
        ):
            until(lambda: line in (tmp_path / "serve.log").read_text(), line)  # noqa: B023
        heard, _ = say(server.port, *mail)
    assert b"550 5.7.20 No passing DKIM signature found: none (no signature)" in heard
