"""What a host's ``receiver`` says: a profile by name, alone or with numbers of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mailsim.errors import Problem, UnknownNameError
from mailsim.experiment.quantities import quantity_schema
from mailsim.mta.receivers import receivers
from mailsim.mta.receivers._numbers import NUMBERS, Kind, numbers_of
from mailsim.spelling import nearest

if TYPE_CHECKING:
    from mailsim.mta.receivers._pushback import Pushback

__all__ = ["check_receiver", "limits_of", "numbers_text", "pushback_of", "receiver_schema"]

Where = tuple[str | int, ...]
_LIMITS = {
    "connections": "connections_per_ip",
    "messages": "messages_per_connection",
    "quota": "full_quota",
} | {key: f"{key}_rate" for key in ("ip", "network", "domain", "mailbox", "pair")}
"""The number without which a reply is never given."""


def pushback_of(written: Any) -> Pushback:
    """Return the receiver that a host's key describes, which has been checked."""
    from mailsim.mta.receivers._pushback import Pushback

    name, own = _parts(written)
    return Pushback(receivers.get(name), own, own.pop("new", ()))


def _parts(written: Any) -> tuple[str, dict[str, Any]]:
    """Return the name of the profile, and what the scenario has of its own."""
    if isinstance(written, str):
        return written, {}
    ((name, own),) = written.items()
    return name, dict(own or {})


def check_receiver(written: Any, hosts: list[str], where: Where) -> Iterator[Problem]:
    """Give what is wrong with a host's receiver.

    Parameters
    ----------
    written : object
        As the scenario has it.
    hosts : list of str
        Those of the scenario.
    where : tuple
        Place of the key.
    """
    form = "a receiver such as gmail-2026-11, or {gmail-2026-11: {ip_rate: 40/s}}"
    if not isinstance(written, str) and not (isinstance(written, dict) and len(written) == 1):
        yield Problem(where, f"expected {form}, got {written!r}")
        return
    inner = next(iter(written.values())) if isinstance(written, dict) else None
    if not isinstance(inner, dict | None):
        yield Problem((*where, next(iter(written))), f"expected numbers by name, got {inner!r}")
        return
    name, own = _parts(written)
    place = where if isinstance(written, str) else (*where, name)
    try:
        profile = receivers.get(name)
    except UnknownNameError as error:
        yield Problem(place, str(error), on_key=not isinstance(written, str))
        return
    new = own.pop("new", [])
    if not isinstance(new, list):
        yield Problem((*place, "new"), f"expected a list of hosts, got {new!r}")
    else:
        for i, host in enumerate(new):
            if host not in hosts:
                hint = nearest(str(host), hosts)
                yield Problem((*place, "new", i), f"unknown host {host!r}", hint)
    given = {key: number.value for key, number in profile.numbers.items()}
    is_right = True
    for key, value in own.items():
        if key not in NUMBERS:
            known = f": known are new, {', '.join(NUMBERS)}"
            hint = nearest(str(key), NUMBERS)
            message = f"unknown number {key!r}{'' if hint else known}"
            yield Problem((*place, key), message, hint, on_key=True)
            is_right = False
            continue
        try:
            NUMBERS[key].read(value)
        except ValueError as error:
            yield Problem((*place, key), f"{key}: {error}")
            is_right = False
    if is_right:
        try:
            numbers = numbers_of({**given, **own})
        except ValueError as error:
            yield Problem(place, str(error))
            return
        for key in own:
            rate = f"{key.removesuffix('_burst')}_rate"
            if key.endswith("_burst") and rate not in own and numbers[rate] is None:
                yield Problem((*place, key), f"{key}: no effect without {rate}", on_key=True)


def numbers_text(name: str) -> str:
    """Return a profile's numbers and replies with their sources, for people.

    Raises
    ------
    UnknownNameError
        If there is no such profile.
    """
    from mailsim.mta.receivers._pushback import PLAIN

    profile = receivers.get(name)
    lines = [f"{name}: {receivers.summary(name)}"]
    for key, number in profile.numbers.items():
        lines.append(f"  {key:<24} {number.value!s:<10} {number.source}")
    at = {"mail": "MAIL", "message": "the end of DATA"}[profile.judges_at]
    lines.append(f"rates and quota are looked at at {at}; replies:")
    for key, plain in PLAIN.items():
        reply, source = profile.replies.get(key, (plain, "assumption"))
        if key in profile.replies or _LIMITS[key] in profile.numbers:
            lines.append(f"  {key:<12} {reply.code} {reply.text}")
            lines.append(f"  {'':<12} ({source})")
    return "\n".join(lines)


def receiver_schema(own_class: str) -> dict[str, Any]:
    """Return the JSON Schema of the key.

    Parameters
    ----------
    own_class : str
        Pattern of the name of a class of one's own.
    """
    name = {"anyOf": [{"enum": receivers.names()}, {"type": "string", "pattern": own_class}]}
    numbers: dict[str, Any] = {
        key: {"anyOf": _forms(kind), "description": kind.about} for key, kind in NUMBERS.items()
    }
    numbers["new"] = {
        "type": "array",
        "items": {"type": "string"},
        "description": "Hosts whose quota begins at first_quota; that of all others is full.",
    }
    own = {"type": ["object", "null"], "properties": numbers, "additionalProperties": False}
    chosen = {
        "type": "object",
        "propertyNames": name,
        "additionalProperties": own,
        "minProperties": 1,
        "maxProperties": 1,
    }
    return {"anyOf": [name, chosen]}


def _forms(kind: Kind) -> list[dict[str, Any]]:
    """Return the schemas of what a number may be."""
    least, most = {"count": (1, None), "factor from 1": (1, 1000), "factor to 1": (0, 1)}.get(
        kind.what, (None, None)
    )
    if least is None:
        form = quantity_schema(kind.what)
    else:
        form = {"type": "integer" if kind.what == "count" else "number", "minimum": least}
        if most is not None:
            form["maximum"] = most
    return [form, {"const": "unlimited"}] if kind.is_limit else [form]


def limits_of(written: Any) -> tuple[list[str], dict[str, Any]]:
    """Return the names of what a host's receiver limits, and the value of each of its numbers."""
    name, own = _parts(written)
    own.pop("new", None)
    given = {key: number.value for key, number in receivers.get(name).numbers.items()}
    values = numbers_of({**given, **own})
    return [key for key, kind in NUMBERS.items() if kind.is_limit and values[key]], values
