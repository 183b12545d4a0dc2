"""The pages of batches: the list, one batch, its live progress, and what can be done with it."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed, may
from crossdock.companies.types import CompanyRequest
from crossdock.desk.exporting import outcomes_as_csv, outcomes_as_sheet
from crossdock.papers.models import LabelOpening
from crossdock.ui.sent import key_of, text_of
from crossdock.work.action import action_named, known_actions
from crossdock.work.batch import FAILED, ask_again, cancel, progress, progress_of, retry_failed
from crossdock.work.models import Attempt, Batch, State

_ROWS = 200
_BATCHES = 30
_OPENINGS = 20


@require_GET
@needs(Deed.SEE_ORDERS)
def batches(request: CompanyRequest) -> HttpResponse:
    """The batches of everybody in the company, newest first; by action, person, and running or not."""
    rows = _shown_to(request).order_by("-pk")
    action, person = text_of(request.GET, "action"), key_of(request.GET, "person")
    if action:
        rows = rows.filter(action=action)
    if person:
        rows = rows.filter(person_id=person)
    if text_of(request.GET, "running") == "1":
        rows = rows.filter(finished_at__isnull=True)
    if before := key_of(request.GET, "before"):
        rows = rows.filter(pk__lt=before)
    shown = list(rows[: _BATCHES + 1])
    told = progress_of(shown[:_BATCHES])
    context = {
        "rows": [(batch, told[batch.pk]) for batch in shown[:_BATCHES]],
        "before": shown[_BATCHES - 1].pk if len(shown) > _BATCHES else None,
        "actions": known_actions(),
        "people": request.company.people.order_by("name"),
        "section": "batches",
    }
    return render(request, "desk/batches.html", context)


@require_GET
@needs(Deed.SEE_ORDERS)
def batch(request: CompanyRequest, pk: int) -> HttpResponse:
    """One batch: an outcome per order, failures grouped by reason."""
    chosen = get_object_or_404(_shown_to(request), pk=pk)
    attempts = _asked_for(chosen, request)
    after = key_of(request.GET, "after")
    rows = attempts.filter(pk__gt=after) if after else attempts
    shown = list(rows[: _ROWS + 1])
    reasons = (
        chosen.attempts.filter(state__in=(*FAILED, State.UNCLEAR, State.WAITING))
        .values("words")
        .annotate(number=Count("pk"))
        .order_by("-number", "words")[:20]
    )
    progress_now = progress(chosen)
    context = {
        "batch": chosen,
        "action": action_named(chosen.action),
        "progress": progress_now,
        "attempts": shown[:_ROWS],
        "after": shown[_ROWS - 1].pk if len(shown) > _ROWS else None,
        "is_later": bool(after),
        "reasons": reasons,
        "states": [(one.value, progress_now.counts.get(one, 0)) for one in State],
        "state": text_of(request.GET, "state"),
        "may_change": may(request.membership, action_named(chosen.action).deed),
        "form_key": secrets.token_urlsafe(16),
        "openings": _openings(chosen),
        "section": "posting" if chosen.action == "post" else "batches",
    }
    return render(request, "desk/batch.html", context)


def _openings(batch: Batch) -> list[LabelOpening]:
    """Who opened the batch's labels to print them, the newest first."""
    if not batch.product:
        return []
    rows = LabelOpening.objects.filter(batch=batch).select_related("person")
    return list(rows.order_by("-pk")[:_OPENINGS])


@require_GET
@needs(Deed.SEE_ORDERS)
def export(request: CompanyRequest, pk: int) -> StreamingHttpResponse:
    """All outcomes of a batch as CSV, or those of one state or reason; sent as they are read."""
    chosen = get_object_or_404(_shown_to(request), pk=pk)
    answer = StreamingHttpResponse(
        outcomes_as_csv(_asked_for(chosen, request)), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="batch-{chosen.pk}.csv"'
    return answer


@require_GET
@needs(Deed.SEE_ORDERS)
def export_sheet(request: CompanyRequest, pk: int) -> FileResponse:
    """The same as a spreadsheet, with the documents in the books where the batch posted."""
    chosen = get_object_or_404(_shown_to(request), pk=pk)
    posted = chosen.action == "post" and may(request.membership, Deed.SEE_MONEY)
    rows = _asked_for(chosen, request)
    made = outcomes_as_sheet(rows, request.company.zone, with_documents=posted)
    return FileResponse(made, as_attachment=True, filename=f"batch-{chosen.pk}.xlsx")


def _shown_to(request: CompanyRequest) -> QuerySet[Batch]:
    """The batches that this person may look into: what is said of a posting names sums."""
    rows = Batch.objects.select_related("person")
    return rows if may(request.membership, Deed.SEE_MONEY) else rows.exclude(action="post")


def _asked_for(batch: Batch, request: CompanyRequest) -> QuerySet[Attempt]:
    """The batch's attempts, of one state and with one reason where these are asked for."""
    attempts = batch.attempts.select_related("order__store").order_by("pk")
    state, words = text_of(request.GET, "state"), text_of(request.GET, "words")
    if state:
        attempts = attempts.filter(state=state)
    return attempts.filter(words=words) if words else attempts


@require_GET
@needs(Deed.SEE_ORDERS)
def live(request: CompanyRequest, pk: int) -> HttpResponse:
    """The progress panel, asked for every two seconds while the batch runs."""
    chosen = get_object_or_404(_shown_to(request), pk=pk)
    now = progress(chosen)
    if now.running and text_of(request.GET, "settled") == str(now.settled):
        return HttpResponse(status=204)
    answer = render(request, "buttons/_progress.html", {"batch": chosen, "progress": now})
    if not now.running:
        answer["HX-Trigger"] = "batch-finished"
    return answer


@require_POST
@needs(Deed.SEE_ORDERS)
def change(request: CompanyRequest, pk: int) -> HttpResponse:
    """Cancel a batch, try its failures again, or ask again about an unclear one."""
    chosen = get_object_or_404(_shown_to(request), pk=pk)
    if not may(request.membership, action_named(chosen.action).deed):
        raise PermissionDenied("Your role does not include this action.")
    if "cancel" in request.POST:
        stopped = cancel(chosen)
        messages.success(request, f"Stopped. {stopped} orders were not sent.")
    elif "retry" in request.POST:
        key = text_of(request.POST, "form_key", 64) or secrets.token_urlsafe(16)
        words = text_of(request.POST, "words") if "words" in request.POST else None
        chosen = retry_failed(chosen, request.user, form_key=key, words=words)
    elif "ask" in request.POST:
        unclear = Attempt.objects.filter(batch=chosen, state=State.UNCLEAR).select_related("lane")
        for attempt in unclear:
            ask_again(attempt)
        messages.success(request, "The outside system is being asked again.")
    return redirect("desk:batch", request.company.slug, chosen.pk)
