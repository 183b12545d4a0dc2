"""Strangers who send slowly, don't go on, don't read or come in crowds: nobody else waits for them."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from django.http import FileResponse

from crossdock.companies.client_address import is_trusted
from crossdock.ops.web import connection, serve, server
from tests.ops.web.conftest import Start
from tests.ops.web.talking import (
    LOGIN,
    OUTSIDE,
    PAGE,
    SCAN,
    WEBHOOK,
    Desk,
    half,
    is_closed,
    quick,
    request,
    rest,
)

MEGABYTE = 1024 * 1024


def test_half_sent_requests_take_no_thread(desk: Desk) -> None:
    with ExitStack() as held:
        for path in [WEBHOOK] * 40 + [LOGIN] * 20 + [OUTSIDE] * 20:
            held.enter_context(met := desk.connect())
            met.sendall(half(path))
        for _ in range(5):
            quick(desk, "/healthz", PAGE, SCAN)
    assert set(desk.paths) == {"/healthz", PAGE, SCAN}


def test_three_hundred_that_drip_from_one_address_are_in_nobodys_way(desk: Desk) -> None:
    with ExitStack() as held:
        crowd = [held.enter_context(desk.connect("127.0.0.2")) for _ in range(300)]
        for byte in half(WEBHOOK)[:6]:
            for met in crowd[-200:]:
                met.sendall(bytes([byte]))
            quick(desk, "/healthz", PAGE)
        assert is_closed(crowd[0], 2), "of one address only so many are kept"
        assert not is_closed(crowd[-1], 0.1)


def test_a_body_that_comes_in_pieces_is_whole_for_the_page(desk: Desk) -> None:
    body = os.urandom(300_000)
    sent = request("POST", PAGE, body, headers="Connection: close\r\n")
    with desk.connect() as met:
        for start in range(0, len(sent), 40_000):
            met.sendall(sent[start : start + 40_000])
            time.sleep(0.02)
        assert rest(met).startswith(b"HTTP/1.1 200")
    assert desk.served[0]["body"] == body


@pytest.mark.parametrize("begun", [b"", b"GET /healthz HT", half(WEBHOOK), half(LOGIN)])
def test_who_does_not_go_on_is_let_go(
    begun: bytes, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HEAD_SECONDS", "BODY_SECONDS", "IDLE_SECONDS"):
        monkeypatch.setattr(connection, name, 0.3)
    with desk.connect() as met:
        met.sendall(begun)
        assert is_closed(met, 4)
    assert desk.served == []


def test_dripping_does_not_lengthen_the_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEAD_SECONDS", "BODY_SECONDS"):
        monkeypatch.setattr(connection, name, 0.3)
    began = time.monotonic()
    with desk.connect() as met, pytest.raises(ConnectionError):  # noqa: PT012 - it may end at any byte
        for byte in half(WEBHOOK) * 50:
            met.sendall(bytes([byte]))
            time.sleep(0.05)
    assert time.monotonic() - began < 4


def test_a_large_body_on_a_slow_line_has_the_time_that_it_needs(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HEAD_SECONDS", "BODY_SECONDS"):
        monkeypatch.setattr(connection, name, 0.2)
    sent = request("POST", PAGE, bytes(60_000), headers="Connection: close\r\n")
    with desk.connect() as met:
        for start in range(0, len(sent), 3_000):
            met.sendall(sent[start : start + 3_000])
            time.sleep(0.15)
        assert rest(met).startswith(b"HTTP/1.1 200")


def test_a_newcomer_finds_room_where_one_address_has_too_many(start: Start) -> None:
    desk = start(most_of_one=5, proxies=[ip_network("127.0.0.0/31")])
    with ExitStack() as held:
        crowd = [held.enter_context(desk.connect("127.0.0.2")) for _ in range(5)]
        assert desk.ask(PAGE, source="127.0.0.2").startswith(b"HTTP/1.1 200")
        assert is_closed(crowd[0], 2), "who has kept us waiting longest makes room"
        assert not is_closed(crowd[4], 0.2)
        assert desk.ask(PAGE, source="127.0.0.3").startswith(b"HTTP/1.1 200")
        behind_a_proxy = [held.enter_context(desk.connect()) for _ in range(12)]
        quick(desk, PAGE)
        assert not is_closed(behind_a_proxy[0], 0.2)


def test_connections_of_trusted_proxies_and_of_this_machine_are_those_of_many_people(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = [ip_network("172.29.41.0/24")]
    given: dict[str, Any] = {}
    monkeypatch.setattr(serve, "Server", lambda *_, **options: given.update(options) or MagicMock())
    monkeypatch.setattr(serve.signal, "signal", lambda *_: None)
    serve.serve(lambda *_: [], "127.0.0.1", 0)
    for peer, is_one in [
        ("172.29.41.7", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("172.29.42.7", False),
    ]:
        assert is_trusted(peer, given["proxies"]) is is_one


def test_a_newcomer_finds_room_where_all_places_are_taken(start: Start) -> None:
    desk = start(most=8)
    with ExitStack() as held:
        crowd = [held.enter_context(desk.connect(f"127.0.0.{2 + one}")) for one in range(8)]
        quick(desk, *[PAGE] * 3)
        assert is_closed(crowd[0], 2)


def test_who_is_being_served_never_makes_room(start: Start) -> None:
    desk = start(most=3)
    with ExitStack() as held:
        served = held.enter_context(desk.connect())
        served.sendall(request("GET", OUTSIDE, headers="Connection: close\r\n"))
        while OUTSIDE not in desk.paths:
            time.sleep(0.01)
        for _ in range(6):
            held.enter_context(desk.connect())
        quick(desk, PAGE)
        desk.go_on.set()
        assert rest(served).endswith(b"ok")


def test_bodies_that_together_are_too_much_make_room(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MOST_BYTES", 3 * MEGABYTE)
    with ExitStack() as held:
        crowd = [held.enter_context(desk.connect()) for _ in range(4)]
        for met in crowd:
            met.sendall(half("/c/acme/posting/skus/import/", 10 * MEGABYTE) + bytes(MEGABYTE))
        time.sleep(1.5)
        assert sum(is_closed(met, 0.5) for met in crowd) == 2
        quick(desk, PAGE)


def large_file(path: Path) -> Any:
    """An application that answers with a large file, as Django does, but for the probe."""
    path.write_bytes(bytes(30 * MEGABYTE))

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PAGE:
            start_response("200 OK", [("Content-Length", "2")])
            return [b"ok"]
        start_response("200 OK", [("Content-Length", str(30 * MEGABYTE))])
        answer = FileResponse(path.open("rb"))
        wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](answer.file_to_stream)
        return wrapped

    return application


def large_stream(path: Path) -> Any:
    """The same, made while it is sent."""
    del path

    def parts() -> Iterator[bytes]:
        for _ in range(30):
            yield bytes(MEGABYTE)

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PAGE:
            start_response("200 OK", [("Content-Length", "2")])
            return [b"ok"]
        start_response("200 OK", [])
        return parts()

    return application


@pytest.mark.parametrize("large", [large_file, large_stream])
def test_twenty_who_do_not_read_hold_no_thread_and_no_memory(
    large: Any, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = start(large(tmp_path / "large"))
    with ExitStack() as held:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        crowd = [held.enter_context(desk.connect()) for _ in range(20)]
        for met in crowd:
            met.sendall(request("GET", PAGE))
        while desk.paths.count(PAGE) < 20:
            time.sleep(0.05)
        quick(desk, "/healthz", SCAN, "/c/acme/papers/")
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
        assert grown < 100, f"{grown} MB"
        reader = crowd[0]
        came = 0
        while came < 30 * MEGABYTE:
            came += len(reader.recv(MEGABYTE))
        monkeypatch.setattr(connection, "STALLED_SECONDS", 0.5)
        crowd[1].settimeout(10)
        time.sleep(2.5)
        assert len(rest_or_cut(crowd[1])) < 30 * MEGABYTE, "who reads nothing is let go"


def rest_or_cut(met: Any) -> bytes:
    try:
        return rest(met)
    except ConnectionError:
        return b""
