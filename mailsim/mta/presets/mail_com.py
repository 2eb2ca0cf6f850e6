"""mail.com, as measured."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.presets import Preset, Value, preset, repeated
from mailsim.mta.retry import Retry, Spaced
from mailsim.mta.settings import Settings

__all__ = ["MailCom"]


@preset("mail.com")
class MailCom(Preset):
    """mail.com as a sender, measured in 2016; at last evenly (assumption).

    Source: Pagani et al., DSN 2016, slide 36: retries against a greylist of 6 hours.

    Example::

        preset: mail.com
    """

    values: ClassVar[dict[str, Value]] = {}

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return the times measured, in seconds after the first attempt."""
        times = (302, 757, 1439, 2463, 3998, 6301, 9755, 14936, 22708)
        return Spaced(settings, repeated(times, 7772.0), from_arrival=True)
