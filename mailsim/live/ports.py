"""Ports to listen on: bound before anything else is done, so that trouble is told at once."""

from __future__ import annotations

import errno
import socket
from typing import Any

from mailsim.errors import ConfigError

__all__ = ["QUEUE", "bound"]

QUEUE = 4096
"""Connections that the kernel may hold for us; it takes less if it must."""


def bound(address: str, port: int, n: int) -> tuple[list[socket.socket], socket.socket | None]:
    """Return ``n`` listening sockets that share a port; the kernel spreads the clients over them.

    Parameters
    ----------
    address : str
    port : int
        0 for a free one.
    n : int

    Returns
    -------
    list of socket, socket or None
        The second one is to be kept open as long as the port is served.

    Raises
    ------
    ConfigError
        If the port is in use, or not ours to use, or the address is none of this machine.
    """
    sockets: list[socket.socket] = []
    try:
        family, _, _, _, where = socket.getaddrinfo(
            address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        alone = _socket(family, where)
        if n == 1:
            return [alone], None
        # Sockets that share a port would share it with another server of ours: so we try it alone
        # first, and nobody else does the same meanwhile.
        where = alone.getsockname()
        guard = _guard(where)
        alone.close()
        for _ in range(n):
            sockets.append(_socket(family, where, is_shared=True))
    except OSError as error:
        for one in sockets:
            one.close()
        known = {errno.EADDRINUSE: "the port is in use", errno.EACCES: "permission denied"}
        text = known.get(error.errno or 0, error.strerror or str(error))
        raise ConfigError(f"cannot listen on {address}:{port}: {text}") from error
    return sockets, guard


def _guard(where: tuple[Any, ...]) -> socket.socket:
    """Return a socket whose name, in Linux's abstract namespace, only one process can have."""
    one = socket.socket(socket.AF_UNIX)
    try:
        one.bind(f"\0mailsim:{where[0]}:{where[1]}")
    except OSError:
        one.close()
        raise
    return one


def _socket(family: int, where: tuple[Any, ...], *, is_shared: bool = False) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(where)
        one.listen(QUEUE)  # now: a port that somebody else has bound, too, fails only here
    except OSError:
        one.close()
        raise
    return one
