"""``mailsim run``: one run, or a sweep where the scenario has one; and how figures are shown."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailsim.cli_expect import (
    MISSED,
    expectations_json,
    finish_find,
    print_comparison,
    print_expectations,
    print_wide,
)
from mailsim.errors import ConfigError

if TYPE_CHECKING:
    from mailsim.comparing import Result
    from mailsim.experiment.model import Scenario
    from mailsim.experiment.sweep_run import Status, SweepProgress
    from mailsim.results import Run
    from mailsim.sweep_results import SweepRun

__all__ = [
    "ScenarioFile",
    "Sets",
    "print_batches",
    "print_summary",
    "print_sweep",
    "run",
    "warn_of_queues",
]

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file (YAML).")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Override a key; may be repeated."),
]


def run(
    scenario: ScenarioFile,
    set_: Sets = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Instead of the scenario's.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Result directory [results/NAME].")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="TASKS", help="Of a sweep only point=3,rep=0, say; may be repeated."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep the parts of the sweep that are there.")
    ] = False,
    jobs: Annotated[
        int, typer.Option("-j", "--jobs", metavar="N", min=1, help="Processes for a sweep.")
    ] = 1,
    executor: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Dask cluster for a sweep: dask://HOST:PORT."),
    ] = None,
    smoke: Annotated[
        bool, typer.Option("--smoke", help="The short run that the scenario's key smoke tells of.")
    ] = False,
    compare: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="Show the differences from an earlier run or sweep."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="No progress, no summary.")] = False,
) -> None:
    """Run a scenario, show its numbers and draw its pictures; a sweep or search, if it has one."""
    from mailsim.api import load
    from mailsim.progress import run_bar
    from mailsim.record.saved import PICTURES

    if jobs > 1:
        from mailsim.experiment.forkserver import start_forkserver

        start_forkserver()  # while the scenario is read
    experiment = load(scenario, *(set_ or ()), smoke=smoke)
    out = out or Path("results") / experiment.scenario.name
    before = (
        None
        if compare is None or experiment.scenario.find
        else _earlier(compare, experiment.scenario)
    )
    if experiment.scenario.sweep is not None:
        with _telling(experiment.scenario.name, quiet=quiet) as told:
            swept = experiment.sweep(
                seed=seed, out=out, only=only or (), resume=resume,
                jobs=jobs, executor=executor, progress=told,
            )  # fmt: skip
        _print_swept(swept, as_json=as_json, quiet=quiet)
        _finish(swept, before, as_json=as_json, quiet=quiet)
        return
    if experiment.scenario.find is not None:
        if only or compare:
            raise ConfigError(f"{'--only' if only else '--compare'}: {scenario} is a search")
        with _telling(experiment.scenario.name, quiet=quiet) as told:
            found = experiment.find(
                seed=seed, out=out, resume=resume, jobs=jobs, executor=executor, progress=told
            )
        finish_find(found, as_json=as_json, quiet=quiet)
        return
    if only or resume or executor:
        option = "--only" if only else "--resume" if resume else "--executor"
        raise ConfigError(f"{option}: {scenario} has no sweep; it is a single run")
    if jobs > 1:
        text = f"-j {jobs}: {scenario} has no sweep; a single run keeps one process busy"
        typer.echo(f"mailsim: warning: {text}", err=True)
    with run_bar(experiment.scenario.name, quiet=quiet) as progress:
        finished = experiment.run(seed=seed, out=out, progress=progress, pictures=PICTURES)
    warn_of_queues(finished)
    if as_json:
        _print_json(finished)
    elif not quiet:
        print_summary(finished)
        typer.echo(f"results   {out}")
        for kind in PICTURES:
            typer.echo(f"picture   {out / kind}.png")
    _finish(finished, before, as_json=as_json, quiet=quiet)


@contextmanager
def _telling(name: str, *, quiet: bool) -> Iterator[SweepProgress]:
    """Give a callback that draws a bar where somebody sees it, and tells warnings in any case."""
    from mailsim.progress import sweep_bar

    with sweep_bar(name, quiet=quiet) as bar:

        def told(status: Status) -> None:
            if status.warning:
                typer.echo(f"mailsim: warning: {status.warning}", err=True)
            elif bar is not None:
                bar(status)

        yield told


def _earlier(path: Path, scenario: Scenario) -> Result:
    """Read an earlier result, before what is to come may replace it."""
    from mailsim.comparing import pairs_of, result_of
    from mailsim.experiment.sweep import points_of

    before = result_of(path)
    points = [{}] if scenario.sweep is None else [p.values for p in points_of(scenario.sweep)]
    pairs_of(before, points)  # else it would be found out when all is done
    return before


def _finish(result: Run | SweepRun, before: Result | None, *, as_json: bool, quiet: bool) -> None:
    """Print what has changed; leave with the code that says whether expectations were missed."""
    from mailsim.analysis import Verdict, parse_expectation
    from mailsim.comparing import compared, result_of
    from mailsim.sweep_results import SweepRun

    if before is not None and not as_json and not quiet:
        own = result.info.get("measures", [])
        texts = result.info["scenario"]["expect"]
        expected = [str(parse_expectation(text).expression) for text in texts]
        found = compared(before, result_of(result))
        label = result.label if isinstance(result, SweepRun) else lambda _: ""
        print_comparison(before, result.info["seed"], found, [*HEADLINES, *own, *expected], label)
    if (result.expectations["verdict"] == Verdict.MISSED).any():
        raise typer.Exit(MISSED)


def _print_swept(swept: SweepRun, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_sweep_json(swept)))
    elif not quiet:
        print_sweep(swept)
        typer.echo(f"results   {swept.path}")


def _print_json(run: Run) -> None:
    summary = run.summary
    values = dict(zip(summary["metric"], summary["value"], strict=True))
    cleaned = {name: None if value != value else value for name, value in values.items()}
    expected = expectations_json(run.expectations)
    more = {"expectations": expected} if expected else {}
    typer.echo(json.dumps({"name": run.info["name"], "seed": run.info["seed"], **cleaned, **more}))


def _sweep_json(swept: SweepRun) -> dict[str, Any]:
    summary, points = swept.summary, []
    for number in summary["point"].unique().tolist():
        metrics = {
            row.metric: {
                name: value if isinstance(value, int) or math.isfinite(value) else None
                for name, value in (
                    ("mean", row.mean), ("low", row.low), ("high", row.high),
                    ("replications", int(row.replications)),
                )
            }
            for row in summary[summary["point"] == number].itertuples()
        }  # fmt: skip
        points.append({"point": number, "values": swept.info["points"][number], "metrics": metrics})
    expected = expectations_json(swept.expectations)
    more = {"expectations": expected} if expected else {}
    return {"name": swept.info["name"], "seed": swept.info["seed"], "points": points, **more}


def print_summary(run: Run) -> None:
    """Print the figures of one run."""
    from rich.table import Table

    from mailsim.analysis import duration_text, number_text

    title = "\n".join([run.frames.title, *_warmup_line(run.info)])
    table = Table(title=title, title_justify="left", box=None, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim", no_wrap=True)
    for row in run.summary.itertuples():
        is_time = row.unit == "s"
        text = duration_text(row.value) if is_time else number_text(row.value)
        table.add_row(str(row.metric).replace("_", " "), text, "" if is_time else str(row.unit))
    print_wide(table)
    print_expectations(run.expectations, lambda _: "")


def _warmup_line(info: Mapping[str, Any]) -> list[str]:
    """Return what the statistics leave out, if that is anything or was looked for."""
    from mailsim.analysis import duration_text

    how = info.get("warmup_by", "scenario")
    if how.endswith("not settled"):
        return ["the run has not settled (MSER-5): statistics leave out nothing"]
    if not info["warmup_s"] and how == "scenario":
        return []
    found = "" if how == "scenario" else f", found by {how}"
    return [f"statistics leave out the first {duration_text(info['warmup_s'])}{found}"]


def warn_of_queues(run: Run) -> None:
    """Say on standard error in which queues Little's law does not hold."""
    for row in run.unlawful_queues.itertuples():
        typer.echo(
            f"mailsim: warning: Little's law does not hold for queue {row.queue} of {row.host}: "
            f"{row.depth_s:.6g} s in the queue, {row.stays_s:.6g} s of stays",
            err=True,
        )


