"""A command that needs the database, also while nothing runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from crossdock.configuration import read
from crossdock.ops import embedded
from crossdock.ops.holding import hold, holder
from crossdock.ops.processes import StartFailed


@contextmanager
def database_awake(command: str, *, make: bool = False) -> Iterator[None]:
    """Have the embedded database run, where it is ours to run and nobody runs it; stopped afterwards.

    To be entered before Django reads its settings. ``make``: also where there is none yet. Raises StartFailed.
    """
    config = read()
    if not config.embedded_database or holder(config.data_dir) is not None:
        yield
        return
    if not make and not embedded.has_one(config.data_dir):
        raise StartFailed(
            f"There is no database in {config.data_dir}: name the data folder with CROSSDOCK_DATA, or the "
            "database with DATABASE_URL."
        )
    with hold(config.data_dir, command, config.web_port):
        embedded.start(config.data_dir)
        try:
            yield
        finally:
            embedded.stop(config.data_dir)
