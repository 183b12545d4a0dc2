"""What this installation writes is nobody else's on the machine: labels, photos and logs hold buyers."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_FOLDERS = ("files", "logs", "sandbox")
"""In the data folder. Static files are public; the database's own folder is closed by ``embedded``."""
_OTHERS = 0o077


def write_for_us_alone() -> None:
    """Have this process make folders of 0700 and files of 0600."""
    os.umask(_OTHERS)


def close_to_others(data_dir: Path) -> None:
    """Close what is open to others in the data folder: written by hand, or before files were closed. Each
    folder comes after what is in it, so that a closed one needs no second look."""
    for folder in ((data_dir / name).resolve() for name in _FOLDERS):
        if folder.is_dir() and folder.stat().st_mode & _OTHERS:
            for place, _, files in os.walk(folder, topdown=False):
                for name in files:
                    _close(Path(place) / name)
                _close(Path(place))


def _close(path: Path) -> None:
    """Others' rights go, the owner's stay. What is another user's, or gone, is left."""
    with suppress(FileNotFoundError, PermissionError):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~_OTHERS & 0o7777)
