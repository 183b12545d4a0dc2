"""Which columns of the list somebody sees, and in which order: remembered per person and company."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from crossdock.buttons.asking import back
from crossdock.companies.entrance import needs
from crossdock.companies.models import Membership
from crossdock.companies.rights import Deed, may
from crossdock.companies.types import CompanyRequest
from crossdock.ui.sent import text_of, texts_of

TITLES = {
    "items": "Items",
    "buyer": "Buyer",
    "total": "Total",
    "courier": "Courier",
    "shipby": "Ship by",
    "created": "Created",
    "updated": "Updated",
    "status": "Status",
    "store": "Store",
    "units": "Units",
    "payment": "Payment",
    "note": "Notes",
}
"""Every column but the order's own, which is always first."""
_AT_FIRST = ("items", "buyer", "total", "courier", "shipby", "created")
_NEEDS = {"total": Deed.SEE_MONEY, "payment": Deed.SEE_MONEY}


@dataclass(frozen=True, slots=True)
class Column:
    """A column that can be shown."""

    key: str
    title: str
    shown: bool


def columns_of(person: Membership) -> list[Column]:
    """All columns that this person may see: the shown ones in their order, then the others."""
    allowed = [key for key in TITLES if key not in _NEEDS or may(person, _NEEDS[key])]
    shown = [key for key in person.columns or _AT_FIRST if key in allowed]
    hidden = [key for key in allowed if key not in shown]
    return [Column(key, TITLES[key], key in shown) for key in (*shown, *hidden)]


@require_POST
@needs(Deed.SEE_ORDERS)
def choose_columns(request: CompanyRequest) -> HttpResponse:
    """Keep what somebody wants to see. ``up`` and ``down`` name a column that moves by one place."""
    order = [key for key in dict.fromkeys(texts_of(request.POST, "order")) if key in TITLES]
    shown = set(texts_of(request.POST, "column"))
    if "reset" in request.POST:
        chosen: list[str] = []
    else:
        chosen = [key for key in _moved(order, request) if key in shown]
        if not chosen:
            messages.warning(request, "At least one column besides the order is shown.")
            return redirect(back(request, request.POST))
    Membership.objects.filter(pk=request.membership.pk).update(columns=chosen)
    return redirect(back(request, request.POST))


def _moved(order: Iterable[str], request: CompanyRequest) -> list[str]:
    """The order after the column that is named has moved one place up or down."""
    keys = list(order)
    for name, step in (("up", -1), ("down", 1)):
        key = text_of(request.POST, name)
        if key in keys:
            at = keys.index(key)
            to = min(max(at + step, 0), len(keys) - 1)
            keys[at], keys[to] = keys[to], keys[at]
    return keys
