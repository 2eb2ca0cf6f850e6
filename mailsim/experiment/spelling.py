"""Did you mean: the known name that is nearest to a wrong one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["nearest"]


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that looks most like ``name``, or nothing if none does.

    Examples
    --------
    >>> nearest("greylst", ["greylist", "relay_control"])
    'greylist'
    """
    near = difflib.get_close_matches(name, list(known), 1)
    return near[0] if near else ""
