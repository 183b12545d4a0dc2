"""A backup whenever the newest is a day old: looked at when ``crossdock up`` has come up, and every hour,
so that a computer that is off at night has one as well."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from crossdock.ops.processes import Command, StartFailed, end, python
from crossdock.ops.telling import tell

_EVERY = 3600.0
_GLANCE = 0.5
_GRACE = 5.0


def keep_backups(stopping: Callable[[], bool]) -> threading.Thread:
    """Look at once and every hour, until somebody asks to stop; what a backup said goes to our terminal."""
    thread = threading.Thread(target=_keep, args=[stopping], name="backups", daemon=True)
    thread.start()
    return thread


def _keep(stopping: Callable[[], bool]) -> None:
    due = time.monotonic()
    while not stopping():
        if time.monotonic() >= due:
            due = time.monotonic() + _EVERY
            command = python("-m", "crossdock.cli", "backup", "--when-due", env=os.environ)
            try:
                _look(command, stopping)
            except (StartFailed, OSError) as problem:
                # No room, no processes: the next look may have them.
                tell(f"No backup was made: {problem}", err=True)
        time.sleep(_GLANCE)


def _look(command: Command, stopping: Callable[[], bool]) -> None:
    with tempfile.TemporaryFile() as out:
        process = command.spawn(out)
        while process.poll() is None:
            if stopping():
                end(process, signal.SIGTERM, _GRACE)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GLANCE)
        out.seek(0)
        if process.returncode and not stopping():
            lines = out.read().decode(errors="replace").strip().splitlines()
            tell(f"No backup was made: {lines[-1] if lines else 'nobody says why'}", err=True)
