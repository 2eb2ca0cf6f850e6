"""Exim, unpacked by ``.ci/peers``; everything it offers is on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from peers.mail import PASSWORD, USER
from peers.needed import need_root, unpacked
from peers.running import free_port, running
from peers.server import Certificate, Server, in_maildir

__all__ = ["EXIM_CAN", "exim"]

# Without deliver_drop_privilege it would start itself anew as root for each delivery, and it
# trusts no configuration but its own then.
_CONFIG = """\
exim_path = {exim}
keep_environment =
spool_directory = {root}/spool
log_file_path = {root}/log/%slog
deliver_drop_privilege
primary_hostname = peer.example.net
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port} : {tls_port}
tls_on_connect_ports = {tls_port}
tls_advertise_hosts = *
tls_certificate = {cert}
tls_privatekey = {key}
auth_advertise_hosts = *
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
chunking_advertise_hosts = *
smtp_accept_queue_per_connection = 0
rfc1413_query_timeout = 0s
host_lookup =
acl_smtp_rcpt = check_rcpt

begin acl
check_rcpt:
  accept domains = example.net
  deny message = relay not permitted

begin routers
all:
  driver = accept
  transport = keep

begin transports
keep:
  driver = appendfile
  directory = {root}/mail
  create_directory
  maildir_format
  return_path_add

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{eq{{$auth1}}{{{user}}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${{if eq{{$auth1}}{{{user}}}{{{password}}}fail}}
  server_set_id = $auth1
"""
EXIM_CAN = frozenset(
    {
        "recipients", "null_sender", "8bit", "starttls", "implicit", "PLAIN", "LOGIN", "CRAM-MD5",
        "pipelining", "chunking", "smtputf8", "dsn", "refuses",
    }
)  # fmt: skip


@contextmanager
def exim(root: Path, certificate: Certificate) -> Iterator[Server]:
    """Run Exim; all mail to ``example.net`` goes to one Maildir, a copy for each recipient."""
    need_root("Exim")
    # Where it was unpacked its own user may not look.
    program = shutil.copy(unpacked("exim4", "usr/sbin/exim4"), root / "exim4")
    for name in ("spool", "log"):
        (root / name).mkdir()
    for path in (root, root / "spool", root / "log"):
        shutil.chown(path, "Debian-exim", "Debian-exim")
    # Exim reads them anew, as its own user, for every session.
    cert, key = (shutil.copy(path, root) for path in certificate)
    shutil.chown(key, "Debian-exim")
    port, tls_port = free_port(), free_port()
    config = root / "exim.conf"
    config.write_text(
        _CONFIG.format(
            exim=program,
            root=root,
            port=port,
            tls_port=tls_port,
            cert=cert,
            key=key,
            user=USER,
            password=PASSWORD,
        )
    )
    command = [program, "-C", config, "-bdf", "-q30s", "-oP", root / "pid"]
    stored = partial(in_maildir, root / "mail")
    with running(command, root / "start.log", port=port):
        yield Server(port, tls_port, EXIM_CAN, stored, root / "log" / "mainlog")
