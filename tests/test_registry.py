"""Plug-ins: a user's own class is loaded by ``module:Class``, or it is said why not."""

from __future__ import annotations

from pathlib import Path

import pytest

import mailsim as ms
from mailsim.errors import UnknownNameError
from mailsim.mta.policies import policies
from mailsim.mta.schedulers import schedulers
from mailsim.plots import plots
from mailsim.sim.topologies import topologies
from mailsim.sim.workloads import workloads

FIRST = Path(__file__).parents[1] / "experiments" / "first_mail.yaml"

MODULE = """\
import networkx as nx
from mailsim.mta.policies import Policy
from mailsim.sim.topologies import Topology
from mailsim.sim.workloads import Workload
from mailsim.smtp import Reply

class Closed(Policy):
    @classmethod
    def from_options(cls, options):
        return cls()
    def on_rcpt(self, seen, now_ns):
        return Reply(550, ("closed today",), "5.7.1")

class Twice(Workload):
    @classmethod
    def from_options(cls, options):
        return cls()
    def due(self, draws):
        return iter([10**9, 2 * 10**9])
    def expected(self, duration_ns):
        return 2.0

class Ring(Topology):
    @classmethod
    def from_options(cls, options):
        return cls()
    def graph(self, hosts):
        return nx.cycle_graph(["ix", *hosts])
"""


def test_a_users_own_policy_workload_and_topology(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_own_plugins.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    run = ms.load(
        FIRST,
        "hosts.mx.example.net.policies=[{'my_own_plugins:Closed': {}}]",
        "traffic.hello.arrivals={'my_own_plugins:Twice': {}}",
        "network={topology: 'my_own_plugins:Ring'}",
    ).run()
    mail = run.deliveries[run.deliveries["traffic"] == "hello"]
    assert mail["reply"].tolist() == ["550 5.7.1 closed today"] * 2


@pytest.mark.parametrize(
    ("room", "name", "reason"),
    [
        (policies, "no_such_module:P", "No module named 'no_such_module'"),
        (policies, "json:P", "module 'json' has no attribute 'P'"),
        (policies, "json:loads", "it is not a class"),
        (policies, "json:JSONDecoder", "the class has no is_shared, from_options"),
        (workloads, "json:JSONDecoder", "the class has no is_bulk, from_options, due, expected"),
        (topologies, "json:JSONDecoder", "the class has no from_options, graph"),
        (schedulers, "json:JSONDecoder", "the class has no put, pick"),
        (plots, "json:JSONDecoder", "the class has no draw"),
        (policies, ":P", "Empty module name"),
    ],
)  # fmt: skip
def test_what_cannot_be_loaded_says_why(room, name: str, reason: str) -> None:  # noqa: ANN001
    with pytest.raises(UnknownNameError, match=f"cannot load {room.kind} '{name}': .*{reason}"):
        room.get(name)


def test_a_name_is_registered_once() -> None:
    with pytest.raises(ValueError, match="policy 'greylist' is registered twice"):
        policies.register("greylist")(policies.get("greylist"))
