"""``mailsim dig``: what the simulated DNS answers, and how long it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mailsim.errors import ConfigError

__all__ = ["dig"]


def dig(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Such as example.org.")],
    type_: Annotated[
        str, typer.Argument(metavar="TYPE", help="A, AAAA, CNAME, MX, NS, PTR, SOA, TLSA or TXT.")
    ],
    scenario: Annotated[
        Path, typer.Option("--scenario", "-s", metavar="S", help="Scenario file (YAML).")
    ],
    at: Annotated[
        str, typer.Option(metavar="TIME", help="Run up to then, such as 10min, before asking.")
    ] = "0s",
    host: Annotated[
        str | None,
        typer.Option(metavar="H", help="Whose resolver [the first that speaks SMTP]."),
    ] = None,
    trace: Annotated[
        bool, typer.Option("--trace", help="Show each question to a name server.")
    ] = False,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Override a key; may be repeated."),
    ] = None,
) -> None:
    """Ask the simulated DNS, and tell the simulated time it took.

    The scenario runs up to TIME; then the host's resolver is asked, with what its cache holds by
    then.
    """
    from mailsim.digging import dig as ask
    from mailsim.digging import dig_text
    from mailsim.experiment.check import load_scenario
    from mailsim.units import parse_duration

    loaded = load_scenario(scenario, set_ or ())
    try:
        at_ns = parse_duration(at)
    except ValueError as error:
        raise ConfigError(f"--at: {error}") from error
    typer.echo(dig_text(ask(loaded, name, type_, host=host, at_ns=at_ns), with_trace=trace))
