"""What a sender preset makes of a host: parameters, scheduler, and when it tries again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailsim.errors import ConfigError, UnknownNameError
from mailsim.experiment.postfix_model import Postfix
from mailsim.mta.settings import Settings
from mailsim.units import format_duration, parse_duration

if TYPE_CHECKING:
    from mailsim.mta.retry import Retry

__all__ = ["retry_of", "settings_of", "timetable_text", "with_preset"]

_MOST = 30
"""Attempts that are listed."""
_MOST_RETRIES = 100_000
"""That are looked at."""


def with_preset(data: Any) -> Any:
    """Return a host as it stands in a file with what its preset says beneath."""
    from mailsim.mta.presets import presets

    name = data.get("preset") if isinstance(data, dict) else None
    postfix = data.get("postfix", {}) if name else {}
    if isinstance(postfix, Postfix):
        postfix = postfix.model_dump(exclude_unset=True)
    if not isinstance(name, str) or not isinstance(postfix, dict):
        return data
    try:
        chosen = presets.get(name)
    except UnknownNameError:  # told of where hosts are checked
        return data
    values = {key: value.value for key, value in chosen.values.items()}
    return {"scheduler": chosen.scheduler, **data, "postfix": {**values, **postfix}}


def settings_of(postfix: Postfix) -> Settings:
    """Return the settings that a host's parameters amount to."""
    return Settings(**{name: getattr(postfix, name) for name in Postfix.model_fields})


def retry_of(preset: str | None, settings: Settings) -> Retry:
    """Return when a host tries again."""
    from mailsim.mta.presets import presets
    from mailsim.mta.retry import Backoff

    return Backoff(settings) if preset is None else presets.get(preset).retry(settings)


def timetable_text(name: str, phase: str) -> str:
    """Return when a preset tries a message again that fails at once each time, for people.

    Parameters
    ----------
    name : str
        Of the preset.
    phase : str
        Duration from the message's arrival to the next scan of the deferred queue.

    Raises
    ------
    UnknownNameError, ConfigError
        If there is no such preset, or the phase is no duration.
    """
    from mailsim.mta.presets import presets
    from mailsim.mta.retry import timetable

    try:
        phase_ns = parse_duration(phase)
    except ValueError as error:
        raise ConfigError(f"--phase: {error}") from error
    values = {key: value.value for key, value in presets.get(name).values.items()}
    settings = settings_of(Postfix.model_validate(values))
    times = timetable(retry_of(name, settings), phase_ns, _MOST_RETRIES)
    lines = [f"{name}: {presets.summary(name)}", "attempt     after"]
    for number, at_ns in enumerate(times[:_MOST], 1):
        minutes, seconds = divmod(round(at_ns / 1e9), 60)
        lines.append(f"{number:7} {minutes:6}:{seconds:02}")
    if len(times) > _MOST:
        last = format_duration(times[-1])
        is_all = len(times) <= _MOST_RETRIES
        n = f"{len(times)} attempts in all, the last" if is_all else f"attempt {len(times)}"
        lines.append(f"... {n} after {last}")
    return "\n".join(lines)
