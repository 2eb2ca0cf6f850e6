"""Transcripts: the sessions of one message, others' lines left out but counted."""

from __future__ import annotations

from typing import Any

import pytest
from synthetic import INFO, delivery, make_tables

from mailsim.analysis import Frames, session_transcript, transcript
from mailsim.errors import ConfigError


def line(
    at_s: float, side: str, text: str, message: int | None, session: int = 1
) -> dict[str, Any]:
    return {"at_s": at_s, "session": session, "message": message, "side": side, "text": text}


EVENTS = [
    line(0.0, "-", "connect to mx", None),
    line(0.2, "S", "220 mx", None),
    line(0.3, "C", "MAIL FROM:<a>", 1),
    line(0.5, "C", "MAIL FROM:<b>", 2),
    line(0.6, "S", "250 Ok", 2),
    line(0.4, "S", "250 Ok", 1),
    line(0.7, "C", "QUIT", None),
    line(0.1, "C", "EHLO", None, session=2),
]
SESSION = {"session": 1, "client": "a", "server": "mx", "port": 25}
DELIVERIES = [delivery(1, 0.0, 1.0), delivery(2, 0.0, 1.0), delivery(3, 0.0, None)]
FRAMES = Frames(make_tables(events=EVENTS, sessions=[SESSION], deliveries=DELIVERIES), INFO)


def test_own_lines_in_order_of_time() -> None:
    assert transcript(FRAMES, 1).splitlines() == [
        "a -> mx:25  (session 1)",
        "    0.000000  -: connect to mx",
        "    0.200000  S: 220 mx",
        "    0.300000  C: MAIL FROM:<a>",
        "    0.400000  S: 250 Ok",
        "         ...  (2 lines of other messages)",
        "    0.700000  C: QUIT",
    ]


def test_a_session_that_was_open_at_the_end_has_no_row() -> None:
    frames = Frames(make_tables(events=EVENTS[:3], deliveries=DELIVERIES), INFO)
    assert transcript(frames, 1).startswith("session 1\n")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (3, "message 3 travelled in no session: it never left its client"),
        (4, "no message 4: expected 1 to 3"),
    ],
)
def test_no_such_message(number: int, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        transcript(FRAMES, number)


def test_a_run_without_mail_or_without_events() -> None:
    with pytest.raises(ConfigError, match="this run had none at all"):
        transcript(Frames(make_tables(events=[]), INFO), 1)
    with pytest.raises(ConfigError, match="--set record"):
        transcript(Frames(make_tables(), INFO), 1)


def test_all_lines_of_a_session() -> None:
    assert session_transcript(FRAMES, 1).splitlines() == [
        "a -> mx:25  (session 1)",
        "    0.000000  -: connect to mx",
        "    0.200000  S: 220 mx",
        "    0.300000  C: MAIL FROM:<a>",
        "    0.400000  S: 250 Ok",
        "    0.500000  C: MAIL FROM:<b>",
        "    0.600000  S: 250 Ok",
        "    0.700000  C: QUIT",
    ]
    assert session_transcript(FRAMES, 2).splitlines()[0] == "session 2"
    with pytest.raises(ConfigError, match="no session 3: expected 1 to 2"):
        session_transcript(FRAMES, 3)
    with pytest.raises(ConfigError, match="no session 1: this run had none"):
        session_transcript(Frames(make_tables(events=[]), INFO), 1)
