"""The server: who may stay connected, and how it ends."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from crossdock.companies.client_address import Network, is_trusted
from crossdock.ops.web.connection import Connection
from crossdock.ops.web.loop import Loop
from crossdock.ops.web.shares import Shares

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MOST_CONNECTIONS = 1500
MOST_OF_ONE_ADDRESS = 200
"""An office of thirty browsers has as many."""
MOST_BYTES = 512 * 1024 * 1024
"""Of bodies that are being received, all together: those above a size lie in temporary files."""
TO_FILE_ABOVE = 128 * 1024
ENDS_WITHIN = 1.5
"""Seconds that what runs at the end has for coming to an end."""
_LOOK_EVERY = 1.0
_NEVER = 1 << 40


class Server(TcpWSGIServer):
    """Serves one address. Where there is no room left, whoever has kept us waiting longest makes it:
    a newcomer is never turned away for the sake of one who does not go on."""

    channel_class = Connection
    task_dispatcher: Shares

    def __init__(
        self,
        application: WSGIApplication,
        *,
        host: str,
        port: int,
        shares: Shares,
        proxies: Sequence[Network] = (),
        most: int = MOST_CONNECTIONS,
        most_of_one: int = MOST_OF_ONE_ADDRESS,
    ) -> None:
        """Listen. ``proxies``: where reverse proxies are, behind which many people stand. Raises OSError."""
        self._proxies, self._most, self._most_of_one = proxies, most, most_of_one
        self._of_address: dict[str, set[Connection]] = {}
        self._leaving: set[Connection] = set()
        self._ends_at = 0.0
        self.loop = Loop()
        super().__init__(
            answering_head(application),
            map={},
            dispatcher=shares,
            adj=_adjustments(),
            sockinfo=_address(host, port),
        )

    def welcome(self, newcomer: Connection) -> None:
        """Count a connection in, and make room where there is none."""
        address = neighbourhood(str(newcomer.addr[0]))
        mates = self._of_address.setdefault(address, set())
        mates.add(newcomer)
        self.loop.changed(newcomer)
        is_crowd = len(mates) > self._most_of_one
        if is_crowd and not is_trusted(str(newcomer.addr[0]), self._proxies):
            self._let_go(mates, newcomer)
        if len(self.active_channels) - len(self._leaving) > self._most:
            self._let_go(self.active_channels.values(), newcomer)

    def farewell(self, gone: Connection, number: int) -> None:
        """Count a connection out, and forget its number."""
        self._leaving.discard(gone)
        self.loop.gone(number)
        address = neighbourhood(str(gone.addr[0]))
        mates = self._of_address.get(address, set())
        mates.discard(gone)
        if not mates:
            self._of_address.pop(address, None)

    def run(self) -> None:
        """Serve until ``stop`` was called and what ran then has ended, or has had its time."""
        look_at = 0.0
        self.loop.changed(self.trigger)
        self.loop.changed(self)
        while not self._is_over():
            self.loop.turn(_LOOK_EVERY if not self._ends_at else 0.05)
            if (now := time.monotonic()) >= look_at:
                look_at = now + _LOOK_EVERY
                self._look_around(now)
            # Not during the turn: the next connection would get this one's number.
            for one in list(self._leaving):
                one.handle_close()
        self.loop.close()
        self.task_dispatcher.shutdown()

    def stop(self) -> None:
        """Take no more connections, and end soon. May be called from a signal."""
        self._ends_at = time.monotonic() + ENDS_WITHIN
        self.pull_trigger()

    def maintenance(self, now: float) -> None:
        """Nothing: waitress looks by a clock that can be moved. See ``run``."""

    def _is_over(self) -> bool:
        if not self._ends_at:
            return False
        if self.accepting:
            self.loop.gone(self._fileno)
            wasyncore.dispatcher.close(self)
        self._leaving |= {one for one in self.active_channels.values() if one.is_free}
        return time.monotonic() >= self._ends_at or not self.active_channels

    def _look_around(self, now: float) -> None:
        for one in self.active_channels.values():
            if one.is_overdue(now):
                self._leaving.add(one)
        staying = sorted(
            (one for one in self.active_channels.values() if one.size), key=lambda one: one.size
        )
        total = sum(one.size for one in staying)
        while total > MOST_BYTES:
            total -= staying[-1].size
            self._leaving.add(staying.pop())

    def _let_go(self, among: Iterable[Connection], newcomer: Connection) -> None:
        waiting = (one for one in among if not one.requests and one not in self._leaving)
        others = (one for one in waiting if one is not newcomer)
        self._leaving.add(min(others, key=lambda one: one.since, default=newcomer))


def neighbourhood(address: str) -> str:
    """What counts as one address: of IPv6 the network that one customer has."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False))


def answering_head(application: WSGIApplication) -> WSGIApplication:
    """The application, answering HEAD with the head alone: Django leaves that to the server."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        told = application(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return told
        if hasattr(told, "close"):
            told.close()
        return []

    return answer


def _adjustments() -> Adjustments:
    return Adjustments(
        ident="Crossdock",
        connection_limit=_NEVER,
        channel_request_lookahead=0,
        clear_untrusted_proxy_headers=False,
        max_request_header_size=64 * 1024,
        recv_bytes=64 * 1024,
        inbuf_overflow=TO_FILE_ABOVE,
        # No thread waits for a reader: what is not read at once goes to a temporary file.
        outbuf_high_watermark=_NEVER,
        log_socket_errors=False,
    )


def _address(host: str, port: int) -> Any:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, place = min(found, key=lambda one: one[0] != socket.AF_INET)
    return family, kind, protocol, place
