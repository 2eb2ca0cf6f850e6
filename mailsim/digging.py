"""What the simulated DNS answers: one question in a world that has run up to some moment."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, NamedTuple

from mailsim.dns import NODATA, NOERROR, Answer, is_name
from mailsim.errors import ConfigError
from mailsim.experiment.directory import normal_name
from mailsim.spelling import nearest
from mailsim.units import format_duration

if TYPE_CHECKING:
    from simpy import Event

    from mailsim.experiment.model import Scenario
    from mailsim.sim.iteration import Step

__all__ = ["TYPES", "Dug", "dig", "dig_text"]

TYPES = ("A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "TLSA", "TXT")
_NAMES = ("CNAME", "NS", "PTR")


class Dug(NamedTuple):
    """A question and what came of it.

    Attributes
    ----------
    name, type : str
        The question.
    host : str
        Whose resolver was asked.
    at_ns : int
        When.
    answer : Answer
        Its TTL is what is left of it.
    elapsed_ns : int
        Simulated time that it took.
    server : str
        Who answered: a name server, ``cache``, ``none`` or ``.``.
    steps : list of Step
        Each question that the resolver sent to a server.
    """

    name: str
    type: str
    host: str
    at_ns: int
    answer: Answer
    elapsed_ns: int
    server: str
    steps: list[Step]


def dig(
    scenario: Scenario, name: str, type: str, *, host: str | None = None, at_ns: int = 0
) -> Dug:
    """Run a scenario up to a moment; then ask a host's resolver, as its mail server would.

    So the answer comes from the cache if mail before that has brought it there, and an outage
    at that moment shows.

    Parameters
    ----------
    scenario : Scenario
    name, type : str
        The question.
    host : str, optional
        Whose resolver; unless said, that of the first host that speaks SMTP.
    at_ns : int
        The moment, in nanoseconds since the start.

    Raises
    ------
    ConfigError
        If there is no such host or type, the name is none, or the moment lies behind the end of
        the run.
    """
    from mailsim.experiment.build import build_world
    from mailsim.record.log import Log
    from mailsim.sim.clock import SECOND
    from mailsim.sim.resolver import Resolver

    name, type = normal_name(name), type.upper()
    if not name.isascii():
        text = "expected a name in ASCII; write the A-labels (xn--...) of other letters, RFC 5890"
        raise ConfigError(f"{text}, got {name!r}")
    if not is_name(name):
        raise ConfigError(
            f"expected a name of labels of 1 to 63 octets between dots, 253 at most, got {name!r}"
        )
    if type not in TYPES:
        raise ConfigError(f"expected a type of {', '.join(TYPES)}, got {type!r}")
    if host is None:
        host = next(iter([*scenario.directory.mail_hosts, *scenario.hosts]), "")
    if host not in scenario.hosts:
        hint = nearest(host, scenario.hosts)
        text = f"; did you mean {hint!r}?" if hint else ""
        raise ConfigError(f"--host: unknown host {host!r}{text}")
    if at_ns > scenario.duration:
        end = format_duration(scenario.duration)
        raise ConfigError(f"--at: the run ends at {end}, got {format_duration(at_ns)}")
    world = build_world(scenario, scenario.seed, Log())
    resolver, number = Resolver.of(world, host), world.next_number()
    steps: list[Step] = []
    found: list[Answer] = []
    is_kept = False

    def process() -> Generator[Event, Any, None]:
        nonlocal is_kept
        yield world.at(at_ns, number)
        kept = resolver.kept(name, type)
        if kept is not None:
            is_kept = True
            found.append(kept[1]._replace(ttl_s=(kept[0] - at_ns) // SECOND))
            return
        resolver.iteration.steps = steps
        found.append((yield from resolver.ask(name, type, number)))

    world.env.run(until=world.env.process(process()))
    server = "cache"
    if not is_kept:  # it has a row, which others at the same moment may follow
        rows = (row for row in reversed(world.log.lookups) if row[1:4] == (host, name, type))
        server = next(rows)[4]
    return Dug(name, type, host, at_ns, found[0], world.env.now - at_ns, server, steps)


def dig_text(dug: Dug, *, with_trace: bool = False) -> str:
    """Return it in the form that dig(1) made known.

    Parameters
    ----------
    dug : Dug
    with_trace : bool
        Whether to tell of each question to a name server.
    """
    answer = dug.answer
    owner = answer.aliases[-1].data if answer.aliases else dug.name
    records = [(alias.name, alias.ttl_s, "CNAME", alias.data) for alias in answer.aliases]
    records += [(owner, answer.ttl_s, dug.type, data) for data in answer.data]
    status = NOERROR if answer.status == NODATA else answer.status
    lines = [
        f"; <<>> mailsim dig <<>> {_dotted(dug.name)} {dug.type}",
        f"; asked by {dug.host} at {format_duration(dug.at_ns)}",
    ]
    if with_trace:
        lines += ["", ";; TRACE:", *map(_step_text, dug.steps)]
        if not dug.steps:
            lines.append("; no name server was asked")
    lines += [
        "",
        f";; ->>HEADER<<- status: {status}; ANSWER: {len(records)}",
        ";; QUESTION SECTION:",
        f";{_dotted(dug.name)} IN {dug.type}",
    ]
    if records:
        lines += ["", ";; ANSWER SECTION:"]
        lines += [f"{_dotted(name)} {ttl} IN {type} {_text(type, data)}"
                  for name, ttl, type, data in records]  # fmt: skip
    elif answer.ttl_s:
        lines += ["", f"; kept for {answer.ttl_s} s"]
    lines += [
        "",
        f";; Query time: {format_duration(dug.elapsed_ns)} of simulated time",
        f";; SERVER: {dug.server}",
    ]
    return "\n".join(lines)


def _step_text(step: Step) -> str:
    return (
        f"; {format_duration(step.sent_ns)}: {_dotted(step.name)} {step.type} to {step.server} "
        f"for {_dotted(step.zone)} over {step.transport.upper()}: {step.outcome} after "
        f"{format_duration(step.elapsed_ns)}"
    )


def _dotted(name: str) -> str:
    return f"{name}."


def _text(type: str, data: Any) -> str:
    """Return the data of a record as a zone file has it; of an SOA only the minimum is known."""
    if type == "MX":
        return f"{data[0]} {_dotted(data[1])}"
    if type in _NAMES:
        return _dotted(data)
    if type == "TXT":
        parts = [data[i : i + 255] for i in range(0, len(data), 255)] or [""]
        quoted = [part.replace("\\", "\\\\").replace('"', '\\"') for part in parts]
        return " ".join(f'"{part}"' for part in quoted)
    return f"(minimum {data})" if type == "SOA" else str(data)
