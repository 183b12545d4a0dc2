"""From a button to a batch: what was chosen, what has to be asked first, and the answer to the page.

A question is a dialog where htmx asks, and a page of its own without.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.encoding import iri_to_uri

from crossdock.companies.types import CompanyRequest
from crossdock.orders.models import Order
from crossdock.ui.sent import key_of, keys_of, sent_with, text_of
from crossdock.work.action import Action
from crossdock.work.batch import AT_ONCE, progress, start
from crossdock.work.models import Priority

_LONGEST_KEY = 64
_PASSED_ON = ("all", "query", "form_key", "from")

_lists: list[Callable[[CompanyRequest], dict[str, Any]]] = []


def register_list(stored: Callable[[CompanyRequest], dict[str, Any]]) -> None:
    """Tell how the filter of the list that a person looks at is kept by a batch. Called once, by the room
    of that list, at start."""
    _lists[:] = [stored]


def stored_filter(request: CompanyRequest) -> dict[str, Any]:
    """Return the filter of the list that the person looks at, as a batch keeps it."""
    return _lists[0](request)


def chosen_ids(data: QueryDict) -> list[int]:
    """The chosen orders of a form: ticked ones as they stand there, scanned ones (``as_scanned``) in the
    order of the scans, since the scanner's page shows the newest first."""
    ids = as_chosen(data)
    return ids[::-1] if _is_scanned(data) else ids


def as_chosen(data: QueryDict) -> list[int]:
    """The same as the form holds them, to be asked about and sent again."""
    return keys_of(data, "orders")


def chosen_orders(ids: Sequence[int], *prefetch: str) -> list[Order]:
    """The company's orders among these, at most as many as a page has, with all that rules read."""
    rows = Order.objects.filter(pk__in=list(ids)[:AT_ONCE]).select_related("store__company")
    return list(rows.prefetch_related("lines", "packages", *prefetch).order_by("-created_at", "pk"))


def sorted_out(
    action: Action, orders: Iterable[Order], options: Mapping[str, Any]
) -> tuple[list[Order], Counter[str]]:
    """The orders that the action can be done to as the book has them, and why not the others."""
    going, stopped = [], Counter[str]()
    for order in orders:
        refusal = action.refusal(order, options)
        if refusal is None:
            going.append(order)
        else:
            stopped[refusal.words.rstrip(".")] += 1
    return going, stopped


def ask(request: CompanyRequest, body: str, context: Mapping[str, Any]) -> HttpResponse:
    """Show a question: ``body`` is the template of what stands in its form."""
    data = sent_with(request)
    whole = {
        "section": "orders",
        "body": body,
        "query": text_of(data, "query"),
        "form_key": text_of(data, "form_key", _LONGEST_KEY) or secrets.token_urlsafe(16),
        "from_order": key_of(data, "from") or "",
        "is_scanned": _is_scanned(data),
        "back": back(request, data),
        "here": request.get_full_path(),
        "post_to": request.path,
        **context,
    }
    answer = render(
        request, "buttons/_dialog.html" if request.htmx else "buttons/dialog.html", whole
    )
    if request.htmx:
        answer["HX-Retarget"], answer["HX-Reswap"] = "#asking", "innerHTML"
    return answer


def ask_at(request: CompanyRequest, name: str, **more: str) -> HttpResponse:
    """Go on at the address where the question is asked, with what was chosen."""
    data = request.POST
    pairs = [("orders", str(one)) for one in as_chosen(data)]
    pairs += [(name, said) for name in _PASSED_ON if (said := text_of(data, name))]
    query = urlencode([*pairs, *more.items()])
    return redirect(f"{reverse(f'desk:{name}', args=[request.company.slug])}?{query}")


def begin(
    request: CompanyRequest,
    action: Action,
    ids: Sequence[int] | None,
    options: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Start the batch, over these orders or (None) over all that match the filter, and show it."""
    key = text_of(request.POST, "form_key", _LONGEST_KEY) or secrets.token_urlsafe(16)
    batch = start(
        request.company,
        request.user,
        action.name,
        form_key=key,
        order_ids=ids,
        filter=None if ids is not None else stored_filter(request),
        options={**_as_chosen(request, ids), **(options or {})},
        priority=Priority.CLICK if ids is not None and len(ids) == 1 else Priority.BATCH,
    )
    if not request.htmx:
        return redirect("desk:batch", request.company.slug, batch.pk)
    answer = render(
        request, "buttons/_progress.html", {"batch": batch, "progress": progress(batch)}
    )
    answer["HX-Trigger-After-Swap"] = "batch-started"
    return answer


def _as_chosen(request: CompanyRequest, ids: Sequence[int] | None) -> dict[str, Any]:
    """The order in which they were chosen, and whether that is how they were scanned."""
    if ids is None:
        return {}
    scanned = {"as_scanned": True} if _is_scanned(request.POST) else {}
    return {"order": list(ids), **scanned}


def _is_scanned(data: QueryDict) -> bool:
    return text_of(data, "as_scanned") == "1"


def go_back(request: CompanyRequest) -> HttpResponse:
    """Send the person back to where they came from, as a whole page (with its messages)."""
    where = back(request, request.POST)
    return HttpResponse(headers={"HX-Redirect": where}) if request.htmx else redirect(where)


def back(request: CompanyRequest, data: QueryDict) -> str:
    """Return where the person came from: an order, or the list with its filter."""
    if order := key_of(data, "from"):
        return reverse("desk:order", args=[request.company.slug, order])
    query = iri_to_uri(text_of(data, "query"))
    return f"{reverse('desk:orders', args=[request.company.slug])}?{query}"
