"""AOL, as measured."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.presets import Preset, Value, preset, repeated
from mailsim.mta.retry import Retry, Spaced
from mailsim.mta.settings import Settings

__all__ = ["Aol"]


@preset("aol")
class Aol(Preset):
    """AOL as a sender, measured in 2016: then it gives up.

    Source: Pagani et al., DSN 2016, slide 36: retries against a greylist of 6 hours.

    Example::

        preset: aol
    """

    values: ClassVar[dict[str, Value]] = {}

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return the times measured, in seconds after the first attempt."""
        times = (332, 692, 1292, 1892)
        return Spaced(settings, repeated(times, None), from_arrival=True)
