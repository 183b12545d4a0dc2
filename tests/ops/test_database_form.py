"""A version works on a database of its own form only, and one process at a time brings it there."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest
from django.db import connection, transaction

from crossdock import __version__
from crossdock.ops import database_form
from crossdock.ops.check import findings
from crossdock.ops.database_form import WrongForm, form, migrate, require_this_form
from crossdock.ops.models import Installation
from tests.ops.another_database import conninfo


def told(problem: pytest.ExceptionInfo[WrongForm]) -> str:
    return str(problem.value)


def applied(room: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())",
            [room, name],
        )


def test_a_database_of_this_version_is_taken(db: None) -> None:
    assert (form().missing, form().unknown) == ((), ())
    require_this_form()


def test_a_database_that_a_newer_version_brought_further_is_refused_and_the_version_is_named(
    db: None,
) -> None:
    Installation.objects.update_or_create(pk=1, defaults={"version": "99.1.0"})
    applied("orders", "9999_from_the_future")
    for deed in (require_this_form, migrate):
        with pytest.raises(WrongForm) as problem:
            deed()
        assert "Crossdock 99.1.0" in told(problem)
        assert "orders.9999_from_the_future" in told(problem)
        assert __version__ in told(problem)
    assert any("99.1.0" in one.text for one in findings() if not one.good)


def test_a_database_that_is_behind_is_refused_with_the_command_that_helps(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app IN ('desk', 'scanning')")
    with pytest.raises(WrongForm, match="crossdock migrate") as problem:
        require_this_form()
    assert "2 migrations are missing" in told(problem)


def test_migrations_of_other_programs_in_the_same_database_do_not_matter(db: None) -> None:
    applied("somebody_elses", "0001_initial")
    require_this_form()


@pytest.mark.django_db(transaction=True)
def test_who_migrates_at_the_same_moment_waits_and_finds_it_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, go_on, order = threading.Event(), threading.Event(), []

    def slow(*_: object, **__: object) -> None:
        order.append("begins")
        begun.set()
        go_on.wait(20)
        order.append("ends")

    monkeypatch.setattr(database_form, "call_command", slow)
    monkeypatch.setattr(database_form, "_GLANCE", 0.05)

    def host() -> None:
        migrate()
        connection.close()

    first = threading.Thread(target=host)
    first.start()
    assert begun.wait(20)
    second = threading.Thread(target=host)
    second.start()
    second.join(0.5)
    assert order == ["begins"], "the second waits"
    go_on.set()
    first.join(20)
    second.join(20)
    assert order == ["begins", "ends", "begins", "ends"]
    assert Installation.objects.get().version == __version__


@pytest.mark.django_db(transaction=True)
def test_who_changes_a_table_that_is_in_use_holds_up_nobody_and_comes_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def change(*_: object, **__: object) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE orders_order ADD COLUMN later integer")

    monkeypatch.setattr(database_form, "call_command", change)

    def upgrade() -> None:
        migrate()
        connection.close()

    where = conninfo(str(connection.settings_dict["NAME"]))
    upgrading = threading.Thread(target=upgrade)
    with psycopg.connect(where) as reports, psycopg.connect(where, autocommit=True) as page:
        page.execute("SET lock_timeout = '2s'")
        reports.execute("SELECT count(*) FROM orders_order")
        upgrading.start()
        waits = []
        until = time.monotonic() + 3
        while time.monotonic() < until:
            began = time.monotonic()
            page.execute("SELECT count(*) FROM orders_order")
            waits.append(time.monotonic() - began)
        assert upgrading.is_alive(), "it waits for the report"
        assert max(waits) > 0.1, "and a page meets one of its short tries"
        reports.rollback()
        upgrading.join(20)
        page.execute("ALTER TABLE orders_order DROP COLUMN later")


@pytest.mark.django_db(transaction=True)
def test_an_index_whose_making_was_cut_off_is_out_of_the_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def left() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_class WHERE relname = 'cut_off'")
            return cursor.fetchone() is not None

    cut_off = "CREATE UNIQUE INDEX CONCURRENTLY cut_off ON django_content_type (app_label)"
    with (
        pytest.raises(psycopg.errors.UniqueViolation),
        psycopg.connect(conninfo(str(connection.settings_dict["NAME"])), autocommit=True) as other,
    ):
        other.execute(cut_off)
    assert left()
    monkeypatch.setattr(database_form, "call_command", lambda *_, **__: None)
    migrate()
    assert not left()


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_fails_at_its_very_end_is_tried_again_on_a_clean_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was put off (foreign keys, indexes) runs when Django ends the migration, and it leaves its
    transaction open where that fails."""
    tries = []

    def change(*_: object, **__: object) -> None:
        with connection.schema_editor(atomic=True) as editor:
            editor.execute("CREATE TABLE later (id integer)")
            editor.deferred_sql.append("LOCK TABLE orders_order IN ACCESS EXCLUSIVE MODE")
            tries.append(len(tries))

    monkeypatch.setattr(database_form, "call_command", change)
    with psycopg.connect(conninfo(str(connection.settings_dict["NAME"]))) as reports:
        reports.execute("SELECT count(*) FROM orders_order")
        letting_go = threading.Timer(1.5, reports.rollback)
        letting_go.start()
        migrate()
        letting_go.join()
    assert len(tries) > 1
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE later")
