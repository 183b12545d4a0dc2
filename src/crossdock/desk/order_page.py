"""The page of one order."""

from __future__ import annotations

import secrets
from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from crossdock.channels.registry import channel
from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed, may
from crossdock.companies.types import CompanyRequest
from crossdock.desk.asked import asked_filter
from crossdock.desk.buttons import order_buttons, rare_buttons, why_not
from crossdock.desk.paging import beside
from crossdock.desk.reading_again import unread_of
from crossdock.desk.told import told_returns
from crossdock.orders.models import DeliveryTry, History, Line, Order, Package
from crossdock.papers.alarms import with_alarms
from crossdock.papers.models import ManifestParcel
from crossdock.pictures.showing import with_pictures
from crossdock.posting.changes import change_of
from crossdock.posting.mapping import with_codes
from crossdock.rules.facts import Tab
from crossdock.stores.listed import every_store
from crossdock.ui.sent import key_of, text_of
from crossdock.work.batch import Progress, progress_of, running
from crossdock.work.models import Batch

_EVENTS = 200
"""Events of a timeline that are shown at once."""


@require_GET
@needs(Deed.SEE_ORDERS)
def order(request: CompanyRequest, pk: int) -> HttpResponse:
    """One order, with everything that happened to it."""
    lines = Prefetch("lines", with_pictures(with_codes(Line.objects.all())))
    rows = Order.objects.select_related("store__company", "invoice").prefetch_related(
        lines, _packages(), "former_numbers", "returns"
    )
    found = get_object_or_404(rows, pk=pk)
    with_alarms([found])
    history, earlier = _history(request, found, key_of(request.GET, "before"))
    context = {
        **_in_list(request, found),
        "earlier": earlier,
        "unsaved_note": request.session.pop(f"note-{pk}", ""),
        "may_note": may(request.membership, Deed.FULFIL),
        "unread": unread_of(found, request.membership),
        "not_now": why_not(found, request.membership),
        "section": "orders",
        "order": found,
        "tab": Tab(found.tab),
        "history": history,
        "returns": told_returns(found, history),
        "delivery_tries": _delivery_tries(found),
        "may_tell_delivery": found.tab == Tab.SELF_DELIVER and may(request.membership, Deed.FULFIL),
        "buttons": order_buttons(found, request.membership),
        "rare": rare_buttons(found, request.membership),
        "change": change_of(found) if may(request.membership, Deed.SEE_MONEY) else None,
        "channel": channel(found.store.channel),
        "form_key": secrets.token_urlsafe(16),
        "running": _running(found),
    }
    return render(request, "desk/order.html", context)


def _packages() -> Prefetch[str]:
    """The packages, each with the manifests that it is on."""
    on = ManifestParcel.objects.filter(taken_out_at__isnull=True).select_related("manifest")
    manifests = Prefetch("manifests", on.order_by("pk"), to_attr="on_manifests")
    return Prefetch("packages", Package.objects.prefetch_related(manifests))


def _delivery_tries(order: Order) -> list[DeliveryTry]:
    """What the seller's own driver told, newest first."""
    if not order.seller_delivers:
        return []
    return list(order.delivery_tries.select_related("person")[:20])


def _running(order: Order) -> list[tuple[Batch, Progress]]:
    """The batches that this order waits for, with how far they are."""
    rows = list(running().filter(attempts__order=order)[:3])
    told = progress_of(rows)
    return [(batch, told[batch.pk]) for batch in rows]


def _history(
    request: CompanyRequest, order: Order, before: int | None
) -> tuple[list[History], int | None]:
    """What happened to the order, newest first, and where earlier events begin."""
    rows = order.history.select_related("person").order_by("-pk")
    if not may(request.membership, Deed.SEE_MONEY):
        rows = rows.exclude(kind="post failed")  # SQL Account's words, and ours, name sums
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: _EVENTS + 1])
    return found[:_EVENTS], found[_EVENTS - 1].pk if len(found) > _EVENTS else None


def _in_list(request: CompanyRequest, order: Order) -> dict[str, Any]:
    """The list from which somebody came, and the orders beside this one in it."""
    query = text_of(request.GET, "list")
    if not query:
        return {"list_query": ""}
    wanted, _ = asked_filter(request, QueryDict(query))
    rows = wanted.of_tab(wanted.matching(request.company, every_store(request)).rows, wanted.tab)
    before, after = beside(rows, wanted.sort, order)
    return {"list_query": query, "before_pk": before, "after_pk": after, "list_tab": wanted.tab}
