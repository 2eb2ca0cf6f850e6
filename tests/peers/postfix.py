"""Postfix in directories of its own: smtpd with everything on, and the counting smtp-sink."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from peers.mail import PASSWORD, USER, Stored
from peers.needed import need_root, program
from peers.running import free_port, run, running
from peers.server import Certificate, Server, in_maildir

__all__ = ["POSTFIX_CAN", "SINK_CAN", "postfix", "smtp_sink"]

_MAIN = """\
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
maillog_file = {root}/log/postfix.log
maillog_file_prefixes = {root}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = peer.example.net
mydestination =
mynetworks =
alias_maps =
alias_database =
local_recipient_maps =
smtpd_relay_restrictions = reject_unauth_destination
smtpd_peername_lookup = no
disable_dns_lookups = yes
default_process_limit = 20
virtual_mailbox_domains = example.net
virtual_mailbox_maps = static:all/
virtual_mailbox_base = {root}/mail
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_tls_security_level = may
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
smtpd_sasl_auth_enable = yes
smtpd_sasl_path = smtpd
smtpd_sasl_local_domain = example.net
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{tls_port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
_SASL = """\
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {sasl}/sasldb2
mech_list: PLAIN LOGIN CRAM-MD5
"""
POSTFIX_CAN = frozenset(
    {
        "recipients", "null_sender", "8bit", "starttls", "implicit", "PLAIN", "LOGIN", "CRAM-MD5",
        "pipelining", "chunking", "smtputf8", "dsn", "refuses",
    }
)  # fmt: skip
SINK_CAN = frozenset({"recipients", "null_sender", "8bit", "pipelining"})


@contextmanager
def postfix(root: Path, certificate: Certificate) -> Iterator[Server]:
    """Run Postfix; all mail to ``example.net`` goes to one Maildir, a copy for each recipient."""
    need_root("Postfix")
    postfix_program = program("postfix", "postfix")
    port, tls_port = free_port(), free_port()
    config, maildir = root / "config", root / "mail" / "all"
    for place in ("config", "config/sasl", "queue", "data", "log", "mail"):
        (root / place).mkdir()
    shutil.chown(root / "data", "postfix")
    (root / "mail").chmod(0o777)
    for name in ("dynamicmaps.cf", "postfix-files"):
        shutil.copy(Path("/etc/postfix") / name, config)
    main = _MAIN.format(root=root, cert=certificate.cert, key=certificate.key)
    (config / "main.cf").write_text(main)
    (config / "master.cf").write_text(_MASTER.format(port=port, tls_port=tls_port))
    _add_user(config / "sasl")  # where Debian's Postfix looks, whatever cyrus_sasl_config_path says
    master = [postfix_program, "-c", config]
    with running(
        [*master, "start-fg"], root / "start.log", port=port, stop=lambda: run([*master, "stop"])
    ):
        stored = partial(in_maildir, maildir)
        yield Server(port, tls_port, POSTFIX_CAN, stored, root / "log" / "postfix.log")


def _add_user(sasl: Path) -> None:
    database = sasl / "sasldb2"
    (sasl / "smtpd.conf").write_text(_SASL.format(sasl=sasl))
    saslpasswd2 = program("saslpasswd2", "sasl2-bin")
    done = run(
        [saslpasswd2, "-p", "-c", "-f", database, "-u", "example.net", USER], PASSWORD.encode()
    )
    assert done.returncode == 0, done.stdout
    shutil.chown(database, "postfix")


@contextmanager
def smtp_sink(root: Path) -> Iterator[Server]:
    """Run Postfix's smtp-sink, which keeps every transaction in a file of its own."""
    smtp_sink_program = program("smtp-sink", "postfix")
    port = free_port()
    command = [smtp_sink_program, "-d", "message.", f"inet:127.0.0.1:{port}", "1024"]
    if os.geteuid() == 0:
        shutil.chown(root, "postfix")
        command[1:1] = ["-u", "postfix"]

    def stored() -> list[Stored]:
        # It ends each file with an empty line, as an mbox has between messages.
        files = sorted(root.glob("message.*"))
        return [Stored(path.read_bytes().removesuffix(b"\n")) for path in files]

    with running(command, root / "start.log", port=port):
        yield Server(port, 0, SINK_CAN, stored, copies=False)
