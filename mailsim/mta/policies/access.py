"""Access tables: what to do with which client, HELO name, sender or recipient."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mailsim.message import domain_of
from mailsim.mta.policies import Action, Policy, Seen, Verdict, policy
from mailsim.mta.policies._options import one_of
from mailsim.options import options_of
from mailsim.smtp import Reply
from mailsim.smtp.replies import PERMITTED

__all__ = ["Access", "Rule"]

_WHAT = {
    "client": ("Client host", "GREETING"),
    "helo": ("Helo command", "EHLO"),
    "sender": ("Sender address", "MAIL"),
    "recipient": ("Recipient address", "RCPT"),
}
_STAGES = {"on_connect": "client", "on_helo": "helo", "on_mail": "sender", "on_rcpt": "recipient"}
_INSTEAD = {("GREETING", 450): 421, ("EHLO", 450): 421, ("EHLO", 554): 550}
_OWN_CODE = re.compile(r"([45][0-9][0-9])(?: +(.*))?")
_ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3}) +(.*)")
_ACTIONS = "OK, DUNNO, REJECT [text], DEFER [text], 4NN text or 5NN text"
_EXAMPLE = "{sender: {spam.example: REJECT}}"


class Rule(NamedTuple):
    """What one entry of a table says.

    Attributes
    ----------
    code : int
        Of the refusal; 0 for OK and DUNNO.
    enhanced, text : str
        Of the refusal.
    is_ok : bool
    """

    code: int
    enhanced: str = ""
    text: str = ""
    is_ok: bool = False


@policy("access")
class Access(Policy):
    """Look clients, HELO names, senders and recipients up in tables of actions.

    Each table is asked at its own stage: connect, helo, mail, rcpt; with ``at: rcpt`` all of them
    are at RCPT, in this order.  Keys are tried from the whole to its parts: of a host its name,
    the domains above it, its address and the networks it lies in; of an address the whole,
    its domain and those above, and ``local@``; ``<>`` is the null sender.  Values are OK (later
    policies of the stage are not asked, but relay control always is), DUNNO (as if not
    there), REJECT and DEFER with a text of their own if they have one, or a code with its text.

    Source: Postfix access(5), ``check_client_access`` and the like; ``access_map_reject_code``
    554 (550 at EHLO), ``access_map_defer_code`` 450 (421 before MAIL),
    ``parent_domain_matches_subdomains`` (postconf(5)).
    The other actions of access(5), and address extensions, are not modelled.

    Example::

        access: {client: {192.0.2: OK}, sender: {spam.example: REJECT, "<>": 450 4.7.1 Not now}}

    Parameters
    ----------
    tables : mapping
        Rules by key, by what is looked up: ``client``, ``helo``, ``sender``, ``recipient``.
    at : str
        ``stage`` or ``rcpt``.
    """

    def __init__(self, tables: Mapping[str, Mapping[str, Rule]], at: str = "stage") -> None:
        self.tables = tables
        self.is_late = at == "rcpt"

    @classmethod
    def from_options(cls, options: object) -> Access:
        """Return the policy for ``{client: {...}, sender: {...}, at: ...}``."""
        known = {**dict.fromkeys(_WHAT, _entries), "at": one_of("stage", "rcpt")}
        given = options_of("access", options, known, _EXAMPLE)
        at = given.pop("at", "stage")
        if not given:
            raise ValueError(f"access: expected {_EXAMPLE}, got no table")
        for what, entries in given.items():
            verb = "RCPT" if at == "rcpt" else _WHAT[what][1]
            for key, rule in entries.items():
                if rule.code and _code(rule.code, verb) not in PERMITTED[verb]:
                    raise ValueError(f"access: {what}: {key}: {rule.code} may not answer {verb}")
        return cls(given, at)

    def decides_at(self, stage: str) -> bool:
        """Tell whether there is a table for a stage."""
        return stage == "on_rcpt" if self.is_late else _STAGES.get(stage) in self.tables

    def on_connect(self, seen: Seen, now_ns: int) -> Verdict:
        """Look the client up."""
        return self._client(seen)

    def on_helo(self, seen: Seen, now_ns: int) -> Verdict:
        """Look the name up that the client gives itself."""
        return self._helo(seen)

    def on_mail(self, seen: Seen, now_ns: int) -> Verdict:
        """Look the sender up."""
        return self._sender(seen)

    def on_rcpt(self, seen: Seen, now_ns: int) -> Verdict:
        """Look the recipient up; before it the rest, if it is to be at RCPT."""
        if self.is_late:
            found = self._client(seen) or self._helo(seen) or self._sender(seen)
            if found is not None:
                return found
        keys = _of_address(seen.recipient)
        return self._verdict("recipient", keys, f"<{seen.recipient}>")

    def _client(self, seen: Seen) -> Verdict:
        keys = _of_client(seen.client, seen.address)
        return self._verdict("client", keys, f"<{seen.client}[{seen.address}]>")

    def _helo(self, seen: Seen) -> Verdict:
        return self._verdict("helo", _of_domain(seen.helo.lower()), f"<{seen.helo}>")

    def _sender(self, seen: Seen) -> Verdict:
        return self._verdict("sender", _of_address(seen.sender), f"<{seen.sender}>")

    def _verdict(self, what: str, keys: Iterator[str], name: str) -> Verdict:
        table = self.tables.get(what)
        if table is None:
            return None
        rule = next((table[key] for key in keys if key in table), None)
        if rule is None:
            return None
        if not rule.code:
            return Action.PERMIT if rule.is_ok else None
        verb = "RCPT" if self.is_late else _WHAT[what][1]
        text = f"{name}: {_WHAT[what][0]} rejected: {rule.text or 'Access denied'}"
        return Reply(_code(rule.code, verb), (text,), rule.enhanced)


def _code(code: int, verb: str) -> int:
    """Return a code that may answer a verb (RFC 5321 section 4.3.2), as near as can be."""
    return _INSTEAD.get((verb, code), code)


def _of_domain(domain: str) -> Iterator[str]:
    while domain:
        yield domain
        domain = domain.partition(".")[2]


def _of_client(name: str, address: str) -> Iterator[str]:
    if name != address:
        yield from _of_domain(name.lower())
    mark = ":" if ":" in address else "."
    while address:
        yield address
        address = address.rpartition(mark)[0]


def _of_address(address: str) -> Iterator[str]:
    if not address:
        yield "<>"
        return
    address = address.lower()
    yield address
    yield from _of_domain(domain_of(address))
    yield address.rpartition("@")[0] + "@"


def _entries(value: object) -> dict[str, Rule]:
    if not isinstance(value, dict) or not value:
        raise ValueError(f"expected a table such as {{spam.example: REJECT}}, got {value!r}")
    for key in value:
        if isinstance(key, float):  # 192.10 would be 192.1
            raise ValueError(f"expected a text for a key, got {key!r}; put it in quotes")
    return {str(key).lower(): _rule(key, action) for key, action in value.items()}


def _rule(key: object, action: object) -> Rule:
    word, _, text = str(action).strip().partition(" ")
    text = text.strip()
    if word.upper() in ("OK", "DUNNO") and not text:
        return Rule(0, is_ok=word.upper() == "OK")
    own = _OWN_CODE.fullmatch(str(action).strip())
    if own is not None:
        code, text = int(own[1]), own[2] or ""
    elif word.upper() in ("REJECT", "DEFER"):
        code = 554 if word.upper() == "REJECT" else 450
    else:
        raise ValueError(f"{key}: expected {_ACTIONS}, got {action!r}")
    enhanced = f"{code // 100}.7.1"
    with_enhanced = _ENHANCED.fullmatch(text)
    if with_enhanced is not None:
        enhanced, text = with_enhanced.groups()
        if enhanced[0] != str(code)[0]:
            raise ValueError(f"{key}: {enhanced} does not fit {code}")
    return Rule(code, enhanced, text)
