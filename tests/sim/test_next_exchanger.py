"""What a server puts off, has no room for or cannot take, within one attempt; both fidelities."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import mailsim as ms
from mailsim.errors import ConfigError
from mailsim.mta.policies import Policy, Seen
from mailsim.mta.queue import Entry
from mailsim.mta.schedulers.fifo import Fifo
from mailsim.smtp import Reply

SCENARIO = """
mailsim: 1
duration: 10min
record: {events: true}
zones:
  example.org: "@ 3600 IN MX 10 out\\nout 3600 IN A 192.0.2.25"
  example.net: |
    @ 300 IN MX 10 mx1
    @ 300 IN MX 20 mx2
    mx1 300 IN A 198.51.100.25
    mx2 300 IN A 198.51.100.26
hosts:
  out.example.org:
    listen: {25: {tls: may, extensions: &all [PIPELINING, SIZE, STARTTLS, ENHANCEDSTATUSCODES,
      8BITMIME, DSN, SMTPUTF8, DELIVERBY, REQUIRETLS, LIMITS]}}
    policies: [{relay_control: {from: [office.example.org]}}]
  office.example.org: {clients: {submit_to: out.example.org, port: 25, tls: may}}
  mx1.example.net: {listen: {25: {tls: may, extensions: *all}}, mailboxes: ["user*", bob]}
  mx2.example.net: {listen: {25: {tls: may, extensions: *all}}, mailboxes: ["user*", bob]}
  ns.example.org: {dns: [example.org, example.net]}
network: {topology: star, center: ix}
links: [{between: "*", latency: 5ms}]
traffic:
  hello: {from: alice@example.org, to: bob@example.net, arrivals: {once: 1s}}
"""
MX1, MX2 = "hosts.mx1.example.net", "hosts.mx2.example.net"
TABLES = ("deliveries", "attempts", "sessions", "queues", "lookups", "events")
TO_MANY = ("traffic.hello.to=example.net", "traffic.hello.recipients_per_message=6")
GREY = "policies=[{greylist: {delay: 5min}}]"
BARE = "listen={25: {tls: none, extensions: [PIPELINING, ENHANCEDSTATUSCODES]}}"


class _Busy(Policy):
    @classmethod
    def from_options(cls, options: object) -> _Busy:
        return cls()


class AtMail(_Busy):
    def on_mail(self, seen: Seen, now_ns: int) -> Reply:
        return Reply(451, ("not now",), "4.3.0")


class AtData(_Busy):
    def on_data(self, seen: Seen, now_ns: int) -> Reply:
        return Reply(451, ("not now",), "4.3.0")


class NotUser1(_Busy):
    def on_rcpt(self, seen: Seen, now_ns: int) -> Reply | None:
        late = seen.recipient.startswith(("user1@", "user3@"))
        return Reply(450, ("not now",), "4.2.0") if late else None


def run(tmp_path: Path, *sets: str) -> ms.Run:
    path = tmp_path / "next.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    flights, wire = (ms.load(path, *sets, f"fidelity={f}").run() for f in ("flights", "wire"))
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(flights, name), getattr(wire, name))
    return flights


def relayed(result: ms.Run) -> pd.DataFrame:
    attempts = result.attempts[result.attempts["host"] == "out.example.org"]
    return attempts[attempts["destination"] == "example.net"]


def shared_by(n: int) -> tuple[str, str]:
    """Return the settings of a traffic to some of ``n`` people."""
    to = {f"user{i}@example.net": f"{100 / n:.4f}%" for i in range(1, n)}
    to[f"user{n}@example.net"] = f"{100 - (n - 1) * float(f'{100 / n:.4f}'):.4f}%"
    return f"traffic.hello.to={json.dumps(to)}", f"traffic.hello.recipients_per_message={n}"


def reports_of(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets the text of every report queued from now on."""
    texts: list[str] = []

    def put(self: Fifo, entry: Entry) -> None:
        if not entry.message.sender:
            texts.append(entry.message.content.to_bytes().decode())
        original(self, entry)

    original = Fifo.put
    monkeypatch.setattr(Fifo, "put", put)
    return texts


