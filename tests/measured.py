"""Evaluates an expression on tables made by hand."""

from __future__ import annotations

from typing import Any

from synthetic import INFO, attempt, delivery, make_tables

from mailsim.analysis import Frames, parse_measure

__all__ = ["MAIL", "value"]

MAIL = [
    delivery(1, 10.0, 2.0),
    delivery(2, 20.0, 4.0, attempts=3, to_domain="slow.example"),
    delivery(3, 30.0, 9.0, fate="bounced", attempts=2),
    delivery(4, 40.0, 20.0, fate="expired", traffic="people"),
    delivery(5, 50.0, 0.5, fate="refused", attempts=0),
    delivery(6, 60.0, 12.0, traffic="people"),
    delivery(7, 70.0, 1.0, traffic="report", sender=""),
]
"""Two of news delivered, one of people, one bounced, expired, refused each; a report."""


def value(
    text: str, deliveries: list[dict[str, Any]] | None = None, warmup_s: float = 0.0, **rows: Any
) -> float:
    """Return what an expression comes to, of 100 simulated seconds."""
    rows.setdefault("attempts", [attempt(1, 12.0, "sent")])
    tables = make_tables(deliveries=MAIL if deliveries is None else deliveries, **rows)
    return parse_measure(text).of(Frames(tables, {**INFO, "warmup_s": warmup_s}))
