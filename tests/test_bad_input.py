"""Whatever a user writes wrongly: one clear message, exit 2, never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from commanding import mailsim_here

GOOD = """\
mailsim: 1
duration: 1min
zones:
  example.org: |
    @    3600 IN MX 10 mx
    mx   3600 IN A 192.0.2.25
hosts:
  mx.example.org:
    listen: {25: {tls: none}}
    dns: [example.org]
  office.example.org: {clients: {submit_to: mx.example.org, port: 25}}
network: {topology: star, center: ix}
links:
  - {between: "*", latency: 5ms}
traffic:
  test: {from: a@example.org, to: b@example.org, arrivals: {poisson: 60/min}, size: 1 kB}
"""

FILES = {
    "unfinished.py": "class P(\n",
    "falls.py": "import os\nos.environ['MAILSIM']\n",
    "odd.py": (
        "from mailsim.mta.policies import Policy\n"
        "class Odd(Policy):\n"
        "    @classmethod\n"
        "    def from_options(cls, options):\n"
        "        return options['delay']\n"
    ),
    "net.graphml": (
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
        '<key id="a" for="edge" attr.name="latency_ms" attr.type="double"/>'
        '<graph edgedefault="undirected"><node id="a"/><node id="b"/>'
        '<edge source="a" target="b"><data key="a">inf</data></edge></graph></graphml>'
    ),
}


def check(tmp_path: Path, text: str | bytes, command: str = "check") -> tuple[int, str]:
    path = tmp_path / "s.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    done = mailsim_here(command, path, cwd=tmp_path)
    assert "Traceback" not in done.err
    return done.code, done.err.replace(str(tmp_path) + "/", "") + done.out


def test_the_good_one_is_good(tmp_path: Path) -> None:
    code, text = check(tmp_path, GOOD)
    assert code == 0
    assert "2 hosts" in text


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("duration: 1min", "duration: 0s", "s.yaml:2:11: expected a duration above 0s"),
        ("duration: 1min", "duration: 60", "s.yaml:2:11: expected a duration"),
        ("duration: 1min", "duration: 1 MB", "s.yaml:2:11: expected a duration"),
        ("duration: 1min", "duraton: 1min", "did you mean 'duration'?"),
        ("duration: 1min", "duration: 1min\nduration: 2min", "s.yaml:3:1: duplicate key"),
        ("poisson: 60/min", "poisson: -60/min", "s.yaml:16:70"),
        ("poisson: 60/min", "poison: 60/min", "did you mean 'poisson'?"),
        ("MX 10 mx", "MX 10 mail", "s.yaml:5:5: the MX of example.org points to mail.example.org"),
        ("MX 10 mx", "MX ten mx", "s.yaml:5:5: zone example.org"),
        ("to: b@example.org", "to: b@example.net", "unknown domain 'example.net'"),
        ('between: "*"', "between: [mx.example.org, mx9.example.org]", "'mx9.example.org'"),
        ("dns: [example.org]", "dns: [example.com]", "unknown zone 'example.com'"),
        ("submit_to: mx.example.org", "submit_to: mx.example.com", "unknown host"),
        ("port: 25", "port: 587", "does not listen on port 587"),
        ("mx   3600 IN A 192.0.2.25", "mx   3600 IN A 192.0.2.999", "s.yaml:6:5"),
        ("latency: 5ms", "latency: 5ms, loss: 100%", "s.yaml:14:40: expected a share below 100%"),
        ("latency: 5ms", "latency: 5ms, jitter: -1ms", "expected a duration"),
        ("latency: 5ms", "latency: 5ms, shared: 1", "s.yaml:14:42"),
        ("topology: star", "topology: stern", "unknown topology 'stern'"),
        ("{topology: star, center: ix}", "{file: none.graphml}", "cannot be read"),
        (
            "  mx.example.org:\n",
            "  mx.example.org: &x\n    policies: [{greylst: {}}]\n",
            "greylist",
        ),
        (
            "  mx.example.org:\n",
            "  mx.example.org:\n    policies: [{greylist: {delay: 0 MB}}]\n",
            "s.yaml:9:35: greylist: delay: expected a duration",
        ),
        ("  office", "  gw.example.org: {mailboxes: [a]}\n  office", "has no A or AAAA record"),
        ("size: 1 kB", "size: 1 kB, invalid: 120%", "expected a share"),
        ("mailsim: 1", "mailsim: 2", "s.yaml:1:10"),
        ("mailsim: 1", "mailsim: 1\nseed: !!int abc", "s.yaml:2:7: expected an int, as !!int says"),
        ("duration: 1min", "duration: !!float x", "s.yaml:2:11: expected a number, as !!float"),
        ("size: 1 kB", "size: {lognormal: {mean: 1 kB, cv: .nan}}", "cv: expected a number from 0"),
        ("size: 1 kB", "size: {lognormal: {mean: 1 kB, cv: .INF}}", "from 0 to 1000, got inf"),
        ("size: 1 kB", "size: {lognormal: {mean: 1 kB, cv: 1e300}}", "from 0 to 1000, got 1e+300"),
        ("size: 1 kB", "size: {exponential: {mean: 9000000000 GB}}", "a message of at most 1 PB"),
        (
            "size: 1 kB",
            "size: {weibull: {mean: 1 kB, shape: 0}}",
            "shape: expected a number from 0.1",
        ),
        ("size: 1 kB", "size: {mixture: [1 kB, 2 kB]}", "mixture: expected [{share: 90%, of:"),
        (
            "size: 1 kB",
            "size: {mixture: [{share: 9%, of: 1 kB}, {share: 9%, of: 2 kB}]}",
            "s.yaml:16:85: mixture: expected shares that sum to 100%, got 18.00%",
        ),
        ("poisson: 60/min", "closed: {people: 0, think: 1s}", "people: expected a whole number"),
        (
            "poisson: 60/min",
            "closed: {people: 2, think: 0s}",
            "think: expected a duration above 0s",
        ),
        ("poisson: 60/min", "renewal: {gamma: {mean: 1s}}", "expected a duration, {exponential:"),
        ("poisson: 60/min", "campaigns: {rate: 1/s}", "expected {rate: 2/h, messages: 50}, got"),
        ("poisson: 60/min", f"poisson: 0.{'0' * 320}1/s", "it is too small"),
        ("topology: star", 'topology: "collections:OrderedDict"', "no from_options, graph"),
        ("topology: star", 'topology: "json:nobody"', "has no attribute 'nobody'"),
        ("topology: star", 'topology: "no_such_module:X"', "No module named 'no_such_module'"),
        ("topology: star, center: ix", "file: net.graphml", "latency_ms: expected a number"),
        ("mailsim: 1", "mailsim: true", "s.yaml:1:10: expected 1, got true"),
        ("from: a@example.org", "from: a", "expected a fully qualified domain"),
        ("from: a@example.org", "from: a@localhost", "2.3.5), got 'localhost'"),
        ("from: a@example.org", "from: ''", "expected a mail address or a domain, got ''"),
        ("from: a@example.org", "from: '<>'", "expected a mail address or a domain, got '<>'"),
        ("  test:", "  report:", "the name 'report' is that of delivery reports"),
        ("poisson: 60/min", "poisson: 999999999999999/s", "it would never end"),
        ("poisson: 60/min", "every: 1ns", "it would never end"),
        ("port: 25", "port: 25, count: 1000000000", "expected at most 1,000,000 clients"),
        ("port: 25", "port: 25, tls: encrypt", "expected a port with TLS, got mx.example.org:25"),
        ("center: ix", 'center: ""', "expected the name of a node"),
        ("    listen:", "    mailboxes: ['a@b']\n    listen:", "a pattern of local parts"),
        ("    listen:", "    route: {x.org: '[mx.example.org'}\n    listen:", "a domain or [host]"),
        ("    listen:", "    route: {x.org: '[mx.example.org]:26'}\n    listen:", "[host], got"),
        ("  mx.example.org:\n", "  mx.example.org:\n  a.b:\n", "a mapping of keys, got nothing"),
        ("    listen:", "    postfix: {message_size_limit: 10240000}\n    listen:", "'10240000 B'"),
        *(  # as Postfix has it, which accepts no limit of errors below 1
            (
                "    listen:",
                f"    postfix: {{smtpd_{kind}_limit: 0}}\n    listen:",
                "expected greater than or equal to 1, got 0",
            )
            for kind in ("soft_error", "hard_error", "junk_command")
        ),
        ("    listen:", "    postfix: {smtp_pipelining: nein}\n    listen:", "valid boolean"),
        ("    listen:", "    policies: [{'unfinished:P': {}}]\n    listen:", "SyntaxError"),
        ("    listen:", "    policies: [{'falls:P': {}}]\n    listen:", "KeyError: 'MAILSIM'"),
        ("    listen:", "    policies: [{'odd:Odd': {}}]\n    listen:", "KeyError: 'delay'"),
        ("    listen:", "    policies: [{'goodpol:P': {}}]\n    listen:", "named 'goodpol'"),
    ],
)
def test_one_error(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in GOOD
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    code, text = check(tmp_path, GOOD.replace(old, new, 1))
    assert code == 2
    assert expected in text
    assert "^" in text


def test_all_errors_at_once_with_line_and_caret(tmp_path: Path) -> None:
    text = GOOD.replace("1min", "10").replace("5ms", "5 min/h").replace("1 kB", "1000")
    code, shown = check(tmp_path, text)
    assert code == 2
    assert [line.split(" ")[0] for line in shown.splitlines() if line.startswith("s.yaml")] == [
        "s.yaml:2:11:",
        "s.yaml:14:29:",
        "s.yaml:16:85:",
    ]
    lines = shown.splitlines()
    assert lines[1].endswith("duration: 10")
    assert lines[2].index("^") == lines[1].index("10", 8)


def test_errors_of_all_kinds_at_once(tmp_path: Path) -> None:
    text = (
        GOOD.replace("1min", "10").replace("MX 10 mx", "MX 10 mail").replace("to: b@", "to: b@x.")
    )
    text = text.replace('"*"', "[mx.example.org, nobody]")
    code, shown = check(tmp_path, text)
    assert code == 2
    lines = [line.split(":")[1] for line in shown.splitlines() if line.startswith("s.yaml")]
    assert lines == ["2", "5", "14", "16"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", "the file is empty"),
        (b"# nothing\n", "the file is empty"),
        (b"- a\n", "expected a mapping"),
        (b"mailsim: [1\n", "not YAML"),
        (b"mailsim: 1\n\tduration: 1s\n", "not YAML"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"mailsim: 1\n", "is missing"),
    ],
)
def test_not_a_scenario(tmp_path: Path, text: bytes, expected: str) -> None:
    code, shown = check(tmp_path, text)
    assert code == 2
    assert expected in shown


def test_unreadable_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mailsim", "run", str(tmp_path / "none.yaml")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "cannot be read: No such file" in done.stderr
    assert "Traceback" not in done.stderr


def test_disconnected_graph(tmp_path: Path) -> None:
    (tmp_path / "net.graphml").write_text(
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="undirected">'
        '<node id="a"/><node id="b"/></graph></graphml>',
        encoding="utf-8",
    )
    text = GOOD.replace("{topology: star, center: ix}", "{file: net.graphml}")
    text = text.replace("    listen:", "    at: a\n    listen:")
    text = text.replace("{clients: {", "{at: b, clients: {")
    code, shown = check(tmp_path, text)
    assert code == 2
    assert "no link joins host" in shown


NETWORK = "{topology: star, center: ix}"


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("n.graphml", b"", "s.yaml:12:17: n.graphml: no GraphML: the file is empty"),
        (
            "n.graphml",
            b"\x89PNG\r\n\x1a\n\0",
            "s.yaml:12:17: n.graphml: no GraphML: not well-formed",
        ),
        ("n.gml", b"\x89PNG\r\n\x1a\n\0", "s.yaml:12:17: n.gml: no GML: line 3: expected"),
        ("n.gml", b"graph [ node [ id 1 ]", "s.yaml:12:17: n.gml: no GML: line 1: expected a ]"),
        ("n.txt", b"\x89PNG", "s.yaml:12:17: n.txt: no edge list: not UTF-8 text (octet 0)"),
        ("n.txt", b"a b latency=-5ms", "n.txt: link a - b: latency: expected a duration"),
        (
            "n.txt",
            b"a b loss=2",
            "n.txt: link a - b: loss: expected a fraction from 0 to less than 1",
        ),
        ("n.txt", b"a b", "s.yaml:8:3: host mx.example.org is no node of the network"),
        ("n.txt", b"mx.example.org office.example.org latency=0s", ""),
        ("n.txt", b"mx.example.org\noffice.example.org", "no link joins host office.example.org"),
    ],
)
def test_files_of_networks(tmp_path: Path, name: str, data: bytes, expected: str) -> None:
    (tmp_path / name).write_bytes(data)
    code, shown = check(tmp_path, GOOD.replace(NETWORK, f"{{file: {name}}}"))
    assert code == (2 if expected else 0)
    assert expected in shown


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        ("{topology: ring, nodes: two}", "s.yaml:12:34: nodes: expected a whole number"),
        (
            "{topology: waxman, beta: 2}",
            "s.yaml:12:35: beta: expected a number from 0.0 to 1.0, got 2",
        ),
        (
            "{topology: internet, size: 5}",
            "s.yaml:12:37: size: internet takes nodes, seed and no 'size'",
        ),
        ("{topology: mesh, file: x.gml}", "s.yaml:12:33: file: mesh takes nodes and no 'file'"),
        ("{topology: gml}", "s.yaml:12:21: expected {file: path}"),
        ("{file: .}", "cannot be read: Is a directory"),
        ("{topology: tree, branching: 3}", ""),
    ],
)
def test_options_of_networks(tmp_path: Path, network: str, expected: str) -> None:
    code, shown = check(tmp_path, GOOD.replace(NETWORK, network))
    assert code == (2 if expected else 0), shown
    assert expected in shown


def test_a_run_refuses_to_replace_what_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "results" / "s").mkdir(parents=True)
    precious = tmp_path / "results" / "s" / "precious.txt"
    precious.write_text("keep me", encoding="utf-8")
    code, shown = check(tmp_path, GOOD, "run")
    assert code == 2
    assert "is not a mailsim run" in shown
    assert precious.read_text(encoding="utf-8") == "keep me"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("arrivals: {poisson: 60/min}", "bulk: {recipients: 0}"),
        ("listen: {25: {tls: none}}", "listen: {25: null}"),
        ("  example.org: |\n    @    3600 IN MX 10 mx\n    mx   3600 IN A 192.0.2.25\n", ""),
    ],
)
def test_one_fault_is_one_error(tmp_path: Path, old: str, new: str) -> None:
    assert old in GOOD
    code, text = check(tmp_path, GOOD.replace(old, new, 1))
    assert (code, text.count("s.yaml:")) == (2, 1)


def test_postfix_says_yes_and_no(tmp_path: Path) -> None:
    new = "    postfix: {smtp_pipelining: no, smtpd_tls_auth_only: yes}\n    listen:"
    code, _ = check(tmp_path, GOOD.replace("    listen:", new, 1))
    assert code == 0


POLICY = """
from mailsim.mta.policies import Policy
class Boom(Policy):
    @classmethod
    def from_options(cls, options):
        return cls()
    def on_rcpt(self, seen, now_ns):
        return 1 / 0
class Odd(Boom):
    def on_rcpt(self, seen, now_ns):
        return "450 no"
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Boom", "on_rcpt failed: ZeroDivisionError: division by zero"),
        ("Odd", "on_rcpt: expected a Reply or None, got '450 no'"),
    ],
)
def test_a_policy_of_ones_own_that_fails_is_named(tmp_path: Path, name: str, expected: str) -> None:
    (tmp_path / "own.py").write_text(POLICY, encoding="utf-8")
    new = f"    policies: [{{'own:{name}': {{}}}}]\n    listen:"
    code, text = check(tmp_path, GOOD.replace("    listen:", new, 1), "run")
    assert code == 1
    assert f"hosts.mx.example.org.policies[0] (own:{name}): {expected}" in text
    assert ", message 1; " in text
    assert text.endswith(" has the rows until then\n")
    runs = [path for path in tmp_path.rglob("run.json") if path.is_file()]
    info = json.loads(runs[0].read_text(encoding="utf-8"))
    assert expected in info["error"]
    assert info["simulated_s"] > 0
