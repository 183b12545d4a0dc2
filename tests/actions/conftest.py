"""Every test here runs for every channel that the registry finds and the sandbox plays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crossdock.channels.registry import channels
from crossdock.companies.scope import company_scope
from crossdock.ops.sandbox import apps_of
from tests.actions.stage import OnDesk
from tests.cast import Cast, linked_store
from tests.sandbox.running import RunningSandbox

NAMES = [known.name for known in channels()]


@pytest.fixture(params=NAMES)
def desk(
    request: pytest.FixtureRequest, cast: Cast, sandbox: RunningSandbox, unhurried: None
) -> Iterator[OnDesk]:
    """Acme's store of the channel's first shop, in Acme's scope."""
    yield from _on_desk(request.param, 0, cast, sandbox)


@pytest.fixture(params=NAMES)
def delivering(
    request: pytest.FixtureRequest, cast: Cast, sandbox: RunningSandbox, unhurried: None
) -> Iterator[OnDesk]:
    """Acme's store of the channel's second shop, which delivers some orders itself."""
    yield from _on_desk(request.param, 1, cast, sandbox)


def _on_desk(name: str, place: int, cast: Cast, sandbox: RunningSandbox) -> Iterator[OnDesk]:
    if name not in apps_of(sandbox.identities):
        pytest.skip(f"The sandbox does not play {name}.")
    shop = sandbox.identities[name]["shops"][place]["shop"]
    store = linked_store(cast.acme, sandbox, shop)
    with company_scope(cast.acme):
        yield OnDesk(sandbox, cast, store)
