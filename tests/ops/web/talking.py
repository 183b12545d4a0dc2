"""Talking to a server byte by byte, and an application that tells what reached it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from crossdock.ops.web.server import Server
from crossdock.ops.web.shares import Shares

PAGE = "/c/acme/orders/"
SCAN = "/c/acme/scan/"
OUTSIDE = "/c/acme/orders/7/settlement/"
WEBHOOK = "/webhooks/lazada"
LOGIN = "/accounts/login/"


@dataclass
class Desk:
    """The application: answers "ok", but on pages that ask outside systems only once it is told to."""

    application: Any = None
    address: tuple[str, int] = ("", 0)
    served: list[dict[str, Any]] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        self.served.append({**environ, "body": body})
        if environ["PATH_INFO"] == OUTSIDE:
            self.go_on.wait(30)
        if self.application is not None:
            told: Iterable[bytes] = self.application(environ, start_response)
            return told
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok"]

    def serve(self, host: str, **limits: Any) -> None:
        """Begin, on a port of its own."""
        server = Server(self, host=host, port=0, shares=Shares(), **limits)
        self.address = (host, int(server.effective_port))
        self.stop, self._running = server.stop, threading.Thread(target=server.run)
        self._running.start()

    def has_ended(self, seconds: float) -> bool:
        """Whether it has, within this time."""
        self._running.join(seconds)
        return not self._running.is_alive()

    @property
    def paths(self) -> list[str]:
        """What was asked for, in turn."""
        return [str(one["PATH_INFO"]) for one in self.served]

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        """A connection from this address of ours."""
        return socket.create_connection(self.address, timeout=10, source_address=(source, 0))

    def ask(self, path: str, *, source: str = "127.0.0.1", headers: str = "") -> bytes:
        """The whole answer to one request."""
        with self.connect(source) as met:
            met.sendall(request("GET", path, headers=f"Connection: close\r\n{headers}"))
            return rest(met)


def request(method: str, path: str, body: bytes = b"", *, headers: str = "") -> bytes:
    """A request as it goes over the line."""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\n{length}{headers}\r\n".encode() + body


def half(path: str, length: int = 1000) -> bytes:
    """A request of which all but one byte of the body is still to come."""
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode() + b"{"


def rest(met: socket.socket) -> bytes:
    """All that still comes, until the other side closes."""
    said = b""
    while part := met.recv(65536):
        said += part
    return said


def is_closed(met: socket.socket, within: float) -> bool:
    """Whether the other side closes without a word in this time."""
    met.settimeout(within)
    try:
        return met.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def quick(desk: Desk, *paths: str, seconds: float = 5.0) -> None:
    """Each of these is answered, and all together in this time."""
    began = time.monotonic()
    for path in paths:
        assert desk.ask(path).startswith(b"HTTP/1.1 200"), path
    assert time.monotonic() - began < seconds
