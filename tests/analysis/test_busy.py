"""How many deliveries were under way while others waited, and whose a question to the DNS was."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from synthetic import INFO, attempt, delivery, make_tables

from mailsim.analysis import Frames, binding_limit, message_story
from mailsim.analysis.busy import busy_while_waiting
from mailsim.analysis.questions import Questions
from mailsim.analysis.totals import HELD
from mailsim.errors import ConfigError


def rows(*deliveries: tuple[float, float, float, str]) -> pd.DataFrame:
    """Return deliveries by when they were there, were handed out and ended, all of it service."""
    frame = pd.DataFrame(deliveries, columns=["active_s", "handed_s", "ended_s", "status"])
    for name in HELD:
        frame[name] = frame["ended_s"] - frame["handed_s"] if name == "server time" else 0.0
    return frame.assign(is_first=True)


def test_one_at_a_time() -> None:
    """Three come together and take 2 s each: while one waits, one is under way."""
    busy = busy_while_waiting(rows((0, 0, 2, "sent"), (0, 2, 4, "sent"), (0, 4, 6, "sent")))
    assert (busy.seconds, busy.mean, busy.most, busy.hold_s) == (4, 1, 1, 2)
    assert busy.rate == pytest.approx(1 / 4)  # the second ends as the last stops waiting


def test_nothing_waits() -> None:
    busy = busy_while_waiting(rows((0, 0, 2, "sent"), (3, 3, 4, "sent")))
    assert (busy.seconds, busy.mean, busy.hold_s) == (0, 0, 0)


def test_before_the_warm_up_and_what_is_under_way_at_the_end() -> None:
    """From 2 to 8 one is under way; the one of after that is not on record."""
    seen = rows((0, 2, 5, "sent"), (0, 5, 8, "sent"), (0, 11, 11, "open"))
    busy = busy_while_waiting(seen, 2)
    assert (busy.seconds, busy.mean) == (6, 1)


def asked(at_s: float, name: str, elapsed_s: float) -> dict[str, Any]:
    return {"host": "out", "at_s": at_s, "name": name, "elapsed_s": elapsed_s}


def test_a_chain_of_questions_is_of_one_attempt() -> None:
    """Agents that start together ask for the names of their own destinations."""
    lookups = [
        asked(1.0, "a.example", 0.5),
        asked(1.0, "b.example", 0.25),
        asked(1.5, "mx.a.example", 0.5),
        asked(1.25, "mx.b.example", 0.0),
        asked(2.5, "c.example", 0.5),
    ]
    questions = Questions(Frames(make_tables(lookups=lookups), INFO)["lookups"])
    second = 10**9
    assert questions.asked_ns("out", "a.example", second, 3 * second) == second
    assert questions.asked_ns("out", "slow:b.example", second, 3 * second) == second // 4
    assert questions.asked_ns("out", "a.example", second, second * 7 // 4) == second // 2
    assert questions.asked_ns("out", "a.example", 2 * second, 3 * second) == 0
    assert questions.asked_ns("mx", "a.example", second, 3 * second) == 0


def test_tables_without_sessions() -> None:
    """Of a session that was open when the run ended there is no row: setting it up is one part."""
    delays = {"a_s": 0.0, "b_s": 1.0, "c_s": 3.0, "d_s": 1.0, "delay_s": 5.0}
    there = {"relay": "mx[192.0.2.1]:25", "destination": "example.net", "session": 7, "conn_use": 1}
    one = attempt(1, 5.0, "sent", reply="Ok", code=250, **delays, **there)
    frames = Frames(make_tables(attempts=[one], deliveries=[delivery(1, 0.0, 5.0)]), INFO)
    text = message_story(frames, 1)
    assert "mx1.example.org had none of its connections free for 1 s, connected to mx[" in text
    assert "connect and TLS             3 s   60.0%" in text
    finding = binding_limit(frames)
    assert (finding.limit, finding.change.sets) == ("round trips per connection", ())
    with pytest.raises(ConfigError, match="nothing to explain: no attempt ended after"):
        binding_limit(Frames(make_tables(), INFO))
