"""A version works on a database of its own form only, and one process at a time brings it there."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from crossdock import __version__
from crossdock.ops import database_form
from crossdock.ops.check import findings
from crossdock.ops.database_form import WrongForm, form, migrate, require_this_form
from crossdock.ops.models import Installation


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
        cursor.execute("DELETE FROM django_migrations WHERE app = 'scanning'")
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
