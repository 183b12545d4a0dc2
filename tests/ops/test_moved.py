"""A database that PostgreSQL's own programs brought elsewhere sends nothing, as a restored one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from crossdock.companies.only_one import is_copy
from crossdock.ops.database_form import migrate
from crossdock.ops.models import Installation
from crossdock.ops.moved import look_whether_it_was_moved
from crossdock.ops.pg_tools import our_database, server_version, tools_of_at_least
from crossdock.ops.restore import confirm_only_one
from crossdock.ops.running import prepare_web
from tests.cast import Cast
from tests.ops.another_database import conninfo, installation, new_database

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def elsewhere(cast: Cast, tmp_path: Path, settings: Any) -> Iterator[Any]:
    """Be where ``pg_restore`` brought what ``pg_dump`` wrote here."""
    migrate(verbosity=0)
    database, tools = our_database(), tools_of_at_least(server_version(), "This test")
    dump = tmp_path / "by-hand.dump"

    def run(program: str, *arguments: str) -> None:
        command = [tools.program(program), *arguments]
        subprocess.run(command, env=database.environment(), check=True)

    run("pg_dump", "--format=custom", f"--file={dump}", "--dbname", database.conninfo)
    with new_database() as name:
        run("pg_restore", "--dbname", conninfo(name), str(dump))
        yield lambda: installation(name, tmp_path / "elsewhere", settings)


def test_a_dump_that_was_restored_by_hand_sends_nothing_until_somebody_confirms(
    elsewhere: Any,
) -> None:
    assert not is_copy()
    with elsewhere():
        assert not is_copy(), "nothing has been started yet"
        look_whether_it_was_moved()
        assert is_copy()
        look_whether_it_was_moved()
        assert is_copy(), "starting it again confirms nothing"
        confirm_only_one()
        look_whether_it_was_moved()
        assert not is_copy()
    look_whether_it_was_moved()
    assert not is_copy(), "the original goes on"


@pytest.mark.parametrize("start", [lambda: prepare_web("127.0.0.1"), lambda: migrate(verbosity=0)])
def test_whatever_starts_first_notices_it(elsewhere: Any, start: Any) -> None:
    with elsewhere():
        start()
        assert is_copy()


def test_a_copy_beside_the_original_on_the_same_server_is_noticed_too(cast: Cast) -> None:
    migrate(verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ops_installation SET lives_in = split_part(lives_in, '/', 1) || '/1'"
        )
    look_whether_it_was_moved()
    assert is_copy()


def test_an_installation_of_before_settles_where_it_is(cast: Cast) -> None:
    Installation.objects.update_or_create(pk=1, defaults={"lives_in": ""})
    look_whether_it_was_moved()
    assert not is_copy()
    assert "/" in Installation.objects.get().lives_in
