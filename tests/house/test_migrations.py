"""Migrations run while the version before still serves: what it writes and reads must go on working."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader

FIRST_RELEASE = {
    "companies": 3, "desk": 1, "orders": 7, "papers": 2, "pictures": 1, "posting": 7, "scanning": 2,
    "stores": 3, "sync": 4, "work": 4,
}  # fmt: skip
"""The newest migration of each room in 0.1.0: nobody ran anything older beside them."""
LARGE = {
    "order", "line", "package", "history", "raworder", "return", "attempt", "scan", "manifestparcel",
    "postedinvoice",
}  # fmt: skip
"""Tables that grow with the orders: an index on one of them must not stop its writers."""


def later_migrations() -> list[Migration]:
    found = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    rooms = {one.label for one in apps.get_app_configs() if one.name.startswith("crossdock.")}
    return [
        one
        for (room, name), one in sorted(found.items())
        if room in rooms and int(name[:4]) > FIRST_RELEASE.get(room, 0)
    ]


def steps() -> Iterator[tuple[Migration, Any]]:
    """Each later migration with its operations on the database."""
    for migration in later_migrations():
        for one in migration.operations:
            if isinstance(one, operations.SeparateDatabaseAndState):
                yield from ((migration, inner) for inner in one.database_operations)
            else:
                yield migration, one


def old_code_can_insert(field: models.Field[Any, Any]) -> bool:
    return field.null or field.has_db_default() or isinstance(field, models.ManyToManyField)


def guilty(one: Any, made_here: set[str]) -> str:
    """Why the version before could not serve beside this operation; "" where it can."""
    model = str(getattr(one, "model_name", "")).lower()
    if model in made_here:
        return ""
    if isinstance(one, operations.AddField) and not old_code_can_insert(one.field):
        return f"{model}.{one.name} has no db_default: the version before cannot insert a row"
    if isinstance(one, operations.RemoveField | operations.DeleteModel | operations.RenameField):
        return f"{one.describe()}: the version before still names it"
    if isinstance(one, operations.RenameModel):
        return f"{one.describe()}: the version before still names it"
    if model in LARGE and isinstance(one, operations.AddIndex | operations.RemoveIndex):
        concurrent = isinstance(one, AddIndexConcurrently | RemoveIndexConcurrently)
        return "" if concurrent else f"{one.describe()}: stops all writers while it is made"
    return ""


def test_the_version_before_can_serve_beside_every_migration() -> None:
    made: dict[Migration, set[str]] = {}
    found = []
    for migration, one in steps():
        here = made.setdefault(migration, set())
        if isinstance(one, operations.CreateModel):
            here.add(one.name.lower())
        elif why := guilty(one, here):
            found.append(f"{migration}: {why}")
    assert found == []


@pytest.mark.parametrize(
    ("operation", "is_fine"),
    [
        (operations.AddField("order", "x", models.TextField(default="")), False),
        (operations.AddField("order", "x", models.TextField(db_default="")), True),
        (operations.AddField("order", "x", models.TextField(null=True)), True),
        (operations.RemoveField("store", "x"), False),
        (operations.RenameField("store", "x", "y"), False),
        (operations.AddIndex("order", models.Index(fields=["tab"], name="t")), False),
        (AddIndexConcurrently("order", models.Index(fields=["tab"], name="t")), True),
        (operations.AddIndex("store", models.Index(fields=["name"], name="t")), True),
    ],
)
def test_the_rule_knows_what_stops_the_version_before(operation: Any, is_fine: bool) -> None:
    assert (guilty(operation, set()) == "") is is_fine


def test_every_model_of_the_rule_exists() -> None:
    known = {model._meta.model_name for model in apps.get_models()}
    assert known >= LARGE
