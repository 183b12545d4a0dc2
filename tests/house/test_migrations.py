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
NAMED_BEFORE = (
    operations.RemoveField, operations.DeleteModel, operations.RenameField, operations.RenameModel,
    operations.AlterModelTable,
)  # fmt: skip


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


def guilty(one: Any, made_here: set[str], before: Any = None) -> str:
    """Why the version before could not serve beside this operation; "" where it can. ``before``: the
    field as it was, where one is altered."""
    model = str(getattr(one, "model_name", "")).lower()
    if model in made_here:
        return ""
    if isinstance(one, operations.AddField):
        return added(model, one.name, one.field)
    if isinstance(one, operations.AlterField):
        return altered(model, one.name, before, one.field)
    if isinstance(one, NAMED_BEFORE):
        return f"{one.describe()}: the version before still names it"
    if isinstance(one, operations.AddConstraint):
        return f"{one.describe()}: the version before does not know what it must not write"
    if model in LARGE and isinstance(one, operations.AddIndex | operations.RemoveIndex):
        concurrent = isinstance(one, AddIndexConcurrently | RemoveIndexConcurrently)
        return "" if concurrent else f"{one.describe()}: stops all writers while it is made"
    return ""


def added(model: str, name: str, field: Any) -> str:
    if model in LARGE and isinstance(field, models.GeneratedField):
        return f"{model}.{name} has the whole table written anew"
    if model in LARGE and (field.unique or field.db_index):
        return f"{model}.{name}: its index stops all writers while it is made"
    if isinstance(field, models.GeneratedField) or old_code_can_insert(field):
        return ""
    return f"{model}.{name} has no db_default: the version before cannot insert a row"


def altered(model: str, name: str, before: Any, after: Any) -> str:
    if before.null and not after.null:
        return f"{model}.{name} must be there now: the version before leaves it out"
    if after.unique and not before.unique:
        return f"{model}.{name} is unique now: the version before does not know"
    shape = (type(before), before.max_length), (type(after), after.max_length)
    if shape[0][0] is not shape[1][0] or (before.max_length or 0) > (after.max_length or 1e9):
        return f"{model}.{name} is {shape[1]} now, and was {shape[0]}"
    return ""


def field_before(loader: MigrationLoader, migration: Migration, one: Any) -> Any:
    if not isinstance(one, operations.AlterField):
        return None
    key = (migration.app_label, migration.name)
    state = loader.project_state(key, at_end=False)
    return state.models[migration.app_label, one.model_name_lower].fields[one.name]


def test_the_version_before_can_serve_beside_every_migration() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    made: dict[Migration, set[str]] = {}
    found = []
    for migration, one in steps():
        here = made.setdefault(migration, set())
        if isinstance(one, operations.CreateModel):
            here.add(one.name.lower())
        elif why := guilty(one, here, field_before(loader, migration, one)):
            found.append(f"{migration}: {why}")
    assert found == []


@pytest.mark.parametrize(
    ("operation", "is_fine"),
    [
        (operations.AddField("order", "x", models.TextField(default="")), False),
        (operations.AddField("order", "x", models.TextField(db_default="")), True),
        (operations.AddField("order", "x", models.TextField(null=True)), True),
        (operations.AddField("order", "x", models.IntegerField(null=True, db_index=True)), False),
        (operations.AddField("store", "x", models.IntegerField(null=True, db_index=True)), True),
        (
            operations.AddConstraint("store", models.UniqueConstraint(fields=["name"], name="t")),
            False,
        ),
        (operations.AlterField("store", "x", models.CharField(max_length=9, null=True)), True),
        (operations.AlterField("store", "x", models.CharField(max_length=7, null=True)), False),
        (operations.AlterField("store", "x", models.CharField(max_length=9)), False),
        (operations.AlterField("store", "x", models.TextField(null=True)), False),
        (operations.RemoveField("store", "x"), False),
        (operations.RenameField("store", "x", "y"), False),
        (operations.AddIndex("order", models.Index(fields=["tab"], name="t")), False),
        (AddIndexConcurrently("order", models.Index(fields=["tab"], name="t")), True),
        (operations.AddIndex("store", models.Index(fields=["name"], name="t")), True),
    ],
)
def test_the_rule_knows_what_stops_the_version_before(operation: Any, is_fine: bool) -> None:
    before = models.CharField(max_length=8, null=True)
    assert (guilty(operation, set(), before) == "") is is_fine


def test_every_model_of_the_rule_exists() -> None:
    known = {model._meta.model_name for model in apps.get_models()}
    assert known >= LARGE
