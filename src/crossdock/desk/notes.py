"""Our own note on an order: one text, whose changes the history keeps."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.orders.marks import set_note
from crossdock.orders.record import locked
from crossdock.ui.sent import text_of

LONGEST = 2000


@require_POST
@needs(Deed.FULFIL)
def write_note(request: CompanyRequest, pk: int) -> HttpResponse:
    """Keep the note. Where somebody else has written meanwhile, theirs stays, and both are shown."""
    text = text_of(request.POST, "note").strip()[:LONGEST]
    seen = text_of(request.POST, "seen").strip()
    with transaction.atomic():
        orders = locked([pk])
        if not orders:
            raise Http404("There is no such order.")
        (order,) = orders
        if order.our_note.replace("\r", "") != seen.replace("\r", ""):
            request.session[f"note-{pk}"] = text
            messages.warning(
                request,
                "Somebody wrote another note meanwhile. It is kept; yours stands below it, to be saved again.",
            )
        elif order.our_note != text:
            set_note(order, text, request.user)
            messages.success(request, "The note is kept.")
    return redirect(f"{reverse('desk:order', args=[request.company.slug, pk])}#note")
