"""Backups: the database as of one moment, and the files, in one file; never the keys.

Written under a name of its own and renamed when it is whole, so that what a full disk or a kill left is
no backup, and is removed by the next.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, cast

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from crossdock import __version__, filing
from crossdock.keys_file import id_of
from crossdock.ops.archive import (
    ABOUT,
    DATABASE,
    FILES,
    About,
    Writing,
    about_as_toml,
    copy_stream,
)
from crossdock.ops.pg_tools import Tools, our_database, server_version, tools_of_at_least
from crossdock.ops.processes import StartFailed

KEPT = 7
"""Backups that are made by themselves: so many stay."""
EVERY = timedelta(days=1)
_DAILY, _BY_HAND = "crossdock-daily-", "crossdock-"
_ENDING, _UNFINISHED = ".tar", ".part"


class BackupFailed(StartFailed):
    """No backup was made; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup that lies in the data folder."""

    path: Path
    made_at: datetime

    def age(self) -> timedelta:
        """How old it is; never below zero, whatever the clock did."""
        return max(datetime.now(UTC) - self.made_at, timedelta())


def backups_folder(data_dir: Path) -> Path:
    """Where backups lie unless somebody says otherwise."""
    return data_dir / "backups"


def kept_in(folder: Path) -> list[Kept]:
    """The whole backups in a folder, newest first."""
    files = [path for path in folder.glob(f"{_BY_HAND}*{_ENDING}") if path.is_file()]
    found = [Kept(path, datetime.fromtimestamp(path.stat().st_mtime, UTC)) for path in files]
    return sorted(found, key=lambda one: one.made_at, reverse=True)


def is_due(data_dir: Path) -> bool:
    """Whether the newest backup is a day old, or from the future, or there is none."""
    newest = next(iter(kept_in(backups_folder(data_dir))), None)
    return newest is None or not datetime.now(UTC) - EVERY < newest.made_at <= datetime.now(UTC)


def make_daily(data_dir: Path) -> Path:
    """Make a backup, and let the oldest of those that were made by themselves go. Raises StartFailed."""
    folder = backups_folder(data_dir)
    made = make(_private(folder) / _name(_DAILY))
    daily = [one for one in kept_in(folder) if one.path.name.startswith(_DAILY)]
    for old in daily[KEPT:]:
        old.path.unlink(missing_ok=True)
    return made


def make_at(place: str | None, data_dir: Path) -> Path:
    """Make a backup at this place: a file that is not there yet, or a folder; None: the data folder's
    own. What ends with a slash is a folder, which is made. Raises StartFailed."""
    target = Path(place) if place else backups_folder(data_dir)
    try:
        if not place or target.is_dir() or place.endswith(os.sep):
            target = _private(target) / _name(_BY_HAND)
    except OSError as problem:
        raise _no_room_at(target, problem) from None
    return make(target)


def make(file: Path) -> Path:
    """Make a backup as this file; it is there whole or not at all. Raises StartFailed."""
    if os.path.lexists(file):
        raise BackupFailed(f"{file} is there already: choose another name.")
    try:
        _private(file.parent)
        _remove_unfinished(file.parent)
        with _draft(file) as (draft, out):
            _write(out)
            out.flush()
            os.fsync(out.fileno())
            draft.rename(file)
        _sync_folder(file.parent)
    except OSError as problem:
        raise _no_room_at(file, problem) from None
    return file


def _no_room_at(place: Path, problem: OSError) -> BackupFailed:
    return BackupFailed(
        f"No backup was made at {place}: {problem.strerror or problem}. Make room, or choose another place."
    )


def _write(out: IO[bytes]) -> None:
    tools = tools_of_at_least(server_version(), "A backup of this database")
    writing = Writing(out)
    about = about_as_toml(_about(tools.major))
    writing.add(ABOUT, partial(_put, what=about), modified=time.time())
    writing.add(DATABASE, partial(_dump, tools=tools), modified=time.time())
    for path, name in _files():
        with suppress(FileNotFoundError), path.open("rb") as source:
            modified = os.fstat(source.fileno()).st_mtime
            writing.add(name, partial(copy_stream, source), modified=modified)
    writing.end()


def _dump(into: IO[bytes], tools: Tools) -> None:
    """The database as of one moment, whatever goes on in it."""
    database = our_database()
    command = [
        tools.program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges",
        "--lock-wait-timeout=60s", "--dbname", database.conninfo,
    ]  # fmt: skip
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            env=database.environment(),
        ) as process,
    ):
        try:
            copy_stream(cast(IO[bytes], process.stdout), into)
        except BaseException:
            process.kill()
            raise
        if process.wait():
            said.seek(0)
            raise BackupFailed(f"No backup was made; pg_dump says: {_last_line(said.read())}")


def _about(postgresql: int) -> About:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (made_at,) = cursor.fetchone()
    migrations = sorted(MigrationRecorder(connection).applied_migrations())
    return About(
        crossdock=__version__,
        made_at=made_at,
        postgresql=postgresql,
        migrations=tuple(f"{room}.{name}" for room, name in migrations),
        keys=tuple(id_of(key) for key in settings.TOKEN_KEYS),
        files_at=filing.place(),
    )


def _files() -> Iterator[tuple[Path, str]]:
    """The files, after the database, so that none that it names came later. Those in a bucket stay there."""
    if filing.place():
        return
    root = Path(settings.MEDIA_ROOT)
    for folder, _, names in os.walk(root):
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield path, f"{FILES}/{path.relative_to(root).as_posix()}"


def _name(beginning: str) -> str:
    return f"{beginning}{datetime.now(UTC):%Y-%m-%d-%H%M%S-%f}{_ENDING}"


def _private(folder: Path) -> Path:
    """The folder, made closed to others where there is none; what somebody else made stays as it is."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


@contextmanager
def _draft(file: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """A file beside it, nobody else's, held as long as it is written; gone afterwards unless it was
    renamed. Raises BackupFailed where another process writes it."""
    draft = file.with_name(f"{file.name}{_UNFINISHED}")
    with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as out:
        try:
            fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupFailed(
                f"{draft} is being written by another process: wait for it."
            ) from None
        try:
            out.truncate()
            yield draft, out
        finally:
            draft.unlink(missing_ok=True)


def _remove_unfinished(folder: Path) -> None:
    """Remove what was cut off; what another process is writing stays."""
    for draft in folder.glob(f"{_BY_HAND}*{_ENDING}{_UNFINISHED}"):
        with suppress(OSError), draft.open("rb") as left:
            fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
            draft.unlink()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _put(into: IO[bytes], what: bytes) -> None:
    into.write(what)


def _last_line(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "nothing"
