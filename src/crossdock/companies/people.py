"""Letting people in, changing what they are, and letting them go."""

from __future__ import annotations

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from crossdock.companies.models import Company, Membership, Person
from crossdock.companies.rights import Role


class LastOwner(Exception):
    """A company keeps at least one owner."""

    def __init__(self) -> None:
        super().__init__("A company needs an owner: make somebody else owner first.")


def invite(company: Company, *, email: str, name: str, role: str) -> tuple[Membership, str]:
    """Let somebody in. The second value is the path of a one-time page where a newcomer sets a
    password; "" for somebody who has one already."""
    with transaction.atomic():
        person = Person.objects.filter(email__iexact=email).first()
        newcomer = person is None
        if person is None:
            person = Person.objects.create_user(email, name=name)
        membership, _ = Membership.objects.get_or_create(
            company=company, person=person, defaults={"role": role}
        )
    return membership, _welcome_path(person) if newcomer else ""


def change_role(membership: Membership, role: str) -> None:
    """Make somebody something else. Raises LastOwner; ValueError for an unknown role."""
    with transaction.atomic():
        _keep_an_owner(membership, Role(role))
        membership.role = Role(role).value
        membership.save(update_fields=["role"])


def remove(membership: Membership) -> None:
    """Let somebody go; what they did stays in the history. Raises LastOwner."""
    with transaction.atomic():
        _keep_an_owner(membership, None)
        membership.delete()


def _keep_an_owner(membership: Membership, becomes: Role | None) -> None:
    owners = list(
        Membership.objects.select_for_update().filter(
            company_id=membership.company_id, role=Role.OWNER
        )
    )
    if becomes is not Role.OWNER and [owner.pk for owner in owners] == [membership.pk]:
        raise LastOwner


def _welcome_path(person: Person) -> str:
    mark = urlsafe_base64_encode(force_bytes(person.pk))
    return f"/welcome/{mark}/{default_token_generator.make_token(person)}/"
