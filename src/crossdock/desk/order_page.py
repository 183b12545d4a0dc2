"""The page of one order."""

from __future__ import annotations

import secrets

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from crossdock.channels.registry import channel
from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.desk.buttons import order_buttons, rare_buttons
from crossdock.desk.told import told_returns
from crossdock.orders.models import Order
from crossdock.rules.facts import Tab
from crossdock.work.batch import progress, running
from crossdock.work.models import Batch


@require_GET
@needs(Deed.SEE_ORDERS)
def order(request: CompanyRequest, pk: int) -> HttpResponse:
    """One order, with everything that happened to it."""
    rows = Order.objects.select_related("store").prefetch_related("lines", "packages", "returns")
    found = get_object_or_404(rows, pk=pk)
    history = list(found.history.select_related("person").order_by("-pk")[:200])
    context = {
        "section": "orders",
        "order": found,
        "tab": Tab(found.tab),
        "history": history,
        "returns": told_returns(found, history),
        "buttons": order_buttons(found, request.membership),
        "rare": rare_buttons(found, request.membership),
        "channel": channel(found.store.channel),
        "form_key": secrets.token_urlsafe(16),
        "running": [(batch, progress(batch)) for batch in _running(found)],
    }
    return render(request, "desk/order.html", context)


def _running(order: Order) -> list[Batch]:
    """The batches that this order waits for."""
    return list(running().filter(attempts__order=order)[:3])
