"""pg_dump, pg_restore and psql: those of a version that can do the work, run against our database."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from django.db import connection
from psycopg.conninfo import make_conninfo

from crossdock.ops.postgresql import EmbeddedFailed, programs
from crossdock.ops.processes import StartFailed

_NAMES = ("pg_dump", "pg_restore", "psql")
_DEBIAN = Path("/usr/lib/postgresql")
_NOT_LIBPQ = frozenset({"pool", "isolation_level", "assume_role", "server_side_binding"})
"""Options that are Django's own."""


class ToolsMissing(StartFailed):
    """No programs of PostgreSQL here can do it; the message says which are needed."""


@dataclass(frozen=True, slots=True)
class Database:
    """A database, as PostgreSQL's programs are told of it."""

    conninfo: str
    password: str = field(repr=False)

    def environment(self) -> dict[str, str]:
        """What the programs run with: the password is in no list of processes."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {**kept, "LC_ALL": "C", "PGPASSWORD": self.password, "PGAPPNAME": "crossdock backup"}


@dataclass(frozen=True)
class Tools:
    """A folder of programs of one version."""

    folder: Path

    @cached_property
    def major(self) -> int:
        """Which PostgreSQL they are of; 0 where they do not run."""
        return _major_of(self.folder / "pg_dump")

    def program(self, name: str) -> str:
        """The path of one of them."""
        return str(self.folder / name)


def our_database() -> Database:
    """The database that Django uses."""
    settings: Mapping[str, Any] = connection.settings_dict
    named = {
        "dbname": settings["NAME"],
        "user": settings["USER"],
        "host": settings["HOST"],
        "port": settings["PORT"],
    }
    options = {name: value for name, value in settings["OPTIONS"].items() if name not in _NOT_LIBPQ}
    given = {name: value for name, value in {**named, **options}.items() if value}
    return Database(make_conninfo("", **given), str(settings["PASSWORD"] or ""))


def server_version() -> int:
    """Which PostgreSQL serves our database: its major version."""
    connection.ensure_connection()
    return int(connection.pg_version) // 10_000  # type: ignore[attr-defined]


def tools_of_at_least(least: int, what_for: str) -> Tools:
    """Programs of this version, or of the next newer one that is here. Raises ToolsMissing."""
    found = sorted(_found(), key=lambda tools: tools.major)
    for tools in found:
        if tools.major >= least:
            return tools
    newest = (
        f"the newest here is {found[-1].major}, in {found[-1].folder}" if found else "none is here"
    )
    raise ToolsMissing(
        f"{what_for} needs pg_dump, pg_restore and psql of PostgreSQL {least} or newer ({newest}): install "
        f"them (on Debian: postgresql-client-{least}), or put their folder into PATH."
    )


def _found() -> Iterator[Tools]:
    for folder in dict.fromkeys(_folders()):
        if all((folder / name).is_file() for name in _NAMES):
            tools = Tools(folder)
            if tools.major:
                yield tools


def _folders() -> Iterator[Path]:
    """The programs that come along, those in PATH, and those that Debian keeps beside each other."""
    with suppress(EmbeddedFailed):
        yield programs(None)
    yield from sorted(_DEBIAN.glob("[0-9]*/bin"))
    if known := shutil.which("pg_dump"):
        yield Path(known).parent


def _major_of(program: Path) -> int:
    try:
        asked = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    told = re.search(r"\) (\d+)", asked.stdout)
    return int(told[1]) if told and asked.returncode == 0 else 0
