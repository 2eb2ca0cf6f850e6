"""``mailsim serve`` and ``mailsim send``: the machines on real sockets."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailsim.errors import ConfigError

if TYPE_CHECKING:
    from mailsim.sending import Sent
    from mailsim.smtp import Credentials

__all__ = ["send", "serve"]


def serve(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file (YAML).")],
    host: Annotated[str, typer.Option(metavar="H", help="Which of its mail hosts.")],
    listen: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDR:PORT", help="Where; port 0 finds a free one. May be repeated."),
    ] = None,
    listen_tls: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDR:PORT", help="The same, with TLS from the first octet."),
    ] = None,
    service: Annotated[
        int | None, typer.Option(metavar="PORT", help="Which of the host's ports [25].")
    ] = None,
    cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificate (PEM) [made on the spot].")
    ] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="Its key (PEM).")] = None,
    maildir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Maildir, or FILE.mbox, for accepted mail [drop it]."),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Result directory.")] = Path(
        "results/serve"
    ),
    events: Annotated[bool, typer.Option(help="Record every line, for transcripts.")] = True,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=64, help="Processes [one per processor, up to 4]."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Override a key; may be repeated."),
    ] = None,
) -> None:
    """Put a scenario's mail host on a real socket, until Ctrl-C.

    It keeps the host's policies, users and limits, never sends anything on, and writes the same
    tables as a run when it stops.
    """
    # Arrow's own allocator has its memory in huge pages, which grow for a hundred thousand
    # messages.  Arrow asks this once, when it is imported.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    from mailsim.experiment.check import load_scenario
    from mailsim.serving import Serving
    from mailsim.serving import serve as start

    if key is not None and cert is None:
        raise ConfigError("--key: expected --cert too, the certificate it belongs to")
    loaded = load_scenario(scenario, set_ or ())
    places = [_address(text, "--listen") for text in listen or ()]
    tls_places = [_address(text, "--listen-tls") for text in listen_tls or ()]
    if not places and not tls_places:
        places = [("127.0.0.1", 2525)]
    serving = Serving(
        host, tuple(places), tuple(tls_places), service, cert, key, maildir, out, events,
        workers or 0,
    )  # fmt: skip
    # Not typer's Exit: this end is in order, whichever signal asked for it.
    raise SystemExit(start(loaded, serving, lambda line: typer.echo(line, err=True)))


def send(
    to: Annotated[str, typer.Option(metavar="ADDR:PORT", help="The server.")],
    rcpt: Annotated[
        list[str], typer.Option("--rcpt", "-t", metavar="ADDRESS", help="May be repeated.")
    ],
    sender: Annotated[
        str, typer.Option("--from", "-f", metavar="ADDRESS", help='Reverse-path; "" for <>.')
    ] = "postmaster@localhost",
    size: Annotated[
        str | None, typer.Option(metavar="SIZE", help="Of each message made here [1 kB].")
    ] = None,
    message: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A message (RFC 5322) to send instead.")
    ] = None,
    count: Annotated[int, typer.Option("--count", "-m", min=1, help="Messages.")] = 1,
    connections: Annotated[
        int, typer.Option("--connections", "-s", min=1, help="Connections at a time.")
    ] = 1,
    reuse: Annotated[bool, typer.Option(help="Send on over the same connection.")] = True,
    starttls: Annotated[
        bool, typer.Option("--starttls", help="No mail without STARTTLS [use it if offered].")
    ] = False,
    implicit_tls: Annotated[
        bool, typer.Option("--implicit-tls", help="TLS from the first octet, as on port 465.")
    ] = False,
    no_tls: Annotated[bool, typer.Option("--no-tls", help="Ignore STARTTLS.")] = False,
    verify: Annotated[bool, typer.Option(help="Refuse a certificate that is not valid.")] = False,
    auth: Annotated[str | None, typer.Option(metavar="USER", help="Authenticate.")] = None,
    password: Annotated[
        str | None,
        typer.Option(metavar="PW", help="Its password [from MAILSIM_PASSWORD, or asked for]."),
    ] = None,
    mechanism: Annotated[
        str | None, typer.Option(metavar="NAME", help="PLAIN, LOGIN, CRAM-MD5 or SCRAM-SHA-256.")
    ] = None,
    pipelining: Annotated[bool, typer.Option(help="Use PIPELINING where offered.")] = True,
    chunking: Annotated[bool, typer.Option(help="Use BDAT where CHUNKING is offered.")] = False,
    lmtp: Annotated[bool, typer.Option("--lmtp", help="Speak LMTP.")] = False,
    helo: Annotated[str | None, typer.Option(metavar="NAME", help="Name in EHLO.")] = None,
    timeout: Annotated[str, typer.Option(metavar="TIME", help="For each reply.")] = "60s",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Result directory [keep no tables].")
    ] = None,
    events: Annotated[bool, typer.Option(help="Record every line, for transcripts.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress, no summary.")] = False,
) -> None:
    """Send mail to a real server with the client machine; show how it went.

    Exit: 0 all accepted, 1 something was refused or failed, 2 wrong usage.
    """
    from mailsim.live.certificate import client_context
    from mailsim.live.client import Target
    from mailsim.message import Envelope
    from mailsim.message.address import is_address
    from mailsim.sending import Sending, read_message
    from mailsim.sending import send as start
    from mailsim.smtp import ClientConfig
    from mailsim.smtp.sasl import MECHANISMS
    from mailsim.units import parse_duration, parse_size

    for option, text in (*(("--rcpt", one) for one in rcpt), ("--from", sender)):
        if (text and not is_address(text)) or (option == "--rcpt" and not text):
            raise ConfigError(f"{option}: expected a mail address, got {text!r}")
    if starttls + implicit_tls + no_tls > 1:
        raise ConfigError("--starttls, --implicit-tls and --no-tls exclude each other")
    if size is not None and message is not None:
        raise ConfigError("--size: no effect with --message, which has the size it has")
    if verify and no_tls:
        raise ConfigError("--verify: no effect with --no-tls, which sees no certificate")
    for option, given in (("--password", password), ("--mechanism", mechanism)):
        if given is not None and auth is None:
            raise ConfigError(f"{option}: no effect without --auth, the user it is for")
    tls = "encrypt" if starttls else "implicit" if implicit_tls else "none" if no_tls else "may"
    if mechanism is not None and mechanism.upper() not in MECHANISMS:
        raise ConfigError(f"--mechanism: expected {', '.join(MECHANISMS)}, got {mechanism!r}")
    try:
        octets, timeout_s = parse_size(size or "1 kB"), parse_duration(timeout) / 1e9
    except ValueError as error:
        raise ConfigError(f"--size or --timeout: {error}") from error
    if timeout_s <= 0:
        raise ConfigError(f"--timeout: expected a time above 0 s, got {timeout!r}")
    address, port = _address(to, "--to")
    config = ClientConfig(
        helo or socket.gethostname() or "localhost",
        tls=tls,
        credentials=_credentials(auth, password),
        mechanisms=(mechanism.upper(),) if mechanism else MECHANISMS,
        pipelining=pipelining,
        chunking=chunking,
        rset_between=False,
        is_lmtp=lmtp,
    )
    sending = Sending(
        Target(address, port, client_context(is_verified=verify) if tls != "none" else None,
               timeout_s),
        config, Envelope(sender, tuple(dict.fromkeys(rcpt))),
        read_message(message) if message is not None else octets,
        count, connections, reuse, out, events,
    )  # fmt: skip
    with _bar(count, quiet=quiet) as progress:
        sent = start(sending, progress)
    if as_json:
        typer.echo(json.dumps(sent.summary()))
    elif not quiet:
        _show(sent, out)
    if sent.signal:
        n_left = count - sent.sent - sent.failed
        typer.echo(f"mailsim: stopped; {n_left} of {count} not sent", err=True)
        raise SystemExit(128 + sent.signal)
    if sent.failed:
        if sent.first_failure:
            typer.echo(f"mailsim: {sent.failed} of {count} failed: {sent.first_failure}", err=True)
        raise typer.Exit(1)


def _credentials(user: str | None, password: str | None) -> Credentials | None:
    from mailsim.smtp import Credentials

    if user is None:
        return None
    if password is None:
        password = os.environ.get("MAILSIM_PASSWORD")
    if password is None:
        password = typer.prompt(f"Password of {user}", hide_input=True, err=True)
    return Credentials(user, str(password))


def _address(text: str, option: str) -> tuple[str, int]:
    """Return address and port of ``127.0.0.1:2525``, ``[::1]:2525`` or ``2525``."""
    address, _, port = text.rpartition(":")
    inner = address[1:-1] if address.startswith("[") and address.endswith("]") else None
    is_address = bool(inner) if inner is not None else not set(address) & set("[]:")
    if not is_address or not port.isascii() or not port.isdecimal() or int(port) > 65535:
        form = "ADDR:PORT such as 127.0.0.1:2525 or [::1]:2525"
        raise ConfigError(f"{option}: expected {form}, got {text!r}")
    return inner or address or "127.0.0.1", int(port)


@contextmanager
def _bar(count: int, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Give a callback that draws a bar on stderr, where somebody is there to see it."""
    import sys

    if quiet or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("sending", total=count)
        yield lambda done, _total: bar.update(task, completed=done)


def _show(sent: Sent, out: Path | None) -> None:
    from rich.console import Console
    from rich.table import Table

    figures = sent.summary()
    table = Table(box=None, show_header=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_row("sent", f"{sent.sent:,}")
    table.add_row("failed", f"{sent.failed:,}")
    table.add_row("messages per s", f"{figures['messages_per_s']:,.1f}")
    for name in ("p50", "p95", "p99"):
        value = figures[f"delay_{name}_s"]
        table.add_row(f"delay {name}", "-" if value is None else f"{value * 1e3:,.2f} ms")
    for code, n in figures["replies"].items():
        table.add_row(f"replies {code}", f"{n:,}")
    if sent.unanswered:
        table.add_row("no reply", f"{sent.unanswered:,}")
    Console().print(table)
    if out is not None:
        typer.echo(f"results   {out}")
