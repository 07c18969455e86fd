"""Ports of the loopback interface."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from itertools import chain

LOOPBACK = "127.0.0.1"

# Below the ports that the system lends to outgoing connections, so that none of those comes between.
NEIGHBOURS = range(10_000, 32_000, 3)


def free_port() -> int:
    """A TCP port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def three_free_ports() -> int:
    """The first of three neighbouring ports that nobody listens on; another in each call and each process."""
    for first in _neighbours:
        if all(map(_is_free, range(first, first + 3))):
            return first
    raise RuntimeError("no three ports are free")


def _is_free(port: int) -> bool:
    try:
        socket.create_server((LOOPBACK, port)).close()
    except OSError:
        return False
    return True


def _from_here() -> Iterator[int]:
    """Begin beside other processes that run tests: these have other numbers."""
    begin = os.getpid() * 101 % len(NEIGHBOURS)
    yield from chain(NEIGHBOURS[begin:], NEIGHBOURS[:begin])


_neighbours = _from_here()
