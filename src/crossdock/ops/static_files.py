"""Scripts, styles and icons, gathered for the web process: made where they are missing or of another version.

Files of older versions stay: a process that was started before an upgrade still names them in its pages.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

_MADE_OF = "made-of"
"""What is written last, so that a gathering that was cut off is done again."""


def are_made() -> bool:
    """Whether what pages need is there, and of this version."""
    note = _root() / _MADE_OF
    return note.is_file() and note.read_text() == _mark()


def make() -> None:
    """Make them, once, however many processes ask for it. Raises OSError."""
    _root().mkdir(parents=True, exist_ok=True)
    with (_root() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not are_made():
            call_command("collectstatic", interactive=False, verbosity=0)
            draft = _root() / f"{_MADE_OF}.{os.getpid()}"
            draft.write_text(_mark())
            draft.replace(_root() / _MADE_OF)


def _root() -> Path:
    return Path(settings.STATIC_ROOT)


def _mark() -> str:
    """What tells one version's files from another's: a checkout changes without a new number."""
    found = hashlib.sha256()
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda one: one[0]):
            state = Path(storage.path(path)).stat()
            found.update(f"{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    return found.hexdigest()
