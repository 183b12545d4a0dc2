"""A sandbox of these tests' own, in which time may pass and everything may be set."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.running import CHANNELS, RunningSandbox, start_sandbox
from tests.sandbox.shopee_app import ShopeeApp
from tests.sandbox.tiktok_app import TikTokApp


@pytest.fixture(scope="session")
def played_process() -> Iterator[RunningSandbox]:
    """Without any order yet."""
    running = start_sandbox()
    yield running
    running.close()


@pytest.fixture
def played(played_process: RunningSandbox) -> RunningSandbox:
    """As it is set at the start, but for limits and latency: there are none."""
    for channel in CHANNELS:
        played_process.post("/apps", channel=channel, redirect_uri=None, webhook_url=None)
    played_process.calm(duplicates="refuse")
    return played_process


@pytest.fixture
def tiktok(played: RunningSandbox) -> TikTokApp:
    """The app with a token of the Malaysian shop, where the platform ships everything."""
    return TikTokApp(played)


@pytest.fixture
def tiktok_sg(played: RunningSandbox) -> TikTokApp:
    """The app with a token of the shop in Singapore, which ships some orders itself."""
    return TikTokApp(played, "tiktok-sg")


@pytest.fixture
def shopee(played: RunningSandbox) -> ShopeeApp:
    """Shopee's app with a token of the Malaysian shop."""
    return ShopeeApp(played)


@pytest.fixture
def shopee_sg(played: RunningSandbox) -> ShopeeApp:
    """Shopee's app with a token of the shop in Singapore, which delivers some orders itself."""
    return ShopeeApp(played, "shopee-sg")
