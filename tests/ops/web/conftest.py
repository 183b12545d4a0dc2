"""The server with a small application behind it: what it says is what reached it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import connection
from django.urls import resolve

from tests.ops.web.talking import Desk

Start = Callable[..., Desk]


@pytest.fixture(scope="session", autouse=True)
def _pages_are_loaded() -> None:
    """As ``crossdock.wsgi`` does before it serves anybody."""
    resolve("/healthz")


@pytest.fixture
def database_of_processes(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that a test starts use its database."""
    name = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"].replace("/crossdock?", f"/{name}?")
    monkeypatch.setenv("DATABASE_URL", url)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers on a loopback address, and ends them."""
    with ExitStack() as running:

        def begin(application: Any = None, *, host: str = "127.0.0.1", **limits: Any) -> Desk:
            desk = Desk(application)
            desk.serve(host, **limits)
            running.callback(_end, desk)
            return desk

        yield begin


@pytest.fixture
def desk(start: Start) -> Desk:
    """One server with nothing special about it."""
    return start()


def _end(desk: Desk) -> None:
    desk.go_on.set()
    desk.stop()
    assert desk.has_ended(10)
