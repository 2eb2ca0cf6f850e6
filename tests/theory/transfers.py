"""TCP under a large message: slow start, and a link that loses packets."""

from __future__ import annotations

from functools import partial

import numpy as np
from theory.cases import EXPERIMENTS, case, figures
from theory.estimate import Estimate
from theory.judge import Measured, Plan, Study, Within

import mailsim as ms

__all__ = ["STUDIES", "content_s", "run"]

MSS = 1460
DOT = 3
"""Octets that the content has on the wire besides its own: the final dot and its CRLF."""
SLOW_START_RTT = 0.050
RTT = 0.1
FIGURES = {
    "tcp.congestion_control=reno": ("mathis_ack_every",),
    "tcp.delayed_acks=true": ("mathis_delack", "pftk_b2_rto1"),
    "tcp.congestion_control=cubic": ("cubic_rfc9438",),
}
"""Which of the forms describe a TCP."""
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


def rounds(plan: Plan) -> Measured:
    sizes = case("tcp_rounds")["inputs"]["sizes"]
    return {f"rounds {size}": content_s(run(size)) / SLOW_START_RTT for size in sizes}


def slow_start(plan: Plan) -> Measured:
    """Within 10^-4: theory leaves out what the final reply's 36 octets take, 3 us."""
    sizes = case("tcp_slowstart_100M")["inputs"]["sizes"]
    found = {size: content_s(run(size, LINK)) for size in sizes}
    return {
        f"{figure} {size}": Within(s, 1e-4 * s)
        for figure in ("time", "time_packet_level")
        for size, s in found.items()
    }


def contents_s(loss: float, way: tuple[int, int], *tcp: str) -> np.ndarray:
    """Return how long each of so many contents takes to arrive, and an answer to come back."""
    size, n = way
    share = f"links.1.loss={100 * loss}%"
    sets = (f"traffic.mail.size={size - DOT} B", f"traffic.mail.bulk.recipients={n}", share, *tcp)
    events = ms.load(EXPERIMENTS / "tcp_loss.yaml", *sets).run().events
    content = events[(events["side"] == "C") & (events["text"] == ".")]
    assert len(content) == n
    return (content["arrives_at_s"] - content["at_s"]).to_numpy() + RTT / 2


def throughput(plan: Plan) -> Measured:
    """One very large message, of ``n`` losses; with delayed acknowledgments there are two forms."""
    theory, expected = case("tcp_loss"), figures("tcp_loss")
    ways = [(p, tcp) for p in theory["inputs"]["p"] for tcp in FIGURES]
    found: dict[str, Within] = {}
    for (p, tcp), rate in zip(ways, map(partial(throughput_of, plan.n), ways), strict=True):
        for figure in (f"{form} {p}" for form in FIGURES[tcp]):
            found[figure] = Within(rate, theory["tol"]["rel"] * expected[figure])
    return found


def throughput_of(n: int, way: tuple[float, str]) -> float:
    loss, tcp = way
    size = round(n / loss) * MSS
    return float(size / contents_s(loss, (size, 1), tcp)[0])


def transfer(plan: Plan) -> Measured:
    inputs = case("tcp_cardwell")["inputs"]
    found: dict[str, Estimate | Within] = {}
    for p in inputs["p"]:
        ways = [(size, plan.n if p else 2) for size in inputs["sizes"]]
        for (size, n), took_s in zip(ways, map(partial(contents_s, p), ways), strict=True):
            error = float(took_s.std(ddof=1)) / n**0.5
            found[f"time {p} {size}"] = Estimate(float(took_s.mean()), error, n - 1)
    return found


STUDIES = (
    Study("tcp_rounds", rounds, Plan(), Plan(), scenario="tcp_slow_start"),
    Study("tcp_slowstart_100M", slow_start, Plan(), Plan(), scenario="tcp_slow_start"),
    Study("tcp_loss", throughput, Plan(n=1000), Plan(n=10_000), scenario="tcp_loss"),
    Study("tcp_cardwell", transfer, Plan(n=600), Plan(n=10_000), scenario="tcp_loss"),
)
