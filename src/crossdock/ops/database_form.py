"""Whether the database has the form that this version expects, and bringing it there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management import call_command
from django.db import ProgrammingError, connection
from django.db.migrations.loader import MigrationLoader

from crossdock import __version__
from crossdock.ops.models import Installation
from crossdock.ops.moved import look_whether_it_was_moved
from crossdock.ops.processes import StartFailed

_LOCK = 7_103_001
"""The advisory lock of whoever migrates: two hosts may start a new version at the same moment."""
_GLANCE = 0.5


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

    Raises WrongForm where a newer version has brought the database further.
    """
    with _alone():
        found = form()
        if found.unknown:
            raise WrongForm(_newer(found))
        call_command("migrate", interactive=False, verbosity=verbosity)
        Installation.objects.update_or_create(
            pk=Installation.ONLY, defaults={"version": __version__}
        )
        look_whether_it_was_moved()


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock of migrations. Waiting leaves no transaction open: an index that is made
    concurrently waits for every one that is older than itself."""
    while not _ask("SELECT pg_try_advisory_lock(%s)"):
        time.sleep(_GLANCE)
    try:
        yield
    finally:
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
