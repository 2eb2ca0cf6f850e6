"""GMX, as measured."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.presets import Preset, Value, preset, repeated
from mailsim.mta.retry import Retry, Spaced
from mailsim.mta.settings import Settings

__all__ = ["Gmx"]


@preset("gmx")
class Gmx(Preset):
    """GMX (gmx.com) as a sender, measured in 2016; at last evenly (assumption).

    Source: Pagani et al., DSN 2016, slide 36: retries against a greylist of 6 hours.

    Example::

        preset: gmx
    """

    values: ClassVar[dict[str, Value]] = {}

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return the times measured, in seconds after the first attempt."""
        times = (301, 753, 1430, 2446, 3969, 6254, 9682, 14824, 22536)
        return Spaced(settings, repeated(times, 7712.0), from_arrival=True)
