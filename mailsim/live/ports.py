"""Ports to listen on: bound before anything else is done, so that trouble is told at once."""

from __future__ import annotations

import errno
import socket
from typing import Any

from mailsim.errors import ConfigError

__all__ = ["QUEUE", "bound"]

QUEUE = 4096
"""Connections that the kernel may hold for us; it takes less if it must."""


def bound(address: str, port: int) -> socket.socket:
    """Return a listening socket.

    Parameters
    ----------
    address : str
    port : int
        0 for a free one.

    Raises
    ------
    ConfigError
        If the port is in use, or not ours to use, or the address is none of this machine.
    """
    try:
        family, _, _, _, where = socket.getaddrinfo(
            address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return _socket(family, where)
    except OSError as error:
        known = {errno.EADDRINUSE: "the port is in use", errno.EACCES: "permission denied"}
        text = known.get(error.errno or 0, error.strerror or str(error))
        raise ConfigError(f"cannot listen on {address}:{port}: {text}") from error


def _socket(family: int, where: tuple[Any, ...]) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(where)
        one.listen(QUEUE)  # now: a port that somebody else has bound, too, fails only here
    except OSError:
        one.close()
        raise
    return one
