"""The pages of courier manifests: open ones to be handed over, closed ones to be looked up."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.papers.manifests import hand_over, leave_out, parcels_of
from crossdock.papers.models import Manifest
from crossdock.ui.sent import key_of, text_of

_ROWS = 50


@require_GET
@needs(Deed.FULFIL)
def manifests(request: CompanyRequest) -> HttpResponse:
    """The manifests, open ones first, newest first."""
    rows = (
        Manifest.objects.select_related("store", "handed_over_by", "paper__person")
        .annotate(parcel_count=Count("parcels"))
        .order_by("-pk")
    )
    still_open = list(rows.filter(handed_over_at__isnull=True))
    closed = Paginator(rows.filter(handed_over_at__isnull=False), _ROWS)
    context = {
        "still_open": still_open,
        "closed": closed.get_page(text_of(request.GET, "page")),
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
        _change(request, found)
        return redirect("papers:manifest", request.company.slug, pk)
    context = {"manifest": found, "parcels": parcels_of(found), "section": "papers"}
    return render(request, "papers/manifest.html", context)


def _change(request: CompanyRequest, found: Manifest) -> None:
    parcel_id = key_of(request.POST, "leave_out")
    if "hand_over" in request.POST:
        if hand_over(found, request.user):
            messages.success(request, f"{found} is handed over to {found.shipment_provider}.")
        else:
            messages.info(request, f"{found} was handed over before.")
    elif parcel_id and leave_out(found, parcel_id):
        messages.success(request, "The parcel is left out: it is free for the next manifest.")
    else:
        messages.warning(request, "Nothing was changed: this manifest is handed over already.")
