"""What happened since the list was made: new counts, changed rows, new orders, running batches, how
fresh the stores are. The list itself never moves: new orders are told, and come when somebody asks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.desk.asked import asked
from crossdock.desk.buttons import ONE_BY_ONE
from crossdock.desk.columns import columns_of
from crossdock.desk.counts import counts, shown
from crossdock.desk.filter import Filter, Matching
from crossdock.desk.paging import page
from crossdock.desk.running import running_batches
from crossdock.desk.versions import FIELDS, version_of
from crossdock.orders.models import Order
from crossdock.rules.facts import Tab
from crossdock.stores.freshness import freshness
from crossdock.stores.listed import every_store, linked_stores

_MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class OnScreen:
    """What the page shows just now."""

    versions: Mapping[int, str]
    """Order pk → the mark of its row, in the order of the rows."""
    batches: frozenset[int]


@require_GET
@needs(Deed.SEE_ORDERS)
def live_orders(request: CompanyRequest) -> HttpResponse:
    """The news for a list; 204 when there is none since what ``known`` names.

    The list's own query, and ``rows`` (``pk:version``, joined by commas), ``batches`` (numbers), and
    ``known`` (the mark of the last answer).
    """
    wanted, _ = Filter.from_query(asked(request.GET))
    screen = _on_screen(request)
    stores = linked_stores(request)
    matching = wanted.matching(request.company, every_store(request))
    number_in = counts(wanted, matching)
    now = {row.pk: row for row in _rows(screen)}
    changed = [
        pk for pk, known in screen.versions.items() if pk in now and version_of(now[pk]) != known
    ]
    fresh = freshness(stores)
    running = running_batches()
    told: dict[str, Any] = {
        "counts": {tab.value: shown(number) for tab, number in number_in.items()},
        "news": _news(wanted, matching, list(screen.versions)),
        "gone": [_gone(now[pk]) for pk in screen.versions if pk in now and _left(now[pk], wanted)],
        "changed": changed,
        "batches": [batch.pk for batch, _ in running if batch.pk not in screen.batches],
        "fresh": fresh.mark,
    }
    mark = hashlib.sha256(repr(told).encode()).hexdigest()[:16]
    if request.GET.get("known") == mark:
        return HttpResponse(status=204)
    told["mark"] = mark
    told["fresh"] = render_to_string(
        "desk/_fresh.html", {"freshness": fresh, "company": request.company}
    )
    told["rows"] = _rendered(request, wanted, changed)
    told["progress"] = [
        render_to_string(
            "desk/_progress.html",
            {"batch": batch, "progress": progress, "company": request.company},
            request,
        )
        for batch, progress in running
        if batch.pk not in screen.batches
    ]
    return JsonResponse(told)


def _on_screen(request: CompanyRequest) -> OnScreen:
    pairs = (one.partition(":") for one in request.GET.get("rows", "").split(",")[:_MOST_ROWS])
    versions = {int(pk): version for pk, _, version in pairs if pk.isdigit()}
    batches = (one for one in request.GET.get("batches", "").split(","))
    return OnScreen(versions, frozenset(int(one) for one in batches if one.isdigit()))


def _rows(screen: OnScreen) -> Sequence[Order]:
    """The orders on the screen, with no more than their versions are made of."""
    if not screen.versions:
        return []
    return list(Order.objects.filter(pk__in=list(screen.versions)).only("pk", *FIELDS))


def _left(order: Order, wanted: Filter) -> bool:
    return order.tab != wanted.tab.value


def _gone(order: Order) -> dict[str, Any]:
    return {"pk": order.pk, "tab": Tab(order.tab).heading}


def _news(wanted: Filter, matching: Matching, on_screen: Sequence[int]) -> int:
    """How many orders would stand above the last one that is on the screen and still in the list.

    Only on the first page: further down, what is new stands above anyway. Orders that move up from the
    next page because others left are no news.
    """
    if wanted.after:
        return 0
    rows = wanted.of_tab(matching.rows, wanted.tab).only(
        "pk", "created_at", "updated_at", "ship_by", "buyer_total"
    )
    now = [one.pk for one in page(rows, wanted.sort, wanted.size, "", back=False).rows]
    seen = set(on_screen)
    last = max((place for place, pk in enumerate(now) if pk in seen), default=None)
    if last is None:
        return len(now) if not seen else 0
    return sum(pk not in seen for pk in now[:last])


def _rendered(
    request: CompanyRequest, wanted: Filter, changed: Sequence[int]
) -> list[dict[str, Any]]:
    """The rows that changed, by the list's own template."""
    if not changed:
        return []
    rows = Order.objects.filter(pk__in=changed).select_related("store")
    parts = ("lines", "packages", *(["returns"] if wanted.tab is Tab.TO_RETURN else []))
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
        for order in rows.prefetch_related(*parts)
    ]
