"""What is too large is refused before a byte of it is read."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver

from crossdock.ui.sent_size import MEGABYTE, PLAIN
from tests.cast import Cast
from tests.house.test_every_url import walk

pytestmark = pytest.mark.django_db

TAKES_FILES = {
    "orders/<int:pk>/delivery/", "orders/<int:pk>/cancel/", "orders/returns/", "orders/cancellations/",
    "returns/<int:pk>/", "papers/settings/", "posting/skus/import/", "scan/picture/",
}  # fmt: skip


class Untouched:
    """A body that nobody may read."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("It was read.")

    readline = read


def send(client: Client, path: str, size: int, **more: Any) -> Any:
    """A multipart form of so many announced bytes."""
    return client.generic(
        "POST",
        path,
        **{
            "wsgi.input": Untouched(),
            "CONTENT_LENGTH": str(size),
            "CONTENT_TYPE": "multipart/form-data; boundary=x",
            **more,
        },
    )


@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/c/acme/posting/skus/import/", "/theme/", "/"]
)
def test_three_hundred_megabytes_of_a_stranger_are_refused_unread(path: str) -> None:
    answer = send(Client(enforce_csrf_checks=True), path, 300 * MEGABYTE)
    assert answer.status_code == 413
    assert "at most 2 MB" in answer.content.decode()


def test_a_page_that_takes_no_files_takes_two_megabytes_of_anybody(
    cast: Cast, client: Client
) -> None:
    client.force_login(cast.alice)
    assert send(client, "/c/acme/orders/act/", PLAIN + 1).status_code == 413
    with pytest.raises(AssertionError, match="It was read"):
        send(client, "/c/acme/orders/act/", PLAIN)


@pytest.mark.parametrize(
    ("path", "megabytes"),
    [
        ("posting/skus/import/", 20),
        ("papers/settings/", 6),
        ("orders/returns/", 64),
        ("scan/picture/", 6),
    ],
)
def test_a_page_that_takes_files_takes_more_of_its_people_and_no_end_of_it(
    cast: Cast, client: Client, path: str, megabytes: int
) -> None:
    client.force_login(cast.alice)
    with pytest.raises(AssertionError, match="It was read"):
        send(client, f"/c/acme/{path}", megabytes * MEGABYTE)
    answer = send(client, f"/c/acme/{path}", megabytes * MEGABYTE + 1)
    assert answer.status_code == 413
    assert f"at most {megabytes} MB" in answer.content.decode()
    told = send(client, f"/c/acme/{path}", 65 * MEGABYTE, HTTP_ACCEPT="application/json").json()[
        "words"
    ]
    assert "too large" in told


def test_these_are_the_pages_that_take_files() -> None:
    found = {
        prefix.removeprefix("c/<slug:company>/")
        for prefix, pattern in walk(get_resolver().url_patterns, "")
        if isinstance(pattern, URLPattern) and hasattr(pattern.callback, "most_sent")
    }
    assert found == TAKES_FILES
