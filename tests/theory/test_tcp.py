"""TCP under a large message: rounds of slow start, and their time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from theory.cases import case
from theory.transfers import content_s, run

RTT = 0.050
ROUNDS = case("tcp_rounds")


@pytest.mark.parametrize(
    ("size", "rounds"),
    list(zip(ROUNDS["inputs"]["sizes"], ROUNDS["expected"]["rounds"], strict=True)),
)
def test_rounds_through_the_codec(size: int, rounds: int) -> None:
    if size > 1_000_000:
        pytest.skip("megabytes through the codec show nothing more")
    result = run(size, "fidelity=wire")
    assert content_s(result) == pytest.approx(rounds * RTT, rel=1e-9)
    assert result.sessions["round_trips"].tolist() == [4 + rounds], "PIPELINING: 5 for a small one"


def test_the_page_says_so() -> None:
    """docs/roundtrips.md has a row for each size but the smallest."""
    text = (Path(__file__).parents[2] / "docs" / "roundtrips.md").read_text("utf-8")
    rows = re.findall(r"^\| ([\d ]+) \| (\d+) \|$", text, re.MULTILINE)
    told = [(int(size.replace(" ", "")), int(n)) for size, n in rows]
    assert told == list(
        zip(ROUNDS["inputs"]["sizes"][1:], ROUNDS["expected"]["rounds"][1:], strict=True)
    )


@pytest.mark.parametrize(("size", "rounds"), [
    (14_600, 1), (36_500, 2), (36_501, 3), (70_080, 3), (70_081, 4),
])  # fmt: skip
def test_delayed_acknowledgments_open_the_window_by_half(size: int, rounds: int) -> None:
    """Of 10 segments 5 acknowledgments, so 15 are next; then 15 + 8."""
    assert content_s(run(size, "tcp.delayed_acks=true")) == pytest.approx(rounds * RTT, rel=1e-9)


def test_a_window_stays_open_for_the_next_message() -> None:
    """Three rounds for the first; 58 400 octets of the second go at once, so it takes two."""
    result = run(100_000, "traffic.mail.bulk.recipients=2")
    assert result.sessions["round_trips"].tolist() == [4 + 3 + 1 + 2]


def test_a_large_message_in_one_flight_with_its_commands() -> None:
    """BDAT goes with MAIL and RCPT, and slow start is the same."""
    result = run(100_000, "hosts.office.example.org.clients.chunking=true")
    assert result.sessions["round_trips"].tolist() == [3 + 3]
