"""The one place that sends: what leaves, what never leaves, and what a lost answer means."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from crossdock.channels import wire
from crossdock.channels.errors import NotSent, Unclear
from crossdock.channels.patience import without_calls

TRUSTED = frozenset({"127.0.0.1"})


@pytest.fixture
def counting() -> Iterator[tuple[str, list[str]]]:
    """A server that notes every request that reached it whole."""
    came: list[str] = []

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            came.append(body.decode())
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", came
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_write_goes_out_while_its_turn_lasts(counting: tuple[str, list[str]]) -> None:
    url, came = counting
    with wire.not_after(time.monotonic() + 60):
        answer = wire.send("POST", url, content=b"one", writes=True, trusted_hosts=TRUSTED)
    assert answer.status == 200
    assert came == ["one"]


def test_a_write_whose_turn_has_passed_never_leaves(counting: tuple[str, list[str]]) -> None:
    url, came = counting
    with wire.not_after(time.monotonic() - 0.001), pytest.raises(NotSent):
        wire.send("POST", url, content=b"late", writes=True, trusted_hosts=TRUSTED)
    wire.send("POST", url, content=b"next", writes=True, trusted_hosts=TRUSTED)
    assert came == ["next"]


def test_reading_is_not_bound_to_a_turn(counting: tuple[str, list[str]]) -> None:
    url, came = counting
    with wire.not_after(time.monotonic() - 0.001):
        wire.send("POST", url, content=b"read", writes=False, trusted_hosts=TRUSTED)
    assert came == ["read"]


def test_nobody_is_sent_to_a_private_address_that_the_operator_does_not_trust() -> None:
    with pytest.raises(NotSent, match="CROSSDOCK_TRUSTED_HOSTS"):
        wire.send("GET", "https://127.0.0.1:9/", writes=False)


def test_a_write_that_nobody_listens_to_was_not_sent() -> None:
    with pytest.raises(NotSent):
        wire.send("POST", "http://127.0.0.1:9/", writes=True, trusted_hosts=TRUSTED)


def test_a_write_whose_answer_is_cut_off_is_unclear() -> None:
    class Rude(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.connection.close()

        def log_message(self, *_: object) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Rude)
    thread = Thread(target=server.handle_request)
    thread.start()
    with pytest.raises(Unclear):
        wire.send(
            "POST",
            f"http://127.0.0.1:{server.server_port}/",
            content=b"x",
            writes=True,
            trusted_hosts=TRUSTED,
        )
    thread.join()
    server.server_close()


def test_where_nobody_may_wait_nothing_is_sent(counting: tuple[str, list[str]]) -> None:
    url, came = counting
    with without_calls(), pytest.raises(NotSent, match="may not wait"):
        wire.send("POST", url, content=b"one", writes=True, trusted_hosts=TRUSTED)
    assert came == []
