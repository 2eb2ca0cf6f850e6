"""The event loop of real sockets: uvloop where it is to be had, asyncio's own elsewhere."""

from __future__ import annotations

import asyncio

__all__ = ["fast_loop"]


def fast_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop; uvloop handles a request in a third of the time."""
    try:
        import uvloop
    except ImportError:  # no Unix
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
