"""A Shopee that answers over real HTTP what a test tells it to, for answers that are hard to come by."""

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

Answer = dict[str, Any] | bytes | tuple[int, bytes]
"""JSON of an answer, a file, or a status with any body."""


@dataclass
class Call:
    """One call that came."""

    name: str
    """The path after ``/api/v2/``."""
    query: list[tuple[str, str]]
    body: Any

    @property
    def values(self) -> dict[str, str]:
        """The query without repeated keys."""
        return dict(self.query)


@dataclass
class Played:
    """The platform at hand, and what it was asked."""

    url: str
    answers: dict[str, Callable[[Call], Answer]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    def shop(self, region: str = "MY", **more: str) -> Shop:
        """A shop there."""
        hosts = frozenset({"127.0.0.1"})
        return Shop(App("2001", "key", {"*": self.url}, hosts, more), "99", region, "tok1")

    def says(self, name: str, answer: Answer | Callable[[Call], Answer]) -> None:
        """What a call of this name answers."""
        self.answers[name] = answer if callable(answer) else lambda _: answer

    def asked(self, name: str) -> list[Call]:
        """The calls of this name."""
        return [call for call in self.calls if call.name == name]

    def sent(self, name: str) -> list[Any]:
        """The bodies of the calls of this name."""
        return [call.body for call in self.asked(name)]


def good(**response: Any) -> dict[str, Any]:
    """An answer with this ``response``."""
    return {"request_id": "1", "error": "", "message": "", "response": response}


def bad(error: str, message: str = "no") -> dict[str, Any]:
    """A refusal."""
    return {"request_id": "1", "error": error, "message": message}


def unknown(*numbers: str) -> dict[str, Any]:
    """What a batch answers of which every part was refused."""
    rows = [{"order_sn": number, "fail_error": "x", "fail_message": "no"} for number in numbers]
    return {**bad("common.batch_api_all_failed"), "response": {"result_list": rows}}


@contextmanager
def playing() -> Iterator[Played]:
    """Play Shopee on a free port."""
    played = Played("")

    class Face(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            is_json = "json" in self.headers.get("content-type", "")
            self._answer(json.loads(body) if is_json else body)

        def _answer(self, body: Any) -> None:
            parts = urlsplit(self.path)
            name = parts.path.removeprefix("/api/v2/")
            call = Call(name, parse_qsl(parts.query, keep_blank_values=True), body)
            played.calls.append(call)
            offline = bad("error_param", "Permission denied. This API is currently offline.")
            answer = played.answers.get(name, lambda _: offline)(call)
            status, content, media = 200, b"", "application/json"
            if isinstance(answer, tuple):
                (status, content), media = answer, "text/html"
            elif isinstance(answer, bytes):
                content, media = answer, "application/octet-stream"
            else:
                content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", media)
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
