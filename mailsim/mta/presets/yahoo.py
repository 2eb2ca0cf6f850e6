"""Yahoo (yahoo.co.uk), as measured."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.presets import Preset, Value, preset, repeated
from mailsim.mta.retry import Retry, Spaced
from mailsim.mta.settings import Settings

__all__ = ["Yahoo"]


@preset("yahoo")
class Yahoo(Preset):
    """Yahoo (yahoo.co.uk) as a sender, measured in 2016; at last evenly (assumption).

    Source: Pagani et al., DSN 2016, slide 36: retries against a greylist of 6 hours.

    Example::

        preset: yahoo
    """

    values: ClassVar[dict[str, Value]] = {}

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return the times measured, in seconds after the first attempt."""
        times = (127, 339, 778, 1636, 3313, 6575, 13007, 25836)
        return Spaced(settings, repeated(times, 12829.0), from_arrival=True)
