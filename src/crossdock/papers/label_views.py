"""The merged labels of a batch: looked at, asked about, opened."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.papers.models import LabelOpening
from crossdock.papers.opening import (
    Asked,
    NoLabels,
    Unsettled,
    file_of_opening,
    just_opened,
    open_labels,
)
from crossdock.papers.views import shown
from crossdock.ui.sent import text_of
from crossdock.work.models import Batch

_GONE = "This batch has no labels (any more): print them again."
_NAMED = 200
"""Orders named in a question; the rest is counted."""


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Deed.FULFIL)
def awb(request: CompanyRequest, pk: int) -> HttpResponseBase:
    """Open the labels of a batch, shown in the browser so that they can be printed.

    The first opening needs no question, every later one a yes. A request that shows nobody anything
    (HEAD, a prefetch) opens nothing, and a viewer that asks for parts of what it was just given does
    not open it again.
    """
    batches = Batch.objects.filter(action="print_awb").select_related("company", "person")
    batch = get_object_or_404(batches, pk=pk)
    if not batch.product:
        raise Http404(_GONE)
    if request.method == "HEAD":
        return HttpResponse(content_type="application/pdf")
    if "prefetch" in text_of(request.headers, "Sec-Purpose"):
        return HttpResponse(status=204)
    try:
        if "Range" in request.headers and (same := just_opened(batch, request.user)):
            return _file(same)
        return _opened(request, batch)
    except NoLabels:
        raise Http404(_GONE) from None


def _opened(request: CompanyRequest, batch: Batch) -> HttpResponseBase:
    try:
        answer = open_labels(
            batch,
            request.user,
            form_key=text_of(request.POST, "form_key", 64),
            sure="sure" in request.POST,
        )
    except Unsettled:
        messages.warning(request, "Some of these orders are changing just now: open them again.")
        return redirect("desk:batch", request.company.slug, batch.pk)
    return _file(answer) if isinstance(answer, LabelOpening) else _question(request, batch, answer)


def _file(opening: LabelOpening) -> HttpResponseBase:
    return shown(file_of_opening(opening), f"awb-{opening.batch_id}.pdf", _GONE)


def _question(request: CompanyRequest, batch: Batch, asked: Asked) -> HttpResponse:
    context = {
        "batch": batch,
        "asked": asked,
        "again": asked.again[:_NAMED],
        "more": max(len(asked.again) - _NAMED, 0),
        "form_key": secrets.token_urlsafe(16),
        "section": "batches",
    }
    answer = render(request, "papers/open_again.html", context)
    answer["Cache-Control"] = "no-store"
    return answer
