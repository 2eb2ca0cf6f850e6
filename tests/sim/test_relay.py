"""Where a mail host tries to deliver, in which order, and what it makes of the answers.

Every run here is made twice, the second time with ``fidelity: wire``: the rows are the same.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import mailsim as ms
from mailsim.mta.policies import Policy, Seen
from mailsim.smtp import Reply

SCENARIO = """
mailsim: 1
duration: 10min
zones:
  example.org: |
    @ 3600 IN MX 10 out
    out 3600 IN A 192.0.2.25
    relay1 3600 IN A 192.0.2.26
    relay2 3600 IN A 192.0.2.27
  example.net: |
    @ 300 IN MX 10 mx1
    @ 300 IN MX 20 mx2
    mx1 300 IN A 198.51.100.25
    mx2 300 IN A 198.51.100.26
  plain.example: "@ 300 IN A 198.51.100.50"
  nomail.example: "@ 300 IN MX 0 .\\n@ 300 IN A 198.51.100.60"
  away.example: |
    @ 300 IN MX 10 mx
    mx 300 IN A 198.51.100.71
    mx 300 IN A 198.51.100.70
    box 300 IN A 198.51.100.70
hosts:
  office.example.org: {clients: {submit_to: out.example.org, port: 25}}
  out.example.org: {policies: [{relay_control: {from: [office.example.org]}}]}
  relay1.example.org: {policies: [{relay_control: {from: [out.example.org]}}]}
  relay2.example.org: {policies: [{relay_control: {from: [relay1.example.org]}}]}
  mx1.example.net: {}
  mx2.example.net: {}
  plain.example: {domains: [plain.example]}
  box.away.example: {}
  ns.example.org: {dns: [example.org, example.net, plain.example, nomail.example, away.example]}
network: {topology: star, center: ix}
links: [{between: "*", latency: 5ms}]
traffic:
  hello: {from: alice@example.org, to: bob@example.net, arrivals: {once: 1s}}
