"""What Crossdock keeps outside its data folders, who needs it, and what can go."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crossdock.ops.belonging import claims, owner_of
from crossdock.ops.postgresql import SYSTEM_FOLDER, copies_folder


@dataclass(frozen=True, slots=True)
class Leftover:
    """One folder."""

    path: Path
    words: str
    removable: bool
    """True: nothing runs from it, and it is made again where it is needed."""

    def megabytes(self) -> int:
        """How much it takes."""
        files = (Path(folder, name) for folder, _, names in os.walk(self.path) for name in names)
        return round(sum(file.lstat().st_size for file in files) / 1_000_000)


def leftovers() -> list[Leftover]:
    """Copies of PostgreSQL's programs; databases whose data folder was closed to the server's user."""
    return [*_copies(), *_databases()]


def remove(leftover: Leftover) -> None:
    """Remove one that may go."""
    shutil.rmtree(leftover.path)


def _copies() -> Iterator[Leftover]:
    running = "\0".join(_command_lines())
    for copy in sorted(path for path in copies_folder().glob("*") if path.is_dir()):
        used = str(copy) in running
        words = "a copy of PostgreSQL's programs" + (", in use" if used else "")
        yield Leftover(copy, words, removable=not used)


def _databases() -> Iterator[Leftover]:
    """Never removable: a data folder that is not there may be on a disk that is not there."""
    for home in sorted(SYSTEM_FOLDER.glob("*/cluster")):
        owner = owner_of(home.parent)
        if owner is None:
            words = "a database; no note tells whose"
        elif claims(owner, home.parent):
            words = f"the database of {owner}"
        else:
            words = f"the database of {owner}, which is gone: delete it by hand where it is not wanted back"
        yield Leftover(home.parent, words, removable=False)


def _command_lines() -> Iterator[str]:
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield os.fsdecode(entry.read_bytes())
        except OSError:
            continue
