"""What the upgrade makes of people, addresses and open links of before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from crossdock.companies.models import Invitation, Membership, Person, Voucher
from crossdock.companies.rights import Role
from crossdock.companies.scope import all_companies
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = [("companies", "0005_invitations_and_proven_addresses")]


@pytest.fixture
def before(cast: Cast) -> Iterator[Cast]:
    """The cast as a version before confirmed addresses left it."""
    MigrationExecutor(connection).migrate(BEFORE)
    yield cast
    upgrade()


def upgrade() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def gave_themselves(person: Person, address: str, *, verified: bool = False) -> None:
    """As the login library's page did it, without a letter."""
    EmailAddress.objects.create(user=person, email=person.email)
    EmailAddress.objects.create(user=person, email=address, primary=True, verified=verified)
    Person.objects.filter(pk=person.pk).update(email=address)


def roles() -> set[tuple[str, str, str]]:
    kept = Membership.objects.values_list("person__email", "company__slug", "role")
    return {(str(email), str(slug), str(role)) for email, slug, role in kept}


def test_everybody_stays_where_they_were_and_nobody_counts_as_proven(before: Cast) -> None:
    kept = roles()
    upgrade()
    assert roles() == kept
    assert not Person.objects.exclude(vouched_by=Voucher.NOBODY).exists()


@pytest.mark.parametrize("verified", [False, True])
def test_an_address_that_somebody_gave_themselves_is_taken_back(
    before: Cast, verified: bool
) -> None:
    gave_themselves(before.pat, "cfo@victim.test", verified=verified)
    upgrade()
    pat = Person.objects.get(pk=before.pat.pk)
    assert (pat.email, pat.is_proven) == ("pat@example.test", False)
    assert not Person.objects.filter(email="cfo@victim.test").exists()
    assert not EmailAddress.objects.exists()


def test_an_address_that_an_owner_set_stays(before: Cast) -> None:
    EmailAddress.objects.create(user=before.pat, email=before.pat.email)
    upgrade()
    assert Person.objects.get(pk=before.pat.pk).email == "pat@example.test"


def test_an_address_is_not_taken_back_onto_somebody_else(before: Cast) -> None:
    gave_themselves(before.pat, "pat@home.test")
    Person.objects.filter(pk=before.vic.pk).update(email="pat@example.test")
    upgrade()
    assert Person.objects.get(pk=before.pat.pk).email == "pat@home.test"


def test_members_who_never_had_a_password_become_invitations_that_can_be_sent_again(
    before: Cast,
) -> None:
    newcomer = Person.objects.create_user("nina@example.test", name="Nina")
    for company, role in ((before.acme, Role.PACKER), (before.bolt, Role.VIEWER)):
        Membership.objects.create(company=company, person=newcomer, role=role)
    upgrade()
    with all_companies():
        asked = Invitation.objects.order_by("pk")
        assert [(one.company.slug, one.email, one.name, one.role) for one in asked] == [
            ("acme", "nina@example.test", "Nina", "packer"),
            ("bolt", "nina@example.test", "Nina", "viewer"),
        ]
        assert all(one.is_expired for one in asked)
    assert not Person.objects.filter(email="nina@example.test").exists()
    assert not Membership.objects.filter(person=newcomer).exists()


def test_a_company_keeps_an_owner_who_never_had_a_password(before: Cast) -> None:
    Membership.objects.filter(company=before.bolt).delete()
    owner = Person.objects.create_user("olga@example.test")
    Membership.objects.create(company=before.bolt, person=owner, role=Role.OWNER)
    upgrade()
    assert ("olga@example.test", "bolt", "owner") in roles()
