"""The page Completeness: the last days of every store, checks of chosen days, and their log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.stores.models import Store
from crossdock.sync.completeness import begin_checks
from crossdock.sync.days import days, today
from crossdock.sync.forms import DaysForm, chosen_stores
from crossdock.sync.jobs import defer_checks
from crossdock.sync.models import DayCheck
from crossdock.sync.nightly import WEEKLY_DAYS
from crossdock.sync.outcome import Outcome, of_check, token
from crossdock.ui.sent import text_of

_ROWS = 60
_IDS = 200
"""How many missing ids are spelt out on the page."""


@require_GET
@needs(Deed.SEE_HEALTH)
def completeness(request: CompanyRequest) -> HttpResponse:
    """What was proved, and what was found missing."""
    yesterday = today(request.company.zone) - timedelta(days=1)
    initial = {"since": yesterday, "until": yesterday}
    return _page(request, DaysForm(request.company, initial=initial))


@require_POST
@needs(Deed.SYNC_NOW)
def start(request: CompanyRequest) -> HttpResponse:
    """Have chosen days checked."""
    form = DaysForm(request.company, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    chosen = form.cleaned_data
    for store in chosen["stores"]:
        range_ = days(chosen["since"], min(chosen["until"], form.today))
        begin_checks(store, range_, DayCheck.Why.ASKED, request.user)
        defer_checks(store)
    messages.success(request, "The days are being checked.")
    return redirect("sync:completeness", request.company.slug)


@require_GET
@needs(Deed.SEE_HEALTH)
def live(request: CompanyRequest) -> HttpResponse:
    """The log, asked for every two seconds while a check is under way."""
    context = _log(request)
    if text_of(request.GET, "known") == context["checks_token"]:
        return HttpResponse(status=204)
    return render(request, "sync/_checks.html", context)


def _page(request: CompanyRequest, form: DaysForm, status: int = 200) -> HttpResponse:
    context = {
        "section": "stores",
        "form": form,
        "chosen": chosen_stores(request, form),
        **_log(request),
    }
    return render(request, "sync/completeness.html", context, status=status)


def _log(request: CompanyRequest) -> dict[str, Any]:
    rows = DayCheck.objects.select_related("store", "person").defer("seen_ids").order_by("-pk")
    page = Paginator(rows, _ROWS).get_page(text_of(request.GET, "page"))
    shown = list(page.object_list)
    stores = list(Store.objects.filter(unlinked_at__isnull=True).order_by("channel", "name"))
    newest = today(request.company.zone) - timedelta(days=1)
    strip = list(days(newest - timedelta(days=WEEKLY_DAYS - 1), newest))
    return {
        "page": page,
        "checks": [(check, of_check(check), check.gap_ids[:_IDS]) for check in shown],
        "checks_token": token(shown),
        "checking": DayCheck.objects.filter(finished_at__isnull=True).exists(),
        "days": strip,
        "strips": _strips(stores, strip),
    }


def _strips(
    stores: Sequence[Store], chosen: Sequence[date]
) -> list[tuple[Store, list[tuple[date, DayCheck | None, Outcome | None]]]]:
    """Store → for each day the newest check, and what it found."""
    newest = (
        DayCheck.objects.filter(store__in=stores, day__gte=chosen[0])
        .select_related("store")
        .defer("seen_ids")
        .order_by("store", "day", "-pk")
        .distinct("store", "day")
    )
    found = {(check.store_id, check.day): check for check in newest}
    strips = []
    for store in stores:
        checks = [(day, found.get((store.pk, day))) for day in chosen]
        strips.append((store, [(day, one, of_check(one) if one else None) for day, one in checks]))
    return strips
