"""TCP under a large message: rounds of slow start, and their time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from theory.cases import EXPERIMENTS, case

import mailsim as ms

PATH = EXPERIMENTS / "tcp_slow_start.yaml"
DOT = 3
"""Octets that the content has on the wire besides its own: the final dot and its CRLF."""
RTT = 0.050
ROUNDS = case("tcp_rounds")
TIMED = case("tcp_slowstart_100M")


def run(size: int, *sets: str) -> ms.Run:
    return ms.load(PATH, f"traffic.mail.size={size - DOT} B", *sets).run()


def content_s(result: ms.Run) -> float:
    """Return the time from the content's first octet to the final reply."""
    events = result.events
    content = events[(events["side"] == "C") & (events["text"] == ".")].iloc[0]
    after = events[(events["side"] == "S") & (events["arrives_at_s"] > content["arrives_at_s"])]
    return float(after["arrives_at_s"].iloc[0] - content["at_s"])


@pytest.mark.parametrize("fidelity", ["flights", "wire"])
@pytest.mark.parametrize(
    ("size", "rounds"),
    list(zip(ROUNDS["inputs"]["sizes"], ROUNDS["expected"]["rounds"], strict=True)),
)
def test_rounds_of_slow_start(size: int, rounds: int, fidelity: str) -> None:
    if fidelity == "wire" and size > 1_000_000:
        pytest.skip("megabytes through the codec show nothing more")
    result = run(size, f"fidelity={fidelity}")
    assert content_s(result) == pytest.approx(rounds * RTT, rel=1e-9)
    assert result.sessions["round_trips"].tolist() == [4 + rounds], "PIPELINING: 5 for a small one"


@pytest.mark.parametrize(
    ("size", "time_s"), list(zip(TIMED["inputs"]["sizes"], TIMED["expected"]["time"], strict=True))
)
def test_time_over_100_mbit_s(size: int, time_s: float) -> None:
    """Within 3 us: the theory leaves out what the final reply's 36 octets take."""
    result = run(size, "links.0.bandwidth=100 Mbit/s")
    assert content_s(result) == pytest.approx(time_s, rel=1e-4)


def test_the_page_says_so() -> None:
    """docs/roundtrips.md has a row for each size but the smallest."""
    text = (Path(__file__).parents[2] / "docs" / "roundtrips.md").read_text("utf-8")
    rows = re.findall(r"^\| ([\d ]+) \| (\d+) \|$", text, re.MULTILINE)
    told = [(int(size.replace(" ", "")), int(n)) for size, n in rows]
    assert told == list(
        zip(ROUNDS["inputs"]["sizes"][1:], ROUNDS["expected"]["rounds"][1:], strict=True)
    )


def test_a_window_stays_open_for_the_next_message() -> None:
    """Three rounds for the first; 58 400 octets of the second go at once, so it takes two."""
    result = run(100_000, "traffic.mail.bulk.recipients=2")
    assert result.sessions["round_trips"].tolist() == [4 + 3 + 1 + 2]


def test_a_large_message_in_one_flight_with_its_commands() -> None:
    """BDAT goes with MAIL and RCPT, and slow start is the same."""
    result = run(100_000, "hosts.office.example.org.clients.chunking=true")
    assert result.sessions["round_trips"].tolist() == [3 + 3]
