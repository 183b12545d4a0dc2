"""Ports that can be listened on, or one sentence that says why not."""

from __future__ import annotations

import errno
import socket
import time

from crossdock.ops.processes import StartFailed

_HIGHEST = 65_535
_PAUSE = 0.2


def free_or_exit(
    port: int, what: str, option: str, *, host: str = "127.0.0.1", patience: float = 0.0
) -> None:
    """Raises StartFailed where this address cannot be listened on, naming the option that changes it.

    ``patience``: seconds to wait for a port in use, where those who use it are about to end.
    """
    if not 0 < port <= _HIGHEST:
        raise StartFailed(
            f"{port} is no port for {what}: choose one from 1 to {_HIGHEST} with {option}."
        )
    deadline = time.monotonic() + patience
    while (trouble := _trouble(host, port)) == errno.EADDRINUSE and time.monotonic() < deadline:
        time.sleep(_PAUSE)
    if trouble == errno.EADDRINUSE:
        raise StartFailed(f"Port {port} for {what} is in use: choose another with {option}.")
    if trouble in (errno.EACCES, errno.EPERM):
        raise StartFailed(
            f"Port {port} for {what} may not be used by this user: choose one above 1023 with {option}."
        )
    if trouble:
        raise StartFailed(f"{host} is no address of this machine: choose another with --host.")


def apart_or_exit(port: int, sandbox_port: int, places: int) -> None:
    """Raises StartFailed where the web pages would sit on one of the sandbox's ports."""
    if sandbox_port <= port < sandbox_port + places:
        raise StartFailed(
            f"Port {port} is one of the sandbox's ({sandbox_port} to {sandbox_port + places - 1}): "
            "choose another for the web pages with PORT= (or --port)."
        )


def _trouble(host: str, port: int) -> int:
    """The system's error number for listening there; 0 when it can be done."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            return problem.errno or errno.EADDRNOTAVAIL
    return 0
