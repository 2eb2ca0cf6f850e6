"""``mailsim send`` against real servers: each server in each way it knows."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from peers.mail import VARIANTS, Target, new_mail
from peers.mailsim_commands import send
from peers.server import Server

import mailsim as ms

pytestmark = pytest.mark.peer


class Way(NamedTuple):
    """Options of a send, how many messages it makes, and what the server must be able to."""

    options: str
    n_messages: int = 1
    needs: tuple[str, ...] = ()
    target: Target = Target(0)
    n_recipients: int = 1


WAYS = {
    "plain": Way(""),
    "connections": Way("--connections 4", 40),
    "reuse": Way("--connections 2 --reuse", 30),
    "no_reuse": Way("--connections 2 --no-reuse", 10),
    "recipients": Way("", 5, ("recipients",), n_recipients=3),
    "large": Way("--size 1MB", 2),
    "pipelining": Way("--pipelining", 10, ("pipelining",)),
    "no_pipelining": Way("--no-pipelining", 10),
    "chunking": Way("--chunking", 10, ("chunking",)),
    "starttls": Way("", 5, ("starttls",), Target(0, "starttls")),
    "auth": Way("", 5, ("starttls", "PLAIN"), Target(0, "starttls", mechanism="any")),
}


@pytest.mark.parametrize(
    "way", [pytest.param(name, marks=pytest.mark.needs(*WAYS[name].needs)) for name in WAYS]
)
def test_all_arrive(way: str, peer: Server, tmp_path: Path) -> None:
    options, count, _, target, n_recipients = WAYS[way]
    sender = f"send-{way.replace('_', '-')}@example.org"
    recipients = [f"to-{i}@example.net" for i in range(n_recipients)]
    sent = send(
        target._replace(port=peer.port),
        tmp_path / "run",
        *("--from", sender, "--count", str(count)),
        *[word for recipient in recipients for word in ("--rcpt", recipient)],
        *options.split(),
    )
    assert sent.code == 0, sent.text
    assert (sent.summary["sent"], sent.summary["failed"]) == (count, 0)
    assert sent.summary["replies"]["250"] >= count
    assert peer.wait_for_mail_from(sender, count * (n_recipients if peer.copies else 1))
    deliveries = ms.open_run(str(tmp_path / "run")).deliveries
    assert len(deliveries) == count * n_recipients
    assert set(deliveries["fate"]) == {"delivered"}
    assert set(deliveries["recipient"]) == set(recipients)


@pytest.mark.parametrize("variant", ["8bit", "dots", "1MB", "null_sender"])
@pytest.mark.parametrize(
    "verb", ["DATA", pytest.param("BDAT", marks=pytest.mark.needs("chunking"))]
)
def test_a_file_arrives_as_it_is(variant: str, verb: str, peer: Server, tmp_path: Path) -> None:
    mail = new_mail(VARIANTS[variant], f"send-{verb}-{variant}".replace("_", "-"))
    message = tmp_path / "message.eml"
    message.write_bytes(mail.content)
    words = ["--from", mail.sender, "--rcpt", mail.recipients[0], "--message", message]
    chunking = ["--chunking"] if verb == "BDAT" else []
    sent = send(Target(peer.port), tmp_path / "run", *words, *chunking)
    assert sent.code == 0, sent.text
    peer.wait_for_mail(mail)


@pytest.mark.needs("refuses")
def test_a_refusal_is_told(peer: Server, tmp_path: Path) -> None:
    words = ("--from", "a@example.org", "--rcpt", "someone@example.com")
    sent = send(Target(peer.port), tmp_path / "run", *words)
    assert sent.code == 1
    assert (sent.summary["sent"], sent.summary["failed"]) == (0, 1)
    assert any(code.startswith("5") for code in sent.summary["replies"])
