"""What the options of policies are read by."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["count_of", "flag_of", "hosts_of", "one_of"]


def count_of(value: object) -> int:
    """Return a whole number, at least 0.

    Raises
    ------
    ValueError
        If it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"expected a whole number, at least 0, got {value!r}")
    return value


def flag_of(value: object) -> bool:
    """Return true or false.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, got {value!r}")
    return value


def hosts_of(value: object) -> list[str]:
    """Return a list of host names.

    Raises
    ------
    ValueError
        If it is none.
    """
    if not isinstance(value, list) or not all(isinstance(host, str) for host in value):
        raise ValueError(f"expected a list of host names, got {value!r}")
    return value


def one_of(*words: str) -> Callable[[object], str]:
    """Return what reads one of these words, or raises ValueError."""

    def read(value: object) -> str:
        if value not in words:
            raise ValueError(f"expected {' or '.join(words)}, got {value!r}")
        return str(value)

    return read
