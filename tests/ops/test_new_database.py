"""A new database gets what was released in one go, and is the same as one that went the whole way."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from crossdock.ops.pg_tools import our_database, server_version, tools_of_at_least
from tests.ops.another_database import installation, new_database

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def step_by_step(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Migrations are those that stand for themselves alone, as where one of them is in already."""
    load = MigrationLoader.load_disk

    def load_single_ones(loader: MigrationLoader) -> None:
        load(loader)
        for key, migration in list(loader.disk_migrations.items()):
            if migration.replaces and key[1].startswith("0001_as_of"):
                del loader.disk_migrations[key]

    with monkeypatch.context() as patch:
        patch.setattr(MigrationLoader, "load_disk", load_single_ones)
        yield


def made_here(data: Path, settings: Any) -> list[str]:
    """The statements that make this database's form, whatever the order of a table's columns."""
    with new_database() as name, installation(name, data, settings):
        call_command("migrate", verbosity=0, interactive=False)
        database, tools = our_database(), tools_of_at_least(server_version(), "This test")
        command = [
            tools.program("pg_dump"), "--schema-only", "--no-owner", "--dbname", database.conninfo,
        ]  # fmt: skip
        told = subprocess.run(
            command, env=database.environment(), check=True, capture_output=True, text=True
        ).stdout
    statements = re.sub(r"^(--|\\).*$", "", told, flags=re.MULTILINE).split(";\n")
    return sorted("\n".join(sorted(_lines(one))) for one in statements)


def _lines(statement: str) -> Iterator[str]:
    for line in statement.splitlines():
        if line.strip():
            yield line.strip().rstrip(",")


@pytest.fixture
def in_one_go(tmp_path: Path, settings: Any) -> list[str]:
    return made_here(tmp_path / "in one go", settings)


def test_both_ways_lead_to_the_same_database(
    in_one_go: list[str], step_by_step: None, tmp_path: Path, settings: Any
) -> None:
    assert len(in_one_go) > 300
    assert made_here(tmp_path / "step by step", settings) == in_one_go
