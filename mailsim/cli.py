"""The ``mailsim`` command.  Exit: 0 ok, 1 run failed, 2 bad scenario or usage, 130 interrupted."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailsim import cli_dig, cli_live
from mailsim.errors import ConfigError, MailsimError, error_text

if TYPE_CHECKING:
    from mailsim.results import Run

__all__ = ["app", "main"]

app = typer.Typer(
    name="mailsim",
    help="Simulate how email moves across networks, with real SMTP and virtual time.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_INTERRUPTED = 130
_INTERRUPTED_TEXT = "mailsim: interrupted; nothing half-written is left"

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file (YAML).")]
RunDir = Annotated[Path, typer.Argument(metavar="RUN", help="Directory of a run.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Override a key; may be repeated."),
]
_ROOMS = {
    "policy": "mailsim.mta.policies",
    "scheduler": "mailsim.mta.schedulers",
    "preset": "mailsim.mta.presets",
    "receiver": "mailsim.mta.receivers",
    "workload": "mailsim.sim.workloads",
    "topology": "mailsim.sim.topologies",
    "fault": "mailsim.sim.faults",
    "extension": "mailsim.smtp.extensions",
    "plot": "mailsim.plots",
}


@app.command()
def run(
    scenario: ScenarioFile,
    set_: Sets = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Instead of the scenario's.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Result directory [results/NAME].")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress, no summary.")] = False,
) -> None:
    """Run a scenario, show its numbers and draw its pictures."""
    from mailsim.api import load
    from mailsim.record.saved import PICTURES

    experiment = load(scenario, *(set_ or ()))
    out = out or Path("results") / experiment.scenario.name
    with _progress(experiment.scenario.name, quiet=quiet) as progress:
        finished = experiment.run(seed=seed, out=out, progress=progress, pictures=PICTURES)
    if as_json:
        _print_json(finished)
    elif not quiet:
        _print_summary(finished)
        typer.echo(f"results   {out}")
        for kind in PICTURES:
            typer.echo(f"picture   {out / kind}.png")


@app.command()
def check(scenario: ScenarioFile, set_: Sets = None) -> None:
    """Report every error of a scenario, or what will run and how large it is."""
    from mailsim.experiment.check import check_report, load_scenario

    typer.echo(check_report(load_scenario(scenario, set_ or ())))


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files."""
    from mailsim.experiment.schema import json_schema

    typer.echo(json.dumps(json_schema(), indent=1))


@app.command()
def show(
    run: RunDir,
    table: Annotated[str | None, typer.Argument(metavar="[TABLE]", help="A table.")] = None,
    rows: Annotated[int, typer.Option("-n", min=1, help="Rows to show.")] = 20,
) -> None:
    """Show the end summary of a run again, or the first rows of a table."""
    opened = _open(run)
    if table is None:
        _print_summary(opened)
        return
    if table == "summary":
        frame = opened.summary
    elif table in opened.frames:
        frame = opened.frames[table]
    else:
        known = ", ".join([*opened.frames, "summary"])
        hint = "; record it with --set record.events=true" if table == "events" else ""
        raise ConfigError(f"{run}: no table {table!r}: known are {known}{hint}")
    typer.echo(frame.head(rows).to_string(index=False))
    if len(frame) > rows:
        typer.echo(f"... {len(frame):,} rows in all; -n {len(frame)} shows them")


@app.command()
def transcript(
    run: RunDir,
    message: Annotated[
        int | None, typer.Option("--message", metavar="ID", help="Number of a message.")
    ] = None,
    session: Annotated[
        int | None, typer.Option("--session", metavar="ID", help="Or of a session.")
    ] = None,
) -> None:
    """Print what client and server said to each other about one message, or in one session."""
    typer.echo(_open(run).transcript(message, session=session))


@app.command()
def plot(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="latency, queue or throughput.")],
    run: RunDir,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help=".png, .svg or .pdf")],
    by: Annotated[
        str | None, typer.Option(help="latency only: a curve per value of this column.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="queue only: this host's queues.")] = None,
) -> None:
    """Draw a picture of a run."""
    from mailsim.plots import plots

    plots.get(kind)
    options = {name: value for name, value in (("by", by), ("host", host)) if value is not None}
    _open(run).plot.save(kind, out, **options)
    typer.echo(f"picture   {out}")


@app.command("list")
def list_(
    room: Annotated[str | None, typer.Argument(metavar="[ROOM]", help="Such as policy.")] = None,
    timetable: Annotated[
        str | None, typer.Option(metavar="NAME", help="presets only: when NAME tries again.")
    ] = None,
    phase: Annotated[
        str | None,
        typer.Option(
            metavar="DURATION",
            help="From arrival to the next queue run [0s].",
        ),
    ] = None,
    numbers: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="receivers only: numbers and sources of NAME."),
    ] = None,
) -> None:
    """List the registered policies, workloads, plots and so on, with one line each."""
    import importlib

    from mailsim.registry import ROOMS

    singular = {"policies": "policy", "topologies": "topology"}
    name = singular.get(room or "", (room or "").removesuffix("s"))
    if room is not None and name not in _ROOMS:
        raise ConfigError(f"unknown room {room!r}: known are {', '.join(_ROOMS)}")
    if timetable is not None or phase is not None:
        from mailsim.experiment.presets import timetable_text

        if name != "preset" or timetable is None:
            raise ConfigError("expected mailsim list presets --timetable NAME [--phase DURATION]")
        typer.echo(timetable_text(timetable, phase or "0s"))
        return
    if numbers is not None:
        from mailsim.experiment.receivers import numbers_text

        if name != "receiver":
            raise ConfigError("expected mailsim list receivers --numbers NAME")
        typer.echo(numbers_text(numbers))
        return
    for kind in _ROOMS if room is None else (name,):
        importlib.import_module(_ROOMS[kind])
        typer.echo(f"{kind}:")
        for entry in ROOMS[kind].names():
            typer.echo(f"  {entry:<20} {ROOMS[kind].summary(entry)}")


