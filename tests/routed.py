"""Runs about routing: a small network of relays, and the settings of a test."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

import mailsim as ms
from mailsim.errors import ConfigError

SCENARIO: dict[str, Any] = {
    "mailsim": 1,
    "duration": "20min",
    "zones": {
        "example.org": "@ MX 10 out\nout A 192.0.2.25\nsmart A 192.0.2.26\nother A 192.0.2.27\n",
        "example.net": (
            "@ MX 10 mx1\n@ MX 20 mx2\nmx1 A 198.51.100.1\nmx2 A 198.51.100.2\n"
            "pool MX 10 mail\nmail A 198.51.100.11\nmail A 198.51.100.12\n"
            "a A 198.51.100.11\nb A 198.51.100.12\nsub MX 10 mx1\n"
        ),
        "example.com": "@ MX 10 mx\nmx A 203.0.113.1\n",
    },
    "hosts": {
        "office.example.org": {"clients": {"submit_to": "out.example.org", "port": 25}},
        "out.example.org": {"policies": [{"relay_control": {"from": ["office.example.org"]}}]},
        "mx1.example.net": {},
        "mx2.example.net": {},
        "a.example.net": {},
        "b.example.net": {},
        "mx.example.com": {},
        "ns.example.org": {"dns": ["example.org", "example.net", "example.com"]},
    },
    "network": {"topology": "star", "center": "ix"},
    "links": [{"between": "*", "latency": "5ms"}],
    "traffic": {
        "hello": {
            "from": "alice@example.org",
            "to": "bob@example.net",
            "arrivals": {"once": "1s"},
        }
    },
}
TABLES = ("deliveries", "attempts", "sessions", "queues", "lookups")


def write(directory: Path, hosts: dict[str, Any], **more: Any) -> Path:
    """Write the scenario with other keys of some hosts, and at its top; return its path."""
    data = copy.deepcopy(SCENARIO) | more
    for name, keys in hosts.items():
        data["hosts"][name] = data["hosts"].get(name, {}) | keys
    path = directory / "routed.yaml"
    path.write_text(yaml.safe_dump(data, sort_keys=False, width=200), encoding="utf-8")
    return path


def errors(directory: Path, hosts: dict[str, Any]) -> list[str]:
    """Return each error with the line of the file that it points to."""
    path = write(directory, hosts)
    lines = path.read_text(encoding="utf-8").splitlines()
    with pytest.raises(ConfigError) as caught:
        ms.load(path)
    found = []
    for text in str(caught.value).splitlines():
        if text.startswith(f"{path}:"):
            number, column, said = text.removeprefix(f"{path}:").split(":", 2)
            place = lines[int(number) - 1][int(column) - 1 :]
            found.append(f"{place} |{said}")
    return found


def run(directory: Path, hosts: dict[str, Any], *sets: str, **more: Any) -> ms.Run:
    """Run it; both fidelities give the same rows."""
    path = write(directory, hosts, **more)
    flights, wire = (ms.load(path, *sets, f"fidelity={f}").run() for f in ("flights", "wire"))
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(flights, name), getattr(wire, name))
    return flights


def to(*recipients: str, sender: str = "alice@example.org", every: str = "") -> dict[str, Any]:
    """Return the traffic of one message to some recipients, or of many."""
    share = {name: f"{100 / len(recipients)}%" for name in recipients}
    arrivals = {"every": every} if every else {"once": "1s"}
    n = len(recipients)
    return {
        "hello": {
            "from": sender,
            "client": "office.example.org",
            "to": share if n > 1 else recipients[0],
            "recipients_per_message": n,
            "arrivals": arrivals,
        }
    }


def servers(result: ms.Run) -> list[str]:
    """Return who was connected to, in order."""
    return result.sessions.sort_values("session")["server"].tolist()


def fates(result: ms.Run) -> dict[str, tuple[str, str, int]]:
    """Return fate, host and hops by recipient, those of reports left out."""
    mail = result.deliveries[result.deliveries["traffic"] != "report"]
    rows = mail[["recipient", "fate", "host", "hops"]].itertuples(index=False)
    return {to: (fate, host, int(hops)) for to, fate, host, hops in rows}
