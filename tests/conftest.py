"""What every test can ask for: a real PostgreSQL, the sandbox as a real process, and a cast of people.

The database server is the one that comes with Crossdock (``tests/database.py`` starts it for the
run); each xdist worker has its own database on it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

hypothesis_settings.register_profile(
    "calm", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("calm")

if TYPE_CHECKING:
    from crossdock.stores.models import Store
    from tests.cast import Cast
    from tests.sandbox.running import RunningSandbox


def pytest_configure() -> None:
    """Static files as they lie in the source; passwords hashed fast: people come and go here."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)

    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(scope="session")
def django_db_modify_db_settings(migrated_database: str) -> None:
    """The run's server, with a database for each process: a copy of the one that was migrated."""
    from django.conf import settings

    test = settings.DATABASES["default"]["TEST"]
    test |= {"TEMPLATE": migrated_database, "NAME": f"test_{migrated_database}_{os.getpid()}"}


@pytest.fixture(scope="session", autouse=True)
def pages_call_nobody() -> Iterator[None]:
    """Pages that are asked for without a server call outside systems where the server lets them, and
    nowhere else."""
    from django.test.client import ClientHandler

    from crossdock.channels.patience import without_calls
    from crossdock.ops.web.shares import SHARES, Share, name_of

    serve = ClientHandler.__call__

    def served(handler: ClientHandler, environ: dict[str, Any]) -> Any:
        if SHARES.get(name_of(environ["PATH_INFO"])) is Share.OUTSIDE:
            return serve(handler, environ)
        with without_calls():
            return serve(handler, environ)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "__call__", served)
        yield


@pytest.fixture(autouse=True)
def nobody_to_ask(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test without a database has no installation that could be the copy of another."""
    from crossdock.channels import wire

    has_database = {"db", "transactional_db", "django_db_setup"} & set(request.fixturenames)
    if not has_database and request.node.get_closest_marker("django_db") is None:
        monkeypatch.setattr(wire, "_asked_first", [])


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """The sandbox, running as a process of its own on free ports, without any order yet."""
    from tests.sandbox.running import start_sandbox

    running = start_sandbox(data=tmp_path_factory.mktemp("sandbox"))
    yield running
    running.close()


@pytest.fixture
def sandbox(sandbox_process: RunningSandbox, settings: Any) -> RunningSandbox:
    """The sandbox with no fault, no limit and no latency, known to the settings of the installation."""
    from crossdock.ops.sandbox import TRUSTED, apps_of

    sandbox_process.calm(duplicates="take")
    settings.CHANNEL_APPS = apps_of(sandbox_process.identities)
    settings.TRUSTED_HOSTS = TRUSTED
    return sandbox_process


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own pace as fast as the sandbox allows in tests."""
    from crossdock.channels.registry import channels
    from crossdock.posting import turns

    for known in channels():
        fast = replace(known.limits, per_app=10_000.0, per_shop=10_000.0)
        monkeypatch.setattr(type(known), "limits", fast)
    monkeypatch.setattr(turns, "FIRST_PACE", 10_000.0)
    turns._learned.clear()


@pytest.fixture
def cast(db: None) -> Cast:
    """The people of every test: see ``tests/cast.py``."""
    from tests.cast import assemble

    return assemble()


@pytest.fixture
def store(cast: Cast, sandbox: RunningSandbox) -> Store:
    """Acme's Lazada store, linked with living tokens."""
    from tests.cast import linked_store

    return linked_store(cast.acme, sandbox)