def print_batches(run: Run, expressions: Sequence[str], batches: int) -> None:
    """Print measures of one long run, each with the interval that batch means give it."""
    from rich.table import Table

    from mailsim.analysis import interval_text, parse_measure

    title = f"{run.frames.title}: {batches} batches, 95 % interval"
    table = Table(title=title, title_justify="left", box=None, show_header=False)
    for text in expressions:
        found = run.batch_means(text, batches)
        expression = parse_measure(text)
        note = "" if found.is_independent else "neighbours are alike: the run is too short"
        is_time = expression.unit == "s"
        unit = "" if is_time else expression.unit
        table.add_row(
            str(expression), interval_text(*found.interval[:3], expression.unit), unit, note
        )
    print_wide(table)


HEADLINES = (
    "delivered", "not_delivered", "throughput_per_s", "delay_p50", "delay_p95", "last_delivery_at",
)  # fmt: skip


def print_sweep(swept: SweepRun) -> None:
    """Print the headline figures of a sweep: a row per point, each with its interval."""
    from rich.table import Table

    from mailsim.analysis import interval_text

    summary = swept.summary
    title = f"{swept.info['name']}, seed {swept.info['seed']}: mean and 95 % interval"
    table = Table(title=title, title_justify="left", box=None, header_style="bold")
    names = list(swept.points.columns)
    for name in ("point", *(str(name).rpartition(".")[2] for name in names), "runs"):
        table.add_column(name, justify="right", no_wrap=True)
    known = set(summary["metric"])
    metrics = [name for name in HEADLINES if name in known]
    own = swept.info.get("measures", [])
    metrics += [name for name in own if name in known]
    for name in metrics:
        table.add_column(
            name if name in own else name.replace("_", " "), justify="right", no_wrap=True
        )
    for number in summary["point"].unique().tolist():
        mine = summary[summary["point"] == number].set_index("metric")
        values = swept.info["points"][number]
        rows = [mine.loc[name] for name in metrics]
        cells = [interval_text(row["mean"], row["low"], row["high"], row["unit"]) for row in rows]
        n_runs = mine["replications"].max()
        table.add_row(str(number), *(str(values[name]) for name in names), str(n_runs), *cells)
    print_wide(table)
    for line in _notes(swept):
        typer.echo(line)
    print_expectations(swept.expectations, swept.label)


