"""What README.md tells of ``experiments/bulk_send.yaml`` is what comes out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

import mailsim as ms

BULK = Path(__file__).parents[1] / "experiments" / "bulk_send.yaml"


@pytest.mark.slow
def test_the_readme_tells_what_happens() -> None:
    experiment = ms.load(BULK)
    hosts = experiment.scenario.hosts
    policies = {
        name: [key for item in host.policies for key in item] for name, host in hosts.items()
    }
    grey = {name.removeprefix("mx.") for name, keys in policies.items() if "greylist" in keys}
    assert len(grey) == 5
    assert sum(host.clients.count for host in hosts.values() if host.clients) - 1 == 160
    newsletter = experiment.scenario.traffic["newsletter"]
    assert newsletter.bulk is not None
    assert (newsletter.bulk.recipients, len(newsletter.to)) == (20_000, 46)
    assert sum(newsletter.to[domain] < 0.02 for domain in grey) == 3, "three of them small"

    mail = experiment.run().deliveries
    mail = mail[mail["fate"] == "delivered"]
    is_grey = mail["to_domain"].isin(grey)
    is_news = mail["traffic"] == "newsletter"
    served = mail[~is_grey & ~is_news & (mail["traffic"] != "report")]
    is_meanwhile = served["submitted_at_s"].between(600, 640)
    assert (served[~is_meanwhile]["delay_s"] < 1.2).all(), "about a second at most"
    assert 10 < served[is_meanwhile]["delay_s"].max() < 30, "but for the half minute"
    ends = mail[~is_grey & is_news].groupby("to_domain")["delay_s"].max()
    assert 20 < ends.max() < 45, "half a minute"
    assert ends.idxmax() == max(newsletter.to, key=newsletter.to.__getitem__)
    five = is_grey & (mail["to_domain"] != "bankpost.example")  # whose greylist is of an hour
    people = mail[five & ~is_news]["delay_s"]
    assert people.min() > 300
    assert people.quantile(0.85) < 660, "five to ten minutes"
    assert mail[five & is_news]["delay_s"].min() > 600, "ten and more"
