"""Hotmail, as measured."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.presets import Preset, Value, preset, repeated
from mailsim.mta.retry import Retry, Spaced
from mailsim.mta.settings import Settings

__all__ = ["Hotmail"]


@preset("hotmail")
class Hotmail(Preset):
    """Hotmail as a sender, measured in 2016: then every 4 min.

    Source: Pagani et al., DSN 2016, slide 36: retries against a greylist of 6 hours.

    Example::

        preset: hotmail
    """

    values: ClassVar[dict[str, Value]] = {}

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return the times measured, in seconds after the first attempt."""
        times = (61, 123, 184, 306, 487, 728, 970)
        return Spaced(settings, repeated(times, 240.0), from_arrival=True)
