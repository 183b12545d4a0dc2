"""A host of pictures where a marketplace is called, and its company."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from crossdock.channels.contract import App
from crossdock.companies.scope import company_scope
from tests.cast import Cast
from tests.pictures.cdn import Cdn


@pytest.fixture
def cdn(settings: Any) -> Iterator[Cdn]:
    """A host of pictures on loopback, which the operator trusts as a marketplace's."""
    running = Cdn()
    trusted = frozenset({"127.0.0.1"})
    base = {"*": f"http://{running.host}/rest"}
    settings.TRUSTED_HOSTS = trusted
    settings.CHANNEL_APPS = {"lazada": App("key", "secret", base, trusted)}
    yield running
    running.close()


@pytest.fixture
def acme(cast: Cast) -> Iterator[Cast]:
    """The cast, in Acme's scope."""
    with company_scope(cast.acme):
        yield cast
