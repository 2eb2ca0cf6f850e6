"""Who writes and who is written to: names of people, existing or not."""

from __future__ import annotations

__all__ = ["PEOPLE", "no_such_user", "user"]

PEOPLE = 1000
"""How many people of a domain write or are written to, at random."""


def user(number: int) -> str:
    """Return the local part of a person, ``user1`` and so on."""
    return f"user{number}"


def no_such_user(number: int) -> str:
    """Return a local part that is meant not to exist; ``mailboxes`` decide whether it does."""
    return f"no-such-user-{number}"
