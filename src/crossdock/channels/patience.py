"""How long calls may take in all, whatever the other side does.

A time-out for each read is none: who sends a byte now and then is waited for without end.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpcore

WHILE_A_PERSON_WAITS = 10.0
"""Seconds for what a page asks of one outside system."""
_until: ContextVar[float] = ContextVar("until", default=float("inf"))
_may_call: ContextVar[bool] = ContextVar("may_call", default=True)
_PIECE = 64 * 1024
"""Bytes that are written before the time is looked at again."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let all calls inside end within so many seconds together: for reading while a person waits."""
    before = _until.set(min(_until.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _until.reset(before)


@contextmanager
def unhurried() -> Iterator[None]:
    """Let the calls inside have their own time, whatever the caller has left: what may work once only
    must not be lost to somebody's impatience."""
    before = _until.set(float("inf"))
    try:
        yield
    finally:
        _until.reset(before)


@contextmanager
def without_calls() -> Iterator[None]:
    """Let no call out: for pages whose threads must not wait for anybody."""
    before = _may_call.set(False)
    try:
        yield
    finally:
        _may_call.reset(before)


def may_call() -> bool:
    """Whether calls go out here (see ``without_calls``)."""
    return _may_call.get()


def seconds_left() -> float:
    """How much of the time set by ``within`` is left; not below 0."""
    return max(_until.get() - time.monotonic(), 0.0)


class InTime(httpcore.SyncBackend):
    """Connections on which nothing is read or written after the time of the call at hand."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect. Raises ConnectTimeout."""
        patience = _patience(timeout, httpcore.ConnectTimeout)
        return _Timed(super().connect_tcp(host, port, patience, local_address, socket_options))


class _Timed(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _patience(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            piece = buffer[start : start + _PIECE]
            self._stream.write(piece, _patience(timeout, httpcore.WriteTimeout))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        patience = _patience(timeout, httpcore.ConnectTimeout)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, patience))

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _patience(timeout: float | None, too_late: type[httpcore.TimeoutException]) -> float:
    left = seconds_left()
    if left <= 0:
        raise too_late("the call took too long")
    return left if timeout is None else min(timeout, left)
