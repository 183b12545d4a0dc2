"""Stock Pick: the page, a scan on it, what is done by hand, and the list of verified orders."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from crossdock.companies.entrance import needs
from crossdock.companies.models import Person
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.rules.codes import cleaned
from crossdock.rules.verification import Standing
from crossdock.scanning.choices import told_choice
from crossdock.scanning.models import Verification
from crossdock.scanning.stock_pick import (
    Told,
    complete_by_hand,
    in_hand,
    items_of,
    leave,
    take,
    undo,
)

_PAGE = 50
_NONCE = 64


@require_GET
@needs(Deed.FULFIL)
def page(request: CompanyRequest) -> HttpResponse:
    """The page, with the order in hand."""
    context = {**_in_hand(request), "section": "orders"}
    return render(request, "scanning/stock_pick.html", context)


@require_POST
@needs(Deed.FULFIL)
def scan(request: CompanyRequest) -> HttpResponse:
    """One scan: the order to verify, or an item of the one in hand."""
    code = request.POST.get("code", "").strip()
    if not cleaned(code):
        return JsonResponse({"words": "Nothing was scanned."}, status=400)
    chosen, quantity = request.POST.get("order", ""), request.POST.get("quantity", "")
    told = take(
        request.user,
        code,
        nonce=request.POST.get("nonce", "")[:_NONCE] or secrets.token_urlsafe(16),
        quantity=int(quantity) if quantity.isdigit() else 1,
        chosen=int(chosen) if chosen.isdigit() else None,
    )
    return _answer(request, told, code)


@require_POST
@needs(Deed.FULFIL)
def by_hand(request: CompanyRequest) -> HttpResponse:
    """Undo the last scan, complete the order in hand by hand, or leave it."""
    deed = request.POST.get("deed", "")
    told: Told | None = None
    if deed == "undo":
        told = undo(request.user)
    elif deed == "complete":
        told = complete_by_hand(request.user)
    elif deed == "leave":
        leave(request.user)
    return _answer(request, told or Told("", "Scan the next order."), "")


@require_GET
@needs(Deed.FULFIL)
def verified(request: CompanyRequest) -> HttpResponse:
    """Verified orders, newest first; ``?person=`` those of one, ``?before=`` the next page."""
    rows = Verification.objects.filter(ended_at__isnull=False).exclude(
        outcome=Verification.Outcome.LEFT
    )
    who, before = request.GET.get("person", ""), request.GET.get("before", "")
    if who.isdigit():
        rows = rows.filter(person_id=int(who))
    if before.isdigit():
        rows = rows.filter(pk__lt=int(before))
    shown = list(rows.select_related("order__store", "person").order_by("-pk")[: _PAGE + 1])
    context = {
        "rows": shown[:_PAGE],
        "next": shown[_PAGE - 1].pk if len(shown) > _PAGE else None,
        "people": Person.objects.filter(memberships__company=request.company).order_by(
            "name", "email"
        ),
        "who": who,
        "section": "orders",
    }
    return render(request, "scanning/verified.html", context)


def _answer(request: CompanyRequest, told: Told, code: str) -> HttpResponse:
    if "application/json" not in request.headers.get("Accept", ""):
        messages.info(request, f"{code} {told.words}".strip())
        return redirect("scanning:stock-pick", request.company.slug)
    order = told.order
    return JsonResponse(
        {
            "answer": told.answer,
            "words": told.words,
            "code": code,
            "order": order.channel_order_id if order else "",
            "store": order.store.name if order else "",
            "choices": [told_choice(one) for one in told.choices],
            "html": render_to_string("scanning/_in_hand.html", _in_hand(request), request=request),
        }
    )


def _in_hand(request: CompanyRequest) -> dict[str, Any]:
    current = in_hand(request.user)
    items = items_of(current) if current else []
    return {
        "current": current,
        "items": items,
        "is_over": any(item.standing is Standing.OVERSCAN for item in items),
        "has_scans": any(item.scanned for item in items),
        "company": request.company,
    }
