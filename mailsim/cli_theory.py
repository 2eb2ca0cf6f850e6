"""``mailsim theory``: what queueing theory says beside a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mailsim.errors import ConfigError

__all__ = ["theory"]


def theory(
    what: Annotated[
        Path, typer.Argument(metavar="SCENARIO|RUN", help="A scenario, which is run; or a run.")
    ],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Override a key; may be repeated."),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Instead of the scenario's.")] = None,
) -> None:
    """Show what queueing theory says of each station of a run, or why it says nothing."""
    from mailsim.analysis import beside_theory, theory_text
    from mailsim.experiment.stations import plant_of, scenario_of

    if what.is_dir():
        from mailsim.results import Run

        if set_ or seed is not None:
            option = "--set" if set_ else "--seed"
            raise ConfigError(f"{option}: {what} is a run; give its scenario to run it otherwise")
        if (what / "sweep.json").is_file():
            raise ConfigError(
                f"{what}: a sweep: expected one of its runs, such as {what}/parts/point0-rep0"
            )
        run = Run.open(what)
        scenario = scenario_of(run.info, what)
    else:
        from mailsim.api import load
        from mailsim.progress import run_bar

        experiment = load(what, *(set_ or ()))
        scenario = experiment.scenario
        if scenario.sweep is not None:
            raise ConfigError(
                f"{what}: it has a sweep, expected a single run: run it, then give one of its "
                f"runs, such as results/{scenario.name}/parts/point0-rep0"
            )
        with run_bar(scenario.name, quiet=False) as progress:
            run = experiment.run(seed=seed, progress=progress)
    typer.echo(run.frames.title)
    typer.echo(theory_text(beside_theory(run.frames, plant_of(scenario))))
