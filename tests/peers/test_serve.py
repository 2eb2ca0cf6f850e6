"""Real clients against ``mailsim serve``: each client in each way it knows."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
from peers.clients import CLIENTS
from peers.mail import VARIANTS, new_mail
from peers.mailsim_commands import Served, mailsim_serve
from peers.server import Certificate

pytestmark = [
    pytest.mark.peer,
    # aiosmtplib leaves its TLS transports to the garbage collector, which tells whoever runs then.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

WAYS = [
    (client, variant)
    for client in CLIENTS
    for variant in VARIANTS
    if CLIENTS[client].does(VARIANTS[variant])
]


@pytest.mark.parametrize(("client", "variant"), WAYS)
def test_mail_arrives(client: str, variant: str, served: Served, certificate: Certificate) -> None:
    way, server = VARIANTS[variant], served.server
    mail = new_mail(way, f"{client}-{variant}".replace("_", "-"))
    said = CLIENTS[client].send(mail, way.target(server.port, server.tls_port, certificate.cert))
    assert said.code == 0, said.text
    arrives = mail._replace(content=mail.content + CLIENTS[client].adds)
    for stored in server.wait_for_mail(arrives):
        assert way.keyword in stored.head


@pytest.mark.parametrize("client", CLIENTS)
def test_no_relay_for_strangers(client: str, served: Served) -> None:
    way = VARIANTS["plain"]
    mail = new_mail(way, f"{client}-relay")._replace(recipients=("someone@example.com",))
    said = CLIENTS[client].send(mail, way.target(served.server.port))
    assert said.code != 0
    assert re.search(r"\b55[0-9]\b", said.text), said.text


def test_tables_tell_what_came(tmp_path: Path, certificate: Certificate) -> None:
    way = VARIANTS["recipients"]
    clients = [name for name, client in CLIENTS.items() if client.does(way)]
    recipients: list[str] = []
    with mailsim_serve(tmp_path, certificate) as served:
        for name in clients:
            mail = new_mail(way, name)
            said = CLIENTS[name].send(mail, way.target(served.server.port))
            assert said.code == 0, said.text
            recipients += mail.recipients
        assert served.stop() == 0
    tables = served.check_balance()
    assert sorted(tables.deliveries["recipient"]) == sorted(recipients)
    assert set(tables.deliveries["sender"]) == {way.sender}
    assert len(tables.sessions) == len(clients)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_stops_in_order(
    number: signal.Signals, code: int, tmp_path: Path, certificate: Certificate
) -> None:
    mail = new_mail(VARIANTS["plain"], "stop")
    with mailsim_serve(tmp_path, certificate) as served:
        CLIENTS["smtplib"].send(mail, VARIANTS["plain"].target(served.server.port))
        assert served.stop(number) == code
    assert len(served.check_balance().deliveries) == 1
