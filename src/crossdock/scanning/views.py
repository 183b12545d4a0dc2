"""Scan To Ship: the page, a scan, what became of the scans, and another try."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.rules.codes import cleaned
from crossdock.scanning.choices import told_choice
from crossdock.scanning.models import Answer, Scan
from crossdock.scanning.rows import Row, row_of, rows_of
from crossdock.scanning.scan import begin_anew, scan, sheet_of, try_again
from crossdock.ui.sent import key_of, keys_of, text_of, wants_json

_ASKED_AT_ONCE = 200
_NONCE = 64


@require_GET
@needs(Deed.FULFIL)
def page(request: CompanyRequest) -> HttpResponse:
    """The page with the person's list."""
    sheet = sheet_of(request.company, request.user)
    rows = rows_of(sheet)
    loud = [row for row in rows if row.standing in ("failed", "dead")]
    others = [row for row in rows if row not in loud]
    context = {"sheet": sheet, "rows": [*loud, *others], "section": "orders", "answers": Answer}
    return render(request, "scanning/scan.html", context)


@require_POST
@needs(Deed.FULFIL)
def take(request: CompanyRequest) -> HttpResponse:
    """One scan: the verdict, from our own book alone.

    A plain form (somebody scanned before the page's script was there) leads back to the page.
    """
    code = text_of(request.POST, "code")
    nonce = text_of(request.POST, "nonce", _NONCE) or secrets.token_urlsafe(16)
    if not cleaned(code):
        return JsonResponse({"words": "Nothing was scanned."}, status=400)
    kept, verdict = scan(
        sheet_of(request.company, request.user),
        request.user,
        code,
        nonce=nonce,
        chosen=key_of(request.POST, "order"),
    )
    if not wants_json(request):
        messages.info(request, f"{kept.code}: {kept.words}")
        return redirect("scanning:scan", request.company.slug)
    choices = verdict.choices if verdict else ()
    return JsonResponse({**_told(request, kept), "choices": [told_choice(one) for one in choices]})


@require_GET
@needs(Deed.FULFIL)
def news(request: CompanyRequest) -> JsonResponse:
    """What became of these scans (``?scan=1&scan=2``): the rows as they are now."""
    wanted = keys_of(request.GET, "scan")[:_ASKED_AT_ONCE]
    rows = rows_of(sheet_of(request.company, request.user), only=wanted)
    return JsonResponse({"rows": [_shown(request, row) for row in rows]})


@require_POST
@needs(Deed.FULFIL)
def again(request: CompanyRequest, pk: int) -> HttpResponse:
    """Ship the order of a scan that did not work out once more."""
    kept = get_object_or_404(Scan, pk=pk, attempt__isnull=False)
    try_again(kept, request.user)
    return redirect("scanning:scan", request.company.slug)


@require_POST
@needs(Deed.FULFIL)
def anew(request: CompanyRequest) -> HttpResponse:
    """Begin an empty list."""
    begin_anew(request.company, request.user)
    return redirect("scanning:scan", request.company.slug)


def _told(request: CompanyRequest, kept: Scan) -> dict[str, Any]:
    """The answer to a scan."""
    order = kept.order
    told: dict[str, Any] = {
        "nonce": kept.nonce,
        "code": kept.code,
        "answer": kept.answer,
        "words": kept.words,
        "order": order.channel_order_id if order else "",
        "store": order.store.name if order else "",
    }
    if kept.attempt_id and kept.answer == Answer.READY.value:
        told["row"] = _shown(request, row_of(kept))
    return told


def _shown(request: CompanyRequest, row: Row) -> dict[str, Any]:
    html = render_to_string(
        "scanning/_row.html", {"row": row, "company": request.company}, request=request
    )
    return {
        "scan": row.scan.pk,
        "version": row.version,
        "standing": row.standing,
        "words": row.words,
        "html": html,
    }
