"""What strangers send costs a line at most, and the same of a minute costs one line and a count."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from crossdock.ops.quiet import Quiet

SHORT = 0.4
"""A minute of these tests, in seconds."""


@pytest.fixture
def lines() -> Iterator[Callable[[], list[str]]]:
    """What is written to the log, line by line."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(message)s"))
    handler.addFilter(Quiet(SHORT))
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: written.getvalue().splitlines()
    root.removeHandler(handler)


def soon(is_so: Callable[[], Any]) -> Any:
    """Waits until it is so."""
    ends = time.monotonic() + 10
    while not (found := is_so()) and time.monotonic() < ends:
        time.sleep(0.02)
    return found


@pytest.mark.django_db
def test_forged_messages_cost_a_line_a_minute(
    lines: Callable[[], list[str]], settings: Any
) -> None:
    from crossdock.channels.contract import App

    settings.CHANNEL_APPS = {"lazada": App("1", "secret")}
    for _ in range(5):
        assert (
            Client().post("/webhooks/lazada", b"{}", content_type="application/json").status_code
            == 401
        )
    assert sum("/webhooks/lazada" in one for one in lines()) <= 2
    assert soon(lambda: [one for one in lines() if "answered 401" in one])


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/nothing/", "/c/acme/orders/", "/healthz"])
def test_other_refusals_cost_a_line_without_a_traceback(
    lines: Callable[[], list[str]], path: str
) -> None:
    for _ in range(3):
        Client().post(path, {"form": "x" * 50})
    assert "Traceback" not in "\n".join(lines())
    assert len(lines()) <= 3


def test_a_mistake_of_ours_keeps_its_traceback(lines: Callable[[], list[str]]) -> None:
    for _ in range(3):
        try:
            raise ValueError("ours")
        except ValueError:
            logging.getLogger("django.request").exception("Internal", extra={"status_code": 500})
            logging.getLogger("crossdock.sync").exception("stumbled")
    told = "\n".join(lines())
    assert told.count("Traceback") == 6


def test_what_a_stranger_wrote_is_cut(lines: Callable[[], list[str]]) -> None:
    logging.getLogger("django.security.DisallowedHost").error("Host %s", "x" * 9000)
    assert [len(one) for one in lines()] == [300]
