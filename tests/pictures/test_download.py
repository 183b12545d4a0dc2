"""What lies at an address comes through the wire, or not at all."""

from __future__ import annotations

import time
from typing import Any

import pytest

from crossdock.pictures import download
from crossdock.pictures.download import LARGEST, HostIsDown, NotFetched, body_at
from tests.pictures.cdn import Cdn
from tests.pictures.drawn import drawn


def test_a_picture_comes_as_it_lies_there(cdn: Cdn) -> None:
    body = drawn()
    assert body_at(cdn.put("/mug.png?x=1&y=2", body)) == body


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_what_is_not_there_says_so(cdn: Cdn, status: int) -> None:
    with pytest.raises(NotFetched, match=str(status)) as caught:
        body_at(cdn.put("/gone.png", b"", status))
    assert not isinstance(caught.value, HostIsDown)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_host_that_is_busy_is_left_in_peace(cdn: Cdn, status: int) -> None:
    with pytest.raises(HostIsDown, match=str(status)):
        body_at(cdn.put("/mug.png", b"", status))


def test_a_host_that_does_not_listen_is_down(cdn: Cdn) -> None:
    url = cdn.url("/mug.png")
    cdn.close()
    with pytest.raises(HostIsDown):
        body_at(url)


def test_more_than_ten_megabytes_are_not_read(cdn: Cdn) -> None:
    url = cdn.put("/huge.png", b"\0" * (LARGEST + 1))
    with pytest.raises(NotFetched, match="more than"):
        body_at(url)


def test_a_host_that_drips_is_not_waited_for(cdn: Cdn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_SECONDS", 0.3)
    url, began = cdn.drip("/slow.png", drawn()), time.monotonic()
    with pytest.raises(HostIsDown):
        body_at(url)
    assert time.monotonic() - began < 2


def test_a_picture_that_has_moved_is_followed_a_little(cdn: Cdn) -> None:
    body = drawn()
    cdn.put("/c.png", body)
    cdn.redirect("/b.png", "/c.png")
    assert body_at(cdn.redirect("/a.png", cdn.url("/b.png"))) == body
    with pytest.raises(NotFetched, match="on and on"):
        body_at(cdn.redirect("/round.png", "/round.png"))
    assert cdn.asked.count("/round.png") == 3


@pytest.mark.parametrize("inside", ["http://localhost:{port}/x", "http://127.0.0.1:{port}/x"])
def test_nobody_is_led_to_a_private_address(cdn: Cdn, inside: str) -> None:
    """The second host stands for one of the operator's own, such as SQL Account: trusted as a host,
    but no marketplace's."""
    books = Cdn()
    books.put("/x", drawn())
    private = inside.format(port=books.host.partition(":")[2])
    for url in (cdn.redirect("/a.png", private), private):
        with pytest.raises(NotFetched, match="private address"):
            body_at(url)
    assert books.asked == []
    books.close()


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.7/x.png",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/x.png",
        "https://[fe80::1]/x.png",
        "//127.0.0.1/x.png",
        "file:///etc/passwd",
        "ftp://img.example/x.png",
        "gopher://127.0.0.1/x",
        "https://img.example:99999/x.png",
        "https://[not-an-address/x.png",
        "https://" + "a" * 300 + ".example/x.png",
        "https://",
        "x.png",
    ],
)
def test_what_leads_nowhere_good_is_not_asked_for(url: str, settings: Any) -> None:
    settings.TRUSTED_HOSTS, settings.CHANNEL_APPS = frozenset({"127.0.0.1"}), {}
    with pytest.raises(NotFetched):
        body_at(url)
