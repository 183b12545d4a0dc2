"""The orders page and the order page."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from urllib.parse import parse_qsl

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed, may
from crossdock.companies.types import CompanyRequest
from crossdock.desk.buttons import buttons
from crossdock.desk.counts import counts, shown
from crossdock.desk.filter import POSTABLE, SIZES, Filter, page
from crossdock.orders.models import Order
from crossdock.posting.status import posting_status
from crossdock.rules.facts import Tab
from crossdock.stores.models import Store
from crossdock.work.action import Action, action_named
from crossdock.work.batch import AT_ONCE, progress, running, start
from crossdock.work.models import Priority


@require_GET
@needs(Deed.SEE_ORDERS)
def orders(request: CompanyRequest) -> HttpResponse:
    """The orders under a tab, with counts for all tabs."""
    wanted, problems = Filter.from_query(request.GET)
    for problem in problems:
        messages.warning(request, problem)
    rows = wanted.of_tab(wanted.orders(request.company), wanted.tab)
    shown_rows = page(wanted, rows.select_related("store").prefetch_related("lines", "packages"))
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
        "buttons": buttons(wanted.tab, request.membership),
        "postable": postable,
        "posting_status": posting_status()
        if postable and may(request.membership, Deed.SEE_MONEY)
        else None,
        "archived_query": wanted.query(archived=not wanted.archived),
        "stores": Store.objects.filter(unlinked_at__isnull=True).order_by("name"),
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
    over all of the tab that match."""
    try:
        action = action_named(request.POST.get("action", ""))
    except LookupError:
        messages.error(request, "There is no such action.")
        return redirect("desk:orders", request.company.slug)
    if not may(request.membership, action.deed):
        return render(
            request, "403.html", {"exception": "Your role does not include this."}, status=403
        )
    back = f"{reverse('desk:orders', args=[request.company.slug])}?{request.POST.get('query', '')}"
    ids = [int(one) for one in request.POST.getlist("orders") if one.isdigit()]
    everything = request.POST.get("all") == "1" or (action.name == "post" and not ids)
    if not ids and not everything:
        messages.warning(request, f"Tick the orders to {action.title.lower()} first.")
        return redirect(back)
    chosen = Order.objects.filter(pk__in=ids)
    wanted, _ = Filter.from_query(_query_of(request))
    if "sure" not in request.POST:
        refusals = Counter() if everything or len(ids) > AT_ONCE else _refusals(action, chosen)
        if action.name == "post" or refusals:
            return _ask_first(request, action, [] if everything else ids, refusals)
    key = request.POST.get("form_key", "") or secrets.token_urlsafe(16)
    batch = start(
        request.company,
        request.user,
        action.name,
        form_key=key[:64],
        order_ids=None if everything else ids,
        filter=wanted.stored(request.company) if everything else None,
        options={"order": ids} if not everything else {},
        priority=Priority.CLICK if len(ids) == 1 else Priority.BATCH,
    )
    if request.htmx:
        context = {"batch": batch, "progress": progress(batch)}
        answer = render(request, "desk/_progress.html", context)
        answer["HX-Trigger-After-Swap"] = "batch-started"
        return answer
    return redirect("desk:batch", request.company.slug, batch.pk)


@require_GET
@needs(Deed.SEE_ORDERS)
def order(request: CompanyRequest, pk: int) -> HttpResponse:
    """One order, with everything that happened to it."""
    rows = Order.objects.select_related("store").prefetch_related("lines", "packages")
    chosen = get_object_or_404(rows, pk=pk)
    context = {
        "section": "orders",
        "order": chosen,
        "tab": Tab(chosen.tab),
        "history": chosen.history.select_related("person").order_by("-pk")[:200],
        "buttons": buttons(Tab(chosen.tab), request.membership),
        "form_key": secrets.token_urlsafe(16),
        "attempts": chosen.attempts.order_by("-pk")[:20],
    }
    return render(request, "desk/order.html", context)


def _query_of(request: CompanyRequest) -> dict[str, str]:
    return dict(parse_qsl(request.POST.get("query", "")))


def _refusals(action: Action, chosen: QuerySet[Order]) -> Counter[str]:
    """Reason → how many of the chosen orders cannot be done, as the book has them now."""
    rows = chosen.select_related("store").prefetch_related("lines", "packages")
    found = (action.refusal(one, {}) for one in rows) if action.name != "post" else ()
    return Counter(refusal.words.rstrip(".") for refusal in found if refusal is not None)


def _ask_first(
    request: CompanyRequest, action: Action, ids: Sequence[int], refusals: Counter[str]
) -> HttpResponse:
    """Say what cannot be done before anything is started."""
    stopped = sum(refusals.values())
    context = {
        "action": action,
        "everything": not ids,
        "ids": ids,
        "stopped": stopped,
        "going": len(ids) - stopped,
        "reasons": refusals.most_common(),
        "query": request.POST.get("query", ""),
        "form_key": request.POST.get("form_key", ""),
        "section": "orders",
    }
    answer = render(request, "desk/_ask.html" if request.htmx else "desk/ask.html", context)
    if request.htmx:
        answer["HX-Retarget"] = "#asking"
    return answer
