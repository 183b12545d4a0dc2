"""The pages of batches: the list, one batch, its live progress, and what can be done with it."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed, may
from crossdock.companies.types import CompanyRequest
from crossdock.work.action import action_named
from crossdock.work.batch import FAILED, ask_again, cancel, progress, retry_failed
from crossdock.work.models import Attempt, Batch, State

_ROWS = 200


@require_GET
@needs(Deed.SEE_ORDERS)
def batches(request: CompanyRequest) -> HttpResponse:
    """The newest batches of everybody in the company."""
    newest = Batch.objects.select_related("person").order_by("-pk")[:50]
    rows = [(batch, action_named(batch.action), progress(batch)) for batch in newest[:30]]
    return render(request, "desk/batches.html", {"rows": rows, "section": "batches"})


@require_GET
@needs(Deed.SEE_ORDERS)
def batch(request: CompanyRequest, pk: int) -> HttpResponse:
    """One batch: an outcome per order, failures grouped by reason."""
    chosen = get_object_or_404(Batch.objects.select_related("person"), pk=pk)
    attempts = chosen.attempts.select_related("order__store").order_by("pk")
    state, words = request.GET.get("state", ""), request.GET.get("words", "")
    if state:
        attempts = attempts.filter(state=state)
    if words:
        attempts = attempts.filter(words=words)
    reasons = (
        chosen.attempts.filter(state__in=(*FAILED, State.UNCLEAR, State.WAITING))
        .values("words")
        .annotate(number=Count("pk"))
        .order_by("-number", "words")[:20]
    )
    context = {
        "batch": chosen,
        "action": action_named(chosen.action),
        "progress": progress(chosen),
        "attempts": Paginator(attempts, _ROWS).get_page(request.GET.get("page")),
        "reasons": reasons,
        "state": state,
        "form_key": secrets.token_urlsafe(16),
        "section": "posting" if chosen.action == "post" else "batches",
    }
    return render(request, "desk/batch.html", context)


@require_GET
@needs(Deed.SEE_ORDERS)
def live(request: CompanyRequest, pk: int) -> HttpResponse:
    """The progress panel, asked for every two seconds while the batch runs."""
    chosen = get_object_or_404(Batch, pk=pk)
    now = progress(chosen)
    if now.running and request.GET.get("settled") == str(now.settled):
        return HttpResponse(status=204)
    answer = render(request, "desk/_progress.html", {"batch": chosen, "progress": now})
    if not now.running:
        answer["HX-Trigger"] = "batch-finished"
    return answer


@require_POST
@needs(Deed.SEE_ORDERS)
def change(request: CompanyRequest, pk: int) -> HttpResponse:
    """Cancel a batch, try its failures again, or ask again about an unclear one."""
    chosen = get_object_or_404(Batch, pk=pk)
    if not may(request.membership, action_named(chosen.action).deed):
        raise PermissionDenied("Your role does not include this action.")
    if "cancel" in request.POST:
        stopped = cancel(chosen)
        messages.success(request, f"Stopped. {stopped} orders were not sent.")
    elif "retry" in request.POST:
        key = request.POST.get("form_key", "") or secrets.token_urlsafe(16)
        chosen = retry_failed(chosen, request.user, form_key=key[:64])
    elif "ask" in request.POST:
        unclear = Attempt.objects.filter(batch=chosen, state=State.UNCLEAR).select_related("lane")
        for attempt in unclear:
            ask_again(attempt)
        messages.success(request, "The outside system is being asked again.")
    return redirect("desk:batch", request.company.slug, chosen.pk)
