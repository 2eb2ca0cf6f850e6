"""How many round trips a session takes: exact, from the first SYN to the final reply."""

from __future__ import annotations

import pytest
from theory.cases import EXPERIMENTS, case

import mailsim as ms
from mailsim.analysis import littles_law

ONE_WAY_S = 0.025
CLIENTS = "hosts.office.example.org.clients"
PIPELINING = f"{CLIENTS}.pipelining=true"
STARTTLS = f"{CLIENTS}.tls=encrypt"
TEN_RECIPIENTS = ("traffic.mail.bulk.recipients=10", "traffic.mail.recipients_per_message=10")
TEN_MESSAGES = "traffic.mail.bulk.recipients=10"
THROUGH_POSTFIX = f"{CLIENTS}.submit_to=out.example.org"
RTTS = case("smtp_rtts")["expected"]["rtts"]

VARIANTS = {
    "plain": (),
    "plain, 10 rcpt": TEN_RECIPIENTS,
    "PIPELINING": (PIPELINING,),
    "PIPELINING, 10 rcpt": (PIPELINING, *TEN_RECIPIENTS),
    "STARTTLS 1.3": (STARTTLS,),
    "STARTTLS 1.3 + PIPELINING": (STARTTLS, PIPELINING),
    "submission 587: STARTTLS 1.3 + AUTH PLAIN IR + PIPELINING": (
        STARTTLS,
        PIPELINING,
        f"{CLIENTS}.port=587",
    ),
    "10 messages reused, no pipelining": (TEN_MESSAGES,),
    "10 messages reused, PIPELINING": (TEN_MESSAGES, PIPELINING),
    "10 messages reused, RSET between (Postfix style), PIPELINING": (
        TEN_MESSAGES,
        PIPELINING,
        THROUGH_POSTFIX,
    ),
}


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
    assert session["tls"] == ("starttls" if "STARTTLS" in variant else "")
    assert session["auth"] == ("PLAIN" if "AUTH" in variant else "")
    elapsed_s = attempts["ended_at_s"].max() - session["opened_at_s"]
    assert elapsed_s == pytest.approx(RTTS[variant] * 2 * ONE_WAY_S, rel=1e-9)
    # The client does not wait for the answer to QUIT.
    assert session["round_trips"] == RTTS[variant]
    law = littles_law(result.frames)  # nobody is there at the start, nor at the end
    assert "busy:587" in set(law["queue"]) if "587" in variant else "busy:25" in set(law["queue"])
    assert law["relative_error"].abs().max() < 1e-6


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