app.command()(cli_dig.dig)
app.command()(cli_live.serve)
app.command()(cli_live.send)


def _open(path: Path) -> Run:
    from mailsim.results import Run

    return Run.open(path)


@contextmanager
def _progress(name: str, *, quiet: bool) -> Iterator[Callable[[int, int, int, int], None] | None]:
    """Give a callback that draws a bar on stderr; None when nobody is there to see it."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[at]}"),
        TextColumn("{task.fields[mail]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=1.0, at="", mail="")

        def update(at_ns: int, duration_ns: int, n_finished: int, n_due: int) -> None:
            bar.update(
                task,
                completed=at_ns / duration_ns,
                at=f"{at_ns / 6e10:.0f} of {duration_ns / 6e10:.0f} min",
                mail=f"{n_finished:,} of {n_due:,} recipients",
            )

        yield update


def _print_json(run: Run) -> None:
    summary = run.summary
    values = dict(zip(summary["metric"], summary["value"], strict=True))
    cleaned = {name: None if value != value else value for name, value in values.items()}
    typer.echo(json.dumps({"name": run.info["name"], "seed": run.info["seed"], **cleaned}))


def _print_summary(run: Run) -> None:
    from rich.console import Console
    from rich.table import Table

    from mailsim.analysis import duration_text, number_text

    table = Table(title=run.frames.title, title_justify="left", box=None, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim", no_wrap=True)
    for row in run.summary.itertuples():
        is_time = row.unit == "s"
        text = duration_text(row.value) if is_time else number_text(row.value)
        table.add_row(str(row.metric).replace("_", " "), text, "" if is_time else str(row.unit))
    console = Console()
    # In a terminal too narrow lines wrap; cut labels would say nothing.
    wide = console.options.update(width=1000)
    console.width = max(console.width, console.measure(table, options=wide).maximum)
    console.print(table)


def _fail(text: str, code: int) -> int:
    # An argument may hold octets that are no UTF-8 (PEP 383): they are shown as \xff.
    typer.echo(
        text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"), err=True
    )
    return code


def _no_more_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _os_text(error: OSError) -> str:
    """Return what the system refused and where: without a file it was our own output."""
    reason = error.strerror or error_text(error)
    if error.filename:
        return f"{error.filename}: {reason}"
    _no_more_output()  # else the rest of it fails again on the way out
    return f"standard output: {reason}"


def _show_version(is_asked: bool) -> None:
    if is_asked:
        from mailsim import __version__
        from mailsim.compiled import is_compiled

        typer.echo(f"mailsim {__version__}{' (compiled)' if is_compiled() else ''}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show it.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    pass


def main(args: list[str] | None = None) -> None:
    """Run the command; every error a user can cause is one clear message, never a traceback."""
    raise SystemExit(_main(args))


def _main(args: list[str] | None) -> int:
    try:
        result: Any = app(args=args, standalone_mode=False)
    except ConfigError as error:
        return _fail(str(error), 2)
    except MailsimError as error:
        return _fail(f"mailsim: {error}", 1)
    except (KeyboardInterrupt, typer.Abort):
        return _fail(_INTERRUPTED_TEXT, _INTERRUPTED)
    except BrokenPipeError:  # the reader of our output has gone, as in `mailsim ... | head`
        _no_more_output()
        return 0
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # typer makes a 1 of it
            _no_more_output()
            return 0
        raise
    except OSError as error:
        return _fail(f"mailsim: {_os_text(error)}", 1)
    except Exception as error:
        if hasattr(error, "show") and hasattr(error, "exit_code"):  # wrong usage, typer's own
            error.show()
            return 2
        raise
    if result == _INTERRUPTED:  # typer has caught it
        return _fail(_INTERRUPTED_TEXT, _INTERRUPTED)
    return result if isinstance(result, int) else 0
