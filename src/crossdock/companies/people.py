"""Changing what people are in a company, and letting them go. (Letting them in: ``invitations``.)"""

from __future__ import annotations

from django.db import transaction

from crossdock.companies.invitations import revoke_sent_by, revoke_sent_to
from crossdock.companies.models import Membership
from crossdock.companies.rights import RIGHTS, Deed, Role
from crossdock.companies.scope import company_scope


class LastOwner(Exception):
    """A company keeps at least one owner."""

    def __init__(self) -> None:
        super().__init__("A company needs an owner: make somebody else owner first.")


def change_role(membership: Membership, role: str) -> None:
    """Make somebody something else. Raises LastOwner; ValueError for an unknown role.

    Invitations of somebody who may no longer invite die.
    """
    with transaction.atomic(), company_scope(membership.company_id):
        _keep_an_owner(membership, Role(role))
        membership.role = Role(role).value
        membership.save(update_fields=["role"])
        if membership.role not in RIGHTS[Deed.ADMINISTER]:
            revoke_sent_by(membership.person, membership.company)


def remove(membership: Membership) -> None:
    """Let somebody go; what they did stays in the history. Raises LastOwner.

    Every open link dies that could bring them back, or that they sent.
    """
    with transaction.atomic(), company_scope(membership.company_id):
        _keep_an_owner(membership, None)
        membership.delete()
        revoke_sent_by(membership.person, membership.company)
        revoke_sent_to(membership.person, membership.company)


def _keep_an_owner(membership: Membership, becomes: Role | None) -> None:
    owners = list(
        Membership.objects.select_for_update().filter(
            company_id=membership.company_id, role=Role.OWNER
        )
    )
    if becomes is not Role.OWNER and [owner.pk for owner in owners] == [membership.pk]:
        raise LastOwner
