"""A signal that asks to stop, raised again where the work in which it came has swallowed it.

What a signal raises comes up wherever the program is, and libraries catch more than is theirs:
pydantic makes an error of its own of it, a callback of C code none at all.
"""

from __future__ import annotations

__all__ = ["insist", "note"]

_heard: list[BaseException] = []


def note(error: BaseException | None) -> None:
    """Keep what a signal is about to raise; None forgets it."""
    _heard[:] = [] if error is None else [error]


def insist() -> None:
    """Raise what a signal has raised before; called now and then during long work."""
    if _heard:
        raise _heard[0]
