"""The run's own PostgreSQL: a pytest plugin, since several workers share it.

It is started for a run with several workers, or by the first test that needs a database, so that tests
which need none start nothing.
"""

from __future__ import annotations

import atexit
import fcntl
import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

if importlib.util.find_spec("crossdock") is None:
    sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ.pop("DATABASE_URL", None)
    os.environ["CROSSDOCK_DATA"] = tempfile.mkdtemp(prefix="crossdock-tests-")
    atexit.register(shutil.rmtree, os.environ["CROSSDOCK_DATA"], ignore_errors=True)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start it before the workers are, for all of them."""
    if getattr(config.option, "tx", None):
        start_once()


@pytest.fixture(scope="session")
def database_server() -> None:
    """Runs, and Django knows where."""
    from django.conf import settings

    from crossdock import configuration

    if "DATABASE_URL" not in os.environ:
        start_once()
        settings.CONFIG = configuration.read()
        settings.DATABASES["default"].update(settings.CONFIG.database)


@pytest.fixture(scope="session")
def migrated_database(database_server: None, django_db_blocker: DjangoDbBlocker) -> str:
    """Its name. Migrations take many times as long as a copy, so one worker makes them for all."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    done = Path(os.environ["CROSSDOCK_DATA"], "migrated")
    with done.with_suffix(".lock").open("w") as lock, django_db_blocker.unblock():
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            call_command("migrate", verbosity=0, interactive=False)
            connection.close()
            done.touch()
    return str(settings.DATABASES["default"]["NAME"])


def start_once() -> None:
    """Start it, and say where in DATABASE_URL; gone at the end of the run."""
    from crossdock.ops import embedded

    data = Path(os.environ["CROSSDOCK_DATA"])
    # Before the start, so that one that fails leaves nothing either.
    atexit.register(embedded.destroy, data)
    os.environ["DATABASE_URL"] = embedded.start(data, fast=True).url()
