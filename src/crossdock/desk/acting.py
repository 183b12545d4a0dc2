"""A button was pressed: what was chosen, what has to be asked first, and the batch that begins."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.timezone import is_aware
from django.views.decorators.http import require_POST

from crossdock.buttons.asking import (
    as_chosen,
    ask,
    ask_at,
    begin,
    chosen_ids,
    chosen_orders,
    go_back,
    sorted_out,
    stored_filter,
)
from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed, may
from crossdock.companies.types import CompanyRequest
from crossdock.desk.buttons import split
from crossdock.desk.how import chosen
from crossdock.desk.ways import unsaid
from crossdock.papers.opening import REPRINTS_ASKED_AT
from crossdock.papers.reprints import printed_before
from crossdock.posting.forecast import forecast
from crossdock.ui.sent import text_of
from crossdock.work.action import Action, action_named
from crossdock.work.batch import AT_ONCE, all_that_match, selected

ASKED_AT = {
    "answer_cancellation": "cancellations",
    "answer_return": "returns",
    "cancel_order": "cancel",
}
"""Actions whose questions have addresses of their own, since a channel is asked there."""
ALWAYS_ASKED = frozenset({"post", "repack"})


@require_POST
@needs(Deed.SEE_ORDERS)
def act(request: CompanyRequest) -> HttpResponse:
    """Begin an action over the ticked orders, or (Post Order with none ticked, "all that match")
    over all of the tab that match. What has to be asked first is asked."""
    name, answer = split(text_of(request.POST, "action"))
    try:
        action = action_named(name)
    except LookupError:
        messages.error(request, "There is no such action.")
        return redirect("desk:orders", request.company.slug)
    if not may(request.membership, action.deed):
        return render(
            request, "403.html", {"exception": "Your role does not include this."}, status=403
        )
    ids = chosen_ids(request.POST)
    everything = text_of(request.POST, "all") == "1" or (
        name == "post" and "orders" not in request.POST
    )
    if not ids and not everything:
        messages.warning(request, f"Tick the orders to {_verb(action, answer)} first.")
        return go_back(request)
    if name in ASKED_AT:
        return _ask_elsewhere(request, name, answer, ids)
    if "sure" not in request.POST and (question := _question(request, action, ids, everything)):
        return question
    if name == "ship" and unsaid(chosen(request)[0]):
        return ask_at(request, "how")
    return begin(request, action, None if everything else ids, _asked_at(request, action))


def _asked_at(request: CompanyRequest, action: Action) -> dict[str, str]:
    """When the person was asked about labels that were printed before, for the batch to remember."""
    if action.name != "print_awb" or "sure" not in request.POST:
        return {}
    now = timezone.now()
    try:
        told = datetime.fromisoformat(text_of(request.POST, "asked_at"))
    except ValueError:
        told = now
    return {REPRINTS_ASKED_AT: (min(told, now) if is_aware(told) else now).isoformat()}


def _verb(action: Action, answer: str) -> str:
    return answer or action.title.lower()


def _ask_elsewhere(
    request: CompanyRequest, name: str, answer: str, ids: Sequence[int]
) -> HttpResponse:
    """Answers to people are asked for at addresses of their own, for ticked orders only."""
    if not ids:
        messages.warning(request, "Tick the orders one by one: each is an answer to a person.")
        return go_back(request)
    if name == "cancel_order":
        return redirect("desk:cancel", request.company.slug, ids[0])
    return ask_at(request, ASKED_AT[name], answer=answer)


def _ask_post(
    request: CompanyRequest, action: Action, ids: Sequence[int], everything: bool
) -> HttpResponse:
    """What would go to the books, and what is left out."""
    selection = (
        {"filter": stored_filter(request), "up_to": sys.maxsize}
        if everything
        else {"ids": list(ids)}
    )
    told = forecast(request.company, selected(selection))
    context = {
        "title": action.title,
        "verb": action.title,
        "action": action,
        "everything": everything,
        "ids": [] if everything else ids,
        "forecast": told,
        "can_go": told.going > 0,
    }
    return ask(request, "buttons/_ask_words.html", context)


def _question(
    request: CompanyRequest, action: Action, ids: Sequence[int], everything: bool
) -> HttpResponse | None:
    """Say what cannot be done, cannot be undone, or was done before, before anything is started."""
    if action.name == "post":
        return _ask_post(request, action, ids, everything)
    looked_at = _looked_at(request, ids, everything)
    going, refusals = sorted_out(action, chosen_orders(looked_at), {})
    again = printed_before(going) if action.name == "print_awb" else []
    if action.name not in ALWAYS_ASKED and not refusals and not again:
        return None
    stopped = sum(refusals.values())
    context = {
        "title": action.title,
        "verb": action.title,
        "action": action,
        "everything": everything,
        "ids": [] if everything else as_chosen(request.POST),
        "looked_at": len(looked_at),
        "stopped": stopped,
        "going": (len(looked_at) or len(ids)) - stopped,
        "can_go": not looked_at or bool(going),
        "reasons": refusals.most_common(),
        "again": again,
        "asked_at": timezone.now().isoformat(),
    }
    return ask(request, "buttons/_ask_words.html", context)


def _looked_at(request: CompanyRequest, ids: Sequence[int], everything: bool) -> Sequence[int]:
    """The orders that are looked at before the start; none where they are too many to look at while
    somebody waits: their outcomes tell then."""
    if everything:
        matching = selected(all_that_match(stored_filter(request))).order_by()
        ids = list(matching.values_list("pk", flat=True)[: AT_ONCE + 1])
    return ids if len(ids) <= AT_ONCE else ()
