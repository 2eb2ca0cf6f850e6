"""Stations beside theory, as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from .stations import Figure, Fit
from .words import duration_text, interval_text, number_text

__all__ = ["theory_text"]

_MOST_NAMES = 3
_WORDS = {
    "util": ("utilisation", ""),
    "P_wait": ("share who wait", ""),
    "P_block": ("share refused", ""),
    "through": ("let through per s", ""),
    "Wq": ("mean wait", "s"),
    "W": ("mean time there", "s"),
    "Lq": ("mean number waiting", ""),
    "L": ("mean number there", ""),
    "slowdown": ("slowdown", ""),
}


def theory_text(fits: list[Fit]) -> str:
    """Return the stations beside theory, for people.

    Measured figures have the 95 % interval that batch means give them; an error is followed by
    an exclamation mark if theory lies outside of it.  Stations that fit none for the same reasons
    stand together.
    """
    if not fits:
        return "nobody came to any station"
    lines = []
    alike: dict[tuple[str, ...], list[str]] = {}
    for fit in fits:
        if not fit.model:
            alike.setdefault(fit.why_not, []).append(fit.station)
    for fit in fits:
        if not fit.model:
            names = alike.pop(fit.why_not, ())
            if names:
                lines.append(f"{_names(names)}  no model fits")
                lines += [f"  {why}" for why in fit.why_not]
            continue
        lines += [f"{fit.station}  {fit.model}", f"  {fit.about}"]
        lines.append(f"  {'':<20} {'theory':>10}   {'measured':<22} error")
        lines += [_line(figure) for figure in fit.figures]
    return "\n".join(lines)


def _names(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _line(figure: Figure) -> str:
    words, unit = _WORDS[figure.name]
    say = duration_text if unit else number_text
    found = figure.measured
    measured = interval_text(*found[:3], unit)
    error = "-" if figure.error != figure.error else f"{figure.error:+.1%}"
    is_off = not found.low <= figure.theory <= found.high
    return f"  {words:<20} {say(figure.theory):>10}   {measured:<22} {error}{' !' * is_off}"
