"""Every test here runs once for every channel that the registry finds."""

from __future__ import annotations

import pytest

from crossdock.channels.contract import Channel
from crossdock.channels.registry import channel, channels
from crossdock.ops.sandbox import apps_of
from tests.contract.stage import OnStage
from tests.sandbox.running import RunningSandbox


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One run a channel."""
    if "known" in metafunc.fixturenames:
        names = [known.name for known in channels()]
        metafunc.parametrize("known", names, indirect=True)


@pytest.fixture
def known(request: pytest.FixtureRequest) -> Channel:
    """The channel at hand."""
    return channel(request.param)


@pytest.fixture
def stage(known: Channel, sandbox: RunningSandbox) -> OnStage:
    """The channel with its first shop in the sandbox."""
    return _on_stage(known, sandbox, 0)


@pytest.fixture
def delivering(known: Channel, sandbox: RunningSandbox) -> OnStage:
    """The channel with its second shop, which delivers some orders itself."""
    return _on_stage(known, sandbox, 1)


def _on_stage(known: Channel, sandbox: RunningSandbox, place: int) -> OnStage:
    apps = apps_of(sandbox.identities)
    if known.name not in apps:
        pytest.skip(f"The sandbox does not play {known.title} yet: only its shape is looked at.")
    shop = sandbox.identities[known.name]["shops"][place]["shop"]
    return OnStage(known, apps[known.name], sandbox, shop)
