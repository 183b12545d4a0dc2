"""Pages that ask outside systems have a few threads of their own: nothing else waits for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.urls import URLResolver, get_resolver

from crossdock.channels.patience import may_call, seconds_left
from crossdock.ops.web import shares
from crossdock.ops.web.shares import LARGEST, LONGEST_QUEUE, PAGE_SECONDS, SHARES, THREADS, Share
from tests.ops.web.conftest import Start
from tests.ops.web.talking import OUTSIDE, PAGE, SCAN, WEBHOOK, Desk, quick, request, rest

BUSY = OUTSIDE.replace("/7/", "/8/")


@contextmanager
def waiting(desk: Desk, count: int) -> Iterator[ExitStack]:
    """So many people wait for the answer of an outside system."""
    with ExitStack() as held:
        for _ in range(count):
            met = held.enter_context(desk.connect())
            met.sendall(request("GET", OUTSIDE, headers="Connection: close\r\n"))
        deadline = time.monotonic() + 10
        while desk.paths.count(OUTSIDE) < min(count, THREADS[Share.OUTSIDE]):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield held


def test_every_name_with_a_share_or_a_size_is_an_address() -> None:
    names = set(named(get_resolver(), ""))
    assert set(SHARES) - names == set()
    assert set(LARGEST) - names == set()


def named(resolver: URLResolver, space: str) -> Iterator[str]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from named(one, f"{one.namespace}:" if one.namespace else space)
        elif one.name:
            yield space + one.name


def test_slow_outside_systems_hold_up_no_other_page(desk: Desk) -> None:
    with waiting(desk, 12):
        for _ in range(3):
            quick(desk, "/healthz", PAGE, SCAN, "/c/acme/scan/news/", WEBHOOK)
        assert desk.paths.count(OUTSIDE) == THREADS[Share.OUTSIDE]


def test_who_waits_for_an_outside_system_is_served_in_turn(desk: Desk) -> None:
    with waiting(desk, 12):
        desk.go_on.set()
        deadline = time.monotonic() + 10
        while desk.paths.count(OUTSIDE) < 12:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_one_too_many_is_told_to_come_back_at_once(desk: Desk) -> None:
    with waiting(desk, THREADS[Share.OUTSIDE] + LONGEST_QUEUE):
        time.sleep(0.3)
        answer = desk.ask(BUSY)
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"Retry-After: 5" in answer
        assert b"try again in a moment" in answer
        assert answer.partition(b"\r\n\r\n")[2].startswith(b"<!doctype html>")
        head, _, part = desk.ask(BUSY, headers="HX-Request: true\r\n").partition(b"\r\n\r\n")
        assert b"hx-retarget: #toasts" in head.lower()
        assert part.startswith(b'<div class="toast error" role="alert">')
        quick(desk, PAGE)
    assert BUSY not in desk.paths


def test_who_has_waited_too_long_is_told_so_and_not_served(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "LONGEST_WAIT", 0.3)
    with waiting(desk, THREADS[Share.OUTSIDE]) as held:
        late = held.enter_context(desk.connect())
        late.sendall(request("GET", BUSY, headers="Connection: close\r\n"))
        time.sleep(0.6)
        desk.go_on.set()
        assert rest(late).startswith(b"HTTP/1.1 503")
    assert BUSY not in desk.paths


def test_only_pages_of_that_share_can_call_anybody_and_they_have_a_time_for_all_of_it(
    start: Start,
) -> None:
    told: dict[str, float] = {}

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        told[environ["PATH_INFO"]] = seconds_left() if may_call() else 0.0
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    desk = start(application)
    desk.go_on.set()
    for path in (PAGE, SCAN, WEBHOOK, "/healthz", OUTSIDE):
        desk.ask(path)
    assert {path for path, left in told.items() if left} == {OUTSIDE}
    assert PAGE_SECONDS - 5 < told[OUTSIDE] <= PAGE_SECONDS


def test_there_are_as_many_threads_as_the_shares_say(desk: Desk) -> None:
    del desk
    deadline = time.monotonic() + 10
    while waitress_threads() != sum(THREADS.values()):
        assert time.monotonic() < deadline, "those of earlier servers end"
        time.sleep(0.05)


def waitress_threads() -> int:
    return sum(one.name.startswith("waitress-") for one in threading.enumerate())
