"""A marketplace of the sandbox that really sends its signed messages to a running Crossdock."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from django.db import connection, connections
from django.test import Client
from procrastinate.contrib.django import app

from crossdock.rules.facts import Stage
from crossdock.sync.models import Counter, Message
from tests.sync.playing import Played

PATIENCE = 8.0
"""Seconds: the sandbox sends some messages late on purpose."""


@dataclass
class Listening:
    """The desk at an address of its own."""

    url: str
    played: Played

    @property
    def address(self) -> str:
        """Where the channel sends its messages."""
        return f"{self.url}/webhooks/{self.played.known.name}"

    def unpaid(self) -> str:
        """An order that waits to be paid."""
        words = self.played.known.words
        word = next(word for word, stage in words.items() if stage is Stage.UNPAID)
        return self.played.orders(1, status=word)[0]

    def sent(self, order_id: str) -> list[dict[str, Any]]:
        """The messages about an order that the sandbox has sent here, and their answers."""
        told = self.played.sandbox.get(f"/webhooks?channel={self.played.known.name}")["webhooks"]
        return [one for one in told if one["order_id"] == order_id and one["answers"]]

    def stored(self, order_id: str) -> int:
        """How many messages about an order are kept: those of other tests may still come in."""
        bodies = Message.objects.values_list("body", flat=True)
        return sum(order_id.encode() in bytes(body) for body in bodies)

    def again(self, message: dict[str, Any], **changes: Any) -> httpx.Response:
        """Post one of those messages once more, changed or as it was."""
        body = changes.get("body", message["body"].encode())
        headers = changes.get("headers", message["headers"])
        return httpx.post(self.address, content=body, headers=headers, trust_env=False, timeout=30)


class _Door(BaseHTTPRequestHandler):
    """Hands messages on to Crossdock; closed with its test, so that no late one meets the next."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name: value for name, value in self.headers.items() if name != "Host"}
        kind = headers.pop("Content-Type", "application/json")
        try:
            answer = Client().generic("POST", self.path, body, content_type=kind, headers=headers)
        finally:
            connections.close_all()
        self.send_response(answer.status_code)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, *_: object) -> None:
        """Quietly."""


@contextmanager
def listening(played: Played) -> Iterator[Listening]:
    """Have the channel send its messages to Crossdock, for a while."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    desk = Listening(f"http://127.0.0.1:{server.server_port}", played)
    played.sandbox.post("/apps", channel=played.known.name, webhook_url=desk.address)
    try:
        yield desk
    finally:
        played.sandbox.post("/apps", channel=played.known.name, webhook_url=None)
        server.shutdown()
        thread.join()
        server.server_close()


def eventually(good: Callable[[], Any]) -> Any:
    """The first true answer."""
    deadline = time.monotonic() + PATIENCE
    while True:
        if answer := good():
            return answer
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


_NEXT = """
DELETE FROM procrastinate_jobs WHERE id = (
    SELECT id FROM procrastinate_jobs
    WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
    ORDER BY priority DESC, id LIMIT 1
) RETURNING task_name, args
"""


def work() -> None:
    """Do the jobs that are due, as a worker would, one after the other in this thread."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_NEXT)
            row = cursor.fetchone()
        if row is None:
            return
        name, arguments = row
        app.tasks[name](**(json.loads(arguments) if isinstance(arguments, str) else arguments))


def counted(what: str) -> int:
    """How many messages came to this."""
    return sum(Counter.objects.filter(name=f"webhook {what}").values_list("number", flat=True))
