"""What the shell of every page says about stores: those that have stopped, and those whose authorisation
ends soon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from crossdock.companies.models import Company, Membership
from crossdock.companies.rights import Deed, may
from crossdock.companies.scope import company_scope
from crossdock.stores.calendar import Ending, Stage, ending_of
from crossdock.stores.freshness import AllStopped, stopped
from crossdock.stores.listed import linked_stores

_TONES = {Stage.DEAD: "bad", Stage.DAY: "bad", Stage.WEEK: "warn", Stage.MONTH: "info"}


@dataclass(frozen=True, slots=True)
class StoreWarning:
    """The most pressing of the endings, and how many more there are."""

    ending: Ending
    tone: str
    more: int


def warnings(request: HttpRequest) -> dict[str, Any]:
    """``stopped_stores``: for everybody, until they are healthy; ``store_warning``: None, or what the
    banner says of an end that comes. Asked of the database only where they are shown."""
    company: Company | None = getattr(request, "company", None)
    membership: Membership | None = getattr(request, "membership", None)
    if company is None or membership is None:
        return {"stopped_stores": None, "store_warning": None}
    return {
        "stopped_stores": SimpleLazyObject(lambda: _stopped(request, company)),
        "store_warning": SimpleLazyObject(lambda: _warning(request, company, membership)),
    }


def _stopped(request: HttpRequest, company: Company) -> AllStopped:
    with company_scope(company):
        return stopped(linked_stores(request))


def _warning(request: HttpRequest, company: Company, membership: Membership) -> StoreWarning | None:
    """Owners are told from a month before; the others when it will soon touch their work. A store whose
    authorisation has ended is told among those that stopped."""
    told = set(Stage) - {Stage.CALM}
    if not may(membership, Deed.ADMINISTER):
        told.discard(Stage.MONTH)
    with company_scope(company):
        found = [
            ending
            for store in sorted(linked_stores(request), key=lambda store: store.pk)
            if not store.needs_relink and (ending := ending_of(store)).stage in told
        ]
    if not found:
        return None
    worst = max(found, key=lambda ending: (len(ending.stage.milder), -(ending.days or 0)))
    return StoreWarning(worst, _TONES[worst.stage], len(found) - 1)
