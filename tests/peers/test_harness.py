"""The peers against each other: what fails here is not mailsim's."""

from __future__ import annotations

import pytest
from peers.aiosmtpd_server import aiosmtpd
from peers.clients import CLIENTS, Client
from peers.mail import VARIANTS, new_mail
from peers.server import Certificate, Server

pytestmark = [
    pytest.mark.peer,
    # aiosmtplib leaves its TLS transports to the garbage collector, which tells whoever runs then.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def check_all_ways(name: str, server: Server, certificate: Certificate) -> None:
    """Send in each way that client and server both know; nothing may be lost or changed."""
    client: Client = CLIENTS[name]
    sent = []
    for variant, way in VARIANTS.items():
        if client.does(way) and way.needs <= server.can:
            mail = new_mail(way, f"check-{name}-{variant}".replace("_", "-"))
            target = way.target(server.port, server.tls_port, certificate.cert)
            said = client.send(mail, target)
            assert said.code == 0, f"{variant}: {said.text}"
            sent.append(mail._replace(content=mail.content + client.adds))
    for mail in sent:
        server.wait_for_mail(mail)


def test_servers_take_mail(peer: Server, certificate: Certificate) -> None:
    check_all_ways("smtplib", peer, certificate)


@pytest.mark.parametrize("name", CLIENTS)
def test_clients_send_mail(name: str, certificate: Certificate) -> None:
    with aiosmtpd(certificate) as server:
        check_all_ways(name, server, certificate)
