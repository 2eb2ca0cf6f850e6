"""The ``mailsim`` command.

Exit: 0 ok, 1 run failed, 2 bad scenario or usage, 99 an expectation is missed, 130 interrupted.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailsim import cli_dig, cli_expect, cli_explain, cli_live, cli_run, cli_theory
from mailsim.cli_run import ScenarioFile, Sets
from mailsim.errors import ConfigError, MailsimError, error_text

if TYPE_CHECKING:
    import pandas as pd

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

RunDir = Annotated[Path, typer.Argument(metavar="RUN", help="Directory of a run.")]
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
    "measure": "mailsim.analysis.measures",
}


app.command()(cli_run.run)


@app.command()
def check(scenario: ScenarioFile, set_: Sets = None) -> None:
    """Report every error of a scenario, or what will run and how large it is."""
    from mailsim.experiment.check import check_report, load_scenario

    checked = load_scenario(scenario, set_ or ())
    if checked.smoke:
        load_scenario(scenario, set_ or (), smoke=True)
    typer.echo(check_report(checked))


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
    measure: Annotated[
        list[str] | None,
        typer.Option(metavar="EXPR", help="Such as p95(delay); may be repeated."),
    ] = None,
    batches: Annotated[
        int | None, typer.Option(min=2, help="Of one long run: intervals by batch means [20].")
    ] = None,
) -> None:
    """Show the end summary of a run or sweep again, or the first rows of a table."""
    if _is_sweep(run):
        _show_sweep(run, table, rows)
        return
    opened = _open(run)
    if measure or batches:
        cli_run.print_batches(opened, measure or ["mean(delay)", "throughput"], batches or 20)
        return
    if table is None:
        cli_run.print_summary(opened)
        return
    if table == "summary":
        frame = opened.summary
    elif table in opened.frames:
        frame = opened.frames[table]
    else:
        known = ", ".join([*opened.frames, "summary"])
        hint = "; record it with --set record.events=true" if table == "events" else ""
        raise ConfigError(f"{run}: no table {table!r}: known are {known}{hint}")
    _print_rows(frame, rows)


def _print_rows(frame: pd.DataFrame, rows: int) -> None:
    shown = frame.head(rows).to_string(index=False) if len(frame) else "  ".join(frame.columns)
    typer.echo(shown)
    if len(frame) > rows:
        typer.echo(f"... {len(frame):,} rows in all; -n {len(frame)} shows them")


def _is_sweep(path: Path) -> bool:
    return (path / "sweep.json").is_file()


def _show_sweep(path: Path, table: str | None, rows: int) -> None:
    from mailsim.sweep_results import SweepRun

    opened = SweepRun.open(path)
    if table is None and "find" in opened.info:
        from mailsim.found import Found

        cli_expect.print_found(Found.open(path))
    elif table is None:
        cli_run.print_sweep(opened)
    elif table in ("summary", "values", "differences"):
        _print_rows(getattr(opened, table), rows)
    elif table == "points":
        _print_rows(opened.points.reset_index(), rows)
    else:
        raise ConfigError(
            f"{path}: no table {table!r} of a sweep: known are summary, values, differences, "
            f"points; those of one run: mailsim show {path}/parts/point0-rep0 {table}"
        )


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


app.command()(cli_explain.explain)
app.command()(cli_theory.theory)
app.command()(cli_dig.dig)
app.command()(cli_live.serve)
app.command()(cli_live.send)


def _open(path: Path) -> Run:
    from mailsim.results import Run

    return Run.open(path)


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
