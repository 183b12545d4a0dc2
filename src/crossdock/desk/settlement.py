"""What the channel pays for an order, asked while a person looks: fee by fee, in the channel's names."""

from __future__ import annotations

from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from crossdock.buttons.ask_channel import ask_channel
from crossdock.channels.registry import channel
from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.orders.models import Order


@require_GET
@needs(Deed.SEE_MONEY)
def settlement(request: CompanyRequest, pk: int) -> HttpResponse:
    """The channel's own breakdown of an order's money: a part of the order's page, or a page."""
    order = get_object_or_404(Order.objects.select_related("store__company"), pk=pk)
    order_id = order.channel_order_id
    heard = ask_channel(order.store, lambda known, shop: known.settlements(shop, [order_id]))
    told = heard.answer.get(order_id) if heard.answer is not None else None
    rest = Decimal(0)
    if told is not None:
        named = told.shipping + sum((fee.amount for fee in told.fees), Decimal(0))
        rest = told.amount - order.billed_total - named
    context = {
        "section": "orders",
        "order": order,
        "channel": channel(order.store.channel),
        "told": told,
        "rest": rest,
        "words": heard.words,
    }
    whole = "desk/settlement.html"
    return render(request, "desk/_settlement.html" if request.htmx else whole, context)
