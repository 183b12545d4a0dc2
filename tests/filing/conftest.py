"""A store in which this test's files lie, and one that does not answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.filing.store_server import BUCKET, client_of, running, storage
from tests.ports import free_port


@pytest.fixture(scope="session")
def store_url() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture
def in_bucket(store_url: str, settings: Any) -> Callable[[], dict[str, bytes]]:
    """Files are kept in a bucket; what lies in it, as somebody else sees it."""
    client = client_of(store_url)

    def there() -> dict[str, bytes]:
        found = client.list_objects_v2(Bucket=BUCKET).get("Contents", ())
        keys = [one["Key"] for one in found]
        return {key: client.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}

    for key in there():
        client.delete_object(Bucket=BUCKET, Key=key)
    settings.STORAGES = {**settings.STORAGES, "default": storage(store_url)}
    return there


@pytest.fixture
def away(settings: Any, in_bucket: Any) -> Callable[[], Callable[[], None]]:
    """Have the store not answer any more; what is returned brings it back."""

    def leave() -> Callable[[], None]:
        before = settings.STORAGES
        nowhere = storage(f"http://127.0.0.1:{free_port()}")
        settings.STORAGES = {**before, "default": nowhere}

        def come_back() -> None:
            settings.STORAGES = before

        return come_back

    return leave
