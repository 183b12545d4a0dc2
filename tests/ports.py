"""Ports for servers that tests start: no other worker of the run is given the same."""

from __future__ import annotations

import os
import random
import socket

# Below the ports that Linux and macOS give to outgoing calls, which come and go.
_LOWEST, _HIGHEST = 12_000, 32_000


def free_port(host: str = "127.0.0.1") -> int:
    """A port where nobody listens, given once."""
    return free_ports(1, host)[0]


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """So many ports in a row where nobody listens, each given once."""
    global _next
    for _ in range(_HIGHEST - _LOWEST):
        first, _next = _next, _next + count
        if _next > _share.stop:
            _next = _share.start
        elif all(_is_free(host, first + place) for place in range(count)):
            return list(range(first, first + count))
    raise RuntimeError(f"{count} free ports in a row were not found.")


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _share_of_this_worker() -> range:
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    place = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    size = (_HIGHEST - _LOWEST) // workers
    return range(_LOWEST + place * size, _LOWEST + (place + 1) * size)


_share = _share_of_this_worker()
# Anywhere in it, so that two runs on one machine seldom meet.
_next = random.SystemRandom().randrange(_share.start, _share.stop)
