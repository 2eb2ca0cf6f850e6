"""Did you mean: the known name that is nearest to a wrong one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

__all__ = ["nearest"]


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that looks most like ``name``, or nothing if none does.

    Examples
    --------
    >>> nearest("greylst", ["greylist", "relay_control"])
    'greylist'
    >>> nearest("postfix", ["postfix-3.7", "postfix-3.12"])  # of versions the latest
    'postfix-3.12'
    """
    near = difflib.get_close_matches(name, list(known), 3)
    versions = [one for one in near if one.startswith(f"{name}-")]
    return max(versions, key=_numbers, default=near[0] if near else "")


def _numbers(name: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", name)]