def asking(mail: str = "", rcpt: str = "") -> str:
    return f"traffic.hello.params={json.dumps({'mail': mail, 'rcpt': rcpt})}"


@pytest.mark.parametrize("policy", ["AtMail", "AtData", "grey"])
@pytest.mark.parametrize("pipelining", ["true", "false"])
def test_what_is_put_off_goes_on_to_the_next_exchanger(
    tmp_path: Path, policy: str, pipelining: str
) -> None:
    said = GREY if policy == "grey" else f"policies=[{{'{__name__}:{policy}': {{}}}}]"
    pipe = f"hosts.out.example.org.postfix.smtp_pipelining={pipelining}"
    result = run(tmp_path, f"{MX1}.{said}", pipe)
    ended = result.deliveries.iloc[0]
    assert (ended["fate"], ended["host"], ended["attempts"]) == ("delivered", "mx2.example.net", 1)
    assert ended["delay_s"] < 1
    attempts = relayed(result)
    assert attempts["relay"].tolist() == ["mx2.example.net[198.51.100.26]:25"]
    assert attempts["status"].tolist() == ["sent"]


def test_the_last_exchanger_defers(tmp_path: Path) -> None:
    result = run(tmp_path, f"{MX1}.{GREY}", f"{MX2}.{GREY}", "duration=2min")
    attempt = relayed(result).iloc[0]
    assert (attempt["status"], attempt["code"]) == ("deferred", 450)
    assert attempt["relay"] == "mx2.example.net[198.51.100.26]:25"
    assert len(result.sessions) == 3


def test_each_recipient_has_the_row_of_the_server_that_decided(tmp_path: Path) -> None:
    policy = f"{MX1}.policies=[{{'{__name__}:NotUser1': {{}}}}]"
    to = {f"user{i}@example.net": "25%" for i in (1, 2, 3)} | {"nobody@example.net": "25%"}
    many = (f"traffic.hello.to={json.dumps(to)}", "traffic.hello.recipients_per_message=4")
    arrivals = "traffic.hello.arrivals={every: 10s}"
    result = run(tmp_path, policy, *many, arrivals)
    attempts = relayed(result)
    by_relay = attempts.groupby("recipient")["relay"].unique().map(list).to_dict()
    first, second = "mx1.example.net[198.51.100.25]:25", "mx2.example.net[198.51.100.26]:25"
    assert by_relay == {
        "user1@example.net": [second],
        "user2@example.net": [first],
        "user3@example.net": [second],
        "nobody@example.net": [first],
    }
    for (session,), rows in attempts.groupby(["session"]):
        released = result.sessions.set_index("session").loc[session, "released_at_s"]
        assert (rows["ended_at_s"] <= released).all(), "not after its own session was over"
    nobody = result.deliveries[result.deliveries["recipient"] == "nobody@example.net"]
    assert set(nobody["fate"]) == {"bounced"}


