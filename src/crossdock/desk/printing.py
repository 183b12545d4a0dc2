"""Printing from the list: papers of the ticked orders, or of all that match."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from crossdock.buttons.asking import chosen_ids, go_back, stored_filter
from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.papers.making import ask_for
from crossdock.papers.models import Kind, Size
from crossdock.papers.stamp import settings_of
from crossdock.ui.sent import text_of
from crossdock.work.batch import all_that_match

_ON_A4 = frozenset({Kind.PICKING_SUMMARY, Kind.MANIFEST})
"""Papers with wide tables: on A4 where the company has not asked for another one."""


@require_POST
@needs(Deed.FULFIL)
def print_paper(request: CompanyRequest) -> HttpResponse:
    """Have a paper made, and go where it opens as soon as it is ready (a tab of its own)."""
    try:
        kind = Kind(text_of(request.POST, "paper"))
    except ValueError:
        messages.error(request, "There is no such paper.")
        return go_back(request)
    ids = chosen_ids(request.POST)
    everything = text_of(request.POST, "all") == "1"
    if not ids and not everything:
        messages.warning(request, f"Tick the orders for the {kind.heading} first.")
        return go_back(request)
    paper = ask_for(
        request.company,
        request.user,
        kind,
        form_key=f"{kind}-{text_of(request.POST, 'form_key') or secrets.token_urlsafe(16)}"[:64],
        selection=all_that_match(stored_filter(request)) if everything else {"ids": ids},
        size=_size(request, kind),
        options={"per_store": text_of(request.POST, "per_store") == "1"},
    )
    return redirect("papers:paper", request.company.slug, paper.pk)


def _size(request: CompanyRequest, kind: Kind) -> Size:
    """The size that was asked for, else the company's."""
    asked = text_of(request.POST, "size")
    if asked in list(Size):
        return Size(asked)
    return Size.A4 if kind in _ON_A4 else Size(settings_of(request.company).size)
