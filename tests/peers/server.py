"""What all server peers give: ports, abilities, and the messages they kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from peers.mail import Mail, Stored
from peers.needed import program
from peers.running import run, until

__all__ = ["Certificate", "Server", "in_maildir", "make_certificate"]


class Certificate(NamedTuple):
    """A certificate for 127.0.0.1 that is its own authority, and its key."""

    cert: Path
    key: Path


def make_certificate(directory: Path) -> Certificate:
    """Make one; its files are in that directory."""
    made = Certificate(directory / "cert.pem", directory / "key.pem")
    command = [
        program("openssl", "openssl"), "req", "-x509", "-newkey", "ec",
        "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-out", made.cert, "-keyout", made.key,
    ]  # fmt: skip
    done = run(command)
    assert done.returncode == 0, done.stdout
    return made


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs now on 127.0.0.1.

    Attributes
    ----------
    port, tls_port : int
        Of SMTP, and of SMTP with implicit TLS; 0 if it has none.
    can : frozenset of str
        What it offers, in the words of ``Variant.needs``, and ``chunking``.
    stored : callable
        Returns the messages it has kept so far, one for each recipient or transaction.
    log : Path or None
        What it wrote about itself.
    """

    port: int
    tls_port: int
    can: frozenset[str]
    stored: Callable[[], list[Stored]]
    log: Path | None = None

    def wait_for(self, n: int) -> list[Stored]:
        """Return what it stored, once that is at least so many messages."""
        until(lambda: len(self.stored()) >= n, f"{n} messages stored; the log: {self.log}")
        return self.stored()

    def wait_for_mail(self, mail: Mail, n: int = 1) -> None:
        """Wait until it has stored a mail so many times, octet for octet."""

        def kept() -> list[Stored]:
            return [found for found in self.stored() if mail.subject in found.content]

        until(lambda: len(kept()) >= n, f"{mail.subject!r} stored {n} times; the log: {self.log}")
        found = kept()
        assert len(found) == n
        for message in found:
            assert message.holds(mail), message.content[-2000:]


def in_maildir(*places: Path) -> list[Stored]:
    """Return the messages of Maildirs; what is still being written is in ``tmp``."""
    return [
        Stored(path.read_bytes().replace(b"\r\n", b"\n"))
        for place in places
        for path in sorted((place / "new").glob("*"))
    ]
