"""Requests for hosts that are not ours reach no page and fill no log."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

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


def test_a_thousand_of_them_are_one_line_a_minute_with_their_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]
    monkeypatch.setattr(hosts.time, "monotonic", lambda: now[0])
    application = OurHostsOnly(page, HOSTS)
    with capture_logs() as said:
        for _ in range(1000):
            asked(application, "evil.test")
        now[0] += hosts.TELL_EVERY + 1
        asked(application, "other.test")
    assert [(line["count"], line["newest"]) for line in said] == [
        (1, "evil.test"),
        (1000, "other.test"),
    ]
