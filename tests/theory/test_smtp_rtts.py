"""How many round trips a session takes: exact, from the first SYN to the final reply."""

from __future__ import annotations

import pytest
from theory.dialogues import (
    CLIENTS,
    ONE_WAY_S,
    PIPELINING,
    RTTS,
    SERVER,
    STARTTLS,
    TEN_MESSAGES,
    THROUGH_POSTFIX,
    VARIANTS,
    run,
    tls_1_2,
)

from mailsim.analysis import littles_law


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
    assert session["auth"].removesuffix("-SHA-256") in variant
    assert bool(session["auth"]) == ("AUTH" in variant or "CRAM" in variant)
    elapsed_s = attempts["ended_at_s"].max() - session["opened_at_s"]
    assert elapsed_s == pytest.approx(RTTS[variant] * 2 * ONE_WAY_S, rel=1e-9)
    # The client does not wait for the answer to QUIT.
    assert session["round_trips"] == RTTS[variant]
    law = littles_law(result.frames)  # nobody is there at the start, nor at the end
    port = next((port for port in ("587", "465") if port in variant), "25")
    assert f"busy:{port}" in set(law["queue"])
    assert law["relative_error"].abs().max() < 1e-6


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


@pytest.mark.parametrize(
    ("likes", "used", "trips"),
    [
        ("[CRAM-MD5, SCRAM-SHA-256]", "CRAM-MD5", RTTS["CRAM-MD5"]),
        ("[SCRAM-SHA-256, CRAM-MD5]", "SCRAM-SHA-256", RTTS["SCRAM with IR"]),
        ("[LOGIN]", "LOGIN", RTTS["plain"] + 2),
    ],
)
def test_clients_take_the_mechanism_they_like_best(likes: str, used: str, trips: int) -> None:
    offer = "mechanisms=[LOGIN, CRAM-MD5, SCRAM-SHA-256]"
    result = run(
        f"{SERVER}.25.auth=optional", f"{SERVER}.25.{offer}", f"{CLIENTS}.mechanisms={likes}"
    )
    session = result.sessions.iloc[0]
    assert (session["auth"], session["round_trips"]) == (used, trips)


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
