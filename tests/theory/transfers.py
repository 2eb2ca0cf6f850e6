"""TCP under a large message: slow start, and a link that loses packets."""

from __future__ import annotations

from functools import partial

import numpy as np
from theory.cases import EXPERIMENTS, case
from theory.estimate import Estimate
from theory.judge import Each, Measured, Plan, Study, Within

import mailsim as ms

__all__ = ["STUDIES", "content_s", "run"]

MSS = 1460
DOT = 3
"""Octets that the content has on the wire besides its own: the final dot and its CRLF."""
SLOW_START_RTT = 0.050
RTT = 0.1
LINK = "links.0.bandwidth=100 Mbit/s"


def run(size: int, *sets: str) -> ms.Run:
    """Send a message of that size over a path without loss."""
    path = EXPERIMENTS / "tcp_slow_start.yaml"
    return ms.load(path, f"traffic.mail.size={size - DOT} B", *sets).run()


def content_s(result: ms.Run) -> float:
    """Return the time from the content's first octet to the final reply."""
    events = result.events
    content = events[(events["side"] == "C") & (events["text"] == ".")].iloc[0]
    after = events[(events["side"] == "S") & (events["arrives_at_s"] > content["arrives_at_s"])]
    return float(after["arrives_at_s"].iloc[0] - content["at_s"])


def rounds(plan: Plan, each: Each) -> Measured:
    sizes = case("tcp_rounds")["inputs"]["sizes"]
    return {f"rounds {size}": content_s(run(size)) / SLOW_START_RTT for size in sizes}


def slow_start(plan: Plan, each: Each) -> Measured:
    """Within 10^-4: theory leaves out what the final reply's 36 octets take, 3 us."""
    sizes = case("tcp_slowstart_100M")["inputs"]["sizes"]
    found = {size: content_s(run(size, LINK)) for size in sizes}
    return {
        f"{figure} {size}": Within(s, 1e-4 * s)
        for figure in ("time", "time_packet_level")
        for size, s in found.items()
    }


def contents_s(loss: float, way: tuple[int, int]) -> np.ndarray:
    """Return how long each of so many contents takes to arrive, and an answer to come back."""
    size, n = way
    share = f"links.1.loss={100 * loss}%"
    sets = (f"traffic.mail.size={size - DOT} B", f"traffic.mail.bulk.recipients={n}", share)
    events = ms.load(EXPERIMENTS / "tcp_loss.yaml", *sets).run().events
    content = events[(events["side"] == "C") & (events["text"] == ".")]
    assert len(content) == n
    return (content["arrives_at_s"] - content["at_s"]).to_numpy() + RTT / 2


def throughput(plan: Plan, each: Each) -> Measured:
    """One very large message, of ``n`` losses; CUBIC is the same while it does as Reno does."""
    theory = case("tcp_loss")
    found: dict[str, Within] = {}
    for p in theory["inputs"]["p"]:
        size = round(plan.n / p) * MSS
        rate = float(size / contents_s(p, (size, 1))[0])
        for figure in ("mathis_ack_every", "cubic_rfc9438"):
            if f"{figure} {p}" not in NOT_RENO:
                i = theory["inputs"]["p"].index(p)
                margin = theory["tol"]["rel"] * theory["expected"][figure][i]
                found[f"{figure} {p}"] = Within(rate, margin)
    return found


def transfer(plan: Plan, each: Each) -> Measured:
    inputs = case("tcp_cardwell")["inputs"]
    found: dict[str, Estimate | Within] = {}
    for p in inputs["p"]:
        ways = [(size, plan.n if p else 2) for size in inputs["sizes"]]
        for (size, n), took_s in zip(ways, each(partial(contents_s, p), ways), strict=True):
            error = float(took_s.std(ddof=1)) / n**0.5
            found[f"time {p} {size}"] = Estimate(float(took_s.mean()), error, n - 1)
    return found


NOT_RENO = {
    **{
        f"{form} {p}": "acknowledgments are not delayed: each segment has its own"
        for form in ("mathis_delack", "pftk_b2_rto1")
        for p in (0.0001, 0.001, 0.01)
    },
    "cubic_rfc9438 0.0001": "the model is Reno; CUBIC differs where loss is rare",
}
STUDIES = (
    Study("tcp_rounds", rounds, Plan(), Plan(), scenario="tcp_slow_start"),
    Study("tcp_slowstart_100M", slow_start, Plan(), Plan(), scenario="tcp_slow_start"),
    Study(
        "tcp_loss", throughput, Plan(n=1000), Plan(n=10_000), scenario="tcp_loss", left_out=NOT_RENO
    ),
    Study("tcp_cardwell", transfer, Plan(n=1000), Plan(n=10_000), scenario="tcp_loss"),
)
