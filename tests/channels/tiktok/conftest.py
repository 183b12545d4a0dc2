"""A TikTok Shop to play with, and the sandbox's shop that ships with couriers of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crossdock.channels.tiktok.channel import CHANNEL
from crossdock.ops.sandbox import apps_of
from tests.channels.tiktok.stage import Played, playing
from tests.contract.stage import OnStage
from tests.sandbox.running import RunningSandbox


@pytest.fixture
def tiktok() -> Iterator[Played]:
    """A TikTok Shop that says what it is told to say."""
    with playing() as played:
        yield played


@pytest.fixture
def stage(sandbox: RunningSandbox) -> OnStage:
    """The sandbox's first TikTok Shop."""
    return OnStage(CHANNEL, apps_of(sandbox.identities)["tiktok"], sandbox, "tiktok-my")


@pytest.fixture
def delivering(sandbox: RunningSandbox) -> OnStage:
    """The sandbox's shop that ships some orders with couriers of its own."""
    return OnStage(CHANNEL, apps_of(sandbox.identities)["tiktok"], sandbox, "tiktok-sg")
