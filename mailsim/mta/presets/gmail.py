"""Gmail, as measured."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.presets import Preset, Value, preset, repeated
from mailsim.mta.retry import Retry, Spaced
from mailsim.mta.settings import Settings

__all__ = ["Gmail"]


@preset("gmail")
class Gmail(Preset):
    """Gmail as a sender, measured in 2016; at last evenly (assumption).

    Source: Pagani et al., DSN 2016, slide 36: retries against a greylist of 6 hours.

    Example::

        preset: gmail
    """

    values: ClassVar[dict[str, Value]] = {}

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return the times measured, in seconds after the first attempt."""
        times = (362, 1742, 3396, 5924, 9723, 13784, 18545, 26086)
        return Spaced(settings, repeated(times, 7541.0), from_arrival=True)
