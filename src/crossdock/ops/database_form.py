"""Whether the database has the form that this version expects, and bringing it there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from django.core.management import call_command
from django.db import OperationalError, ProgrammingError, connection
from django.db.migrations.loader import MigrationLoader
from psycopg.errors import DeadlockDetected, LockNotAvailable

from crossdock import __version__
from crossdock.ops.models import Installation
from crossdock.ops.moved import look_whether_it_was_moved
from crossdock.ops.processes import StartFailed

_LOCK = 7_103_001
"""The advisory lock of whoever migrates: two hosts may start a new version at the same moment."""
_GLANCE = 0.5
_TABLE_WAIT = "200ms"
"""How long a change of a table waits for those who use it: everybody who comes after waits behind it. Far less
than PostgreSQL's ``deadlock_timeout`` of a second: where two wait for each other, it is us who give way."""
_TABLE_PAUSE = 0.5
_IN_USE = (LockNotAvailable, DeadlockDetected)
_PATIENCE = 600.0
"""How long a table may be in use without a gap."""
_UNFINISHED = """
SELECT quote_ident(namespace.nspname) || '.' || quote_ident(made.relname)
FROM pg_index
JOIN pg_class AS made ON made.oid = indexrelid
JOIN pg_class AS of ON of.oid = indrelid
JOIN pg_namespace AS namespace ON namespace.oid = of.relnamespace
WHERE NOT indisvalid AND of.relname = ANY(%s) AND namespace.nspname = current_schema()
"""
"""Indexes of these tables whose making was cut off: they serve nobody, and their names are taken."""

log = structlog.get_logger(__name__)


class WrongForm(StartFailed):
    """This version cannot work on the database as it is; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Form:
    """How the database's form differs from what this version expects."""

    missing: tuple[str, ...]
    """Migrations that are not in yet."""
    unknown: tuple[str, ...]
    """Migrations that a newer version has brought in."""


def form() -> Form:
    """Compare the migrations of this version with those that the database has."""
    loader = MigrationLoader(connection)
    known, applied = set(loader.graph.nodes), set(loader.applied_migrations or ())
    rooms = {room for room, _ in known}
    replaced = {old for one in loader.replacements.values() for old in one.replaces}
    return Form(
        missing=_named(known - applied),
        unknown=_named({one for one in applied - known - replaced if one[0] in rooms}),
    )


def known_migrations() -> set[str]:
    """Every migration that this version knows, such as ``orders.0001_initial``."""
    loader = MigrationLoader(None)
    replaced = {old for one in loader.replacements.values() for old in one.replaces}
    return set(_named(set(loader.disk_migrations) | replaced))


def require_this_form() -> None:
    """Raises WrongForm where the database is behind this version, or ahead of it."""
    found = form()
    if found.unknown:
        raise WrongForm(_newer(found))
    if found.missing:
        raise WrongForm(
            f"The database is not yet of the form of Crossdock {__version__}: {len(found.missing)} "
            "migrations are missing. Run crossdock migrate first."
        )


def migrate(*, verbosity: int = 1) -> None:
    """Bring the database to this version's form; one process at a time, the others wait.

    Whoever serves goes on beside it. A table in use is tried again for a while: each migration is in
    whole or not at all, so that a try goes on where the last one stopped. Raises WrongForm where a newer
    version has brought the database further.
    """
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            _bring_forward(verbosity)
            return
        except OperationalError as problem:
            if not isinstance(problem.__cause__, _IN_USE) or time.monotonic() > deadline:
                raise
        log.info("a table is in use; trying again")
        time.sleep(_TABLE_PAUSE)


def _bring_forward(verbosity: int) -> None:
    with _alone():
        found = form()
        if found.unknown:
            raise WrongForm(_newer(found))
        _drop_unfinished_indexes()
        with _short_waits():
            call_command("migrate", interactive=False, verbosity=verbosity)
        Installation.objects.update_or_create(
            pk=Installation.ONLY, defaults={"version": __version__}
        )
        look_whether_it_was_moved()


def _drop_unfinished_indexes() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_UNFINISHED, [connection.introspection.django_table_names()])
        for (name,) in cursor.fetchall():
            log.info("an index whose making was cut off is made anew", name=name)
            cursor.execute(f"DROP INDEX CONCURRENTLY {name}")


@contextmanager
def _short_waits() -> Iterator[None]:
    """Statements give up soon on a table that is in use. Those that work beside others (CONCURRENTLY)
    hold up nobody, and wait for as long as it takes."""
    _set_wait(_TABLE_WAIT)
    with connection.execute_wrapper(_patient_beside_others):
        yield
    _set_wait("0")


def _patient_beside_others(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any
) -> Any:
    if " CONCURRENTLY " not in str(sql):
        return execute(sql, params, many, context)
    plain = context["cursor"].cursor
    plain.execute("SET lock_timeout = 0")
    try:
        return execute(sql, params, many, context)
    finally:
        plain.execute(f"SET lock_timeout = '{_TABLE_WAIT}'")


def _set_wait(wait: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{wait}'")


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock of migrations. Waiting leaves no transaction open: an index that is made
    concurrently waits for every one that is older than itself."""
    while not _ask("SELECT pg_try_advisory_lock(%s)"):
        time.sleep(_GLANCE)
    try:
        yield
    except OperationalError:
        # The lock goes with the connection, and so does the transaction that Django leaves open where
        # the end of a migration fails.
        connection.close()
        connection.connect()
        raise
    except BaseException:
        _ask("SELECT pg_advisory_unlock(%s)")
        raise
    _ask("SELECT pg_advisory_unlock(%s)")


def _ask(statement: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [_LOCK])
        row = cursor.fetchone()
    return bool(row and row[0])


def _newer(found: Form) -> str:
    return (
        f"The database was brought further by {_its_version()}: {', '.join(found.unknown[:3])} "
        f"{'is' if len(found.unknown) == 1 else 'are'} not known to Crossdock {__version__}. Start that version "
        "again, or restore a backup from before."
    )


def _its_version() -> str:
    try:
        row = Installation.objects.filter(pk=Installation.ONLY).first()
    except ProgrammingError:
        row = None
    return f"Crossdock {row.version}" if row and row.version else "a newer Crossdock"


def _named(migrations: set[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(f"{room}.{name}" for room, name in sorted(migrations))
