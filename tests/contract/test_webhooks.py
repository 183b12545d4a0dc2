"""Messages of the platform's own, as the sandbox signs and sends them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from crossdock.channels.contract import Event, EventKind
from crossdock.channels.errors import Refused
from tests.contract.stage import OnStage, eventually

Messages = list[tuple[dict[str, str], bytes]]


@contextmanager
def receiving() -> Iterator[tuple[str, Messages]]:
    """An address that takes messages, and what came."""
    came: Messages = []

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            came.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/webhooks", came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def read(stage: OnStage, url: str, came: Messages) -> list[Event]:
    """All events of all messages so far."""
    return [
        event
        for headers, body in list(came)
        for event in stage.known.event(stage.app, headers=headers, body=body, url=url)
    ]


def test_a_new_order_is_told_and_a_forged_message_is_not_believed(stage: OnStage) -> None:
    with receiving() as (url, came):
        stage.sandbox.post("/apps", channel=stage.system, webhook_url=url)
        order_id = stage.orders(1)[0]
        try:
            events = eventually(
                lambda: [one for one in read(stage, url, came) if order_id in one.order_ids],
                lambda found: bool(found),
            )
        finally:
            stage.sandbox.post("/apps", channel=stage.system, webhook_url=None)
        assert events[0].kind is EventKind.ORDER
        assert events[0].shop_id == stage.sandbox.shop(stage.name)["shop_id"]
        assert events[0].event_id
        headers, body = came[0]
        forged = json.dumps(json.loads(body)).encode() + b" "
        with pytest.raises(Refused):
            list(stage.known.event(stage.app, headers=headers, body=forged, url=url))


def test_a_return_is_told(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    stage.shipped(shop, order_id)
    for event in ("pick_up", "deliver"):
        stage.event(order_id, event)
    with receiving() as (url, came):
        stage.sandbox.post("/apps", channel=stage.system, webhook_url=url)
        stage.event(order_id, "request_return")
        try:
            events = eventually(
                lambda: [one for one in read(stage, url, came) if one.kind is EventKind.RETURN],
                lambda found: bool(found),
            )
        finally:
            stage.sandbox.post("/apps", channel=stage.system, webhook_url=None)
        assert order_id in events[0].order_ids
