"""The same people in every test, so that a test about access reads as a story.

Alice owns Acme, Mona manages it, Bo keeps its books, Pat packs, Vic only looks.
Charlie is a stranger: he owns Bolt, another company.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from crossdock.companies.models import Company, Membership, Person
from crossdock.companies.rights import Role
from crossdock.companies.scope import company_scope
from crossdock.companies.sealing import seal
from crossdock.stores.models import Store
from tests.sandbox.running import RunningSandbox, channel_of

PASSWORD = "correct-horse-battery"


@dataclass(frozen=True)
class Cast:
    """Two companies and their people."""

    acme: Company
    bolt: Company
    alice: Person
    mona: Person
    bo: Person
    pat: Person
    vic: Person
    charlie: Person

    @property
    def of_acme(self) -> dict[Role, Person]:
        """Everybody of Acme, by role."""
        return {
            Role.OWNER: self.alice,
            Role.MANAGER: self.mona,
            Role.BOOKKEEPER: self.bo,
            Role.PACKER: self.pat,
            Role.VIEWER: self.vic,
        }


def assemble() -> Cast:
    """Write the cast into the database."""
    acme = Company.objects.create(name="Acme Trading", slug="acme")
    bolt = Company.objects.create(name="Bolt Goods", slug="bolt")
    cast = Cast(
        acme=acme,
        bolt=bolt,
        alice=_person("Alice Ang"),
        mona=_person("Mona Lim"),
        bo=_person("Bo Chan"),
        pat=_person("Pat Devi"),
        vic=_person("Vic Wong"),
        charlie=_person("Charlie Tan"),
    )
    for role, person in cast.of_acme.items():
        Membership.objects.create(company=acme, person=person, role=role)
    Membership.objects.create(company=bolt, person=cast.charlie, role=Role.OWNER)
    return cast


def _person(name: str) -> Person:
    email = f"{name.split()[0].lower()}@example.test"
    return Person.objects.create_user(email, PASSWORD, name=name)


def linked_store(company: Company, sandbox: RunningSandbox, shop: str = "lazada-my") -> Store:
    """A store of the sandbox's shop, as linking leaves it. Every test has the shop to itself."""
    known, channel = sandbox.shop(shop), channel_of(shop)
    tokens = sandbox.post("/tokens", channel=channel, shop=shop)
    with company_scope(company):
        return Store.objects.create(
            company=company,
            channel=channel,
            region=known["region"],
            shop_id=known["shop_id"],
            shop_key=known.get("cipher", ""),
            name=known["name"],
            access_token_sealed=seal(tokens["access_token"]),
            refresh_token_sealed=seal(tokens["refresh_token"]),
            access_expires_at=timezone.now() + timedelta(seconds=tokens["expires_in"]),
            refresh_expires_at=timezone.now() + timedelta(days=30),
        )
