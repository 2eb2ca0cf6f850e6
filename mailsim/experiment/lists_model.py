"""Mailing lists and the rewriting of senders, as a scenario has them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from mailsim.experiment.keys import Count, Model
from mailsim.experiment.quantities import PositiveDuration

__all__ = ["MailList", "SenderRewriting", "VerpDelimiters"]

_DELIMITERS = "-=+"
"""Postfix ``verp_delimiter_filter``."""


def _delimiters(value: object) -> object:
    if not isinstance(value, str) or len(value) != 2 or set(value) - set(_DELIMITERS):
        raise ValueError(f"expected two delimiters out of {_DELIMITERS}, such as +=, got {value!r}")
    return value


VerpDelimiters = Annotated[
    str,
    BeforeValidator(_delimiters),
    WithJsonSchema({"type": "string", "pattern": "^[-=+]{2}$"}),
]


def _verp(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in ("yes", "no", "ezmlm"):
        return value
    try:
        return _delimiters(value)
    except ValueError:
        raise ValueError(
            f"expected yes, no, ezmlm or two delimiters out of {_DELIMITERS}, got {value!r}"
        ) from None


Verp = Annotated[
    str,
    BeforeValidator(_verp),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "boolean"},
                {"enum": ["yes", "no", "ezmlm"]},
                {"type": "string", "pattern": "^[-=+]{2}$"},
            ]
        }
    ),
]


def _members(value: object) -> object:
    if not value:
        raise ValueError(f"expected members: addresses, or how many of each domain, got {value!r}")
    if isinstance(value, str):
        return [value]
    return value


Members = Annotated[
    list[str] | dict[str, Count],
    BeforeValidator(_members),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
                {
                    "type": "object",
                    "additionalProperties": {"type": "integer", "minimum": 1},
                    "minProperties": 1,
                },
            ]
        }
    ),
]


class MailList(Model):
    """A mailing list: what comes to its address goes to all members, from the list.

    Attributes
    ----------
    members
        Their addresses; or how many of each domain: user1, user2 and so on.
    sender
        Envelope sender, whom bounces go to; NAME-bounces unless said.
    verp
        Variable envelope return paths: yes for those of default_verp_delimiters, or two
        delimiters; ezmlm for NAME-return-NUMBER-user=domain.
    """

    members: Members
    sender: str | None = None
    verp: Verp = Field(default="no", validate_default=True)

    def addresses(self) -> tuple[str, ...]:
        """Return the addresses of all members."""
        members: Any = self.members
        if isinstance(members, list):
            return tuple(members)
        return tuple(f"user{i}@{d.lower()}" for d, n in members.items() for i in range(1, n + 1))


class SenderRewriting(Model):
    """The sender rewriting scheme (SRS), for mail that aliases forward elsewhere.

    Attributes
    ----------
    domain
        Right side of the new senders: a domain whose mail ends at this host.
    secret
        Key of the hash in them.
    hash_length
        Characters of it.
    max_age
        After which bounces to them are refused, in whole days.
    """

    domain: str
    secret: str
    hash_length: Count = 4
    max_age: PositiveDuration = Field(default="21d", validate_default=True)