def _notes(swept: SweepRun) -> Iterator[str]:
    """Give what one should know besides: warm-up, precision that was not reached, wrong books."""
    from mailsim.analysis import duration_text, is_precise, size_name
    from mailsim.record.summaries import UNLAWFUL

    values = swept.values
    cuts = values.loc[values["metric"] == "warmup", "value"]
    if len(cuts) and cuts.max() > 0:
        longest, shortest = duration_text(cuts.max()), duration_text(cuts.min())
        span = longest if longest == shortest else f"{shortest} to {longest}"
        yield f"statistics leave out the first {span} of each run"
    until = swept.info["scenario"].get("sweep", {}).get("until")
    if until is not None:
        half_width = float(until["half_width"].rstrip("%")) / 100
        mine = values[values["metric"] == until["of"]]
        of = values[values["metric"] == size_name(until["of"])]
        for point, group in mine.groupby("point"):
            sizes = of[of["point"] == point]["value"].tolist()
            if not is_precise(group["value"].tolist(), half_width, sizes=sizes):
                yield (
                    f"point {point}: {until['of']} is not known to {until['half_width']} after "
                    f"{len(group)} replications"
                )
    n_wrong = int((values.loc[values["metric"] == UNLAWFUL, "value"] > 0).sum())
    if n_wrong:
        yield f"warning: Little's law does not hold for some queue in {n_wrong} runs"
