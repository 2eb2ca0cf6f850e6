"""Let clients wait for the greeting, and see who cannot."""

from __future__ import annotations

from mailsim.mta.policies import Asking, Overhear, Policy, Seen, Verdict, Wait, policy
from mailsim.mta.policies._options import hosts_of, one_of
from mailsim.options import options_of
from mailsim.smtp import Reply
from mailsim.units import parse_duration

__all__ = ["Postscreen"]

_EXAMPLE = "{postscreen_greet_wait: 6s, postscreen_greet_action: enforce}"
_S = 1_000_000_000


@policy("postscreen")
class Postscreen(Policy):
    """Greet new clients late; who talks before the greeting is no mail server.

    A client that was silent for ``postscreen_greet_wait`` has passed, and is greeted at once
    for ``postscreen_greet_ttl``.  With a ``postscreen_greet_banner`` a first line of the
    greeting, ``220-banner``, is said before the wait, as a bait.  What becomes of those who talk:
    ``ignore``, they are asked again next time; ``enforce``, their recipients get 550;
    ``drop``, they get 521 at once.

    Source: Postfix postscreen(8), POSTSCREEN_README "Pregreet test", and postconf(5) for names
    and defaults: 6 s, 1 d, ``ignore``.  Here the banner is empty unless said, not
    ``$smtpd_banner``; ``exceptions`` (hosts by name) stand for ``postscreen_access_list``.  Put
    ``dnsbl`` behind it: its lookups come after the wait, not meanwhile.  The stress-dependent
    wait of 2 s and the tests after the greeting are not modelled.

    Example::

        postscreen: {postscreen_greet_wait: 6s, postscreen_greet_action: enforce}

    Parameters
    ----------
    wait_ns, ttl_ns : int
    action : str
        ``ignore``, ``enforce`` or ``drop``.
    banner : str
    exceptions : frozenset of str
        Hosts that are greeted at once.
    """

    is_shared = True

    def __init__(
        self,
        wait_ns: int = 6 * _S,
        ttl_ns: int = 86_400 * _S,
        action: str = "ignore",
        banner: str = "",
        exceptions: frozenset[str] = frozenset(),
    ) -> None:
        self._wait_ns = wait_ns
        self._ttl_ns = ttl_ns
        self._action = action
        self._banner = banner
        self._exceptions = exceptions
        self._passed_until_ns: dict[str, int] = {}
        self._early: set[str] = set()

    @classmethod
    def from_options(cls, options: object) -> Postscreen:
        """Return the policy for parameters by their postconf(5) names."""
        known = {
            "postscreen_greet_wait": parse_duration,
            "postscreen_greet_ttl": parse_duration,
            "postscreen_greet_action": one_of("ignore", "enforce", "drop"),
            "postscreen_greet_banner": _banner,
            "exceptions": hosts_of,
        }
        given = options_of("postscreen", options, known, _EXAMPLE)
        return cls(
            given.get("postscreen_greet_wait", 6 * _S),
            given.get("postscreen_greet_ttl", 86_400 * _S),
            given.get("postscreen_greet_action", "ignore"),
            given.get("postscreen_greet_banner", ""),
            frozenset(given.get("exceptions", ())),
        )

    def hosts(self) -> list[str]:
        """Return the hosts that are greeted at once."""
        return sorted(self._exceptions)

    def on_connect(self, seen: Seen, now_ns: int) -> Asking:
        """Wait, and listen."""
        address, end_ns = seen.address, now_ns + self._wait_ns
        if seen.client in self._exceptions or now_ns < self._passed_until_ns.get(address, 0):
            return None
        (spoke_ns,) = yield (Overhear(self._wait_ns, self._banner),)
        self._early.discard(address)
        if spoke_ns is None:
            self._passed_until_ns[address] = end_ns + self._ttl_ns
            return None
        if self._action == "drop":
            return Reply(521, ("Protocol error",), "5.5.1")
        yield (Wait(max(end_ns - spoke_ns, 0)),)
        if self._action == "enforce":
            self._early.add(address)
        return None

    def on_rcpt(self, seen: Seen, now_ns: int) -> Verdict:
        """Refuse the recipients of who talked too early."""
        return Reply(550, ("Protocol error",), "5.5.1") if seen.address in self._early else None


def _banner(value: object) -> str:
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise ValueError(f"expected a line of printable ASCII, got {value!r}")
    return value
