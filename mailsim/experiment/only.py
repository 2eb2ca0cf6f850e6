"""``--only point=3,rep=0``: which tasks of a sweep to run."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from mailsim.errors import ConfigError

__all__ = ["chooser"]

_WORD = re.compile(r"(point|rep)=(\d+)(?:-(\d+))?")


def chooser(given: str | Sequence[str]) -> Callable[[int, int], bool]:
    """Return what tells whether a point and a replication are asked for.

    Parameters
    ----------
    given : str or sequence of str
        Such as ``"point=3,rep=0"`` or ``"point=0-9"``; a task is asked for if one of them
        means it, and all are if there is none.

    Raises
    ------
    ConfigError
        If one is of another form.

    Examples
    --------
    >>> is_wanted = chooser(["point=3,rep=0-4"])
    >>> is_wanted(3, 4), is_wanted(3, 5), is_wanted(2, 0)
    (True, False, False)
    """
    choices = [_ranges(text) for text in ([given] if isinstance(given, str) else given)]

    def is_wanted(point: int, replication: int) -> bool:
        here = {"point": point, "rep": replication}
        return not choices or any(
            all(low <= here[name] <= high for name, (low, high) in choice.items())
            for choice in choices
        )

    return is_wanted


def _ranges(text: str) -> dict[str, tuple[int, int]]:
    ranges: dict[str, tuple[int, int]] = {}
    for word in text.split(","):
        found = _WORD.fullmatch(word.strip())
        if found is None or found[1] in ranges:
            raise ConfigError(f"--only {text}: expected such as point=3,rep=0 or point=0-9")
        low = int(found[2])
        ranges[found[1]] = (low, int(found[3]) if found[3] else low)
    return ranges
