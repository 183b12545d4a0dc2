"""Answering buyers who ask to cancel, and cancelling as the seller."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from crossdock.actions.answer_cancellation import ACCEPT, REJECT
from crossdock.actions.cancel_order import WHAT
from crossdock.buttons.asking import ask, begin, chosen_ids, chosen_orders, sorted_out
from crossdock.buttons.channel_form import by_channel, collect, load_form, options_of
from crossdock.buttons.parcels import lines_at
from crossdock.channels.answers import Form
from crossdock.channels.contract import Channel, Parcel, Shop
from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.orders.facts import facts_of
from crossdock.orders.models import Order
from crossdock.ui.sent import sent_with, text_of
from crossdock.ui.sent_size import takes_files
from crossdock.work.action import action_named


@require_http_methods(["GET", "POST"])
@needs(Deed.ANSWER)
@takes_files(megabytes=64)
def cancellations(request: CompanyRequest) -> HttpResponse:
    """Accept or reject the cancellations of the ticked orders: asked first, then begun."""
    data = sent_with(request)
    answer = REJECT if text_of(data, "answer") == REJECT else ACCEPT
    action = action_named("answer_cancellation")
    going, stopped = sorted_out(action, chosen_orders(chosen_ids(data)), {"answer": answer})
    groups = by_channel(going, answer) if answer == REJECT else []
    for group in groups:
        load_form(request, group, _rejection)
    if answer == REJECT:
        going = [order for group in groups if group.form for order in group.orders]
    if request.method == "POST" and going:
        filled = collect(groups)
        if filled is not None:
            options = {"answer": answer, **options_of(filled)}
            return begin(request, action, [order.pk for order in going], options)
    context = {
        "title": f"{answer.capitalize()} {_cancellations(len(going))}",
        "verb": answer.capitalize(),
        "danger": answer == ACCEPT,
        "answer": answer,
        "going": going,
        "can_go": bool(going),
        "groups": groups,
        "stopped": stopped.most_common(),
    }
    return ask(request, "desk/_ask_cancellations.html", context)


@require_http_methods(["GET", "POST"])
@needs(Deed.ANSWER)
@takes_files(megabytes=64)
def cancel(request: CompanyRequest, pk: int) -> HttpResponse:
    """Cancel one order as the seller, for a reason that the channel offers now."""
    order = get_object_or_404(Order.objects.select_related("store"), pk=pk)
    action = action_named("cancel_order")
    going, stopped = sorted_out(action, [order], {})
    groups = by_channel(going, WHAT)
    for group in groups:
        load_form(request, group, _cancelling)
    going = [order for group in groups if group.form for order in group.orders]
    if request.method == "POST" and going:
        filled = collect(groups)
        if filled is not None:
            return begin(request, action, [order.pk], options_of(filled))
    context = {
        "title": "Cancel order",
        "verb": "Cancel order",
        "keep": "Keep the order",
        "back": reverse("desk:order", args=[request.company.slug, order.pk]),
        "danger": True,
        "order": order,
        "going": going,
        "can_go": bool(going),
        "groups": groups,
        "stopped": stopped.most_common(),
    }
    return ask(request, "desk/_ask_cancel.html", context)


def _rejection(known: Channel, shop: Shop, order: Order) -> Form:
    return known.cancellation_form(shop, order.channel_order_id, order.cancel_request_id)


def _cancelling(known: Channel, shop: Shop, order: Order) -> Form:
    facts = facts_of(order)
    packages = tuple(package.package_id for package in facts.packages)
    lines = lines_at(facts, lambda stage: stage.is_live)
    return known.cancel_form(shop, Parcel(facts.order_id, packages, lines))


def _cancellations(number: int) -> str:
    return f"{number} cancellations" if number != 1 else "cancellation"
