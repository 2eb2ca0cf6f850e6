"""docs/roundtrips.md says what runs count: each row of its table is one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from theory.cases import EXPERIMENTS

import mailsim as ms

PAGE = Path(__file__).parents[2] / "docs" / "roundtrips.md"
CLIENTS = "hosts.office.example.org.clients"
SERVER = "hosts.mx.example.org.listen"
POSTFIX = "hosts.out.example.org.postfix"
PIPELINING = f"{CLIENTS}.pipelining=true"
CHUNKING = f"{CLIENTS}.chunking=true"
STARTTLS = f"{CLIENTS}.tls=encrypt"
TEN = ("traffic.mail.bulk.recipients=20", "traffic.mail.recipients_per_message=10")
RELAY = (f"{CLIENTS}.submit_to=out.example.org", PIPELINING)
RELAY_TLS = (*RELAY, f"{POSTFIX}.smtp_tls_security_level=encrypt")
ON_465 = (f"{CLIENTS}.port=465", f"{CLIENTS}.tls=implicit", PIPELINING)


def tls_1_2(port: int = 25) -> str:
    return f"{SERVER}.{port}.tls_protocol=TLSv1.2"


SESSIONS: dict[str, tuple[str, ...]] = {
    "plain": (),
    "plain, 10 recipients": TEN,
    "PIPELINING": (PIPELINING,),
    "PIPELINING, 10 recipients": (PIPELINING, *TEN),
    "CHUNKING": (CHUNKING,),
    "PIPELINING and CHUNKING": (PIPELINING, CHUNKING),
    "STARTTLS, TLS 1.3": (STARTTLS,),
    "STARTTLS, TLS 1.2": (STARTTLS, tls_1_2()),
    "STARTTLS, TLS 1.3, PIPELINING": (STARTTLS, PIPELINING),
    "STARTTLS, TLS 1.2, PIPELINING": (STARTTLS, PIPELINING, tls_1_2()),
    "STARTTLS, TLS 1.3, PIPELINING and CHUNKING": (STARTTLS, PIPELINING, CHUNKING),
    "Postfix to Postfix in the clear, RSET before each further message": RELAY,
    "Postfix to Postfix, STARTTLS, TLS 1.3": RELAY_TLS,
    "Postfix, STARTTLS, `smtp_chunking`": (*RELAY_TLS, f"{POSTFIX}.smtp_chunking=true"),
    "submission on 587: TLS 1.3, AUTH PLAIN, PIPELINING": (
        f"{CLIENTS}.port=587",
        STARTTLS,
        PIPELINING,
    ),
    "submission on 465: TLS 1.3, AUTH PLAIN, PIPELINING": ON_465,
    "submission on 465: TLS 1.2, AUTH PLAIN, PIPELINING": (*ON_465, tls_1_2(465)),
}


def table() -> dict[str, tuple[int, int]]:
    """Return the figures of the page by session."""
    rows = re.findall(r"^\| (.+?) \| (\d+) \| (\d+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return {name: (int(new), int(further)) for name, new, further in rows}


def test_every_row_is_a_run() -> None:
    assert set(table()) == set(SESSIONS)


@pytest.mark.parametrize("name", SESSIONS)
def test_a_row_is_what_a_run_counts(name: str) -> None:
    new, further = table()[name]
    sets = ("traffic.mail.bulk.recipients=2", *SESSIONS[name])
    trips = []
    for n in ("1", "100"):  # two connections, and one
        run = ms.load(
            EXPERIMENTS / "smtp_rtts.yaml",
            *sets,
            f"{CLIENTS}.messages_per_connection={n}",
            f"{POSTFIX}.smtp_connection_cache_on_demand={'yes' if n == '100' else 'no'}",
        ).run()
        sessions = run.sessions[run.sessions["server"] == "mx.example.org"]
        assert sessions["messages"].sum() == 2
        trips.append(sessions["round_trips"].tolist())
    assert trips == [[new, new], [new + further]]
