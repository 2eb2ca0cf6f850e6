"""Round trips of a session, from the first SYN to the final reply."""

from __future__ import annotations

from theory.cases import EXPERIMENTS, case
from theory.judge import Measured, Plan, Study

import mailsim as ms

__all__ = ["STUDIES"]

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
    "SCRAM with IR": (f"{SERVER}.25.auth=optional", f"{SERVER}.25.mechanisms=[SCRAM-SHA-256]"),
}


def run(*sets: str) -> ms.Run:
    return ms.load(EXPERIMENTS / "smtp_rtts.yaml", *sets).run()


def trips(variant: str) -> float:
    """Return the time from the first SYN to the last final reply, in round trips."""
    sets = VARIANTS[variant]
    result = run(*sets)
    client = "out.example.org" if THROUGH_POSTFIX in sets else "office.example.org"
    session = result.sessions[result.sessions["client"] == client].iloc[0]
    attempts = result.attempts[result.attempts["session"] == session["session"]]
    return float(attempts["ended_at_s"].max() - session["opened_at_s"]) / (2 * ONE_WAY_S)


def trips_of_quit() -> float:
    """Return the same to the reply to QUIT, which the server gives as it closes."""
    session = run().sessions.iloc[0]
    return float(session["released_at_s"] + ONE_WAY_S - session["opened_at_s"]) / (2 * ONE_WAY_S)


def trips_of_resumption() -> float:
    """Return those of a second session, whose TLS is that of the first."""
    one_each = (f"{CLIENTS}.messages_per_connection=1", f"{CLIENTS}.tls_resumption=true")
    result = run(STARTTLS, tls_1_2(), "traffic.mail.bulk.recipients=2", *one_each)
    assert len(result.sessions) == 2
    attempts, second = result.attempts.iloc[1], result.sessions.iloc[1]
    return float(attempts["ended_at_s"] - second["opened_at_s"]) / (2 * ONE_WAY_S)


def measure(plan: Plan) -> Measured:
    """Return each session's round trips."""
    found = dict(zip(VARIANTS, map(trips, VARIANTS), strict=True))
    found |= {"plain+QUIT": trips_of_quit(), "STARTTLS 1.2 resumed": trips_of_resumption()}
    return {f"rtts {name}": n for name, n in found.items()}


STUDIES = (Study("smtp_rtts", measure, Plan(), Plan()),)
