"""The orders page."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed, may
from crossdock.companies.types import CompanyRequest
from crossdock.desk.asked import asked_filter, sorts_of
from crossdock.desk.buttons import ONE_BY_ONE, buttons
from crossdock.desk.chips import chips
from crossdock.desk.columns import columns_of
from crossdock.desk.counts import counts, shown
from crossdock.desk.days import RANGES, SHIP_BY
from crossdock.desk.facets import couriers, statuses
from crossdock.desk.filter import SIZES, Filter
from crossdock.desk.paging import OrdersPage, page
from crossdock.desk.papers import papers_of
from crossdock.desk.running import running_batches
from crossdock.desk.saved import may_change, views_of
from crossdock.desk.search import MOST
from crossdock.orders.models import Line, Order
from crossdock.papers.alarms import with_alarms
from crossdock.pictures.showing import with_pictures
from crossdock.posting.status import posting_status
from crossdock.rules.facts import POSTABLE, Tab
from crossdock.stores.freshness import freshness
from crossdock.stores.listed import every_store, linked_stores
from crossdock.stores.models import Store


@require_GET
@needs(Deed.SEE_ORDERS)
def orders(request: CompanyRequest) -> HttpResponse:
    """The orders under a tab, with counts for all tabs."""
    wanted, problems = asked_filter(request, request.GET)
    for problem in problems:
        messages.warning(request, problem)
    stores = linked_stores(request)
    matching = wanted.matching(request.company, every_store(request))
    if matching.more:
        messages.warning(
            request, f"More than {MOST:,} orders begin with {wanted.q!r}: write more of it."
        )
    number_in = counts(wanted, matching)
    lines = Prefetch("lines", with_pictures(Line.objects.all()))
    parts = ("packages", *(["returns"] if wanted.tab is Tab.TO_RETURN else []))
    shown_rows = page(
        wanted.of_tab(matching.rows, wanted.tab),
        Order.objects.select_related("store").prefetch_related(lines, *parts),
        wanted.sort,
        wanted.size,
        wanted.after,
        back=wanted.back,
    )
    with_alarms(shown_rows.rows)
    context = {
        "section": "orders",
        "filter": wanted,
        "page": shown_rows,
        "total": number_in[wanted.tab],
        "total_shown": shown(number_in[wanted.tab]),
        "tabs": [(tab, wanted.query(tab=tab), shown(number_in[tab])) for tab in Tab],
        "elsewhere": _elsewhere(wanted, number_in),
        "stores": stores,
        "freshness": freshness(stores),
        "form_key": secrets.token_urlsafe(16),
        "running": running_batches(),
        "query": wanted.query(after=wanted.after, back=wanted.back),
        "live_query": _live_query(wanted, shown_rows, number_in[wanted.tab]),
        **_neighbours(wanted, shown_rows),
        **_choices(request, wanted, stores),
        **_deeds(request, wanted, stores),
    }
    return render(request, "desk/orders.html", context)


def _elsewhere(wanted: Filter, number_in: Mapping[Tab, int]) -> list[tuple[Tab, str, str]]:
    """Where what was searched for is, when this tab has none of it: tab, its query, how many."""
    if not wanted.q or number_in[wanted.tab]:
        return []
    return [
        (tab, wanted.query(tab=tab), shown(number)) for tab, number in number_in.items() if number
    ]


def _live_query(wanted: Filter, shown_rows: OrdersPage, held: int) -> str:
    """What the news are asked with (``desk.news``): the list's query, and the list's place."""
    place = {"begins": shown_rows.before, "ends": shown_rows.after, "held": str(held)}
    return f"{wanted.query(after=wanted.after, back=wanted.back)}&{urlencode(place)}"


def _neighbours(wanted: Filter, shown_rows: OrdersPage) -> dict[str, str]:
    """Where the pages before and after are."""
    before, after = shown_rows.before, shown_rows.after
    return {
        "first": wanted.query() if wanted.after else "",
        "newer": wanted.query(after=before, back=True) if before else "",
        "older": wanted.query(after=after, back=False) if after else "",
    }


def _choices(request: CompanyRequest, wanted: Filter, stores: Sequence[Store]) -> dict[str, Any]:
    """What the form of filters, the columns and the saved views offer."""
    columns = columns_of(request.membership)
    channels = {one.channel for one in stores}
    return {
        "columns": [one for one in columns if one.shown],
        "all_columns": columns,
        "views": [(view, may_change(view, request)) for view in views_of(request)],
        "chips": chips(wanted, stores),
        "ranges": [(name, title) for name, (title, _) in RANGES.items()],
        "ship_by_days": SHIP_BY.items(),
        "sorts": sorts_of(request.membership).items(),
        "sizes": SIZES,
        "channels": sorted(channels),
        "status_words": statuses(channels),
        "couriers": couriers(),
        "yes_or_no": [
            ("printed", "Label", "printed", "not printed", wanted.printed),
            ("verified", "Verification", "verified", "not verified", wanted.verified),
            ("posted", "Posting", "posted", "not posted", wanted.posted),
        ],
    }


def _deeds(request: CompanyRequest, wanted: Filter, stores: Sequence[Store]) -> dict[str, Any]:
    """What can be done on this tab."""
    postable = wanted.tab in POSTABLE
    sees_posting = postable and may(request.membership, Deed.SEE_MONEY)
    return {
        "buttons": buttons(wanted.tab, request.membership, {one.channel for one in stores}),
        "papers": papers_of(wanted.tab, request.membership),
        "one_by_one": wanted.tab in ONE_BY_ONE,
        "postable": postable,
        "posting_status": posting_status() if sees_posting else None,
        "archived_query": wanted.query(archived=not wanted.archived),
    }
