"""Sender presets: mail systems by name, as far as they differ from Postfix's defaults.

One file, one registered class each.  A preset gives parameters under their postconf(5) names, each
with its source, and the times of retries.  What a scenario says itself comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from mailsim.mta.retry import Backoff, Retry
from mailsim.mta.settings import Settings
from mailsim.registry import Room

__all__ = ["Preset", "Value", "preset", "presets", "repeated"]


class Value(NamedTuple):
    """A parameter of a preset.

    Attributes
    ----------
    value : str or int
        As a scenario would have it.
    source : str
        Where it comes from.
    """

    value: str | int
    source: str


class Preset:
    """What all presets share.

    Attributes
    ----------
    values : dict of str to Value
        By their postconf(5) names.
    scheduler : str
    """

    values: ClassVar[dict[str, Value]]
    scheduler: ClassVar[str] = "fifo"

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return when its messages are tried again; Postfix's way unless overridden."""
        return Backoff(settings)


def repeated(times: Sequence[float], every: float | None) -> Callable[[int], float | None]:
    """Return the n-th of the times of a list, which goes on at equal distances, or ends.

    Parameters
    ----------
    times : sequence of float
        Seconds after the first attempt.
    every : float or None
        Seconds between further ones; None: there are none.
    """

    def offset_s(n: int) -> float | None:
        if n <= len(times):
            return times[n - 1]
        return None if every is None else times[-1] + (n - len(times)) * every

    return offset_s


presets: Room[Preset] = Room("preset", "mailsim.mta.presets", Preset)
preset = presets.register
