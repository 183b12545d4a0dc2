"""What happened since the list was made: new counts, changed rows, new orders, running batches, how
fresh the stores are. The list itself never moves: new orders are told, and come when somebody asks.

A page asks every few seconds, so that this reads no more than the screen shows, whatever the book holds:
the stores, the orders on the screen, the counts with the keys that stand in the list's place, the running
batches; and rows that changed, whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.desk.asked import asked_filter
from crossdock.desk.buttons import ONE_BY_ONE
from crossdock.desk.columns import columns_of
from crossdock.desk.counts import counts_and_keys, shown
from crossdock.desk.filter import Filter
from crossdock.desk.news import OnScreen, came, on_screen, spans
from crossdock.desk.running import running_beside
from crossdock.desk.versions import version_now, with_versions
from crossdock.orders.models import Line, Order
from crossdock.papers.alarms import with_alarms
from crossdock.pictures.showing import with_pictures
from crossdock.rules.facts import POSTABLE, Tab
from crossdock.stores.freshness import freshness
from crossdock.stores.listed import every_store, linked_stores
from crossdock.stores.shell import stopped_parts
from crossdock.ui.sent import text_of


@require_GET
@needs(Deed.SEE_ORDERS)
def live_orders(request: CompanyRequest) -> HttpResponse:
    """The news for a list; 204 when there is none since what ``known`` names.

    Asked with the list's own query, what is on the screen (``news.on_screen``), and ``known`` (the mark
    of the last answer).
    """
    wanted, _ = asked_filter(request, request.GET)
    screen = on_screen(request.GET)
    stores = every_store(request)
    # The rows before the counts: one that leaves in between is no news then, rather than too much.
    now = _rows(screen, wanted)
    matching = wanted.matching(request.company, stores)
    number_in, keys = counts_and_keys(wanted, matching, spans(wanted, matching, screen))
    gone = {pk: where for pk in screen.versions if (where := _where(now.get(pk), wanted))}
    changed = [
        pk
        for pk, order in now.items()
        if pk not in gone and version_now(order) != screen.versions[pk]
    ]
    fresh = freshness(linked_stores(request))
    batches = running_beside(screen.batches)
    told: dict[str, Any] = {
        "counts": {tab.value: shown(number) for tab, number in number_in.items()},
        "news": came(screen, keys, number_in[wanted.tab], len(gone)),
        "gone": [
            {"pk": pk, "tab": where, "version": version_now(now[pk])} for pk, where in gone.items()
        ],
        "changed": [(pk, version_now(now[pk])) for pk in changed],
        "batches": [batch.pk for batch, _ in batches],
        "fresh": fresh.mark,
    }
    mark = hashlib.sha256(repr(told).encode()).hexdigest()[:16]
    if text_of(request.GET, "known") == mark:
        return HttpResponse(status=204)
    context = {"company": request.company, "freshness": fresh}
    return JsonResponse(
        {
            **told,
            "mark": mark,
            "fresh": render_to_string("desk/_fresh.html", context),
            **stopped_parts(request),
            "rows": _rendered(request, wanted, changed),
            "progress": [
                render_to_string(
                    "buttons/_progress.html", {"batch": batch, "progress": progress}, request
                )
                for batch, progress in batches
            ],
        }
    )


def _rows(screen: OnScreen, wanted: Filter) -> dict[int, Order]:
    """The orders on the screen as they are now."""
    if not screen.versions:
        return {}
    rows = Order.objects.filter(pk__in=list(screen.versions))
    return {order.pk: order for order in with_versions(rows, wanted.tab)}


def _where(order: Order | None, wanted: Filter) -> str:
    """Where an order is that has left the list's tab; "" while it has not."""
    if order is None:
        return ""
    heading = Tab(order.tab).heading
    if order.tab != wanted.tab.value:
        return heading
    if order.put_away == (wanted.archived and wanted.tab in POSTABLE):
        return ""
    return "Archived Orders" if order.put_away else f"{heading} again"


def _rendered(
    request: CompanyRequest, wanted: Filter, changed: Sequence[int]
) -> list[Mapping[str, Any]]:
    """The rows that changed, by the list's own template."""
    if not changed:
        return []
    parts = ("packages", *(["returns"] if wanted.tab is Tab.TO_RETURN else []))
    lines = Prefetch("lines", with_pictures(Line.objects.all()))
    found = Order.objects.prefetch_related(lines, *parts).in_bulk(list(changed))
    stores = {store.pk: store for store in every_store(request)}
    for order in with_alarms(found.values()):
        order.store = stores[order.store_id]
    context = {
        "filter": wanted,
        "query": wanted.query(after=wanted.after, back=wanted.back),
        "columns": [one for one in columns_of(request.membership) if one.shown],
        "one_by_one": wanted.tab in ONE_BY_ONE,
    }
    return [
        {
            "pk": order.pk,
            "html": render_to_string("desk/_row.html", {**context, "order": order}, request),
        }
        for order in (found[pk] for pk in changed if pk in found)
    ]
