"""Bringing a backup back, into an empty database; and the word that lets it act outside again.

All of the database comes in one transaction, with the mark that it is a copy: at no moment is there one
that could send something. The files come first, since nothing names them before.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from tarfile import TarError
from typing import IO, cast

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Least
from django.utils import timezone

from crossdock import __version__, filing
from crossdock.companies.only_one import COMMAND, standing
from crossdock.companies.scope import all_companies
from crossdock.ops.archive import (
    DATABASE,
    FORMAT,
    About,
    copy_stream,
    parts,
    read_about,
    safe_place,
)
from crossdock.ops.database_form import form, known_migrations, migrate
from crossdock.ops.keys import WAY_OUT, lost_ones
from crossdock.ops.models import Installation
from crossdock.ops.moved import settle_here
from crossdock.ops.pg_tools import Tools, our_database, server_version, tools_of_at_least
from crossdock.ops.processes import StartFailed
from crossdock.stores.models import Store

Process = subprocess.Popen[bytes]

_KNOWS_TRANSACTION_TIMEOUT = 17
_HEAD_LINES = 40
"""Among so many first lines pg_restore sets what the server is to do without."""
_MARK = "restore-unfinished"
"""In the data folder, while files come in of which no database knows yet."""
_EMPTY = """
SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname NOT IN ('pg_catalog', 'information_schema') AND nspname NOT LIKE 'pg\\_%'
  AND relkind IN ('r', 'p', 'v', 'm', 'S')
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
"""
_BEGINS = """BEGIN;
SELECT pg_advisory_xact_lock(7103002);
DO $$ BEGIN IF (%s) > 0 THEN RAISE EXCEPTION 'the database is not empty'; END IF; END $$;
"""
_ENDS = """
INSERT INTO public.ops_installation (id, copy_of) VALUES (1, '%s')
ON CONFLICT (id) DO UPDATE
SET copy_of = LEAST(EXCLUDED.copy_of, COALESCE(ops_installation.copy_of, EXCLUDED.copy_of));
COMMIT;
"""


class RestoreFailed(StartFailed):
    """Nothing was brought back; the message says why and what to do."""


def bring_back(file: Path) -> Iterator[str]:
    """Bring a backup into the empty database that is configured; tells what was done.

    Raises StartFailed; nothing is in the database then.
    """
    about = read_about(file)
    _refuse_newer(about)
    _refuse_other_place(about)
    _refuse_unless_empty()
    tools = tools_of_at_least(max(about.postgresql, server_version()), "To bring this backup back")
    mark = _begin_files()
    count = _bring_files(file)
    _bring_database(file, about, tools)
    mark.unlink()
    connection.close()
    if form().missing:
        migrate(verbosity=0)
    yield f"Restored: the database as of {about.made_at:%Y-%m-%d %H:%M} UTC, and {count} files."
    if about.files_at:
        yield (
            f"The files were in {about.files_at}, and are not in the backup. This installation looks for them in "
            f"{filing.place() or settings.MEDIA_ROOT}: give it a copy of them (CROSSDOCK_FILES says where), or the "
            "same place once the other installation is off for good."
        )
    if lost := len(lost_ones()):
        yield (
            f"{lost} secrets do not open with {settings.DATA_DIR / 'keys.toml'}. It must be the one that belonged "
            f"to this backup (keys {', '.join(about.keys)}). {WAY_OUT}"
        )
    yield (
        f"Nothing is sent outside from here yet. Once the installation that made this backup is off for good, "
        f"run {COMMAND}."
    )


def confirm_only_one() -> str:
    """Let this installation act outside: a person says that the other one is off. What was done.

    What that one did after the backup is found by asking: about each thing that was wanted before now,
    and of every order that was not read since (``work.asking``). Sync goes on from before the backup.
    """
    since = standing().copy_of
    if since is None:
        return "This installation is known to be the only one: there is nothing to confirm."
    with transaction.atomic(), all_companies():
        Store.objects.update(
            synced_until=Least(F("synced_until"), since),
            returns_synced_until=Least(F("returns_synced_until"), since),
        )
        Installation.objects.update(copy_of=None, alone_since=timezone.now())
        settle_here()
    return (
        "This installation is the only one now. First it reads what changed since the backup, and asks about all "
        "that was under way; then it goes on."
    )


def copy_words(since: datetime) -> str:
    """What people are told while nothing goes out."""
    return (
        f"This installation holds a copy of another one's data, of {since:%Y-%m-%d %H:%M} UTC at the latest, and "
        f"sends nothing outside: once the other one is off for good, run {COMMAND}."
    )


def _refuse_newer(about: About) -> None:
    unknown = set(about.migrations) - known_migrations()
    if about.format > FORMAT or unknown or _numbers(about.crossdock) > _numbers(__version__):
        raise RestoreFailed(
            f"This backup was made by Crossdock {about.crossdock}, which is newer than this one ({__version__}): "
            "install that version, and restore with it."
        )


def _refuse_other_place(about: About) -> None:
    if filing.place() and not about.files_at:
        raise RestoreFailed(
            f"This backup holds its files, and here they are kept in {filing.place()}: restore it without "
            "CROSSDOCK_FILES, then copy the data folder's files into the bucket, and set it again."
        )


def _numbers(version: str) -> tuple[int, ...]:
    """A version, to be compared."""
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _is_empty() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY)
        (count,) = cursor.fetchone()
    return not count


def _refuse_unless_empty() -> None:
    if not _is_empty():
        raise RestoreFailed(
            "The database is not empty, and nothing in it is written over: name a new data folder with "
            "CROSSDOCK_DATA, or a new database with DATABASE_URL, and restore into that."
        )


def _begin_files() -> Path:
    """Refuse to mix files with those of another database; the mark of ours."""
    root, mark = Path(settings.MEDIA_ROOT), Path(settings.DATA_DIR) / _MARK
    if not mark.exists() and any(path.is_file() for path in root.rglob("*")):
        raise RestoreFailed(
            f"{root} holds files of another database: name a new data folder with CROSSDOCK_DATA, or move them away."
        )
    mark.touch(mode=0o600)
    return mark


def _bring_files(file: Path) -> int:
    root, count = Path(settings.MEDIA_ROOT), 0
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        for member, part in parts(file):
            place = safe_place(root, member.name)
            if place is None:
                continue
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(
                os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
            ) as out:
                copy_stream(part, out)
            os.utime(place, (member.mtime, member.mtime))
            count += 1
    except (OSError, TarError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else problem
        raise RestoreFailed(
            f"The files cannot be brought back to {root}: {why}. Nothing is in the database yet: mend "
            "that, and restore again."
        ) from None
    return count


def _bring_database(file: Path, about: About, tools: Tools) -> None:
    """All of it in one transaction: where any of us ends before the last word, nothing is in it."""
    database = our_database()
    unpack = [tools.program("pg_restore"), "--no-owner", "--no-privileges", "--file=-"]
    write = [
        tools.program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", database.conninfo,
    ]  # fmt: skip
    with tempfile.TemporaryFile() as said:
        run = partial(_run, said=said, environment=database.environment())
        with (
            run(unpack, stdout=subprocess.PIPE) as unpacking,
            run(write, stdout=subprocess.DEVNULL) as writing,
        ):
            try:
                _flow(file, about, unpacking, writing)
            except BaseException:
                writing.kill()
                unpacking.kill()
                raise
        if writing.returncode or unpacking.returncode or _is_empty():
            said.seek(0)
            raise RestoreFailed(
                f"The database took nothing of the backup: {_first_error(said.read())}"
            )


def _run(
    command: list[str], stdout: int, said: IO[bytes], environment: Mapping[str, str]
) -> Process:
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=stdout, stderr=said, env=environment
    )


def _flow(file: Path, about: About, unpacking: Process, writing: Process) -> None:
    """Backup → pg_restore → psql. Where psql ends early, it has said why."""
    feeder = threading.Thread(target=_feed, args=[file, unpacking], daemon=True)
    feeder.start()
    into = cast(IO[bytes], writing.stdin)
    try:
        into.write((_BEGINS % _EMPTY).encode())
        _pass_on(cast(IO[bytes], unpacking.stdout), into)
        if unpacking.wait() == 0:
            into.write((_ENDS % about.made_at.isoformat()).encode())
        into.close()
    except BrokenPipeError:
        unpacking.kill()
        with suppress(BrokenPipeError):
            into.close()
    writing.wait()
    feeder.join()


def _feed(file: Path, unpacking: Process) -> None:
    """Hand the dump to pg_restore."""
    into = cast(IO[bytes], unpacking.stdin)
    with suppress(OSError, TarError, StartFailed):  # pg_restore says what it lacks
        for member, part in parts(file):
            if member.name == DATABASE:
                copy_stream(part, into)
                break
    with suppress(BrokenPipeError):
        into.close()


def _pass_on(unpacked: IO[bytes], into: IO[bytes]) -> None:
    """Hand SQL to psql, without a setting that the server is too old to know."""
    knows = server_version() >= _KNOWS_TRANSACTION_TIMEOUT
    for _ in range(_HEAD_LINES):
        line = unpacked.readline()
        if knows or not line.startswith(b"SET transaction_timeout"):
            into.write(line)
    copy_stream(unpacked, into)


def _first_error(said: bytes) -> str:
    lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if "ERROR" in line or "error" in line]
    return (errors or lines or ["nobody says why"])[0]