"""
OUT = "hosts.out.example.org"
NOT_LISTENING = "{2525: {tls: none}}"
TLS_NEEDED = f"{OUT}.postfix.smtp_tls_security_level=encrypt"
NO_TLS = "hosts.mx1.example.net.listen={25: {tls: none}}"
TABLES = ("deliveries", "attempts", "sessions", "queues", "lookups")


class Closed(Policy):
    """Will not talk to anybody, and says so for good."""

    @classmethod
    def from_options(cls, options: object) -> Closed:
        return cls()

    def on_connect(self, seen: Seen, now_ns: int) -> Reply:
        return Reply(554, ("go away",), "5.7.1")


CLOSED = f"hosts.mx1.example.net.policies=[{{'{__name__}:Closed': {{}}}}]"


def run(tmp_path: Path, *sets: str) -> ms.Run:
    path = tmp_path / "relay.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    flights, wire = (ms.load(path, *sets, f"fidelity={f}").run() for f in ("flights", "wire"))
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(flights, name), getattr(wire, name))
    assert flights.queues["at_s"].is_monotonic_increasing
    return flights


def zone(origin: str, *lines: str) -> str:
    return f"zones.{origin}={json.dumps(chr(10).join(lines))}"


def attempts_of(result: ms.Run, host: str = "out.example.org") -> pd.DataFrame:
    return result.attempts[result.attempts["host"] == host]


@pytest.mark.row("R-03")
def test_the_first_exchanger_is_tried_first(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.deliveries["host"].tolist() == ["mx1.example.net"]
    assert attempts_of(result)["relay"].tolist() == ["mx1.example.net[198.51.100.25]:25"]


@pytest.mark.row("T-08")
def test_a_host_that_does_not_listen_refuses_after_one_round_trip(tmp_path: Path) -> None:
    sets = [f"hosts.mx{i}.example.net.listen={NOT_LISTENING}" for i in (1, 2)]
    result = run(tmp_path, *sets, "duration=1min")
    attempt = attempts_of(result).iloc[0]
    assert attempt["status"] == "deferred"
    text = "4.4.1 connect to mx2.example.net[198.51.100.26]:25: Connection refused"
    assert attempt["reply"] == text
    assert attempt["relay"] == "none"
    assert pd.isna(attempt["session"])
    # MX, A and A from the name server; then SYN and RST, twice: five round trips of 20 ms.
    assert attempt["c_s"] == pytest.approx(5 * 0.020, abs=1e-9)


def test_an_address_without_a_host_costs_the_timeout(tmp_path: Path) -> None:
    lines = ("@ IN MX 10 box", "@ IN MX 20 mx", "mx IN A 198.51.100.71", "mx IN A 198.51.100.72")
    away = zone("away.example", *lines, "mx IN A 198.51.100.70", "box IN A 198.51.100.70")
    listen = f"hosts.box.away.example.listen={NOT_LISTENING}"
    sets = ("traffic.hello.to=bob@away.example", away, listen, "duration=2min")
    attempt = attempts_of(run(tmp_path, *sets)).iloc[0]
    assert attempt["status"] == "deferred"
    # Three lookups, two refusals, two addresses where nobody is.
    assert attempt["c_s"] == pytest.approx(2 * 30 + 5 * 0.020, abs=1e-9)


@pytest.mark.row("R-03")
def test_nobody_at_any_address(tmp_path: Path) -> None:
    lines = ("@ IN MX 10 mx", "mx IN A 198.51.100.70", "mx IN A 198.51.100.71")
    away = zone("away.example", *lines, "box IN A 198.51.100.70")
    listen = f"hosts.box.away.example.listen={NOT_LISTENING}"
    timeout = f"{OUT}.postfix.smtp_connect_timeout=5s"
    to = "traffic.hello.to=bob@away.example"
    attempt = attempts_of(run(tmp_path, to, away, listen, timeout, "duration=1min")).iloc[0]
    text = "4.4.1 connect to mx.away.example[198.51.100.71]:25: Connection timed out"
    assert attempt["reply"] == text
    assert attempt["c_s"] == pytest.approx(5 + 3 * 0.020, abs=1e-9)


@pytest.mark.row("R-03")
def test_the_second_address_of_a_host_may_answer(tmp_path: Path) -> None:
    result = run(tmp_path, "traffic.hello.to=bob@away.example")
    attempt = attempts_of(result).iloc[0]
    assert attempt["status"] == "sent"
    assert attempt["relay"] == "box.away.example[198.51.100.70]:25"
    assert attempt["c_s"] > 30


@pytest.mark.parametrize(
    "broken",
    [(f"hosts.mx1.example.net.listen={NOT_LISTENING}",), (TLS_NEEDED, NO_TLS), (CLOSED,)],
    ids=["refused", "no TLS", "554 at the greeting"],
)
@pytest.mark.row("R-03")
def test_the_second_exchanger_takes_over(tmp_path: Path, broken: tuple[str, ...]) -> None:
    result = run(tmp_path, *broken)
    assert result.deliveries["host"].tolist() == ["mx2.example.net"]
    attempt = attempts_of(result)
    assert attempt["relay"].tolist() == ["mx2.example.net[198.51.100.26]:25"]
    assert attempt["status"].tolist() == ["sent"]


def test_the_next_exchanger_is_tried_without_waiting_for_quit(tmp_path: Path) -> None:
    sessions = run(tmp_path, TLS_NEEDED, NO_TLS).sessions.set_index("server")
    first, second = sessions.loc["mx1.example.net"], sessions.loc["mx2.example.net"]
    # Greeting and EHLO take three round trips of 20 ms; then QUIT leaves, and so does a SYN, but
    # for a round trip to the name server.
    known_s = first["opened_at_s"] + 3 * 0.020
    assert first["released_at_s"] == pytest.approx(known_s + 0.010, abs=1e-9)
    assert second["opened_at_s"] == pytest.approx(known_s, abs=1e-9)


def test_a_session_does_not_stay_open_while_another_host_times_out(tmp_path: Path) -> None:
    """The first exchanger will not do, the second does not answer; time never runs backwards."""
    nobody = zone(
        "example.net",
        *("@ IN MX 10 mx1", "@ IN MX 20 mx", "mx1 IN A 198.51.100.25"),
        *("mx IN A 198.51.100.99", "mx IN A 198.51.100.26", "mx2 IN A 198.51.100.26"),
    )
    mx2 = f"hosts.mx2.example.net.listen={NOT_LISTENING}"
    result = run(tmp_path, TLS_NEEDED, NO_TLS, nobody, mx2, "duration=1min")
    session = result.sessions.set_index("server").loc["mx1.example.net"]
    assert session["released_at_s"] - session["opened_at_s"] == pytest.approx(0.070, abs=1e-9)
    attempt = attempts_of(result).iloc[0]
    assert attempt["reply"].endswith("mx.example.net[198.51.100.26]:25: Connection refused")
    assert attempt["relay"] == "none", "not the exchanger that the reply is not of"
    assert pd.isna(attempt["session"])
    assert attempt["c_s"] > 30


@pytest.mark.parametrize(
    ("sets", "code", "said"),
    [
        ((TLS_NEEDED, NO_TLS), None, "454 4.7.4 TLS is required, but was not offered"),
        ((CLOSED,), 554, "554 5.7.1 go away"),
    ],
    ids=["454", "554"],
)
def test_a_host_that_will_not_talk_only_defers(
    tmp_path: Path, sets: tuple[str, ...], code: int | None, said: str
) -> None:
    lines = ("@ IN MX 10 mx1", "mx1 IN A 198.51.100.25", "mx2 IN A 198.51.100.26")
    one = zone("example.net", *lines)
    result = run(tmp_path, one, *sets, "duration=1min")
    attempt = attempts_of(result).iloc[0]
    assert attempt["status"] == "deferred"
    assert pd.isna(attempt["code"]) if code is None else attempt["code"] == code
    relay = "mx1.example.net[198.51.100.25]:25"
    assert attempt["reply"].endswith(f"host {relay} refused to talk to me: {said}")
    assert attempt["relay"] == relay
    assert result.deliveries["fate"].tolist() == ["queued"]


@pytest.mark.row("R-05")
def test_a_null_exchanger_takes_no_mail(tmp_path: Path) -> None:
    result = run(tmp_path, "traffic.hello.to=bob@nomail.example")
    fates = result.deliveries.set_index("recipient")
    bounced = fates.loc["bob@nomail.example"]
    assert bounced["fate"] == "bounced"
    assert bounced["reply"] == "556 5.1.10 Domain nomail.example does not accept mail (nullMX)"
    assert fates.loc["alice@example.org", ["fate", "traffic"]].tolist() == ["delivered", "report"]
    assert len(result.sessions) == 1, "nobody was called"


@pytest.mark.row("R-01")
def test_a_domain_without_exchanger_is_its_own(tmp_path: Path) -> None:
    result = run(tmp_path, "traffic.hello.to=bob@plain.example")
    assert result.deliveries[["fate", "host"]].to_numpy().tolist() == [
        ["delivered", "plain.example"]
    ]
    asked = result.lookups[result.lookups["host"] == "out.example.org"]
    assert asked[["type", "status"]].to_numpy().tolist() == [["MX", "NODATA"], ["A", "NOERROR"]]


@pytest.mark.row("R-04")
def test_a_best_exchanger_that_is_not_responsible_finds_a_loop(tmp_path: Path) -> None:
    ours = zone("plain.example", "@ IN MX 10 out.example.org.", "@ IN A 198.51.100.50")
    result = run(tmp_path, ours, f"{OUT}.domains=[example.org]", "traffic.hello.to=b@plain.example")
    bounced = result.deliveries.set_index("recipient").loc["b@plain.example"]
    assert bounced["fate"] == "bounced"
    assert bounced["reply"] == "554 5.4.6 mail for plain.example loops back to myself"


def test_several_relays_in_a_row_deliver(tmp_path: Path) -> None:
    routes = (
        f"{OUT}.route={{example.net: '[relay1.example.org]'}}",
        "hosts.relay1.example.org.route={example.net: '[relay2.example.org]'}",
    )
    result = run(tmp_path, *routes)
    ended = result.deliveries.iloc[0]
    assert (ended["fate"], ended["hops"], ended["attempts"]) == ("delivered", 4, 3)
    assert result.sessions.sort_values("session")["server"].tolist() == [
        "out.example.org",
        "relay1.example.org",
        "relay2.example.org",
        "mx1.example.net",
    ]


def test_one_report_tells_of_all_destinations_of_a_message(tmp_path: Path) -> None:
    sets = (
        "traffic.hello.to={example.net: 50%, plain.example: 50%}",
        "traffic.hello.recipients_per_message=12",
        "hosts.mx1.example.net.mailboxes=[carol]",
        "hosts.plain.example.mailboxes=[carol]",
        "hosts.plain.example.service_time=3s",
    )
    result = run(tmp_path, *sets)
    mail = result.deliveries[result.deliveries["traffic"] == "hello"]
    assert set(mail["to_domain"]) == {"example.net", "plain.example"}
    assert set(mail["fate"]) == {"bounced"}
    reports = result.deliveries[result.deliveries["traffic"] == "report"]
    assert reports["recipient"].tolist() == ["alice@example.org"]
    assert reports["submitted_at_s"].tolist() == [mail["ended_at_s"].max()], "when all is over"


BULK = "{{from: x@example.org, to: {}, bulk: {{recipients: 6}}}}"
BOTH = f"traffic={{a: {BULK.format('example.net')}, b: {BULK.format('plain.example')}}}"


def test_destinations_take_turns_over_kept_connections(tmp_path: Path) -> None:
    """One agent at a destination, both destinations in turn, a connection for each."""
    one_each = f"{OUT}.postfix.default_destination_concurrency_limit=1"
    only = "hosts.office.example.org.clients.connections=1"
    sets = ("hosts.out.example.org.postfix.default_process_limit=1", one_each, only)
    # Submission is over before the first delivery is: the exchangers are slow.
    slow = [f"hosts.{host}.service_time=1s" for host in ("mx1.example.net", "plain.example")]
    result = run(tmp_path, BOTH, *sets, *slow)
    sent = attempts_of(result).sort_values("ended_at_s")
    assert sent["status"].tolist() == ["sent"] * 12
    assert sent["destination"].tolist()[1:] == ["plain.example", "example.net"] * 5 + [
        "plain.example"
    ]
    sessions = result.sessions.set_index("server")
    for server in ("mx1.example.net", "plain.example"):
        assert sessions.loc[server, "messages"] == 6, "one session carried all"


def test_an_idle_connection_is_given_up_after_two_seconds(tmp_path: Path) -> None:
    limits = (f"{OUT}.postfix.default_process_limit=1",)
    slow = ("hosts.mx1.example.net.service_time=500ms", "hosts.plain.example.service_time=9s")
    result = run(tmp_path, BOTH, *limits, *slow)
    sessions = result.sessions[result.sessions["server"] == "mx1.example.net"]
    assert sessions["messages"].tolist() == [1] * 6
    attempts = attempts_of(result)
    ends = attempts[attempts["destination"] == "example.net"].groupby("session")["ended_at_s"]
    idle = sessions.set_index("session")["released_at_s"] - ends.max()
    # All but the last, behind which nothing waited.
    assert idle.tolist()[:-1] == pytest.approx([2.010] * 5, abs=1e-9)
    assert idle.tolist()[-1] == pytest.approx(0.010, abs=1e-9)


def test_what_becomes_active_is_delivered_by_all_agents(tmp_path: Path) -> None:
    """Room in the active queue is filled and worked on at once, whoever made it."""
    limits = (f"{OUT}.postfix.qmgr_message_active_limit=3", BOTH)
    slow = ("hosts.plain.example.service_time=5s", "hosts.mx1.example.net.service_time=1s")
    result = run(tmp_path, *limits, *slow)
    queues = result.queues[result.queues["host"] == "out.example.org"]
    depths = queues.groupby("queue", observed=True)["depth"].max()
    assert depths["active"] == 3
    assert depths["incoming"] > 3
    assert (attempts_of(result)["b_s"] == 0).all(), "an agent was free for each at once"


@pytest.mark.parametrize("limit", [1, 3, 20])
def test_ties_come_out_the_same(tmp_path: Path, limit: int) -> None:
    """Equal times everywhere: no latency, everybody at once, few slots; :func:`run` compares."""
    one = "links=[{between: '*', latency: 0s}]"
    slots = ["postfix={default_process_limit: 2}", "backlog=1"]
    sets = [f"hosts.{h}.{s}" for h in ("mx1.example.net", "plain.example") for s in slots]
    sets += [f"hosts.{h}.service_time=1s" for h in ("mx1.example.net", "plain.example")]
    closed = "hosts.mx2.example.net.policies=[{greylist: {delay: 1min}}]"
    limits = f"{{default_process_limit: {limit}, qmgr_message_active_limit: 7}}"
    traffic = BOTH.replace("recipients: 6", "recipients: 40")
    result = run(tmp_path, one, *sets, closed, f"{OUT}.postfix={limits}", traffic, "duration=1d")
    assert set(result.deliveries["fate"]) == {"delivered"}
    depths = result.queues[result.queues["host"] == "out.example.org"]
    assert {"incoming", "active"} <= set(depths["queue"])
