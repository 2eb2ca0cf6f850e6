"""Yandex, as measured."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.presets import Preset, Value, preset, repeated
from mailsim.mta.retry import Retry, Spaced
from mailsim.mta.settings import Settings

__all__ = ["Yandex"]


@preset("yandex")
class Yandex(Preset):
    """Yandex as a sender, measured in 2016: then every 15:30 min.

    Source: Pagani et al., DSN 2016, slide 36: retries against a greylist of 6 hours.

    Example::

        preset: yandex
    """

    values: ClassVar[dict[str, Value]] = {}

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return the times measured, in seconds after the first attempt."""
        times = (65, 178, 413, 895, 1828, 2741, 3661)
        return Spaced(settings, repeated(times, 930.0), from_arrival=True)
