"""``crossdock create-owner``: which company is made or joined is never guessed."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner, Result

from crossdock.cli import main
from crossdock.companies.models import Company, Membership, Person, Voucher
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db


def create(company: str, email: str = "new@example.test", *more: str, asked: str = "") -> Result:
    """Run the command; what is asked for is answered from ``asked``."""
    command = ["create-owner", "--company", company, "--email", email, *more]
    if not asked and "--name" not in more:
        command += ["--name", "New Owner", "--password", PASSWORD]
    return CliRunner().invoke(main, command, input=asked)


def owners(slug: str) -> set[str]:
    held = Membership.objects.filter(company__slug=slug, role="owner")
    return set(held.values_list("person__email", flat=True))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("成功 A", "發財 A"),
        ("Kedai Ali Sdn Bhd", "Kedai-Ali (Sdn) Bhd"),
        ("Kedai Ali", "kedai ali"),
        ("阿里商店", "好运商店"),
    ],
)
def test_a_company_is_never_joined_by_likeness(db: Any, first: str, second: str) -> None:
    assert create(first, "one@example.test").exit_code == 0
    told = create(second, "two@example.test")
    assert told.exit_code == 0, told.output
    assert list(Company.objects.order_by("pk").values_list("name", flat=True)) == [first, second]
    one, two = Company.objects.order_by("pk")
    assert two.slug == f"{one.slug}-2"
    assert (owners(one.slug), owners(two.slug)) == ({"one@example.test"}, {"two@example.test"})
    assert f"The new company {second} (/c/{two.slug}/)" in told.output


def test_names_in_any_script_are_taken(db: Any) -> None:
    told = create("阿里商店")
    assert told.exit_code == 0, told.output
    assert Company.objects.get(name="阿里商店").slug == "company"
    assert create("نور", "b@example.test", "--slug", "nur").exit_code == 0
    assert Company.objects.get(name="نور").slug == "nur"


def test_the_exact_name_of_a_company_is_refused_and_says_how_to_join(cast: Cast) -> None:
    told = create("Acme Trading")
    assert told.exit_code == 1
    assert "--join" in told.output
    assert "/c/acme/" in told.output
    assert owners("acme") == {"alice@example.test"}
    assert not Person.objects.filter(email="new@example.test").exists()


def test_join_adds_an_owner_to_the_company_that_is_named(cast: Cast) -> None:
    told = create(
        "Acme Trading", "new@example.test", "--join", "--name", "N", "--password", PASSWORD
    )
    assert told.exit_code == 0, told.output
    assert "The company that was here already, Acme Trading (/c/acme/)" in told.output
    assert owners("acme") == {"alice@example.test", "new@example.test"}


@pytest.mark.parametrize("name", ["acme trading", "Acme", "Acme Trading 2"])
def test_join_takes_no_likeness_either(cast: Cast, name: str) -> None:
    told = create(name, "new@example.test", "--join", "--name", "N", "--password", PASSWORD)
    assert told.exit_code == 1
    assert "There is no company" in told.output
    assert owners("acme") == {"alice@example.test"}


def test_two_companies_of_one_name_are_told_apart_by_their_slug(cast: Cast) -> None:
    Company.objects.create(name="Acme Trading", slug="acme-2")
    told = create("Acme Trading", "x@example.test", "--join", "--name", "X", "--password", PASSWORD)
    assert told.exit_code == 1
    assert "--slug" in told.output
    more = ("--join", "--slug", "acme-2", "--name", "X", "--password", PASSWORD)
    assert create("Acme Trading", "x@example.test", *more).exit_code == 0
    assert owners("acme-2") == {"x@example.test"}
    assert owners("acme") == {"alice@example.test"}


def test_somebody_whom_the_operator_made_gets_a_company_more_and_keeps_the_password(
    db: Any,
) -> None:
    assert create("First").exit_code == 0
    told = create(
        "Second", "NEW@example.test", "--name", "Else", "--password", "other-long-password"
    )
    assert told.exit_code == 0, told.output
    assert "could log in already, and keeps the password" in told.output
    person = Person.objects.get(email="new@example.test")
    assert person.check_password(PASSWORD)
    assert person.name == "New Owner"
    assert owners("first") == owners("second") == {"new@example.test"}


def test_a_known_person_is_asked_for_no_password(db: Any) -> None:
    assert create("First").exit_code == 0
    told = CliRunner().invoke(
        main, ["create-owner", "--company", "Second", "--email", "new@example.test"]
    )
    assert told.exit_code == 0, told.output
    assert "Password" not in told.output


def test_an_unknown_person_is_asked_for_name_and_password(db: Any) -> None:
    told = create("First", asked=f"Nina\n{PASSWORD}\n{PASSWORD}\n")
    assert told.exit_code == 0, told.output
    person = Person.objects.get(email="new@example.test")
    assert (person.name, person.vouched_by) == ("Nina", Voucher.OPERATOR)
    assert person.check_password(PASSWORD)
    assert not person.is_proven, "the operator's word is no proof to other companies"


def test_an_address_that_only_an_owner_ever_let_in_is_not_taken_for_granted(cast: Cast) -> None:
    told = create("Newer", "pat@example.test")
    assert told.exit_code == 1
    assert "Pat Devi in Acme Trading (packer)" in told.output
    assert "--known" in told.output
    assert not Company.objects.filter(name="Newer").exists()
    assert create("Newer", "pat@example.test", "--known").exit_code == 0
    assert owners("newer") == {"pat@example.test"}


def test_a_member_becomes_owner_of_that_company_by_join(cast: Cast) -> None:
    told = create("Acme Trading", "pat@example.test", "--join")
    assert told.exit_code == 0, told.output
    assert owners("acme") == {"alice@example.test", "pat@example.test"}


@pytest.mark.parametrize(
    ("company", "more", "words"),
    [
        ("!!!", (), "at least one letter or digit"),
        ("x" * 121, (), "120 characters at most"),
        ("Fine", ("--slug", "acme"), "taken"),
        ("Fine", ("--slug", "no good"), "--slug takes"),
        ("Fine", ("--slug", "x" * 61), "longer than 60"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_leaves_nothing(
    cast: Cast, company: str, more: tuple[str, ...], words: str
) -> None:
    people = Person.objects.count()
    told = create(company, "new@example.test", *more)
    assert told.exit_code == 1
    assert words in told.output
    assert "Traceback" not in told.output
    assert Company.objects.count() == 2
    assert Person.objects.count() == people


@pytest.mark.parametrize(
    ("email", "password", "words"),
    [("no address", PASSWORD, "valid email"), ("n@example.test", "short", "10 characters")],
)
def test_a_bad_address_or_password_makes_no_company(
    db: Any, email: str, password: str, words: str
) -> None:
    told = create("Fine", email, "--name", "N", "--password", password)
    assert told.exit_code == 1
    assert words in told.output
    assert not Company.objects.exists()
