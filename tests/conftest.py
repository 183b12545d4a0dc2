"""What every test can ask for: a real PostgreSQL, the sandbox as a real process, and a cast of people.

The database server is the one that comes with Crossdock, in a folder that lasts as long as the run;
each xdist worker has its own database on it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cast import Cast
    from tests.sandbox.running import RunningSandbox


def _database_for_the_run() -> None:
    """Start the server once for all workers, before Django reads its settings."""
    if "CROSSDOCK_DATA" not in os.environ:
        data = Path(tempfile.mkdtemp(prefix="crossdock-tests-"))
        os.environ["CROSSDOCK_DATA"] = str(data)
        atexit.register(shutil.rmtree, data, ignore_errors=True)
    if os.environ.get("DATABASE_URL"):
        return
    from crossdock.ops import embedded

    data = Path(os.environ["CROSSDOCK_DATA"])
    server = embedded.start(data, fast=True)
    os.environ["DATABASE_URL"] = server.url()
    atexit.register(embedded.destroy, data)


_database_for_the_run()


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    """The sandbox, running as a process of its own on free ports, without any order yet."""
    from tests.sandbox.running import start_sandbox

    running = start_sandbox(data=tmp_path_factory.mktemp("sandbox"), orders=0)
    yield running
    running.close()


@pytest.fixture
def cast(db: None) -> Cast:
    """The people of every test: see ``tests/cast.py``."""
    from tests.cast import assemble

    return assemble()