def test_too_many_recipients_follow_at_once(tmp_path: Path) -> None:
    many = shared_by(6)
    extensions = "{25: {extensions: [PIPELINING, ENHANCEDSTATUSCODES]}}"
    result = run(
        tmp_path, *many, f"{MX1}.postfix.smtpd_recipient_limit=2", f"{MX1}.listen={extensions}",
        "hosts.out.example.org.postfix.smtpd_recipient_limit=2",
    )  # fmt: skip
    assert set(result.deliveries["fate"]) == {"delivered"}
    assert set(result.deliveries["host"]) == {"mx1.example.net"}
    sessions = result.sessions[result.sessions["server"] == "mx1.example.net"]
    assert sessions["messages"].sum() >= -(-len(result.deliveries) // 2)
    at_office = result.attempts[result.attempts["host"] == "office.example.org"]
    assert set(at_office["status"]) == {"sent"}
    assert at_office["session"].nunique() == 1


@pytest.mark.parametrize(
    ("limits", "n_sessions", "n_transactions"),
    [("RCPTMAX: 2", 1, 3), ("RCPTMAX: 2, MAILMAX: 1", 3, 3), ("RCPTMAX: 3, MAILMAX: 1", 2, 2)],
)
def test_limits_are_kept_and_nobody_is_refused(
    tmp_path: Path, limits: str, n_sessions: int, n_transactions: int
) -> None:
    many = TO_MANY
    listen = f"{{tls: none, limits: {{{limits}}}, extensions: [PIPELINING, LIMITS]}}"
    sets = [f"{host}.listen={{25: {listen}}}" for host in (MX1, "hosts.out.example.org")]
    whole = "seed=7"
    one_each = "hosts.out.example.org.postfix.default_process_limit=1"
    result = run(tmp_path, *many, *sets, whole, one_each, f"{MX2}.{BARE}")
    assert len(result.deliveries) == 6
    assert set(result.deliveries["fate"]) == {"delivered"}
    assert set(result.deliveries["host"]) == {"mx1.example.net"}
    for server in ("out.example.org", "mx1.example.net"):
        sessions = result.sessions[result.sessions["server"] == server]
        if server == "out.example.org":
            assert len(sessions) == n_sessions
            assert sessions["messages"].sum() == n_transactions
        if "MAILMAX" in limits:
            assert (sessions["messages"] == 1).all()
    replies = result.events[result.events["side"] == "S"]["text"]
    assert not replies.str.match("4|5").any()


def test_a_session_has_no_more_domains_than_the_server_says(tmp_path: Path) -> None:
    listen = "{tls: none, limits: {RCPTDOMAINMAX: 1}, extensions: [PIPELINING, LIMITS]}"
    to = '{"bob@example.net": "50%", "carol@example.org": "50%"}'
    several = ("traffic.hello.recipients_per_message=2", "traffic.hello.arrivals={every: 10s}")
    result = run(
        tmp_path, f"hosts.out.example.org.listen={{25: {listen}}}", f"traffic.hello.to={to}",
        *several, "duration=1min",
    )  # fmt: skip
    assert set(result.deliveries["fate"]) == {"delivered"}
    assert set(result.deliveries["to_domain"]) == {"example.net", "example.org"}
    sessions = result.sessions[result.sessions["server"] == "out.example.org"]
    assert (sessions["messages"] == 1).all()
    assert len(sessions) == len(result.deliveries)


def test_tls_is_required_of_every_hop(tmp_path: Path) -> None:
    result = run(tmp_path, asking("REQUIRETLS"))
    mails = result.events[result.events["text"].str.startswith("MAIL")]["text"]
    assert mails.str.endswith("REQUIRETLS").tolist() == [True, True]
    taken_over = run(tmp_path, asking("REQUIRETLS RET=FULL"), f"{MX1}.{BARE}")
    assert taken_over.deliveries["host"].tolist() == ["mx2.example.net"]


@pytest.mark.parametrize("enhanced", ["5.7.30", "5.7.10"])
def test_a_message_that_needs_tls_is_returned_without_its_body(
    tmp_path: Path, enhanced: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = reports_of(monkeypatch)
    tls = "may" if enhanced == "5.7.30" else "none"
    without = f"listen={{25: {{tls: {tls}, extensions: [PIPELINING, STARTTLS]}}}}"
    local = "hosts.out.example.org.domains=[]"
    back = "hosts.out.example.org.route={example.org: '[mx2.example.net]'}"
    home = f"{MX2}.domains=[example.net, example.org]"
    sets = (asking("REQUIRETLS RET=FULL ENVID=a+2Bb"), local, back, home, f"{MX2}.mailboxes=['*']")
    result = run(tmp_path, *sets, f"{MX1}.{without}", f"{MX2}.{without}")
    bounced = result.deliveries.set_index("recipient").loc["bob@example.net"]
    assert (bounced["fate"], bounced["reply"].split()[1]) == ("bounced", enhanced)
    attempt = relayed(result).iloc[0]
    assert pd.isna(attempt["code"]), "no server said it"
    assert attempt["relay"].startswith("mx2")
    assert reports[0] == reports[1]
    assert "Original-Envelope-Id: a+b" in reports[0]
    assert "Content-Type: text/rfc822-headers" in reports[0]
    assert "Content-Type: message/rfc822" not in reports[0]
    assert result.deliveries.set_index("traffic").loc["report", "fate"] == "delivered"


def test_a_late_message_is_returned_when_its_time_is_over(tmp_path: Path) -> None:
    result = run(tmp_path, asking("BY=200;R"), f"{MX1}.{GREY}", f"{MX2}.{GREY}")
    bounced = result.deliveries.set_index("recipient").loc["bob@example.net"]
    assert (bounced["fate"], bounced["reply"]) == ("bounced", "554 5.4.7 delivery time expired")
    assert bounced["ended_at_s"] == pytest.approx(201, abs=1.1)
    told = asking("BY=200;N", "NOTIFY=FAILURE")
    late = run(tmp_path, told, f"{MX1}.{GREY}", f"{MX2}.{GREY}", "duration=1h")
    assert late.deliveries["fate"].tolist() == ["delivered"]
    said = late.events[late.events["text"].str.startswith("MAIL")]["text"]
    assert said.str.extract(r"BY=(-?\d+);N")[0].astype(int).is_monotonic_decreasing


def test_eight_bit_content_is_converted_for_a_hop_that_takes_seven(tmp_path: Path) -> None:
    result = run(tmp_path, asking("BODY=8BITMIME"), f"{MX1}.{BARE}")
    assert result.deliveries[["fate", "host"]].to_numpy().tolist() == [
        ["delivered", "mx1.example.net"]
    ]
    lines = result.events["text"]
    assert lines.str.contains("MAIL .* BODY=8BITMIME").sum() == 1
    assert lines.str.startswith("Content-Transfer-Encoding: quoted-printable").sum() == 1


def test_an_address_beyond_ascii_needs_smtputf8(tmp_path: Path) -> None:
    sender = "traffic.hello.from=älice@example.org"
    by_client = "traffic.hello.client=office.example.org"
    one = run(tmp_path, sender, by_client, f"{MX1}.{BARE}")
    assert one.deliveries["host"].tolist() == ["mx2.example.net"]
    none = run(tmp_path, sender, by_client, f"{MX1}.{BARE}", f"{MX2}.{BARE}")
    bounced = none.deliveries.set_index("recipient").loc["bob@example.net"]
    assert (bounced["fate"], bounced["reply"].split()[1]) == ("bounced", "5.6.7")


@pytest.mark.parametrize(
    ("rcpt", "n_reports"), [("NOTIFY=NEVER", 0), ("NOTIFY=FAILURE ORCPT=rfc822;x+2By@z", 1)]
)
def test_the_sender_says_which_report_it_wants(
    tmp_path: Path, rcpt: str, n_reports: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = reports_of(monkeypatch)
    sets = (f"{MX1}.mailboxes=[carol]", "hosts.out.example.org.domains=[]")
    home = (
        "hosts.out.example.org.route={example.org: '[mx2.example.net]'}",
        f"{MX2}.domains=[example.net, example.org]", f"{MX2}.mailboxes=['*']",
    )  # fmt: skip
    result = run(tmp_path, asking("ENVID=x", rcpt), *sets, *home)
    assert (result.deliveries["traffic"] == "report").sum() == n_reports
    text = "\n".join(result.events["text"])
    assert text.count(rcpt) >= 2, "at each hop"
    if n_reports:
        assert "Original-Recipient: rfc822;x+y@z" in texts[0]
        assert "Content-Type: message/rfc822" in texts[0]
        assert "RCPT TO:<alice@example.org> NOTIFY=NEVER" in text


def test_a_large_message_is_returned_as_its_header(tmp_path: Path) -> None:
    sets = (f"{MX1}.mailboxes=[carol]", f"{MX2}.mailboxes=['*']")
    sizes = []
    for size in ("40 kB", "60 kB"):
        result = run(tmp_path, *sets, f"traffic.hello.size={size}")
        reports = result.deliveries[result.deliveries["traffic"] == "report"]
        sizes.append(int(reports["size_bytes"].iloc[0]))
    assert sizes[0] > 40_000
    assert sizes[1] < 3_000
    number = int(reports["message"].iloc[0])
    with pytest.raises(ConfigError, match="a report, travelled in no session: it never left"):
        result.transcript(number)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"mail": "RET=SOME"}, "RET is FULL or HDRS"),
        ({"mail": "BY=0;R"}, "BY is seconds"),
        ({"rcpt": "NOTIFY=NEVER,FAILURE"}, "NOTIFY is NEVER, or some of"),
        ({"mail": "SIZE=3"}, "refused: 555"),
        ({"mail": "<>"}, "refused: 501"),
    ],
)
def test_parameters_are_checked_at_load(tmp_path: Path, params: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        run(tmp_path, f"traffic.hello.params={json.dumps(params)}")
    assert said in str(caught.value)


def test_a_queued_recipient_is_where_it_waits(tmp_path: Path) -> None:
    policy = f"policies=[{{'{__name__}:NotUser1': {{}}}}]"
    many = shared_by(4)
    arrivals = "traffic.hello.arrivals={every: 10s}"
    result = run(tmp_path, f"{MX1}.{policy}", f"{MX2}.{policy}", *many, arrivals, "duration=1min")
    hosts = result.deliveries.groupby("fate", observed=True)["host"].unique().map(list).to_dict()
    assert hosts == {"delivered": ["mx1.example.net"], "queued": ["out.example.org"]}


def test_a_session_refused_at_the_greeting_belongs_to_its_message(tmp_path: Path) -> None:
    busy = ("postfix={default_process_limit: 1}", "backlog=0", "service_time=2s")
    sets = [f"{host}.{item}" for host in (MX1, MX2) for item in busy]
    two = "traffic.hello.arrivals={every: 500ms}"
    result = run(tmp_path, *sets, two, "duration=4s")
    refused = result.sessions[result.sessions["outcome"].str.startswith("421")]
    assert not refused.empty
    events = result.events
    greetings = events[events["session"].isin(refused["session"]) & (events["side"] == "S")]
    assert greetings["message"].notna().all()
    number = int(greetings["message"].iloc[0])
    assert "Service unavailable" in result.transcript(number)


def test_looking_up_the_server_is_connection_set_up_at_a_client_too(tmp_path: Path) -> None:
    attempts = run(tmp_path).attempts
    first = attempts[attempts["host"] == "office.example.org"].iloc[0]
    assert first["b_s"] == 0
    assert first["c_s"] > 0.020


def test_no_reply_has_no_code(tmp_path: Path) -> None:
    sets = [f"{host}.listen={{2525: {{tls: none}}}}" for host in (MX1, MX2)]
    attempt = relayed(run(tmp_path, *sets, "duration=1min")).iloc[0]
    assert pd.isna(attempt["code"])
    assert attempt["enhanced"] == "4.4.1"


def test_a_message_has_another_queue_id_at_each_host(tmp_path: Path) -> None:
    texts = run(tmp_path).events["text"]
    ids = texts[texts.str.contains("queued as")].str.split().str[-1]
    assert ids.nunique() == 2
