"""What the shell of every page says of stores that have stopped, also on a page that nobody reloads."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.stores.freshness import stopped
from crossdock.stores.listed import linked_stores
from crossdock.ui.sent import text_of


def stopped_parts(request: HttpRequest) -> dict[str, str]:
    """Name → its part of the shell: ``stopped`` (the banner), ``stopped_mark`` (the mark in the top bar)."""
    context = {"stopped_stores": stopped(linked_stores(request))}
    names = ("stopped", "stopped_mark")
    return {name: render_to_string(f"stores/_{name}.html", context, request) for name in names}


@require_GET
@needs(Deed.SEE_HEALTH)
def stopped_now(request: CompanyRequest) -> HttpResponse:
    """These parts as they are now; 204 when nothing is new since what ``known`` names."""
    told = [(one.names, one.reason, one.remedy) for one in stopped(linked_stores(request)).groups]
    mark = hashlib.sha256(repr(told).encode()).hexdigest()[:16]
    if text_of(request.GET, "known") == mark:
        return HttpResponse(status=204)
    return JsonResponse({"mark": mark, **stopped_parts(request)})
