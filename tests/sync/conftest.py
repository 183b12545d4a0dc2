"""A test that asks for ``everywhere`` runs once for each channel that the sandbox plays; what does
not depend on the channel asks for ``played``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from crossdock.channels.registry import channels
from tests.cast import Cast, linked_store
from tests.sandbox.running import CHANNELS, RunningSandbox, start_sandbox
from tests.sync.playing import Played


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One run a channel."""
    if "everywhere" in metafunc.fixturenames:
        names = [known.name for known in channels() if known.name in CHANNELS]
        metafunc.parametrize("everywhere", names, indirect=True)


@pytest.fixture(scope="module")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """A sandbox for each file of tests: a sync reads whatever the tests before it made."""
    running = start_sandbox(data=tmp_path_factory.mktemp("sandbox"))
    yield running
    running.close()


@pytest.fixture
def everywhere(
    request: pytest.FixtureRequest, cast: Cast, sandbox: RunningSandbox, unhurried: None
) -> Played:
    """Acme's store at the channel at hand; its shop in the sandbox is older than the test."""
    shop = f"{request.param}-my"
    return Played(linked_store(cast.acme, sandbox, shop), sandbox, shop)


@pytest.fixture
def played(cast: Cast, sandbox: RunningSandbox, unhurried: None) -> Played:
    """Acme's store at one channel."""
    return Played(linked_store(cast.acme, sandbox, "lazada-my"), sandbox, "lazada-my")


@pytest.fixture(autouse=True)
def _no_old_jobs(transactional_db: None) -> None:
    """Jobs outlive the tests that deferred them: begin without any."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
