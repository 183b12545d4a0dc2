"""Stopping what runs on a data folder, from another terminal, or after its supervisor was killed."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from crossdock.ops import embedded
from crossdock.ops.holding import holder
from crossdock.ops.processes import StartFailed

_SECONDS = 120.0
"""Longer than a supervisor takes that has to make its children end."""


def stop_all(data_dir: Path) -> str:
    """Stop the supervisor of this data folder, or the database that a killed one left; what was done.

    Raises StartFailed where it cannot be stopped.
    """
    if not data_dir.is_dir():
        raise StartFailed(
            f"There is no data folder {data_dir}: name it with CROSSDOCK_DATA, or --data."
        )
    if (other := holder(data_dir)) is None:
        if embedded.has_one(data_dir):
            embedded.stop(data_dir)
        return f"Nothing runs on {data_dir} now."
    try:
        os.kill(other.pid, signal.SIGTERM)
    except PermissionError:
        raise StartFailed(
            f"crossdock {other.command} (process {other.pid}) is another user's: stop it as that user."
        ) from None
    deadline = time.monotonic() + _SECONDS
    while holder(data_dir) == other:
        if time.monotonic() > deadline:
            raise StartFailed(
                f"crossdock {other.command} (process {other.pid}) was asked to stop and still runs."
            )
        time.sleep(0.1)
    return f"crossdock {other.command} (process {other.pid}) has stopped."
