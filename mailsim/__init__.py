"""mailsim: how email moves across networks, with real SMTP and virtual time.

One message, in reading order::

    sim/traffic, sim/workloads   a message is due
    message                      envelope, content, trace
    sim/client                   it is submitted
    smtp/client                  what the client says
    sim/network, sim/conversation   flights travel
    smtp/server                  what the server answers
    mta/reception, mta/policies  may it?
    sim/service, sim/mailhost    time is spent, the message is taken over
    mta/queue, mta/schedulers    it waits
    mta/routing, dns, sim/nexthop, sim/resolver   where to?
    sim/relay                    next hop: back to smtp/client
    mta/retry, message/report    again later, or back to the sender
    mta/mailbox                  it has arrived
    record -> analysis -> plots  what is left of it

>>> import mailsim as ms
>>> run = ms.load("experiments/first_mail.yaml").run(seed=1)
>>> run.deliveries["fate"].tolist()
['delivered']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailsim.compiled import use_compiled

use_compiled()  # before any module is imported that may have been compiled

if TYPE_CHECKING:
    from mailsim.api import Experiment, load
    from mailsim.results import Run
    from mailsim.sweep_results import SweepRun

__all__ = ["Experiment", "Run", "SweepRun", "load", "open_run", "open_sweep"]


def __dir__() -> list[str]:
    """Name the faces too that are not imported yet."""
    return sorted({*globals(), *__all__, "__version__"})


def open_run(path: str) -> Run:
    """Return a saved run: the directory that ``mailsim run`` has written."""
    from mailsim.results import Run

    return Run.open(path)


def open_sweep(path: str) -> SweepRun:
    """Return a saved sweep: the directory that ``mailsim run`` has written; of a search a Found."""
    from mailsim.found import Found
    from mailsim.sweep_results import SweepRun

    opened = SweepRun.open(path)
    return Found(opened.path, opened.info) if "find" in opened.info else opened


def __getattr__(name: str) -> Any:
    """Import the faces when they are first used: ``mailsim --help`` needs no pandas."""
    if name in ("Experiment", "load"):
        import mailsim.api

        return getattr(mailsim.api, name)
    if name == "Run":
        from mailsim.results import Run

        return Run
    if name == "SweepRun":
        from mailsim.sweep_results import SweepRun

        return SweepRun
    if name == "__version__":
        from importlib.metadata import version

        return version("mailsim")
    raise AttributeError(f"module 'mailsim' has no attribute {name!r}")
