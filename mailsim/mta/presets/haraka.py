"""Haraka."""

from __future__ import annotations

from typing import ClassVar

from mailsim.mta.presets import Preset, Value, preset
from mailsim.mta.retry import Retry, Spaced
from mailsim.mta.settings import Settings

__all__ = ["Haraka"]


@preset("haraka")
class Haraka(Preset):
    """Haraka: 64 seconds, doubled each time; the 13th failure is the last.

    Source: Haraka outbound/hmail.js, outbound/config.js.

    Example::

        preset: haraka
    """

    values: ClassVar[dict[str, Value]] = {
        "smtp_connect_timeout": Value("30s", "outbound/config.js connect_timeout"),
        "message_size_limit": Value("25 MiB", "plugins databytes"),
        "hopcount_limit": Value(100, "connection.js max_received_count"),
    }

    @classmethod
    def retry(cls, settings: Settings) -> Retry:
        """Return its waits."""
        return Spaced(settings, lambda n: 64.0 * (2**n - 1) if n <= 12 else None)
