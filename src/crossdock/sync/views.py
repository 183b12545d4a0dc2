"""The page Sync: how each store fares, runs over chosen days, and orders that could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.orders.models import Order
from crossdock.stores.models import FIRST_DAYS, Store
from crossdock.sync import asked
from crossdock.sync.days import moments, today
from crossdock.sync.forms import RunForm, chosen_stores
from crossdock.sync.health import health_of
from crossdock.sync.jobs import defer_unread
from crossdock.sync.models import Pull, Unread
from crossdock.sync.outcome import of_run, token
from crossdock.sync.unread import forget, hurry
from crossdock.ui.sent import key_or_404, text_of

log = structlog.get_logger(__name__)

_RUNS = 20
_UNREAD = 50


@require_GET
@needs(Deed.SEE_HEALTH)
def sync(request: CompanyRequest) -> HttpResponse:
    """How sync fares, and what can be done by hand."""
    last = today(request.company.zone)
    first = last - timedelta(days=FIRST_DAYS)
    initial = {"since": first, "until": last, "by": "updated", "returns": True}
    return _page(request, RunForm(request.company, initial=initial))


@require_POST
@needs(Deed.SYNC_NOW)
def start(request: CompanyRequest) -> HttpResponse:
    """Begin runs over chosen stores and days."""
    form = RunForm(request.company, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    chosen = form.cleaned_data
    since, until = moments(chosen["since"], chosen["until"], request.company.zone)
    asked.ask(
        chosen["stores"],
        request.user,
        since,
        until,
        by_creation=chosen["by"] == "created",
        with_returns=chosen["returns"],
    )
    return redirect("sync:sync", request.company.slug)


@require_GET
@needs(Deed.SEE_HEALTH)
def live(request: CompanyRequest) -> HttpResponse:
    """The list of runs, asked for every two seconds while one is under way."""
    context = _runs()
    if text_of(request.GET, "known") == context["runs_token"]:
        return HttpResponse(status=204)
    return render(request, "sync/_runs.html", context)


@require_POST
@needs(Deed.SYNC_NOW)
def cancel(request: CompanyRequest, pk: int) -> HttpResponse:
    """Stop a run."""
    run = get_object_or_404(Pull, pk=pk, kind=Pull.Kind.ASKED)
    if asked.cancel(run, request.user):
        messages.success(request, "Stopped. What it brought stays.")
    else:
        messages.info(request, "This run had ended before.")
    return redirect("sync:sync", request.company.slug)


@require_POST
@needs(Deed.SYNC_NOW)
def unread(request: CompanyRequest) -> HttpResponse:
    """Try the orders again that could not be read, or forget one of them."""
    if text_of(request.POST, "forget"):
        row = get_object_or_404(Unread, pk=key_or_404(request.POST, "forget"))
        if forget(row):
            log.warning("an unread order was forgotten", store=row.store_id, order=row.order_id,
                        person=request.user.pk)  # fmt: skip
            messages.success(request, f"{row.order_id} is no longer tried by itself.")
        else:
            messages.info(
                request, f"{row.order_id} is in the book, and is tried until it is whole."
            )
    else:
        stores = list(Store.objects.filter(unlinked_at__isnull=True))
        number = hurry(stores)
        for store in stores:
            defer_unread(store)
        messages.success(request, f"{number} are tried again now.")
    return redirect("sync:sync", request.company.slug)


def _page(request: CompanyRequest, form: RunForm, status: int = 200) -> HttpResponse:
    stores = Store.objects.filter(unlinked_at__isnull=True).order_by("channel", "name")
    rows = Unread.objects.filter(store__unlinked_at__isnull=True).select_related("store")
    shown = list(rows.order_by("-last_at")[:_UNREAD])
    context = {
        "section": "stores",
        "health": health_of(stores),
        "form": form,
        "chosen": chosen_stores(request, form),
        "unread": _with_orders(shown),
        "unread_total": rows.count(),
        **_runs(),
    }
    return render(request, "sync/sync.html", context, status=status)


def _runs() -> dict[str, Any]:
    rows = list(_newest_runs())
    return {
        "runs": [(run, of_run(run)) for run in rows],
        "runs_token": token(rows),
        "running": any(run.finished_at is None for run in rows),
    }


def _newest_runs() -> QuerySet[Pull]:
    """What people asked for, and first syncs that are still under way."""
    first = Q(kind=Pull.Kind.FIRST, finished_at__isnull=True)
    runs = Pull.objects.filter(Q(kind=Pull.Kind.ASKED) | first)
    return runs.select_related("store", "person", "cancelled_by").order_by("-pk")[:_RUNS]


def _with_orders(rows: Sequence[Unread]) -> list[tuple[Unread, int | None]]:
    """Each row with its order's number in the book, where it is in it."""
    orders = Order.objects.filter(channel_order_id__in=[row.order_id for row in rows])
    known = {
        (store, one): pk for pk, store, one in orders.values_list("pk", "store", "channel_order_id")
    }
    return [(row, known.get((row.store_id, row.order_id))) for row in rows]
