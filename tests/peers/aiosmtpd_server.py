"""aiosmtpd, in a thread of the test."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from peers.mail import PASSWORD, USER, Stored
from peers.needed import module
from peers.running import free_port
from peers.server import Certificate, Server

__all__ = ["AIOSMTPD_CAN", "aiosmtpd"]

AIOSMTPD_CAN = frozenset(
    {"recipients", "null_sender", "8bit", "starttls", "implicit", "PLAIN", "LOGIN", "smtputf8"}
)


class _Keeper:
    """Its handler: takes what comes."""

    def __init__(self) -> None:
        self.kept: list[Stored] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.kept.append(Stored(envelope.original_content.replace(b"\r\n", b"\n")))
        return "250 2.0.0 Ok"


@contextmanager
def aiosmtpd(certificate: Certificate) -> Iterator[Server]:
    """Run aiosmtpd, which keeps a transaction once for all its recipients."""
    controller, smtp = module("aiosmtpd.controller"), module("aiosmtpd.smtp")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    keeper = _Keeper()

    def check(server: Any, session: Any, envelope: Any, mechanism: str, claim: Any) -> Any:
        is_right = (claim.login, claim.password) == (USER.encode(), PASSWORD.encode())
        return smtp.AuthResult(success=is_right)

    both = {"hostname": "127.0.0.1", "enable_SMTPUTF8": True, "authenticator": check}
    port, tls_port = free_port(), free_port()
    with warnings.catch_warnings():
        # It warns of AUTH that does not require TLS, which these connections have.
        warnings.simplefilter("ignore")
        servers = [
            controller.Controller(keeper, port=port, tls_context=context, **both),
            controller.Controller(
                keeper, port=tls_port, ssl_context=context, auth_require_tls=False, **both
            ),
        ]
        started = []
        try:
            for server in servers:
                server.start()
                started.append(server)
            yield Server(port, tls_port, AIOSMTPD_CAN, lambda: list(keeper.kept), copies=False)
        finally:
            for server in started:
                server.stop()
