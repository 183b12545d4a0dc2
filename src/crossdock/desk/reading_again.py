"""Read again: an order that could not be read whole, asked for at once."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from crossdock.channels.registry import channel
from crossdock.companies.entrance import needs
from crossdock.companies.models import Membership
from crossdock.companies.rights import Deed, may
from crossdock.companies.types import CompanyRequest
from crossdock.orders.models import Order
from crossdock.orders.problems import problems_of
from crossdock.rules.facts import Touches
from crossdock.sync.look import read_now

_HIDDEN = "a figure that is not shown to your role"


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of an order that could not be read, as its page shows it."""

    touches: Touches
    words: str


def unread_of(order: Order, person: Membership) -> list[Unread]:
    """What of an order could not be read, what matters most first: figures to those alone who see money."""
    sees = may(person, Deed.SEE_MONEY)
    worst_first = list(Touches)
    return [
        Unread(one.touches, one.words if sees or one.touches is not Touches.MONEY else _HIDDEN)
        for one in sorted(problems_of(order), key=lambda one: worst_first.index(one.touches))
    ]


@require_POST
@needs(Deed.SYNC_NOW)
def read_again(request: CompanyRequest, pk: int) -> HttpResponse:
    """Read the order anew, and say what came of it."""
    order = get_object_or_404(Order.objects.select_related("store__company"), pk=pk)
    title = channel(order.store.channel).title
    if words := read_now(order.store, order.channel_order_id):
        messages.error(request, f"It could not be read again. {title}: {words}")
    else:
        order.refresh_from_db()
        if order.problem:
            messages.warning(request, "It was read again, and still not whole: see what is named.")
        elif not order.lines_known:
            messages.warning(request, f"It was read again. {title} does not tell its items yet.")
        else:
            messages.success(request, "It was read again, and is whole now.")
    return redirect("desk:order", request.company.slug, pk)
