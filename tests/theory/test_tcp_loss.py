"""TCP over a link that loses packets: throughput and transfer times of the closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from theory.cases import EXPERIMENTS, case
from theory.estimate import Estimate

import mailsim as ms

PATH = EXPERIMENTS / "tcp_loss.yaml"
MSS = 1460
DOT = 3
RTT = 0.1
LOSS = case("tcp_loss")
CARDWELL = case("tcp_cardwell")
TRANSFERS = {14_600: 1500, 100_000: 1000, 1_000_000: 1000}


def contents_s(size: int, n: int, loss: float) -> np.ndarray:
    """Return how long each content takes to arrive, and an answer to come back without loss."""
    share = f"links.1.loss={100 * loss}%"
    sets = (f"traffic.mail.size={size - DOT} B", f"traffic.mail.bulk.recipients={n}", share)
    events = ms.load(PATH, *sets).run().events
    content = events[(events["side"] == "C") & (events["text"] == ".")]
    assert len(content) == n
    return (content["arrives_at_s"] - content["at_s"]).to_numpy() + RTT / 2


@pytest.mark.slow
@pytest.mark.parametrize("form", ["mathis_ack_every", "cubic_rfc9438"])
@pytest.mark.parametrize("i", range(3))
def test_throughput_of_a_very_large_message(form: str, i: int) -> None:
    """A thousand losses; CUBIC is the same as long as it behaves as Reno does (RFC 9438 4.3)."""
    loss, expected = LOSS["inputs"]["p"][i], LOSS["expected"][form][i]
    if form == "cubic_rfc9438" and expected != LOSS["expected"]["mathis_ack_every"][i]:
        pytest.skip("CUBIC is not modelled where it differs from Reno")
    size = round(1000 / loss) * MSS
    throughput = size / contents_s(size, 1, loss)[0]
    assert throughput == pytest.approx(expected, rel=LOSS["tol"]["rel"])


@pytest.mark.slow
@pytest.mark.parametrize("loss", CARDWELL["inputs"]["p"])
@pytest.mark.parametrize("k", range(3))
def test_transfer_time(loss: float, k: int) -> None:
    size, expected = CARDWELL["inputs"]["sizes"][k], CARDWELL["expected"]["time"][str(loss)][k]
    times = contents_s(size, TRANSFERS[size] if loss else 2, loss)
    error = times.std(ddof=1) / math.sqrt(len(times))
    estimate = Estimate(float(times.mean()), float(error), len(times) - 1)
    assert estimate.is_equivalent(expected, CARDWELL["tol"]["rel"]), estimate
