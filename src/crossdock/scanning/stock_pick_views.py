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
from crossdock.rules.from_outside import LARGEST_COUNT
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
from crossdock.ui.sent import key_of, number_of, text_of, wants_json

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
    code = text_of(request.POST, "code").strip()
    if not cleaned(code):
        return JsonResponse({"words": "Nothing was scanned."}, status=400)
    quantity = number_of(request.POST, "quantity", most=LARGEST_COUNT)
    if quantity is None and text_of(request.POST, "quantity"):
        return JsonResponse({"words": "This is no quantity: type a number."}, status=400)
    told = take(
        request.user,
        code,
        nonce=text_of(request.POST, "nonce", _NONCE) or secrets.token_urlsafe(16),
        quantity=1 if quantity is None else quantity,
        chosen=key_of(request.POST, "order"),
    )
    return _answer(request, told, code)


@require_POST
@needs(Deed.FULFIL)
def by_hand(request: CompanyRequest) -> HttpResponse:
    """Undo the last scan, complete the order in hand by hand, or leave it."""
    deed = text_of(request.POST, "deed")
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
    who, before = key_of(request.GET, "person"), key_of(request.GET, "before")
    if who:
        rows = rows.filter(person_id=who)
    if before:
        rows = rows.filter(pk__lt=before)
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
    if not wants_json(request):
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
