"""What one part of a scenario says of another: every error of every kind, and no false one."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailsim.errors import ConfigError
from mailsim.experiment.build import build_world
from mailsim.experiment.check import load_scenario
from mailsim.experiment.model import Scenario
from mailsim.experiment.runner import simulate
from mailsim.record.log import Log

GOOD = """\
mailsim: 1
duration: 1min
zones:
  example.org: |
    @    3600 IN MX 10 mx
    mx   3600 IN A 192.0.2.25
  example.net: |
    @    3600 IN MX 10 mx
    mx   3600 IN A 198.51.100.25
hosts:
  mx.example.org: {listen: {25: {}}, dns: [example.org]}
  mx.example.net: {mailboxes: ["user*"], dns: [example.net]}
  office.example.org: {clients: {submit_to: mx.example.org, port: 25}}
network: {topology: star, center: ix}
links:
  - {between: "*", latency: 5ms}
traffic:
  test: {from: a@example.org, to: example.org, arrivals: {every: 10s}}
"""


GRAPHML = (
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    '<graph edgedefault="undirected">{}</graph></graphml>'
)


def load(tmp_path: Path, *changes: tuple[str, str]) -> Scenario:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "s.yaml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(path)


def errors(tmp_path: Path, *changes: tuple[str, str]) -> list[str]:
    """Return the first line of each error, without the file's name."""
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, *changes)
    lines = str(caught.value).replace(f"{tmp_path}/", "").splitlines()
    return [line.removeprefix("s.yaml:") for line in lines if line.startswith("s.yaml")]


class TestEveryErrorAtOnce:
    def test_hosts_at_unknown_nodes_and_links_to_unknown_hosts(self, tmp_path: Path) -> None:
        found = errors(
            tmp_path,
            ("{listen: {25: {}}", "{at: nowhere, listen: {25: {}}"),
            ('{mailboxes: ["user*"]', '{at: ixx, mailboxes: ["user*"]'),
            ('"*", latency: 5ms}', "[ix, mx9], latency: 5ms}\n  - {between: [a, b]}"),
        )
        assert found == [
            "11:24: unknown node 'nowhere'",
            "12:24: unknown node 'ixx'; did you mean 'ix'?",
            "16:20: unknown host or node 'mx9'",
            "17:16: unknown host or node 'a'",
            "17:19: unknown host or node 'b'",
        ]

    def test_a_bad_zone_hides_only_what_lies_in_it(self, tmp_path: Path) -> None:
        found = errors(
            tmp_path,
            ("@    3600 IN MX 10 mx\n    mx   3600 IN A 192", "@ 3600 IN MX ten mx\n    mx A 192"),
            ("dns: [example.net]", "dns: [example.net], route: {a.example: mx.example.com}"),
            ("every: 10s", "evry: 10s"),
            ("to: example.org", "to: {example.org: 50%, example.com: 50%}"),
        )
        assert [line.split(": ")[0] for line in found] == ["5:5", "12:81", "18:54", "18:84"]
        assert "example.org" in found[0]
        assert "'mx.example.com'" in found[1]
        assert "'example.com'" in found[2]
        assert "'every'" in found[3]

    def test_a_readable_zone_within_an_unreadable_one_is_judged(self, tmp_path: Path) -> None:
        found = errors(
            tmp_path,
            (
                "MX 10 mx\n    mx   3600 IN A 192.0.2.25",
                "MX ten mx\n  net.example.org: '@ A 192.0.2.1'",
            ),
            ("dns: [example.org]", "dns: [example.org, net.example.org]"),
            ("dns: [example.net]", "dns: [example.net], route: {a.b: mx.net.example.org}"),
        )
        assert [line.split(": ")[0] for line in found] == ["5:5", "12:75"]

    def test_every_host_that_is_cut_off(self, tmp_path: Path) -> None:
        (tmp_path / "net.graphml").write_text(
            GRAPHML.format('<node id="a"/><node id="b"/><node id="c"/>'),
            encoding="utf-8",
        )
        found = errors(
            tmp_path,
            ("{topology: star, center: ix}", "{file: net.graphml}"),
            ("{listen:", "{at: a, listen:"),
            ("{mailboxes:", "{at: b, mailboxes:"),
            ("{clients:", "{at: b, clients:"),
        )
        assert [line.split(": ", 1)[1] for line in found] == [
            "no link joins host mx.example.org to the rest of the network"
        ]
        found = errors(
            tmp_path,
            ("{topology: star, center: ix}", "{file: net.graphml}"),
            ("{listen:", "{at: a, listen:"),
            ("{mailboxes:", "{at: b, mailboxes:"),
            ("{clients:", "{at: c, clients:"),
        )
        assert [line.split(": ")[0] for line in found] == ["12:3", "13:3"]

    def test_a_wrong_tag_is_one_error_among_the_others(self, tmp_path: Path) -> None:
        found = errors(
            tmp_path,
            ("duration: 1min", "duration: 60\nseed: !!int abc"),
            ("latency: 5ms", "latency: !!float x"),
        )
        assert [line.split(": ")[0] for line in found] == ["2:11", "3:7", "17:29"]
        assert found[1] == "3:7: expected an int, as !!int says, got 'abc'"


