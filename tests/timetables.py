"""Minutes of the attempts that a preset makes."""

from __future__ import annotations

from mailsim.experiment.postfix_model import Postfix
from mailsim.experiment.presets import retry_of, settings_of
from mailsim.mta.presets import presets
from mailsim.mta.retry import timetable


def minutes(name: str, phase_s: int = 0, most: int = 1000) -> list[float]:
    values = {key: value.value for key, value in presets.get(name).values.items()}
    settings = settings_of(Postfix.model_validate(values))
    return [ns / 60e9 for ns in timetable(retry_of(name, settings), phase_s * 10**9, most)]
