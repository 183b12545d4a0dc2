"""Lazada's shops in the sandbox, for the connector's tests."""

from __future__ import annotations

import pytest

from crossdock.channels.registry import channel
from crossdock.ops.sandbox import apps_of
from tests.contract.stage import OnStage
from tests.sandbox.running import RunningSandbox


@pytest.fixture
def stage(sandbox: RunningSandbox) -> OnStage:
    """The shop of Malaysia."""
    return _shop(sandbox, "lazada-my")


@pytest.fixture
def singapore(sandbox: RunningSandbox) -> OnStage:
    """The shop of Singapore, which delivers some orders itself."""
    return _shop(sandbox, "lazada-sg")


def _shop(sandbox: RunningSandbox, name: str) -> OnStage:
    sandbox.post("/strict", system="lazada", duplicates="refuse")
    return OnStage(channel("lazada"), apps_of(sandbox.identities)["lazada"], sandbox, name)
