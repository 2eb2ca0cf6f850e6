"""SPF: may this address send mail in that domain's name?  RFC 7208, ``check_host()``.

Pure: whoever evaluates is asked for DNS answers by ``yield``, and sends them in.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from ipaddress import ip_network
from typing import Any, NamedTuple

from mailsim.dns import NOERROR, SERVFAIL, Answer
from mailsim.mta.auth.spf_macros import (
    address_of,
    dotted,
    expand,
    expand_domain,
    reverse_name,
    uses,
)
from mailsim.mta.auth.spf_record import (
    ASKING,
    Mechanism,
    SpfError,
    SpfRecord,
    is_explanation,
    only_spf,
    parse_spf,
)

__all__ = ["Question", "SpfOutcome", "check_host"]

MOST_TERMS = 10
"""Terms that cost questions, over all records (section 4.6.4)."""
MOST_NAMES = 10
"""Exchangers of one ``mx``, and names of one ``ptr``, whose addresses are asked for."""
MOST_VOID = 2
"""Answers without records."""

Question = tuple[str, str]


class SpfOutcome(NamedTuple):
    """What came of an evaluation.

    Attributes
    ----------
    result : str
        ``none``, ``neutral``, ``pass``, ``fail``, ``softfail``, ``temperror`` or ``permerror``
        (section 2.6).
    why : str
        The mechanism that matched, or what is wrong; may be empty.
    explanation : str
        What the domain says about a fail (section 6.2); may be empty.
    n_terms, n_void : int
        Terms and void answers counted against the limits.
    """

    result: str
    why: str
    explanation: str = ""
    n_terms: int = 0
    n_void: int = 0


def check_host(
    address: str, domain: str, sender: str, helo: str, receiver: str = "unknown", unix_s: int = 0
) -> Generator[Question, Answer, SpfOutcome]:
    """Evaluate SPF.

    Parameters
    ----------
    address : str
        Of the client.
    domain : str
        Whose policy counts: that of the sender, or the client's name of itself.
    sender : str
        Mailbox of MAIL FROM; ``postmaster@HELO`` for the null sender (section 2.4).
    helo : str
        What the client calls itself.
    receiver : str
        Our name, for the macro ``r``.
    unix_s : int
        For the macro ``t``.

    Yields
    ------
    (str, str)
        Name and type of a question; the :class:`~mailsim.dns.Answer` is to be sent in.
    """
    return _Check(address, sender, helo, receiver, unix_s).run(domain.lower().removesuffix("."))


class _Check:
    """One evaluation: who asks about whom, and what it has cost so far."""

    def __init__(self, address: str, sender: str, helo: str, receiver: str, unix_s: int) -> None:
        self.address = address_of(address)
        local, _, origin = sender.rpartition("@")
        local = local or "postmaster"
        self.values = {
            "s": f"{local}@{origin}",
            "l": local,
            "o": origin,
            "i": dotted(self.address),
            "c": str(self.address),
            "v": "in-addr" if self.address.version == 4 else "ip6",
            "h": helo,
            "r": receiver,
            "t": str(unix_s),
            "d": "",
            "p": "",
        }
        self.type = "A" if self.address.version == 4 else "AAAA"
        self.n_terms = self.n_void = 0

    def run(self, domain: str) -> Generator[Question, Answer, SpfOutcome]:
        explanation = ""
        try:
            result, why, exp = yield from self.record_of(domain)
            if result == "fail" and exp[0]:
                explanation = yield from self.explanation(*exp)
        except SpfError as error:
            result, why = error.result, str(error)
        return SpfOutcome(result, why, explanation, self.n_terms, self.n_void)

    def record_of(
        self, domain: str
    ) -> Generator[Question, Answer, tuple[str, str, tuple[str, str]]]:
        """Return result, what led to it, and the explanation's domain-spec with its domain."""
        if not _is_domain(domain):
            raise SpfError("none", f"{domain!r} is not the name of a domain")
        texts = yield from self.ask(domain, "TXT", counts=self.n_terms > 0)
        text = only_spf(texts)
        if text is None:
            raise SpfError("none", f"{domain} has no SPF record")
        record: SpfRecord = parse_spf(text)
        for mechanism in record.mechanisms:
            if mechanism.name in ASKING:
                self.count(mechanism.text)
            if (yield from self.matches(mechanism, domain)):
                return mechanism.result, mechanism.text, (record.exp, domain)
        if not record.redirect:
            return "neutral", "no mechanism matched", ("", domain)
        self.count(f"redirect={record.redirect}")
        target = yield from self.domain(record.redirect, domain)
        try:
            return (yield from self.record_of(target))
        except SpfError as error:
            raise _no_none(error) from error

    def matches(self, mechanism: Mechanism, domain: str) -> Generator[Question, Answer, bool]:
        """Tell whether a mechanism matches (section 5)."""
        name = mechanism.name
        if name == "all":
            return True
        if name in ("ip4", "ip6"):
            return self.is_within([mechanism.target], mechanism)
        target = domain
        if mechanism.target:
            target = yield from self.domain(mechanism.target, domain)
        if name == "include":
            try:
                result, _, _ = yield from self.record_of(target)
            except SpfError as error:
                raise _no_none(error) from error
            return result == "pass"
        if name == "ptr":
            names = yield from self.validated_names()
            return any(one == target or one.endswith(f".{target}") for one in names)
        if name == "exists":
            return bool((yield from self.ask(target, "A")))
        if name == "a":
            return self.is_within((yield from self.ask(target, self.type)), mechanism)
        exchangers = yield from self.ask(target, "MX")
        if len(exchangers) > MOST_NAMES:
            raise SpfError("permerror", f"{target} has more than {MOST_NAMES} exchangers")
        for _, exchanger in sorted(exchangers):
            addresses = yield from self.ask(exchanger, self.type)
            if self.is_within(addresses, mechanism):
                return True
        return False

    def is_within(self, networks: Sequence[str], mechanism: Mechanism) -> bool:
        """Tell whether the client is in one of some networks; those of the other kind are not."""
        prefix = mechanism.prefix4 if self.type == "A" else mechanism.prefix6
        is_ip6 = self.type == "AAAA"
        return any(
            self.address in ip_network(f"{network}/{prefix}", strict=False)
            for network in networks
            if (":" in network) == is_ip6
        )

    def validated_names(self) -> Generator[Question, Answer, list[str]]:
        """Return the client's names that lead back to its address (section 5.5)."""
        validated = []
        names = yield from self.ask(reverse_name(self.address), "PTR", is_strict=False)
        for name in names[:MOST_NAMES]:
            addresses = yield from self.ask(name, self.type, is_strict=False)
            if self.address in map(address_of, addresses):
                validated.append(name)
        return validated

    def domain(self, spec: str, domain: str) -> Generator[Question, Answer, str]:
        """Return the name that a domain-spec stands for."""
        values = yield from self.values_for(spec, domain)
        return expand_domain(spec, values)

    def values_for(self, text: str, domain: str) -> Generator[Question, Answer, dict[str, str]]:
        """Return what macros stand for; the client's name only if it is needed (section 7.3)."""
        values = {**self.values, "d": domain}
        if uses(text, "p"):
            names = yield from self.validated_names()
            below = [name for name in names if name.endswith(f".{domain}")]
            values["p"] = domain if domain in names else [*below, *names, "unknown"][0]
        return values

    def explanation(self, spec: str, domain: str) -> Generator[Question, Answer, str]:
        """Return a domain's words about a fail; nothing if anything is wrong with them."""
        name = yield from self.domain(spec, domain)
        texts = yield from self.ask(name, "TXT", counts=False, is_strict=False)
        if len(texts) != 1 or not is_explanation(texts[0]):
            return ""
        values = yield from self.values_for(texts[0], domain)
        return expand(texts[0], values)

    def count(self, term: str) -> None:
        """Count a term that costs questions."""
        self.n_terms += 1
        if self.n_terms > MOST_TERMS:
            raise SpfError("permerror", f"more than {MOST_TERMS} terms that ask: {term}")

    def ask(
        self, name: str, type: str, *, counts: bool = True, is_strict: bool = True
    ) -> Generator[Question, Answer, Sequence[Any]]:
        """Return the records of an answer.

        Parameters
        ----------
        name, type : str
        counts : bool
            Whether it is void, if it has none.
        is_strict : bool
            Whether a failure ends the evaluation, or stands for no records.
        """
        if not _is_dns_name(name):
            return ()
        answer = yield name, type
        if answer.status == SERVFAIL and is_strict:
            raise SpfError("temperror", f"no answer about {name} {type}")
        if answer.status == NOERROR and answer.data:
            return answer.data
        if answer.status != SERVFAIL and counts:
            self.n_void += 1
            if self.n_void > MOST_VOID:
                raise SpfError("permerror", f"more than {MOST_VOID} void answers: {name} {type}")
        return ()


def _no_none(error: SpfError) -> SpfError:
    """Return the error that ``none`` is for include and redirect (sections 5.2 and 6.1)."""
    return SpfError("permerror", str(error)) if error.result == "none" else error


def _is_dns_name(name: str) -> bool:
    return all(0 < len(label) < 64 for label in name.split("."))


def _is_domain(name: str) -> bool:
    """Tell whether a name can be a domain's (section 4.3)."""
    return "." in name and _is_dns_name(name)
