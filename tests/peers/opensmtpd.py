"""OpenSMTPD, unpacked by ``.ci/peers``: it relays all mail to an smtp-sink, which keeps it.

Its own way into a Maildir is a program at a place compiled in.  Its spool and socket are such
places too, so one of it runs at a time; a lock sees to that.
"""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from peers.needed import need_root, unpacked
from peers.postfix import smtp_sink
from peers.running import free_port, running
from peers.server import Server

__all__ = ["OPENSMTPD_CAN", "opensmtpd"]

_CONFIG = """\
listen on 127.0.0.1 port {port} hostname peer.example.net
action "keep" relay host "smtp://127.0.0.1:{sink}"
match from any for domain "example.net" action "keep"
"""
OPENSMTPD_CAN = frozenset({"recipients", "null_sender", "8bit", "dsn", "refuses"})


@contextmanager
def opensmtpd(root: Path) -> Iterator[Server]:
    """Run OpenSMTPD; a message to several recipients is kept once."""
    need_root("OpenSMTPD")
    program = unpacked("opensmtpd", "usr/sbin/smtpd")
    (root / "sink").mkdir()
    config, log, port = root / "smtpd.conf", root / "start.log", free_port()
    with (
        (Path(tempfile.gettempdir()) / "mailsim-opensmtpd.lock").open("w") as lock,
        smtp_sink(root / "sink") as sink,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        config.write_text(_CONFIG.format(port=port, sink=sink.port))
        with running([program, "-d", "-f", config], log, port=port):
            yield replace(sink, port=port, can=OPENSMTPD_CAN, log=log)
