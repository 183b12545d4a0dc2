"""One connection: how long it may take to send a request, and to read its answer."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from waitress.channel import HTTPChannel
from waitress.task import WSGITask

from crossdock.channels.patience import within, without_calls
from crossdock.ops.web.reading import Request
from crossdock.ops.web.refusals import Busy
from crossdock.ops.web.shares import PAGE_SECONDS, Share, waited_too_long
from crossdock.ops.web.timing import note

if TYPE_CHECKING:
    from crossdock.ops.web.server import Server

HEAD_SECONDS = 10.0
"""A request's head must be there after so long."""
BODY_SECONDS = 20.0
"""And its body so much later, or faster than the slowest line that we know."""
SLOWEST = 8 * 1024
"""Bytes a second."""
IDLE_SECONDS = 130.0
"""A connection without a request is kept for longer than proxies keep theirs (two minutes), so that they
never send on one that is just being closed."""
STALLED_SECONDS = 30.0
"""Whoever reads nothing of an answer for so long does not want it."""
LINGER_SECONDS = 5.0
"""For so long what is still being sent is thrown away after a refusal: a connection that is closed in the
middle takes the answer with it."""


class Answer(WSGITask):
    """The answer of a page. To HEAD there is none: what followed would be taken for the next one."""

    def finish(self) -> None:
        """End it."""
        if self.request.command == "HEAD":
            if not self.wrote_header:
                self.write(b"")
            self.chunked_response = False
        super().finish()
        note(self.request.share, self.status, self.request.ready_at)


class Connection(HTTPChannel):
    """One connection of somebody."""

    server: Server
    requests: list[Request]
    request: Request | None
    last_activity: float
    total_outbufs_len: int
    close_when_flushed: bool
    parser_class = Request
    task_class = Answer

    def __init__(self, server: Server, sock: socket.socket, addr: Any, adj: Any, map: Any) -> None:
        self.since = self.begun_at = time.monotonic()
        self.lingers_until = 0.0
        self._seen, self._seen_at = (0.0, False), self.since
        super().__init__(server, sock, addr, adj, map=map)
        server.welcome(self)

    def is_overdue(self, now: float) -> bool:
        """Whether the other side has taken longer than it may. ``now`` by ``time.monotonic``."""
        still = self._still(now)
        if self.lingers_until:
            return now > self.lingers_until
        if self.total_outbufs_len:
            return still > STALLED_SECONDS
        if self.requests:
            return False
        if self.request is None:
            return still > IDLE_SECONDS
        return now - self.begun_at > _allowed(self.request)

    def _still(self, now: float) -> float:
        """For how long nothing has gone in or out, or nothing has waited to go out, as far as was looked."""
        seen = (self.last_activity, bool(self.total_outbufs_len))
        if seen != self._seen:
            self._seen, self._seen_at = seen, now
        return now - self._seen_at

    @property
    def is_free(self) -> bool:
        """Whether nothing of ours is under way on it."""
        return not self.requests and not self.total_outbufs_len

    @property
    def size(self) -> int:
        """Bytes of the request that is being received."""
        return self.request.body_bytes_received if self.request is not None else 0

    def received(self, data: bytes) -> bool:
        """Take in what came."""
        if self.request is None:
            self.begun_at = time.monotonic()
        return bool(super().received(data))

    def service(self) -> None:
        """Serve the request that was read whole; in a thread of its share, or here where it is refused."""
        request = self.requests[0]
        self.since = time.monotonic()
        if request.error is None and waited_too_long(request.share, request.ready_at):
            request.error = Busy(request)
        if request.is_cut:
            self.lingers_until = self.since + LINGER_SECONDS
        with within(PAGE_SECONDS) if request.share is Share.OUTSIDE else without_calls():
            super().service()
        self._tell_loop()

    def write_soon(self, data: Any) -> int:
        """Send this, or keep it until it can be sent; how many bytes it was."""
        count: int = super().write_soon(data)
        if self.writable():
            self._tell_loop()
        return count

    def readable(self) -> bool:
        """Whether we want to read."""
        return bool(self.lingers_until or super().readable())

    def handle_read(self) -> None:
        """Read; after a refusal only to throw it away."""
        if not self.lingers_until:
            super().handle_read()
        elif not self._throw_away():
            self.handle_close()

    def handle_write(self) -> None:
        """Write; a refusal's end is told by half closing."""
        if self.lingers_until and self.close_when_flushed and not self.total_outbufs_len:
            self.close_when_flushed = False
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
        else:
            super().handle_write()

    def del_channel(self, map: Any = None) -> None:
        """Leave; waitress asks for it again where the other side left at the same moment."""
        if self._fileno is not None:
            self.server.farewell(self, self._fileno)
            super().del_channel(map)

    def _tell_loop(self) -> None:
        self.server.loop.changed(self)
        self.server.pull_trigger()

    def _throw_away(self) -> bool:
        try:
            return bool(self.socket.recv(self.adj.recv_bytes))
        except BlockingIOError:
            return True
        except OSError:
            return False


def _allowed(request: Request) -> float:
    """Seconds that may have passed since a request began, as far as it has come."""
    if not request.headers_finished:
        return HEAD_SECONDS
    return HEAD_SECONDS + BODY_SECONDS + request.body_bytes_received / SLOWEST
