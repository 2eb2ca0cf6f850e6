"""MTA-STS: a domain says over HTTPS which exchangers it has, and that mail goes there in TLS.

RFC 8461.  What is fetched, how long that takes and where it comes from is others' business.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["FETCH_TIMEOUT_NS", "StsCache", "StsPolicy", "sts_id"]

FETCH_TIMEOUT_NS = 60_000_000_000
"""How long a fetch may take (section 3.3)."""
AGAIN_NS = 300_000_000_000
"""How long a fetch that failed is not tried again (section 3.3)."""


class StsPolicy(NamedTuple):
    """A policy (section 3.2).

    Attributes
    ----------
    mode : str
        ``enforce``, ``testing`` or ``none``.
    mx : tuple of str
        Names of exchangers; ``*.`` stands for one label.
    max_age_s : int
        How long it may be kept.
    """

    mode: str
    mx: tuple[str, ...]
    max_age_s: int

    def text(self) -> str:
        """Return the file as it is served."""
        lines = ["version: STSv1", f"mode: {self.mode}", *(f"mx: {name}" for name in self.mx)]
        return "".join(f"{line}\r\n" for line in [*lines, f"max_age: {self.max_age_s}"])

    def allows(self, exchanger: str) -> bool:
        """Tell whether an exchanger is one of the domain's (section 4.1)."""
        above = f"*.{exchanger.partition('.')[2]}"
        return any(name.lower() in (exchanger, above) for name in self.mx)


def sts_id(texts: Sequence[str]) -> str:
    """Return the id in the one record of ``_mta-sts``, or empty (section 3.1)."""
    records = [text for text in texts if text.partition(";")[0].strip() == "v=STSv1"]
    if len(records) != 1:
        return ""
    for part in records[0].split(";"):
        name, _, value = part.partition("=")
        if name.strip() == "id":
            return value.strip()
    return ""


class StsCache:
    """The policies that a sender keeps (section 5.1).

    Time is an argument: nanoseconds since the start of the run.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, str, StsPolicy]] = {}
        self._failed: dict[tuple[str, str], int] = {}

    def get(self, domain: str, now_ns: int) -> StsPolicy | None:
        """Return the policy of a domain that is still good."""
        kept = self._kept.get(domain)
        return kept[2] if kept is not None and kept[0] > now_ns else None

    def needs(self, domain: str, version: str, now_ns: int) -> bool:
        """Tell whether the policy of that version is to be fetched.

        Parameters
        ----------
        domain : str
        version : str
            The id that the DNS has now; empty for nothing, which leaves alone what is kept.
        now_ns : int
        """
        if not version or now_ns < self._failed.get((domain, version), 0):
            return False
        kept = self._kept.get(domain)
        return kept is None or kept[0] <= now_ns or kept[1] != version

    def put(self, domain: str, version: str, policy: StsPolicy | None, now_ns: int) -> None:
        """Keep what has been fetched; None for a fetch that failed."""
        if policy is None:
            self._failed[domain, version] = now_ns + AGAIN_NS
        else:
            self._kept[domain] = (now_ns + policy.max_age_s * 1_000_000_000, version, policy)
