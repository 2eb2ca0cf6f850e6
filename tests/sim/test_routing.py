"""Where mail goes, in small whole runs: hops, recipients, relays; both fidelities."""

from __future__ import annotations

from pathlib import Path

import routed


def test_several_hosts_behind_one_name_share_its_mail(tmp_path: Path) -> None:
    """Each of 64 messages goes to either by chance: 32 each, within 4 sigma."""
    traffic = routed.to("user@pool.example.net", every="10s")
    result = routed.run(tmp_path, {}, "duration=640s", traffic=traffic)
    hosts = result.deliveries["host"].value_counts()
    assert set(result.deliveries["fate"]) == {"delivered"}
    assert set(hosts.index) == {"a.example.net", "b.example.net"}
    assert abs(hosts["a.example.net"] - hosts.sum() / 2) < 4 * (hosts.sum() / 4) ** 0.5
    relays = result.attempts[result.attempts["host"] == "out.example.org"]["relay"]
    assert set(relays) == {
        "a.example.net[198.51.100.11]:25",
        "b.example.net[198.51.100.12]:25",
    }
