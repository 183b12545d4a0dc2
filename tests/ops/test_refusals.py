"""``up``, ``web`` and ``worker`` refuse the same, in one sentence: what must not serve others, and a database
of another version."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from crossdock import __version__
from crossdock.companies.models import Person
from crossdock.companies.scope import company_scope
from crossdock.companies.sealing import seal
from crossdock.ops.check import DEMO_PASSWORD
from crossdock.ops.models import Installation
from crossdock.stores.models import Store
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)

SOURCE = Path(__file__).parents[2] / "src"
EVERY = pytest.mark.parametrize(
    "command",
    [pytest.param(("web", "--port", "1"), marks=pytest.mark.long), ("worker",), ("refuse-unsafe",)],
    ids=lambda one: one[0],
)
"""The last is what ``up`` asks before it starts the two."""


def refused(*command: str, data: Path, **settings: str) -> str:
    """Why this command ends at once."""
    name = connection.settings_dict["NAME"]
    told = subprocess.run(
        [sys.executable, "-m", "crossdock.cli", *command],
        env={
            **os.environ, "PYTHONPATH": os.pathsep.join([str(SOURCE), *sys.path]), "CROSSDOCK_DATA": str(data),
            "DATABASE_URL": os.environ["DATABASE_URL"].replace("/crossdock?", f"/{name}?"), **settings,
        },
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    said = told.stdout + told.stderr
    assert told.returncode != 0, said
    assert "Traceback" not in said
    return said


@EVERY
def test_a_demo_login_with_the_demo_password_is_not_served_to_the_public(
    command: tuple[str, ...], cast: Cast, tmp_path: Path
) -> None:
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    Person.objects.create(
        email="owner@demo.test",
        password=PBKDF2PasswordHasher().encode(DEMO_PASSWORD, "salt", iterations=1),
    )
    said = refused(*command, data=tmp_path, CROSSDOCK_PUBLIC_URL="https://desk.example.test")
    assert "demo logins with the demo password exist: owner@demo.test" in said


@EVERY
def test_keys_that_do_not_open_the_tokens_are_not_worked_with(
    command: tuple[str, ...], cast: Cast, tmp_path: Path
) -> None:
    with company_scope(cast.acme):
        Store.objects.create(
            company=cast.acme, channel="lazada", region="MY", shop_id="1", name="Shop",
            access_token_sealed=seal("a token"),
        )  # fmt: skip
    assert "keys.toml does not open" in refused(*command, data=tmp_path)


@pytest.mark.parametrize("command", ["web", "refuse-unsafe"])
def test_listening_for_others_without_their_address_is_refused(
    command: str, tmp_path: Path
) -> None:
    assert "set CROSSDOCK_PUBLIC_URL" in refused(command, "--host", "0.0.0.0", data=tmp_path)  # noqa: S104


@pytest.mark.parametrize(
    "command", [("migrate",), ("web", "--port", "1"), ("worker",)], ids=lambda one: one[0]
)
def test_a_database_that_a_newer_version_brought_further_is_refused_with_both_versions(
    command: tuple[str, ...], db: None, tmp_path: Path
) -> None:
    """``up`` runs them all, ``migrate`` first."""
    Installation.objects.update_or_create(pk=1, defaults={"version": "99.1.0"})
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('orders', '9999_later', now())"
        )
    try:
        said = refused(*command, data=tmp_path)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_later'")
    assert "Crossdock 99.1.0" in said
    assert f"Crossdock {__version__}" in said


@pytest.mark.parametrize("command", [("web", "--port", "1"), ("worker",)], ids=lambda one: one[0])
def test_a_database_that_is_behind_is_refused_with_the_command_that_helps(
    command: tuple[str, ...], db: None, tmp_path: Path
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET app = 'aside' WHERE app = 'scanning'")
    try:
        said = refused(*command, data=tmp_path)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE django_migrations SET app = 'scanning' WHERE app = 'aside'")
    assert "Run crossdock migrate first" in said
