"""``mailsim explain``: why mail took as long as it did."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mailsim.errors import ConfigError

__all__ = ["explain"]


def explain(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Directory of a run.")],
    message: Annotated[
        int | None, typer.Option("--message", metavar="ID", help="Number of a message.")
    ] = None,
    recipient: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Of the message; unless said, the last to get it."),
    ] = None,
    host: Annotated[
        str | None, typer.Option(metavar="H", help="Or a host [where mail spent most time].")
    ] = None,
) -> None:
    """Tell the life of a message and where its time went, or the limit that binds."""
    from mailsim.results import Run

    if (run / "sweep.json").is_file():
        raise ConfigError(
            f"{run}: a sweep: expected one of its runs, such as {run}/parts/point0-rep0"
        )
    typer.echo(Run.open(run).explain(message, recipient=recipient, host=host))
