"""How many round trips a session takes: exact, from the first SYN to the final reply."""

from __future__ import annotations

import pytest
from theory.cases import EXPERIMENTS, case

import mailsim as ms
from mailsim.analysis import littles_law

ONE_WAY_S = 0.025
CLIENTS = "hosts.office.example.org.clients"
SERVER = "hosts.mx.example.org.listen"
PIPELINING = f"{CLIENTS}.pipelining=true"
CHUNKING = f"{CLIENTS}.chunking=true"
STARTTLS = f"{CLIENTS}.tls=encrypt"
TEN_RECIPIENTS = ("traffic.mail.bulk.recipients=10", "traffic.mail.recipients_per_message=10")
TEN_MESSAGES = "traffic.mail.bulk.recipients=10"
THROUGH_POSTFIX = f"{CLIENTS}.submit_to=out.example.org"
SUBMISSION = (f"{CLIENTS}.port=587", STARTTLS)
SUBMISSIONS = (f"{CLIENTS}.port=465", f"{CLIENTS}.tls=implicit", PIPELINING)
RTTS = case("smtp_rtts")["expected"]["rtts"]


def tls_1_2(port: int = 25) -> str:
    return f"{SERVER}.{port}.tls_protocol=TLSv1.2"


VARIANTS: dict[str, tuple[str, ...]] = {
    "plain": (),
    "plain, 10 rcpt": TEN_RECIPIENTS,
    "PIPELINING": (PIPELINING,),
    "PIPELINING, 10 rcpt": (PIPELINING, *TEN_RECIPIENTS),
    "PIPELINING+CHUNKING": (PIPELINING, CHUNKING),
    "CHUNKING only": (CHUNKING,),
    "STARTTLS 1.2": (STARTTLS, tls_1_2()),
    "STARTTLS 1.3": (STARTTLS,),
    "STARTTLS 1.3 + PIPELINING": (STARTTLS, PIPELINING),
    "STARTTLS 1.2 + PIPELINING": (STARTTLS, PIPELINING, tls_1_2()),
    "submission 587: STARTTLS 1.3 + AUTH PLAIN IR + PIPELINING": (*SUBMISSION, PIPELINING),
    "submission 587: STARTTLS 1.2 + AUTH LOGIN, no pipelining": (
        *SUBMISSION,
        tls_1_2(587),
        f"{SERVER}.587.mechanisms=[LOGIN]",
        f"{CLIENTS}.initial_response=false",
    ),
    "submissions 465: TLS 1.3 + AUTH PLAIN IR + PIPELINING": SUBMISSIONS,
    "submissions 465: TLS 1.2 + AUTH PLAIN IR + PIPELINING": (*SUBMISSIONS, tls_1_2(465)),
    "10 messages reused, no pipelining": (TEN_MESSAGES,),
    "10 messages reused, PIPELINING": (TEN_MESSAGES, PIPELINING),
    "10 messages reused, RSET between (Postfix style), PIPELINING": (
        TEN_MESSAGES,
        PIPELINING,
        THROUGH_POSTFIX,
    ),
    "CRAM-MD5": (f"{SERVER}.25.auth=optional", f"{SERVER}.25.mechanisms=[CRAM-MD5]"),
}
ELSEWHERE = {"plain+QUIT", "STARTTLS 1.2 resumed"}
"""Judged by tests of their own."""
NOT_MODELLED = {"SCRAM with IR"}
"""There is no SCRAM."""


def run(*sets: str) -> ms.Run:
    return ms.load(EXPERIMENTS / "smtp_rtts.yaml", *sets).run()


@pytest.mark.parametrize("fidelity", ["flights", "wire"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_elapsed_time_is_a_whole_number_of_round_trips(variant: str, fidelity: str) -> None:
    sets = VARIANTS[variant]
    result = run(*sets, f"fidelity={fidelity}")
    client = "out.example.org" if THROUGH_POSTFIX in sets else "office.example.org"
    sessions = result.sessions[result.sessions["client"] == client]
    assert len(sessions) == 1
    session = sessions.iloc[0]
    attempts = result.attempts[result.attempts["session"] == session["session"]]
    assert len(attempts) == (10 if "10" in variant else 1)
    assert set(attempts["status"]) == {"sent"}
    is_implicit = "465" in variant
    assert session["tls"] == (
        "implicit" if is_implicit else "starttls" if "STARTTLS" in variant else ""
    )
    assert session["auth"] in variant
    assert bool(session["auth"]) == ("AUTH" in variant or "CRAM" in variant)
    elapsed_s = attempts["ended_at_s"].max() - session["opened_at_s"]
    assert elapsed_s == pytest.approx(RTTS[variant] * 2 * ONE_WAY_S, rel=1e-9)
    # The client does not wait for the answer to QUIT.
    assert session["round_trips"] == RTTS[variant]
    law = littles_law(result.frames)  # nobody is there at the start, nor at the end
    port = next((port for port in ("587", "465") if port in variant), "25")
    assert f"busy:{port}" in set(law["queue"])
    assert law["relative_error"].abs().max() < 1e-6


def test_every_case_is_judged() -> None:
    assert set(RTTS) == {*VARIANTS, *ELSEWHERE, *NOT_MODELLED}


@pytest.mark.parametrize("fidelity", ["flights", "wire"])
def test_a_resumed_session_of_tls_1_2_is_one_round_trip_less(fidelity: str) -> None:
    sets = (STARTTLS, tls_1_2(), "traffic.mail.bulk.recipients=2", f"fidelity={fidelity}")
    one_each = (f"{CLIENTS}.messages_per_connection=1", f"{CLIENTS}.tls_resumption=true")
    trips = run(*sets, *one_each).sessions["round_trips"].tolist()
    assert trips == [RTTS["STARTTLS 1.2"], RTTS["STARTTLS 1.2 resumed"]]


@pytest.mark.parametrize(
    ("cache", "trips"), [("''", [11, 11]), ("btree:smtp_scache", [11, 10])], ids=["none", "cache"]
)
def test_a_postfix_resumes_where_it_has_a_cache(cache: str, trips: list[int]) -> None:
    postfix = "hosts.out.example.org.postfix"
    result = run(
        THROUGH_POSTFIX,
        tls_1_2(),
        "traffic.mail.bulk.recipients=2",
        "traffic.mail.bulk.rate=1/s",
        f"{postfix}.smtp_tls_security_level=encrypt",
        f"{postfix}.smtp_pipelining=false",
        f"{postfix}.smtp_tls_session_cache_database={cache}",
    )
    sessions = result.sessions[result.sessions["client"] == "out.example.org"]
    assert sessions["round_trips"].tolist() == trips


def test_quit_is_one_round_trip_more() -> None:
    """To the reply to QUIT: the server closes as it sends it, one way before it is there."""
    session = run().sessions.iloc[0]
    elapsed_s = session["released_at_s"] + ONE_WAY_S - session["opened_at_s"]
    assert elapsed_s == pytest.approx(RTTS["plain+QUIT"] * 2 * ONE_WAY_S, rel=1e-9)


def test_a_postfix_without_pipelining() -> None:
    """A Postfix that may not use PIPELINING: 7 round trips, and RSET, MAIL, RCPT, DATA, dot."""
    sets = (TEN_MESSAGES, PIPELINING, THROUGH_POSTFIX)
    result = run(*sets, "hosts.out.example.org.postfix.smtp_pipelining=false")
    session = result.sessions[result.sessions["client"] == "out.example.org"].iloc[0]
    assert session["round_trips"] == RTTS["plain"] + 9 * 5
