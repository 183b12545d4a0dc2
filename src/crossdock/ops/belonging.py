"""Whose a database is that lies outside of its data folder: each names the other."""

from __future__ import annotations

from pathlib import Path

from crossdock.database_setting import database_home_file

_NOTE = "belongs-to"
"""In a database's folder that lies elsewhere: a file that names the data folder."""


def note_owner(home: Path, data_dir: Path) -> None:
    """Note whose database this is."""
    (home / _NOTE).write_text(f"{data_dir}\n")


def owner_of(home: Path) -> Path | None:
    """Return the data folder that this database was noted to belong to; None where no note tells."""
    note = home / _NOTE
    return Path(note.read_text(errors="replace").strip()) if note.is_file() else None


def claims(data_dir: Path, home: Path) -> bool:
    """Return whether this data folder is there and says that the database is its own."""
    named = database_home_file(data_dir)
    return named.is_file() and named.read_text(errors="replace").strip() == home.name
