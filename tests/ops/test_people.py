"""``crossdock people`` and ``crossdock password``: the operator's way to help whoever is locked out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from click.testing import CliRunner, Result
from django.test import Client

from crossdock.cli import main
from crossdock.companies.models import Company, Membership, Person
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db

NEW = "another-long-secret"


def run(*command: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, list(command), input=typed)


def log_in(email: str, password: str) -> bool:
    fields = {"login": email, "password": password}
    return Client().post("/accounts/login/", fields).status_code == 302


def test_everybody_is_listed_under_their_companies_with_role(cast: Cast) -> None:
    Membership.objects.create(company=cast.bolt, person=cast.pat, role="viewer")
    Person.objects.create_user("alone@example.test", PASSWORD, name="Al One")
    told = run("people").output
    acme, bolt = told.index("Acme Trading (/c/acme/)"), told.index("Bolt Goods (/c/bolt/)")
    assert re.search(r"packer +pat@example.test +Pat Devi", told[acme:bolt])
    assert re.search(r"viewer +pat@example.test +Pat Devi", told[bolt:])
    assert re.search(r"In no company\n +alone@example.test", told)
    assert "not confirmed; never logged in" in told


@pytest.mark.parametrize("company", ["acme", "Acme Trading"])
def test_one_companys_people_are_listed_alone(cast: Cast, company: str) -> None:
    told = run("people", "--company", company).output
    assert "alice@example.test" in told
    assert "charlie@example.test" not in told


def test_an_unknown_company_is_said_to_be_so(cast: Cast) -> None:
    told = run("people", "--company", "Acme Tradin")
    assert (told.exit_code, "There is no company 'Acme Tradin'" in told.output) == (1, True)


def test_a_link_is_printed_with_which_the_password_is_set_once(cast: Cast, settings: Any) -> None:
    settings.PUBLIC_URL = "https://desk.example.test"
    told = run("password", "Pat@Example.test")
    assert told.exit_code == 0, told.output
    assert "Pat Devi (pat@example.test), in Acme Trading (packer)" in told.output
    (link,) = re.findall(r"https://desk\.example\.test(/accounts/\S+)", told.output)
    assert log_in("pat@example.test", PASSWORD), "nothing is changed yet"
    (link,) = re.findall(
        r"https://desk\.example\.test(/accounts/\S+)", run("password", "pat@example.test").output
    )
    reader = Client()
    form = reader.get(link, follow=True).redirect_chain[-1][0]
    reader.post(form, {"password1": NEW, "password2": NEW})
    assert log_in("pat@example.test", NEW)
    assert not log_in("pat@example.test", PASSWORD)
    assert "password1" not in Client().get(link, follow=True).content.decode()
    assert not Person.objects.get(pk=cast.pat.pk).is_proven


def test_a_password_is_read_from_the_input(cast: Cast) -> None:
    browser = Client()
    assert browser.login(email="pat@example.test", password=PASSWORD)
    told = run("password", "pat@example.test", "--stdin", typed=f"{NEW}\n")
    assert told.exit_code == 0, told.output
    assert NEW not in told.output
    assert log_in("pat@example.test", NEW)
    assert browser.get("/c/acme/orders/").status_code == 302, "logged out everywhere"


@pytest.mark.parametrize("typed", ["short\n", "\n", ""])
def test_a_bad_password_changes_nothing(cast: Cast, typed: str) -> None:
    Authenticator.objects.create(user=cast.pat, type="totp", data={"secret": "x"})
    told = run("password", "pat@example.test", "--stdin", "--drop-two-step", typed=typed)
    assert told.exit_code == 1
    assert "10 characters" in told.output
    assert Person.objects.get(pk=cast.pat.pk).check_password(PASSWORD)
    assert Authenticator.objects.exists()


def test_a_lost_second_step_is_dropped_on_demand_and_never_else(cast: Cast) -> None:
    Authenticator.objects.create(user=cast.pat, type="totp", data={"secret": "x"})
    run("password", "pat@example.test")
    assert Authenticator.objects.exists()
    told = run("password", "pat@example.test", "--drop-two-step")
    assert "Two-factor login is switched off." in told.output
    assert not Authenticator.objects.exists()


def test_an_unknown_address_is_said_to_be_so(cast: Cast) -> None:
    told = run("password", "pta@example.test")
    assert told.exit_code == 1
    assert "Nobody can log in as pta@example.test" in told.output


@pytest.mark.parametrize(
    "command",
    [
        ("people", "--company", "a\udcffb"),
        ("password", "a\udcffb@example.test"),
        (
            "create-owner",
            "--company",
            "Kedai",
            "--email",
            "a\udcff@example.test",
            "--name",
            "Ali",
            "--password",
            NEW,
        ),
        (
            "create-owner",
            "--company",
            "Kedai",
            "--email",
            "a@example.test",
            "--name",
            "Ali",
            "--password",
            f"{NEW}\udcff",
        ),
    ],
)
def test_letters_that_no_terminal_should_send_are_told(
    cast: Cast, command: tuple[str, ...]
) -> None:
    told = run(*command)
    assert told.exit_code == 1
    assert isinstance(told.exception, SystemExit), told.exception
    assert not Company.objects.filter(name="Kedai").exists()


def test_a_password_in_another_encoding_is_told_and_changes_nothing(cast: Cast) -> None:
    command = ["password", "pat@example.test", "--stdin"]
    told = CliRunner().invoke(main, command, input=b"p\xe4ssword-of-latin-1\n")
    assert "broken letters" in told.output
    assert log_in("pat@example.test", PASSWORD)
