"""mail.ru, as measured."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.presets import Preset, Value, preset, repeated
from mailsim.mta.retry import Retry, Spaced
from mailsim.mta.settings import Settings

__all__ = ["MailRu"]


@preset("mail.ru")
class MailRu(Preset):
    """mail.ru as a sender, measured in 2016; at last evenly (assumption).

    Source: Pagani et al., DSN 2016, slide 36: retries against a greylist of 6 hours.

    Example::

        preset: mail.ru
    """

    values: ClassVar[dict[str, Value]] = {}

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return the times measured, in seconds after the first attempt."""
        times = (78, 1155, 2954, 4789, 6800)
        return Spaced(settings, repeated(times, 2011.0), from_arrival=True)
