"""The orders page."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed, may
from crossdock.companies.types import CompanyRequest
from crossdock.desk.buttons import ONE_BY_ONE, buttons
from crossdock.desk.counts import counts, shown
from crossdock.desk.filter import SIZES, Filter
from crossdock.desk.paging import page
from crossdock.posting.status import posting_status
from crossdock.rules.facts import POSTABLE, Tab
from crossdock.stores.models import Store
from crossdock.work.batch import progress, running


@require_GET
@needs(Deed.SEE_ORDERS)
def orders(request: CompanyRequest) -> HttpResponse:
    """The orders under a tab, with counts for all tabs."""
    wanted, problems = Filter.from_query(request.GET)
    for problem in problems:
        messages.warning(request, problem)
    matching = wanted.matching(request.company)
    rows = wanted.of_tab(matching.rows, wanted.tab)
    parts = ("lines", "packages", *(["returns"] if wanted.tab is Tab.TO_RETURN else []))
    shown_rows = page(
        rows.select_related("store").prefetch_related(*parts),
        wanted.sort,
        wanted.size,
        wanted.after,
        back=wanted.back,
    )
    stores = list(Store.objects.filter(unlinked_at__isnull=True).order_by("name"))
    number_in = counts(wanted, matching)
    postable = wanted.tab in POSTABLE
    context = {
        "section": "orders",
        "filter": wanted,
        "page": shown_rows,
        "older": wanted.query(after=shown_rows.after) if shown_rows.after else "",
        "newer": wanted.query(after=shown_rows.before, back=True) if shown_rows.before else "",
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