class TestNoFalseError:
    def test_islands_without_hosts_do_not_count(self, tmp_path: Path) -> None:
        (tmp_path / "net.graphml").write_text(
            GRAPHML.format(
                '<node id="a"/><node id="b"/><node id="c"/><edge source="a" target="b"/>'
                '<node id="d"/><node id="e"/><node id="f"/><edge source="d" target="e"/>'
                '<edge source="e" target="f"/>'
            ),
            encoding="utf-8",
        )
        load(
            tmp_path,
            ("{topology: star, center: ix}", "{file: net.graphml}"),
            ("{listen:", "{at: a, listen:"),
            ("{mailboxes:", "{at: b, mailboxes:"),
            ("{clients:", "{at: a, clients:"),
        )

    def test_a_null_mx_is_a_known_domain(self, tmp_path: Path) -> None:
        scenario = load(
            tmp_path,
            ("3600 IN MX 10 mx\n    mx   3600 IN A 198", "3600 IN MX 0 .\n    mx   3600 IN A 198"),
            ("to: example.org", "to: a@example.net"),
            ("{listen:", "{policies: [{relay_control: {from: [office.example.org]}}], listen:"),
        )
        log = Log()
        simulate(scenario, 1, log)
        (reply,) = set(log.tables()["deliveries"]["reply"].to_pylist()[:1])
        assert "does not accept mail (nullMX)" in reply

    def test_a_topology_by_name_may_have_a_file_too(self, tmp_path: Path, monkeypatch) -> None:  # noqa: ANN001
        """The file is relative to the scenario, not to where mailsim was started."""
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        (tmp_path / "net.graphml").write_text(
            GRAPHML.format('<node id="a"/>'),
            encoding="utf-8",
        )
        load(
            tmp_path,
            ("{topology: star, center: ix}", "{topology: file, file: net.graphml}"),
            ("{listen:", "{at: a, listen:"),
            ("{mailboxes:", "{at: a, mailboxes:"),
            ("{clients:", "{at: a, clients:"),
        )


@pytest.mark.parametrize("written", ["Example.org", "example.org.", "EXAMPLE.ORG."])
def test_case_and_final_dot_of_a_zone_say_nothing(tmp_path: Path, written: str) -> None:
    for changes in (
        [("  example.org: |", f"  {written}: |")],
        [("dns: [example.org]", f"dns: [{written}]")],
    ):
        log = Log()
        simulate(load(tmp_path, *changes), 1, log)
        assert set(log.tables()["deliveries"]["fate"].to_pylist()) == {"delivered"}


def test_a_zone_may_stand_there_only_once(tmp_path: Path) -> None:
    assert errors(tmp_path, ("  example.net: |", "  Example.ORG.: |"), ("[example.net]", "[]")) == [
        "7:3: zone Example.ORG. is there already",
        "12:3: host mx.example.net has no A or AAAA record in any zone",
    ]


def test_a_host_in_capitals_is_told_so(tmp_path: Path) -> None:
    found = errors(tmp_path, ("  mx.example.net:", "  MX.example.net:"))
    message = "12:3: host MX.example.net: expected small letters and no final dot"
    assert found[1:] == [f"{message}; did you mean 'mx.example.net'?"]


@pytest.mark.parametrize("address", ["10.0.0.1", "10.0.0.2"])
def test_addresses_that_are_given_out_are_in_no_zone(tmp_path: Path, address: str) -> None:
    scenario = load(
        tmp_path,
        ("192.0.2.25", address),
        (
            "  office",
            "  branch.example.org: {clients: {submit_to: mx.example.org, port: 25}}\n  office",
        ),
    )
    world = build_world(scenario, 1, Log())
    assert world.hosts_at[address] == "mx.example.org"
    assert len(set(world.addresses.values())) == len(scenario.hosts)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "{listen:",
            "{policies: [{relay_control: {from: [a.b, mx.example.com]}}], listen:",
            (
                "11:55: relay_control: unknown host 'a.b'",
                "11:60: relay_control: unknown host 'mx.example.com'; did you mean 'mx.example",
            ),
        ),
        (
            "{listen:",
            "{domains: [example.org, exmple.net], listen:",
            ("11:43: unknown domain 'exmple.net': no zone has its MX; did you mean 'exa",),
        ),
        (
            "every: 10s}",
            "every: 10s}, invalid: 5%",
            ("18:81: no effect at mx.example.org, which has a mailbox for any name of exa",),
        ),
        (
            "to: example.org",
            "to: b@example.org, invalid: 5%, recipients_per_message: 3",
            (
                "18:59: no effect: 'to' names addresses, not a domain",
                "18:87: expected at most 1, the addresses in 'to', got 3",
            ),
        ),
        (
            "{listen: {25: {}}",
            "{listen: {25: {}, '25': {}}, x: 1",
            ("11:28: port 25 is there twice", "11:48: unknown key 'x': known are "),
        ),
    ],
)
def test_what_names_nothing(tmp_path: Path, old: str, new: str, expected: tuple[str]) -> None:
    found = errors(tmp_path, (old, new))
    assert len(found) == len(expected)
    for line, wanted in zip(found, expected, strict=True):
        assert line.startswith(wanted), line


def test_invalid_recipients_where_mailboxes_are_told(tmp_path: Path) -> None:
    load(
        tmp_path,
        ("to: example.org", "to: example.net"),
        ("every: 10s}", "every: 10s}, invalid: 5%"),
    )


def test_loading_takes_time_in_proportion(tmp_path: Path) -> None:
    """Work is counted, not timed: each host's names are looked up a few times, not n times."""
    import cProfile
    import pstats

    def calls(n: int) -> int:
        hosts = "".join(f"  h{i}.example.net: {{mailboxes: [a]}}\n" for i in range(n))
        names = "".join(f"    h{i} A 198.51.{i // 250}.{i % 250}\n" for i in range(n))
        names += "".join(f"    d{i} MX 10 h{i}\n" for i in range(n))
        profile = cProfile.Profile()
        profile.enable()
        load(
            tmp_path,
            ("  office", f"{hosts}  office"),
            ("    mx   3600 IN A 198.51.100.25\n", f"    mx   3600 IN A 203.0.113.1\n{names}"),
        )
        profile.disable()
        return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]

    assert calls(400) < 5 * calls(100)
