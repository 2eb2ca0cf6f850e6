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
        What it offers, in the words of ``Variant.needs``; besides, ``chunking``, and
        ``refuses``: it takes mail to ``example.net`` only.
    stored : callable
        Returns the messages it has kept so far.
    log : Path or None
        What it wrote about itself.
    copies : bool
        Whether each recipient has a copy; else a transaction is kept once.
    """

    port: int
    tls_port: int
    can: frozenset[str]
    stored: Callable[[], list[Stored]]
    log: Path | None = None
    copies: bool = True

    def wait_for_mail_from(self, sender: str, n: int) -> bool:
        """Wait until there are n messages of a sender; return whether that is all."""

        def count() -> int:
            return sum(sender.encode() in found.head for found in self.stored())

        until(lambda: count() >= n, f"{n} messages of {sender} stored; the log: {self.log}")
        return count() == n

    def wait_for_mail(self, mail: Mail) -> list[Stored]:
        """Return a mail as it stored it, octet for octet, once for each copy it makes."""
        n = len(mail.recipients) if self.copies else 1

        subject = mail.subject + b"\n"
        seen: list[Stored] = []

        def is_there() -> bool:
            # Some write where it will stay, so a message may still be growing.
            seen[:] = [found for found in self.stored() if subject in found.head]
            return len(seen) >= n and all(found.holds(mail) for found in seen)

        try:
            until(is_there, f"{mail.subject!r} stored {n} times", 10)
        except AssertionError as error:
            last = [found.content[-1000:] for found in seen]
            raise AssertionError(f"{error}; seen: {last}; log: {self.log}") from None
        assert len(seen) == n
        return seen


def in_maildir(*places: Path) -> list[Stored]:
    """Return the messages of Maildirs; what is still being written is in ``tmp``."""
    return [
        Stored(path.read_bytes().replace(b"\r\n", b"\n"))
        for place in places
        for path in sorted((place / "new").glob("*"))
    ]
