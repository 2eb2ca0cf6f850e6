"""Clients that others wrote: each sends one mail to a port and tells what it was told."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from peers import python_clients as python
from peers.mail import PASSWORD, USER, Mail, Said, Target, Variant
from peers.needed import program
from peers.running import run

__all__ = ["CLIENTS", "Client"]


class Client(NamedTuple):
    """A client, what it can do in the words of ``Variant.needs``, and what it puts at the end."""

    send: Callable[[Mail, Target], Said]
    can: frozenset[str]
    adds: bytes = b""

    def does(self, variant: Variant) -> bool:
        """Return whether it can send in that way."""
        return variant.needs <= self.can


def swaks(mail: Mail, target: Target) -> Said:
    """Send with swaks, the Swiss army knife for SMTP."""
    command = [
        program("swaks", "swaks"), "--server", "127.0.0.1", "--port", str(target.port),
        "--helo", "client.example.org", "--from", mail.sender or "<>",
        "--to", ",".join(mail.recipients), "--data", "-", "--suppress-data", "--timeout", "30",
    ]  # fmt: skip
    if "lmtp" in target.has:
        command += ["--protocol", "LMTP"]
    if target.tls != "none":
        command += ["--tls" if target.tls == "starttls" else "--tls-on-connect"]
        if target.ca:
            command += ["--tls-verify", "--tls-ca-path", str(target.ca)]
    if target.mechanism:
        command += ["--auth", target.mechanism, "--auth-user", USER, "--auth-password", PASSWORD]
    if "pipelining" in target.has:
        command += ["--pipeline"]
    # What it would do to the content by itself loses a last line that is a lone dot.
    stuffed = re.sub(rb"(?m)^\.", b"..", mail.content) + b"."
    return _said([*command, "--no-data-fixup"], stuffed)


def curl(mail: Mail, target: Target) -> Said:
    """Send with curl, which greets with the path of the URL."""
    scheme = "smtps" if target.tls == "implicit" else "smtp"
    command = [
        program("curl", "curl"), "--disable", "--silent", "--show-error", "--verbose",
        "--max-time", "30", f"{scheme}://127.0.0.1:{target.port}/client.example.org",
        "--mail-from", mail.sender, "--upload-file", "-",
    ]  # fmt: skip
    for recipient in mail.recipients:
        command += ["--mail-rcpt", recipient]
    if target.tls != "none":
        command += ["--ssl-reqd"]
        command += ["--cacert", str(target.ca)] if target.ca else ["--insecure"]
    if target.mechanism:
        command += ["--user", f"{USER}:{PASSWORD}", "--login-options", f"AUTH={target.mechanism}"]
    return _said(command, mail.content)


def msmtp(mail: Mail, target: Target) -> Said:
    """Send with msmtp, which sends its commands in groups when the server offers PIPELINING."""
    command = [
        program("msmtp", "msmtp"), "--host=127.0.0.1", f"--port={target.port}", "--debug",
        "--domain=client.example.org", f"--from={mail.sender}", "--timeout=30",
    ]  # fmt: skip
    if "lmtp" in target.has:
        command += ["--protocol=lmtp"]
    if target.tls != "none":
        command += ["--tls=on", f"--tls-starttls={'on' if target.tls == 'starttls' else 'off'}"]
        command += [f"--tls-trust-file={target.ca}"] if target.ca else ["--tls-certcheck=off"]
    if target.mechanism:
        command += [f"--auth={target.mechanism.lower()}", f"--user={USER}"]
        command += [f"--passwordeval=echo {PASSWORD}"]
    if "dsn" in target.has:
        command += ["--dsn-notify=success,failure", "--dsn-return=headers"]
    # msmtp takes a message as Unix has it, with LF.
    return _said([*command, "--", *mail.recipients], _unix(mail.content))


def smtp_source(mail: Mail, target: Target) -> Said:
    """Send with Postfix's load generator: HELO, no extension, one recipient."""
    (recipient,) = mail.recipients
    command = [
        program("smtp-source", "postfix"), "-M", "client.example.org", "-f", mail.sender,
        "-t", recipient, "-F", "/dev/stdin", f"inet:127.0.0.1:{target.port}",
    ]  # fmt: skip
    return _said(command, _unix(mail.content))


def _unix(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n")


def _said(command: list[str], given: bytes) -> Said:
    done = run(command, given)
    return Said(done.returncode, done.stdout.decode("utf-8", "replace"))


_ALL = frozenset({"recipients", "null_sender", "8bit"})
_TLS = frozenset({"starttls", "implicit"})
_AUTH = frozenset({"PLAIN", "LOGIN", "CRAM-MD5"})
CLIENTS: dict[str, Client] = {
    "smtplib": Client(python.smtplib_client, _ALL | _TLS | _AUTH | {"smtputf8", "dsn"}),
    "aiosmtplib": Client(python.aiosmtplib_client, _ALL | _TLS | _AUTH | {"smtputf8", "dsn"}),
    "swaks": Client(swaks, _ALL | _TLS | _AUTH | {"pipelining", "lmtp"}),
    "curl": Client(curl, _ALL | _TLS | _AUTH | {"smtputf8"}),
    "msmtp": Client(msmtp, _ALL | _TLS | _AUTH | {"pipelining", "dsn", "lmtp"}),
    "smtp-source": Client(smtp_source, frozenset({"null_sender", "8bit"}), b"\r\n"),
}
