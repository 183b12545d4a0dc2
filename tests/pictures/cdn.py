"""A host of pictures that does as told, over real HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


class Cdn:
    """It listens on a free port of 127.0.0.1 until it is closed."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=[0.02], daemon=True).start()

    @property
    def host(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self._server.server_port}"

    def url(self, path: str) -> str:
        """The address of a path on it."""
        return f"http://{self.host}{path}"

    def put(self, path: str, body: bytes, status: int = 200, kind: str = "image/png") -> str:
        """Have it answer so; the address."""
        self.answers[path] = lambda request: _send(request, status, {"Content-Type": kind}, body)
        return self.url(path)

    def redirect(self, path: str, to: str) -> str:
        """Have it send whoever comes elsewhere; the address."""
        self.answers[path] = lambda request: _send(request, 302, {"Location": to}, b"")
        return self.url(path)

    def drip(self, path: str, body: bytes) -> str:
        """Have it answer a byte at a time; the address."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            for byte in body:
                request.wfile.write(bytes([byte]))
                time.sleep(0.02)

        self.answers[path] = answer
        return self.url(path)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        cdn = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                cdn.asked.append(self.path)
                missing: Answer = lambda request: _send(request, 404, {}, b"")  # noqa: E731
                try:
                    cdn.answers.get(self.path, missing)(self)
                except OSError:  # whoever asked has gone
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        return Handler


def _send(
    request: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes
) -> None:
    request.send_response(status)
    for name, value in {**headers, "Content-Length": str(len(body))}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)
