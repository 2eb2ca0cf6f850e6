"""The faults of a scenario: what they are, and what can be wrong with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from mailsim.errors import ConfigError, Problem, UnknownNameError, error_text
from mailsim.experiment.faults_model import Fault as Given
from mailsim.experiment.hosts import place_of, place_told
from mailsim.experiment.model import Scenario
from mailsim.sim.fault_timing import Timing
from mailsim.sim.faults import Fault, Target, faults
from mailsim.spelling import nearest
from mailsim.units import format_duration

__all__ = ["Chosen", "check_faults", "faults_of"]

Where = tuple[str | int, ...]


class Chosen(NamedTuple):
    """A fault that a world is to have.

    Attributes
    ----------
    name : str
        As the scenario has it.
    fault : Fault
    timing : Timing
    stream : str
        Name of its random numbers: the same whatever other faults there are.
    """

    name: str
    fault: Fault
    timing: Timing
    stream: str


def faults_of(scenario: Scenario) -> list[Chosen]:
    """Return the faults of a checked scenario, in its order."""
    chosen = []
    seen: Counter[str] = Counter()
    for given in scenario.faults:
        ((name, options),) = given.named.items()
        made = faults.get(name).from_options(options)
        stream = f"fault/{name}/{', '.join(map(str, made.targets()))}"
        seen[stream] += 1
        stream += f"/{seen[stream]}" if seen[stream] > 1 else ""
        timing = Timing(given.at, given.lasts, given.every, given.mtbf, given.mttr)
        chosen.append(Chosen(name, made, timing, stream))
    return chosen


def check_faults(scenario: Scenario) -> Iterator[Problem]:
    """Give all that is wrong with the faults, held against the rest of the scenario."""
    known = _Known(scenario) if scenario.faults else None
    for i, given in enumerate(scenario.faults):
        where: Where = ("faults", i)
        yield from _times(scenario, given, where)
        named = given.named
        if len(named) != 1:
            got = f", got {', '.join(named)}" if named else ""
            message = f"expected one fault by name, such as {{host_down: mx.example.net}}{got}"
            yield Problem(where, message)
            continue
        ((name, options),) = named.items()
        where = (*where, name)
        try:
            made = faults.get(name).from_options(options)
            targets = list(made.targets())
        except UnknownNameError as error:
            yield Problem(where, str(error), on_key=True)
        except Exception as error:  # a class of the user's may raise anything
            text = error_text(error)
            yield Problem((*where, *place_told(name, text, options)), text)
        else:
            assert known is not None
            for target in targets:
                wrong = known.wrong_with(target)
                if wrong is not None:
                    culprit, message, hint = wrong
                    place = place_of(culprit, options) or place_of(list(target.names), options)
                    yield Problem((*where, *place), f"{name}: {message}", hint)


def _times(scenario: Scenario, given: Given, where: Where) -> Iterator[Problem]:
    is_random = given.mtbf is not None or given.mttr is not None
    if is_random and (given.mtbf is None or given.mttr is None):
        missing, there = ("mttr", "mtbf") if given.mttr is None else ("mtbf", "mttr")
        message = f"expected {missing!r} besides {there!r}"
        yield Problem((*where, there), message, on_key=True)
    for key, value in (("for", given.lasts), ("every", given.every)):
        if is_random and value is not None:
            message = f"expected either {key!r} or 'mtbf' and 'mttr', not both"
            yield Problem((*where, key), message, on_key=True)
    if not is_random and given.every is not None:
        if given.lasts is None:
            yield Problem((*where, "every"), "expected 'for' besides 'every'", on_key=True)
        elif given.every <= given.lasts:
            lasts = format_duration(given.lasts)
            message = f"expected more than the {lasts} that the fault lasts"
            yield Problem((*where, "every"), message)
    if given.at >= scenario.duration and not scenario._is_partial:
        message = f"no effect: the run ends after {format_duration(scenario.duration)}"
        yield Problem((*where, "at"), message)


class _Known:
    """What there is in a scenario that a fault may befall."""

    def __init__(self, scenario: Scenario) -> None:
        from mailsim.experiment.network import build_graph

        self._scenario = scenario
        try:
            self._graph = build_graph(scenario)
        except ConfigError:  # told elsewhere
            self._graph = None

    def wrong_with(self, target: Target) -> tuple[str, str, str] | None:
        """Return the culprit, what is wrong with it and a hint; None if all is well."""
        scenario, name = self._scenario, target.names[0]
        directory = scenario.directory
        if target.kind == "mail domain":
            if not directory.is_mail_domain(name) and not directory.is_unsure(name):
                hint = nearest(name, directory.mail_domains)
                return name, f"unknown domain {name!r}: no zone has its MX", hint
            return None
        if target.kind in ("link", "node"):
            return self._wrong_in_network(target)
        if name not in scenario.hosts:
            return name, f"unknown host {name!r}", nearest(name, scenario.hosts)
        if target.kind == "name server":
            if not scenario.hosts[name].dns:
                servers = [n for n, host in scenario.hosts.items() if host.dns]
                message = f"host {name} is no name server: it has no 'dns'"
                return name, message, nearest(name, servers)
            return None
        if name not in directory.mail_hosts:
            message = f"host {name} takes no mail"
            return name, message, nearest(name, directory.mail_hosts)
        if target.kind == "TLS host" and not self._has_tls(name):
            return name, f"host {name} has no certificate: none of its ports has TLS", ""
        return None

    def _has_tls(self, name: str) -> bool:
        return any(listen.tls != "none" for listen in self._scenario.listeners(name).values())

    def _wrong_in_network(self, target: Target) -> tuple[str, str, str] | None:
        if self._graph is None:
            return None
        for name in target.names:
            if name not in self._graph:
                return name, f"unknown host or node {name!r}", nearest(name, self._graph)
        if target.kind == "link" and not self._graph.has_edge(*target.names):
            a, b = target.names
            around = ", ".join(self._graph[a])
            return a, f"no link between {a} and {b}: {a} has links to {around}", ""
        return None
