"""A Shopee to play with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crossdock.channels.shopee import couriers
from tests.channels.shopee.stage import Played, good, playing


@pytest.fixture
def shopee(monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    """A Shopee whose shops have couriers of the marketplace only."""
    monkeypatch.setattr(couriers, "_remembered", {})
    with playing() as played:
        played.says("logistics/get_channel_list", good(logistics_channel_list=[]))
        yield played
