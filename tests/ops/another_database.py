"""Databases beside the run's own, to restore into."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings as ours
from django.db import connection


def conninfo(name: str) -> str:
    """Where a database of the run's server is reached."""
    known = connection.settings_dict
    return psycopg.conninfo.make_conninfo(
        host=known["HOST"], port=known["PORT"] or 5432, user=known["USER"], password=known["PASSWORD"], dbname=name,
    )  # fmt: skip


@contextmanager
def new_database() -> Iterator[str]:
    """A database with nothing in it."""
    name = f"elsewhere_{secrets.token_hex(4)}"
    with psycopg.connect(conninfo("postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield name
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def installation(name: str, data: Path, settings: Any) -> Iterator[None]:
    """Be another installation: with this database, and a data folder of its own but for the keys."""
    known = connection.settings_dict
    before = known["NAME"], ours.DATA_DIR, ours.MEDIA_ROOT
    connection.close()
    known["NAME"] = name
    settings.DATA_DIR, settings.MEDIA_ROOT = data, data / "files"
    data.mkdir(exist_ok=True)
    try:
        yield
    finally:
        connection.close()
        known["NAME"], settings.DATA_DIR, settings.MEDIA_ROOT = before
