"""india.com, which is stock Postfix, as measured."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.presets import Preset, Value, preset, repeated
from mailsim.mta.retry import Retry, Spaced
from mailsim.mta.settings import Settings

__all__ = ["IndiaCom"]


@preset("india.com")
class IndiaCom(Preset):
    """india.com, which is stock Postfix as a sender, measured in 2016: then every 70 min.

    Source: Pagani et al., DSN 2016, slide 36: retries against a greylist of 6 hours.

    Example::

        preset: india.com
    """

    values: ClassVar[dict[str, Value]] = {}

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return the times measured, in seconds after the first attempt."""
        times = (381, 981, 2181, 4581, 8782, 12981)
        return Spaced(settings, repeated(times, 4200.0), from_arrival=True)
