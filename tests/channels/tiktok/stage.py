"""A TikTok Shop that answers over real HTTP what a test tells it to, for answers that are hard to come by."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from crossdock.channels.contract import App, Shop

Answer = dict[str, Any] | bytes | tuple[int, Any]
"""JSON of an answer, a file, or a status with either."""


@dataclass
class Call:
    """One call that came."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


@dataclass
class Played:
    """The platform at hand, and what it was asked."""

    url: str
    answers: dict[str, list[Callable[[Call], Answer]]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    def app(self, **more: str) -> App:
        """Our registration there."""
        urls = {"*": self.url, "auth": self.url}
        return App("6exampleappkey", "s3cr3tExample", urls, frozenset({"127.0.0.1"}), more)

    def shop(self, region: str = "MY") -> Shop:
        """A shop there."""
        return Shop(self.app(), "7490000000000000001", region, "ROW_token1", key="ROW_cipher1")

    def says(self, path: str, *answers: Answer | Callable[[Call], Answer]) -> None:
        """What calls of a path answer, one after the other; the last one stays."""
        self.answers[path] = [
            one if callable(one) else (lambda _, one=one: one)  # type: ignore[misc]
            for one in answers
        ]

    def asked(self, path: str) -> list[Call]:
        """The calls of a path."""
        return [call for call in self.calls if call.path == path]

    def answer(self, call: Call) -> Answer:
        """What is answered to a call."""
        self.calls.append(call)
        waiting = self.answers.get(call.path)
        if not waiting:
            return 404, bad(36009009, "Invalid path, no such API.")
        return (waiting.pop(0) if len(waiting) > 1 else waiting[0])(call)


def good(**data: Any) -> dict[str, Any]:
    """An answer with this ``data``."""
    return {"code": 0, "message": "Success", "request_id": "1", "data": data}


def bad(code: int, message: str = "no") -> dict[str, Any]:
    """A refusal."""
    return {"code": code, "message": message, "request_id": "1", "data": None}


@contextmanager
def playing() -> Iterator[Played]:
    """Play TikTok Shop on a free port."""
    played = Played("")

    class Face(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("content-length") or 0)))

        def _answer(self, body: bytes) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            is_json = bool(body) and "json" in headers.get("content-type", "")
            told: Any = json.loads(body) if is_json else body
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            answer = played.answer(Call(self.command, parts.path, query, told, headers))
            status, answer = answer if isinstance(answer, tuple) else (200, answer)
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Face)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        played.url = f"http://127.0.0.1:{server.server_port}"
        yield played
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
