"""``crossdock first-owner`` and what ``check`` and ``up`` say while nobody owns a company."""

from __future__ import annotations

import re
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.test import Client

from crossdock.cli import main
from crossdock.ops import look_here
from crossdock.ops.check import told_at_start
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def first_owner() -> Result:
    return CliRunner().invoke(main, ["first-owner"])


def test_the_command_prints_a_link_under_the_public_address(db: Any, settings: Any) -> None:
    settings.PUBLIC_URL = "https://desk.example.test"
    told = first_owner()
    assert told.exit_code == 0
    assert re.fullmatch(r"https://desk\.example\.test/first-owner/[\w-]{43}/\n", told.output)
    path = told.output.strip().removeprefix("https://desk.example.test")
    assert Client().get(path).status_code == 200


def test_each_start_prints_one_line_with_a_new_link_and_ends_the_one_before(db: Any) -> None:
    (first,), (second,) = told_at_start(), told_at_start()
    paths = [line.partition("8000")[2] for line in (first, second)]
    assert "\n" not in first
    assert "Nobody owns a company here yet" in first
    assert [Client().get(path).status_code for path in paths] == [404, 200]


def test_where_somebody_owns_a_company_no_link_is_made(cast: Cast) -> None:
    told = first_owner()
    assert told.exit_code == 1
    assert "has an owner already" in told.output
    assert "first-owner/" not in told.output
    assert told_at_start() == []


def test_check_says_that_nobody_owns_a_company_and_how_to_get_a_link(db: Any) -> None:
    (found,) = look_here.owner()
    assert not found.good
    assert "crossdock first-owner prints a link" in found.text


def test_check_says_nothing_of_owners_where_there_is_one(cast: Cast) -> None:
    assert list(look_here.owner()) == []
