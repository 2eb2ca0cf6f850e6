"""The command: what each part of it prints, and its exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from mailsim.cli import main
from mailsim.experiment.check import load_scenario
from mailsim.record import TABLES
from mailsim.registry import ROOMS
from mailsim.results import Run

ROOT = Path(__file__).parents[1]
FIRST = ROOT / "experiments" / "first_mail.yaml"
TABLES_OF_ANY = [name for name in TABLES if name not in ("faults", "duplicates")]
"""The others are there where a scenario has faults."""

Mailsim = Callable[..., tuple[int, str, str]]


@pytest.fixture
def mailsim(capsys: pytest.CaptureFixture[str]) -> Mailsim:
    """Run the command in this process; return exit code, standard output and error."""

    def run(*words: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main([str(word) for word in words])
        out, err = capsys.readouterr()
        code = caught.value.code
        assert isinstance(code, int)
        return code, out, err

    return run


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a saved run, with events."""
    import mailsim

    path = tmp_path_factory.mktemp("runs") / "first_mail"
    mailsim.load(FIRST, "traffic.hello.arrivals={every: 10s}").run(out=path)
    return path


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a saved run that recorded no events."""
    import mailsim

    path = tmp_path_factory.mktemp("runs") / "silent"
    mailsim.load(FIRST, "record={events: false}").run(out=path)
    return path


def test_version(mailsim: Mailsim) -> None:
    code, text, _ = mailsim("--version")
    assert (code, text.split()[0]) == (0, "mailsim")


@pytest.mark.parametrize(("target", "code"), [("/dev/full", 1), ("| true", 0)])
def test_an_output_that_takes_nothing(target: str, code: int) -> None:
    shell = f"{sys.executable} -m mailsim schema {'>' if code else ''} {target}; "
    done = subprocess.run(
        ["bash", "-c", shell + "exit ${PIPESTATUS[0]}"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    told = "mailsim: standard output: No space left on device\n" if code else ""
    assert (done.returncode, done.stderr) == (code, told)


def test_a_narrow_terminal_cuts_nothing(
    mailsim: Mailsim, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    _, text, _ = mailsim("show", first)
    assert "submitted" in text
    assert "recipients" in text


class TestRun:
    def test_says_what_came_of_it_and_where_it_is(self, mailsim: Mailsim, tmp_path: Path) -> None:
        out = tmp_path / "r"
        code, text, err = mailsim("run", FIRST, "--out", out)
        assert (code, err) == (0, "")
        assert text.startswith("first_mail, seed 1")
        for metric in ("submitted", "delivered", "deferred", "bounced", "throughput per s"):
            assert re.search(rf"^\s*{metric}\s+\d", text, re.MULTILINE), metric
        for metric in ("delay p50", "delay p95", "delay p99", "messages per wall s"):
            assert re.search(rf"^\s*{metric}\s+\d", text, re.MULTILINE), metric
        named = [line.split(maxsplit=1) for line in text.splitlines()[-3:]]
        assert named == [
            ["results", str(out)],
            ["picture", str(out / "latency.png")],
            ["picture", str(out / "queue.png")],
        ]
        found = {path.name for path in out.iterdir()}
        tables = {f"{name}.parquet" for name in TABLES_OF_ANY}
        assert found == {"run.json", "summary.parquet", "latency.png", "queue.png", *tables}

    def test_json(self, mailsim: Mailsim, tmp_path: Path) -> None:
        sets = ("--set", "traffic.hello.arrivals={once: 1h}")
        code, text, _ = mailsim(
            "run", FIRST, "--json", "--seed", "7", "--out", tmp_path / "r", *sets
        )
        found = json.loads(text)
        assert code == 0
        assert (found["name"], found["seed"], found["submitted"]) == ("first_mail", 7, 0)
        assert found["delay_p50"] is None, "JSON has no NaN"

    def test_quiet(self, mailsim: Mailsim, tmp_path: Path) -> None:
        assert mailsim("run", FIRST, "-q", "--out", tmp_path / "r") == (0, "", "")

    def test_results_go_to_a_directory_of_the_scenarios_name(
        self, mailsim: Mailsim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        mailsim("run", FIRST, "-q")
        assert (tmp_path / "results" / "first_mail" / "run.json").is_file()

    def test_a_breach_of_conservation_fails_the_run_and_names_the_recipients(
        self, tmp_path: Path
    ) -> None:
        """A queue manager that loses what it is given: no such run may pass for one."""
        out = tmp_path / "results" / "r"
        losing = (
            "from mailsim.mta.queue import QueueManager\n"
            "QueueManager.add = lambda self, message, now_ns: None\n"
            "from mailsim.__main__ import main\n"
            "main()\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", losing, "run", FIRST, "--out", out],
            env={**os.environ, "MAILSIM_PURE": "1"},  # compiled classes cannot be patched
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stdout) == (1, "")
        told = f"lost at mx1.example.org; {out} has the rows until then"
        assert done.stderr.splitlines() == [
            "mailsim: recipients are not conserved:",
            f"  bob@example.net of message 1: {told}",
        ]
        assert "not conserved" in json.loads((out / "run.json").read_text())["error"]

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            (["--set", "duration"], "--set duration: expected PATH=VALUE"),
            (["--set", "duration=5"], "--set duration=5: expected a duration"),
            (["--set", "seed=!!int x"], "expected an int, as !!int says"),
            (["--set", "seed=\udcff"], r"--set seed=\xff: expected text in UTF-8"),
            (["--set", "duration=[1"], "--set duration=[1: the value is not YAML"),
            (["--set", "links.0.latency=1"], "--set links.0.latency=1: expected a duration"),
            (["--set", "links.9.latency=1ms"], "links: expected an item, 0 to 1, got '9'"),
            (["--set", "hosts.mx1.example.org.listen.587.tls=mai"], "--set hosts.mx1.example.org."),
            (["--set", "hosts.a.b.=5"], "expected keys joined by single dots"),
            (["--seed", "-1"], "Invalid value for '--seed'"),
            (["--sed", "1"], "No such option"),
        ],
    )
    def test_wrong_usage(self, mailsim: Mailsim, words: list[str], expected: str) -> None:
        code, text, err = mailsim("run", FIRST, *words)
        assert (code, text) == (2, "")
        assert expected in err


def test_check(mailsim: Mailsim) -> None:
    code, text, err = mailsim("check", FIRST, "--set", "duration=5min")
    assert (code, err) == (0, "")
    assert text.splitlines() == [
        f"{FIRST}: ok",
        "  5 hosts, 3 of them speak SMTP",
        "  6 nodes, 5 links",
        "  2 zones",
        "  5 min of simulated time, seed 1",
        "  traffic hello: 1 messages",
    ]


def test_schema(mailsim: Mailsim) -> None:
    code, text, _ = mailsim("schema")
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert code == 0
    jsonschema.validate(json.loads(json.dumps(load_scenario(FIRST).resolved())), schema)


class TestShow:
    def test_the_summary_again(self, mailsim: Mailsim, first: Path) -> None:
        code, text, _ = mailsim("show", first)
        assert code == 0
        assert re.search(r"^\s*delivered\s+6\s", text, re.MULTILINE)

    @pytest.mark.parametrize("table", [*TABLES_OF_ANY, "summary"])
    def test_a_table(self, mailsim: Mailsim, first: Path, table: str) -> None:
        code, text, _ = mailsim("show", first, table, "-n", "2")
        opened = Run.open(first)
        frame = opened.summary if table == "summary" else opened.frames[table]
        header, *rows = text.splitlines()
        n = len(frame)
        assert code == 0
        assert header.split() == list(frame.columns)
        assert len(rows) == min(n, 2) + (n > 2)
        assert n <= 2 or rows[-1] == f"... {n:,} rows in all; -n {n} shows them"

    def test_an_unknown_table_lists_the_known(self, mailsim: Mailsim, first: Path) -> None:
        code, _, err = mailsim("show", first, "delivery")
        assert code == 2
        assert "no table 'delivery': known are deliveries, attempts," in err

    def test_no_run(self, mailsim: Mailsim, tmp_path: Path) -> None:
        code, _, err = mailsim("show", tmp_path)
        assert (code, err) == (2, f"{tmp_path}: no mailsim run (it has no run.json)\n")


class TestTranscript:
    def test_lines(self, mailsim: Mailsim, first: Path) -> None:
        code, text, _ = mailsim("transcript", first, "--message", "3")
        assert code == 0
        assert text.startswith("office.example.org -> mx1.example.org:587  (session ")
        assert "C: MAIL FROM:<alice@example.org>" in text

    @pytest.mark.parametrize("number", ["0", "99", "-1"])
    def test_no_such_message(self, mailsim: Mailsim, first: Path, number: str) -> None:
        code, _, err = mailsim("transcript", first, "--message", number)
        assert (code, err) == (2, f"no message {number}: expected 1 to 6\n")

    def test_without_events(self, mailsim: Mailsim, silent: Path) -> None:
        """The same mistake, the same exit code, the same way out."""
        for words in (["transcript", silent, "--message", "1"], ["show", silent, "events"]):
            code, _, err = mailsim(*words)
            assert code == 2
            assert "--set record.events=true" in err


class TestPlot:
    @pytest.mark.parametrize(
        "words",
        [
            ["latency"],
            ["latency", "--by", "to_domain"],
            ["queue"],
            ["queue", "--host", "mx1.example.org"],
            ["throughput"],
        ],
    )
    @pytest.mark.parametrize("ending", ["png", "svg"])
    def test_kinds(
        self, mailsim: Mailsim, first: Path, tmp_path: Path, words: list[str], ending: str
    ) -> None:
        target = tmp_path / f"a.{ending}"
        assert mailsim("plot", words[0], first, "-o", target, *words[1:]) == (
            0,
            f"picture   {target}\n",
            "",
        )
        assert target.read_bytes()[:8] == (b"\x89PNG\r\n\x1a\n" if ending == "png" else b"<?xml ve")

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            (["latncy"], "known are latency, queue, throughput; did you mean 'latency'?"),
            (["throughput", "--by", "host"], "plot throughput takes no option 'by': it takes none"),
            (["throughput", "--host", "x"], "plot throughput takes no option 'host'"),
            (["queue", "--by", "host"], "plot queue takes no option 'by': it takes host"),
            (["latency", "--by", "colour"], "no column 'colour' in deliveries"),
            (["queue", "--host", "nobody"], "no queues of host 'nobody'"),
        ],
    )
    def test_refused(
        self, mailsim: Mailsim, first: Path, tmp_path: Path, words: list[str], expected: str
    ) -> None:
        code, text, err = mailsim("plot", words[0], first, "-o", tmp_path / "a.png", *words[1:])
        assert (code, text) == (2, "")
        assert expected in err
        assert list(tmp_path.iterdir()) == []


class TestList:
    def test_all(self, mailsim: Mailsim) -> None:
        code, text, _ = mailsim("list")
        assert code == 0
        for kind, room in ROOMS.items():
            assert f"{kind}:" in text.splitlines()
            for name in room.names():
                lines = [line for line in text.splitlines() if line.split()[0] == name]
                assert any(line.endswith(room.summary(name)) for line in lines)

    @pytest.mark.parametrize("room", ["policy", "policies"])
    def test_one_room(self, mailsim: Mailsim, room: str) -> None:
        code, text, _ = mailsim("list", room)
        assert code == 0
        assert text.splitlines()[0] == "policy:"
        assert [line.split()[0] for line in text.splitlines()[1:]] == ROOMS["policy"].names()

    def test_an_unknown_room(self, mailsim: Mailsim) -> None:
        code, _, err = mailsim("list", "kitchen")
        assert code == 2
        assert "unknown room 'kitchen': known are policy, scheduler" in err


def test_no_arguments_show_the_help(mailsim: Mailsim) -> None:
    code, text, err = mailsim()
    assert code in (0, 2)
    assert "Usage: " in text + err
