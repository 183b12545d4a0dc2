"""Who may do what: five fixed roles, and the one function that is asked."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crossdock.companies.models import Membership


class Role(StrEnum):
    """What somebody is in a company."""

    OWNER = "owner"
    MANAGER = "manager"
    BOOKKEEPER = "bookkeeper"
    PACKER = "packer"
    VIEWER = "viewer"


class Deed(StrEnum):
    """What somebody may want to do or see."""

    SEE_ORDERS = "see orders"
    SEE_BUYER = "see buyer"
    SEE_MONEY = "see money"
    FULFIL = "fulfil"
    """Pack, To Ship, scan, verify, print, Mark as Delivered."""
    ANSWER = "answer"
    """Answer cancellations and returns, cancel orders."""
    POST = "post"
    """Post, map, settle failures, SQL Account settings."""
    SEE_HEALTH = "see health"
    SYNC_NOW = "sync now"
    ADMINISTER = "administer"
    """Link stores, people, company settings."""


_EVERYONE = frozenset(Role)

RIGHTS: dict[Deed, frozenset[Role]] = {
    Deed.SEE_ORDERS: _EVERYONE,
    Deed.SEE_BUYER: frozenset({Role.OWNER, Role.MANAGER}),
    Deed.SEE_MONEY: _EVERYONE - {Role.PACKER},
    Deed.FULFIL: frozenset({Role.OWNER, Role.MANAGER, Role.PACKER}),
    Deed.ANSWER: frozenset({Role.OWNER, Role.MANAGER}),
    Deed.POST: frozenset({Role.OWNER, Role.BOOKKEEPER}),
    Deed.SEE_HEALTH: _EVERYONE,
    Deed.SYNC_NOW: _EVERYONE - {Role.VIEWER},
    Deed.ADMINISTER: frozenset({Role.OWNER}),
}


def may(person: Membership | None, deed: Deed) -> bool:
    """Whether this person, as a member of the company at hand, may do this.

    ``person`` is the membership that the company's address was opened with; None is a stranger.
    """
    return person is not None and person.role in RIGHTS[deed]
