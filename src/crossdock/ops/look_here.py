"""What ``crossdock check`` looks at on this installation itself."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection

from crossdock import __version__
from crossdock.companies.only_one import standing
from crossdock.ops.backup import backups_folder, kept_in
from crossdock.ops.database_form import WrongForm, require_this_form
from crossdock.ops.finding import Finding
from crossdock.ops.keys import WAY_OUT, lost_ones
from crossdock.ops.owner_link import is_owned
from crossdock.ops.restore import copy_words
from crossdock.work.times import times

_LEAST_ROOM = 500_000_000
"""Bytes that must be free in the data folder: papers, logs, and a database of its own grow."""
_BUSY = 0.85
"""So much of all connections, and the next process may find none."""
_STALE = timedelta(hours=26)
_LEAST_OFF = 2.0
"""Seconds between our clock and the database's that are worth a word."""


def database() -> Iterator[Finding]:
    """Whether the database answers, and has this version's form."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            yield Finding(True, f"database: PostgreSQL {cursor.fetchone()[0]} answers")
    except DatabaseError as error:
        said = " ".join(str(error).split())
        yield Finding(False, f"database: it does not answer; is `crossdock up` running? ({said})")
        return
    try:
        require_this_form()
    except WrongForm as problem:
        yield Finding(False, f"migrations: {problem}")
    else:
        yield Finding(True, f"migrations: all of Crossdock {__version__} are in")


def workers() -> Iterator[Finding]:
    """Whether anybody works."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers"
            " WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [times().stalled],
        )
        (living,) = cursor.fetchone()
    if living:
        yield Finding(True, f"workers: {living} processes give signs of life")
    else:
        yield Finding(
            False,
            "workers: none gives a sign of life, so that no orders come in and nothing is sent: start crossdock up, "
            "or crossdock worker",
        )


def connections() -> Iterator[Finding]:
    """How many more processes can reach the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
            " current_setting('max_connections')::int"
            " - current_setting('superuser_reserved_connections')::int"
        )
        used, most = cursor.fetchone()
    told = f"connections: {used} of {most} to the database are in use"
    if used < most * _BUSY:
        yield Finding(True, told)
    else:
        yield Finding(False, f"{told}: raise its max_connections, or run fewer workers")


def keys() -> Iterator[Finding]:
    """Whether every sealed secret opens."""
    lost = len(lost_ones())
    if lost:
        yield Finding(False, f"keys: {lost} secrets do not open with keys.toml. {WAY_OUT}")
    else:
        yield Finding(
            True,
            "keys: keys.toml opens every secret; it is in no backup, so keep a copy elsewhere",
        )


def owner() -> Iterator[Finding]:
    """Whether anybody can begin."""
    if not is_owned():
        yield Finding(
            False,
            "owner: nobody owns a company here yet: crossdock first-owner prints a link, good once, with which "
            "the first one is made in a browser (crossdock create-owner makes one here)",
        )


def only_one() -> Iterator[Finding]:
    """Whether something may go out."""
    since = standing().copy_of
    if since is not None:
        yield Finding(False, f"restored: {copy_words(since)}")


def disk() -> Iterator[Finding]:
    """Whether there is room for what is written, and for the next backup."""
    free = shutil.disk_usage(settings.DATA_DIR).free
    newest = next(iter(kept_in(backups_folder(settings.DATA_DIR))), None)
    needed = max(_LEAST_ROOM, 2 * newest.path.stat().st_size if newest else 0)
    told = f"disk: {free // 1_000_000:,} MB are free in {settings.DATA_DIR}"
    if free >= needed:
        yield Finding(True, told)
    else:
        yield Finding(
            False,
            f"{told}: free some, at least {needed // 1_000_000:,} MB are needed for papers and the next backup",
        )


def backups() -> Iterator[Finding]:
    """How old the newest backup is."""
    folder = backups_folder(settings.DATA_DIR)
    newest = next(iter(kept_in(folder)), None)
    if newest is None:
        elsewhere = not settings.CONFIG.embedded_database
        how = "crossdock up makes one a day" if not elsewhere else "make one a day"
        yield Finding(elsewhere, f"backup: there is none in {folder}: run crossdock backup ({how})")
    elif newest.age() > _STALE:
        yield Finding(
            False,
            f"backup: the newest is {_age(newest.age())} old ({newest.path}): run crossdock backup, and look at "
            "what crossdock up says",
        )
    else:
        yield Finding(True, f"backup: the newest is {_age(newest.age())} old ({newest.path})")


def clock() -> Iterator[Finding]:
    """Whether our clock and the database's agree."""
    began = time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
    off = _off(theirs, began, time.time())
    if off < _LEAST_OFF:
        yield Finding(True, "clock: as the database's")
    else:
        yield Finding(
            False,
            f"clock: {off:.0f} s off the database's: have both machines set theirs by the network (NTP)",
        )


def _off(theirs: datetime, began: float, ended: float) -> float:
    """Seconds between a clock that was read between two moments of ours, and ours."""
    moment = theirs.timestamp()
    return max(began - moment, moment - ended, 0.0)


def _age(age: timedelta) -> str:
    """An age in words: in days from two days on, in hours from two hours on."""
    for word, seconds in (("days", 86_400), ("hours", 3_600)):
        if age.total_seconds() >= 2 * seconds:
            return f"{age.total_seconds() / seconds:.0f} {word}"
    return f"{age.total_seconds() / 60:.0f} min"
