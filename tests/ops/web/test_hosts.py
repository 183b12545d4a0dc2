"""Requests for hosts that are not ours reach no page and fill no log."""

from __future__ import annotations

import io
import logging
import time
from typing import Any

import pytest

from crossdock.ops.quiet import Quiet
from crossdock.ops.web import hosts
from crossdock.ops.web.hosts import OurHostsOnly

HOSTS = ["localhost", "127.0.0.1", "[::1]", "shop.example"]


def asked(application: OurHostsOnly, host: str) -> str:
    told: list[str] = []
    application({"HTTP_HOST": host}, lambda status, *_: told.append(status))  # type: ignore[arg-type]
    return told[0]


def page(_: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return []


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "SHOP.example", "[::1]:8000", "shop.example."]
)
def test_our_own_hosts_are_served(host: str) -> None:
    assert asked(OurHostsOnly(page, HOSTS), host).startswith("200")


@pytest.mark.parametrize(
    "host", ["", "evil.test", "shop.example.evil.test", "shop.example@evil.test", "a b", "\x00"]
)
def test_others_are_refused(host: str) -> None:
    assert asked(OurHostsOnly(page, HOSTS), host).startswith("400")


def test_a_thousand_of_them_are_one_line_with_what_was_asked_and_then_a_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(Quiet(2.0))
    monkeypatch.setattr(hosts.log, "handlers", [handler])
    monkeypatch.setattr(hosts.log, "propagate", False)
    application = OurHostsOnly(page, HOSTS)
    for _ in range(1000):
        asked(application, "evil.test" + "x" * 1000)
    first = written.getvalue().splitlines()
    ends = time.monotonic() + 10
    monkeypatch.setattr(logging.getLogger("crossdock.refused"), "handlers", [handler])
    while "more within a minute" not in written.getvalue() and time.monotonic() < ends:
        time.sleep(0.02)
    assert len(first) == 1
    assert "evil.test" in first[0]
    assert len(first[0]) <= 300
    assert "999 more" in written.getvalue()
