"""The orders page and the order page."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from crossdock.channels.registry import channel
from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed, may
from crossdock.companies.types import CompanyRequest
from crossdock.desk.buttons import ONE_BY_ONE, buttons, order_buttons, rare_buttons, split
from crossdock.desk.counts import counts, shown
from crossdock.desk.filter import POSTABLE, SIZES, Filter, page
from crossdock.desk.how import chosen
from crossdock.desk.starting import (
    ask,
    ask_at,
    begin,
    chosen_ids,
    chosen_orders,
    go_back,
    sorted_out,
)
from crossdock.desk.told import told_returns
from crossdock.desk.ways import unsaid
from crossdock.orders.models import Order
from crossdock.posting.status import posting_status
from crossdock.rules.facts import Tab
from crossdock.stores.models import Store
from crossdock.work.action import Action, action_named
from crossdock.work.batch import AT_ONCE, progress, running
from crossdock.work.models import Batch

ASKED_AT = {
    "answer_cancellation": "cancellations",
    "answer_return": "returns",
    "cancel_order": "cancel",
}
"""Actions whose questions have addresses of their own, since a channel is asked there."""
ALWAYS_ASKED = frozenset({"post", "repack"})


@require_GET
@needs(Deed.SEE_ORDERS)
def orders(request: CompanyRequest) -> HttpResponse:
    """The orders under a tab, with counts for all tabs."""
    wanted, problems = Filter.from_query(request.GET)
    for problem in problems:
        messages.warning(request, problem)
    rows = wanted.of_tab(wanted.orders(request.company), wanted.tab)
    parts = ("lines", "packages", *(["returns"] if wanted.tab is Tab.TO_RETURN else []))
    shown_rows = page(wanted, rows.select_related("store").prefetch_related(*parts))
    stores = list(Store.objects.filter(unlinked_at__isnull=True).order_by("name"))
    number_in = counts(wanted, request.company)
    postable = wanted.tab in POSTABLE
    context = {
        "section": "orders",
        "filter": wanted,
        "page": shown_rows,
        "older": wanted.query(after=shown_rows.older) if shown_rows.older else "",
        "newer": wanted.query(after=shown_rows.newer, back=True) if shown_rows.newer else "",
        "total": number_in[wanted.tab],
        "total_shown": shown(number_in[wanted.tab]),
        "tabs": [(tab, wanted.query(tab=tab), shown(number_in[tab])) for tab in Tab],
        "buttons": buttons(wanted.tab, request.membership, {one.channel for one in stores}),
        "one_by_one": wanted.tab in ONE_BY_ONE,
        "postable": postable,
        "posting_status": posting_status()
        if postable and may(request.membership, Deed.SEE_MONEY)
        else None,
        "archived_query": wanted.query(archived=not wanted.archived),
        "stores": stores,
        "sizes": SIZES,
        "form_key": secrets.token_urlsafe(16),
        "running": [(batch, progress(batch)) for batch in running()[:3]],
        "query": wanted.query(after=wanted.after, back=wanted.back),
    }
    return render(request, "desk/orders.html", context)


@require_POST
@needs(Deed.SEE_ORDERS)
def act(request: CompanyRequest) -> HttpResponse:
    """Begin an action over the ticked orders, or (Post Order with none ticked, "all that match")
    over all of the tab that match. What has to be asked first is asked."""
    name, answer = split(request.POST.get("action", ""))
    try:
        action = action_named(name)
    except LookupError:
        messages.error(request, "There is no such action.")
        return redirect("desk:orders", request.company.slug)
    if not may(request.membership, action.deed):
        return render(
            request, "403.html", {"exception": "Your role does not include this."}, status=403
        )
    ids = chosen_ids(request.POST)
    everything = request.POST.get("all") == "1" or (name == "post" and not ids)
    if not ids and not everything:
        messages.warning(request, f"Tick the orders to {_verb(action, answer)} first.")
        return go_back(request)
    if name in ASKED_AT:
        return _ask_elsewhere(request, name, answer, ids)
    if "sure" not in request.POST and (question := _question(request, action, ids, everything)):
        return question
    if name == "ship" and unsaid(chosen(request)[0]):
        return ask_at(request, "how")
    return begin(request, action, None if everything else ids)


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


def _verb(action: Action, answer: str) -> str:
    return answer or action.title.lower()


def _ask_elsewhere(
    request: CompanyRequest, name: str, answer: str, ids: Sequence[int]
) -> HttpResponse:
    """Answers to people are asked for at addresses of their own, for ticked orders only."""
    if not ids:
        messages.warning(request, "Tick the orders one by one: each is an answer to a person.")
        return go_back(request)
    if name == "cancel_order":
        return redirect("desk:cancel", request.company.slug, ids[0])
    return ask_at(request, ASKED_AT[name], answer=answer)


def _question(
    request: CompanyRequest, action: Action, ids: Sequence[int], everything: bool
) -> HttpResponse | None:
    """Say what cannot be done, or cannot be undone, before anything is started."""
    chosen_rows = [] if everything else chosen_orders(ids)
    countable = not everything and len(ids) <= AT_ONCE and action.name != "post"
    _, refusals = sorted_out(action, chosen_rows if countable else [], {})
    if action.name not in ALWAYS_ASKED and not refusals:
        return None
    stopped = sum(refusals.values())
    context = {
        "title": action.title,
        "verb": action.title,
        "action": action,
        "everything": everything,
        "ids": [] if everything else ids,
        "stopped": stopped,
        "going": len(ids) - stopped,
        "can_go": everything or len(ids) > stopped,
        "reasons": refusals.most_common(),
    }
    return ask(request, "desk/_ask_words.html", context)
