"""The pages of courier manifests: open ones to be handed over, closed ones to be looked up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.papers.handing_over import Answer, hand_over, leave_out
from crossdock.papers.models import Manifest
from crossdock.papers.parcels import Parcel, counted, counts_of, parcels_of
from crossdock.ui.sent import key_of, text_of, texts_of

_ROWS = 50


@require_GET
@needs(Deed.FULFIL)
def manifests(request: CompanyRequest) -> HttpResponse:
    """The manifests, open ones first, newest first."""
    rows = Manifest.objects.select_related("store", "handed_over_by", "paper__person").order_by(
        "-pk"
    )
    still_open = list(rows.filter(handed_over_at__isnull=True))
    closed = Paginator(rows.filter(handed_over_at__isnull=False), _ROWS)
    page = closed.get_page(text_of(request.GET, "page"))
    counts = counts_of([*still_open, *page])
    context = {
        "still_open": [
            (one, every - dead, dead) for one in still_open for every, dead in [counts[one.pk]]
        ],
        "closed": page,
        "closed_rows": [(one, *counts[one.pk]) for one in page],
        "section": "papers",
    }
    return render(request, "papers/manifests.html", context)


@require_http_methods(["GET", "POST"])
@needs(Deed.FULFIL)
def manifest(request: CompanyRequest, pk: int) -> HttpResponse:
    """One manifest with its parcels; handing it over, and leaving out what did not go."""
    rows = Manifest.objects.select_related("store", "handed_over_by", "paper__person")
    found = get_object_or_404(rows, pk=pk)
    if request.method == "POST":
        return _changed(request, found)
    parcels = parcels_of(found)
    taken_out = found.parcels.filter(taken_out_at__isnull=False).order_by("place")
    context = {
        "manifest": found,
        "parcels": parcels,
        "going": sum(not one.is_dead for one in parcels),
        "dead": counted(parcels),
        "taken_out": taken_out.select_related("package__order", "taken_out_by"),
        "section": "papers",
    }
    return render(request, "papers/manifest.html", context)


def _changed(request: CompanyRequest, found: Manifest) -> HttpResponse:
    parcel_id = key_of(request.POST, "leave_out")
    if "hand_over" in request.POST:
        done = hand_over(found, request.user, _answer(request))
        if done.dead and not done.is_done:
            return _question(request, found, done.dead)
        if done.is_done:
            messages.success(request, f"{found} is handed over to {found.shipment_provider}.")
        else:
            messages.info(request, f"{found} was handed over before.")
    elif parcel_id and leave_out(found, parcel_id, request.user):
        messages.success(request, "The parcel is left out: it is free for the next manifest.")
    else:
        messages.warning(request, "Nothing was changed: this manifest is handed over already.")
    return redirect("papers:manifest", request.company.slug, found.pk)


def _answer(request: CompanyRequest) -> Answer | None:
    """What was decided about dead parcels; None where nothing was: no default is taken for an answer."""
    choice = text_of(request.POST, "dead")
    if choice not in ("take-out", "with-them"):
        return None
    return Answer(frozenset(texts_of(request.POST, "seen")), takes_out=choice == "take-out")


def _question(request: CompanyRequest, found: Manifest, dead: Sequence[Parcel]) -> HttpResponse:
    context: dict[str, Any] = {
        "manifest": found,
        "dead": dead,
        "counted": counted(dead),
        "is_new": bool(texts_of(request.POST, "seen")),
        "section": "papers",
    }
    return render(request, "papers/hand_over.html", context)
