"""Transcripts that the machines of today do not follow yet, and what they lack.

Only consulted while there are no facades: after that every transcript has to pass.
"""

from __future__ import annotations

PENDING_SERVER: dict[str, str] = {}
PENDING_CLIENT: dict[str, str] = {}
