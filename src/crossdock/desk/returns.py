"""Answering returns: one move in one return, or a bare Accept or Reject for many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from crossdock.buttons.asking import ask, begin, chosen_ids, chosen_orders, sorted_out
from crossdock.buttons.channel_form import FormQuestion, collect, load_form, options_of
from crossdock.channels.answers import Form
from crossdock.channels.contract import Channel, Shop
from crossdock.channels.registry import channel
from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.orders.facts import return_facts
from crossdock.orders.models import Order, Return
from crossdock.rules.allowed import move_for
from crossdock.rules.facts import ReturnMove
from crossdock.ui.sent import sent_with, text_of, texts_of
from crossdock.ui.sent_size import takes_files
from crossdock.work.action import action_named

ACCEPT, REJECT = "accept", "reject"


@require_http_methods(["GET", "POST"])
@needs(Deed.ANSWER)
@takes_files(megabytes=64)
def returns(request: CompanyRequest) -> HttpResponse:
    """Accept or reject the returns of the ticked orders: asked first, then begun.

    Accept is the first move that gives in, Reject the first that refuses. A form is filled once for
    all returns of a channel that get the same move; where each needs its own, they are answered one
    by one.
    """
    data = sent_with(request)
    answer = REJECT if text_of(data, "answer") == REJECT else ACCEPT
    shown = set(texts_of(data, "shown")) if request.method == "POST" else None
    groups, stopped = _grouped(chosen_orders(chosen_ids(data), "returns"), answer, shown)
    for group in groups:
        load_form(request, group, _form_of(ReturnMove(group.what)))
    alone = [group for group in groups if _needs_its_own(group)]
    groups = [group for group in groups if group not in alone]
    going = [order for group in groups if group.form for order in group.orders]
    if request.method == "POST" and going:
        filled = collect(groups)
        if filled is not None:
            options = {"answer": answer, "moves": _moves(groups), **options_of(filled)}
            pks = [order.pk for order in going]
            return begin(request, action_named("answer_return"), pks, options)
    context = {
        "title": f"{answer.capitalize()} {_returns(len(going))}",
        "verb": answer.capitalize(),
        "answer": answer,
        "going": going,
        "can_go": bool(going),
        "groups": groups,
        "shown": [
            mark(order, group.what) for group in groups if group.form for order in group.orders
        ],
        "alone": [order for group in alone for order in group.orders],
        "stopped": stopped.most_common(),
    }
    return ask(request, "desk/_ask_returns.html", context)


@require_http_methods(["GET", "POST"])
@needs(Deed.ANSWER)
@takes_files(megabytes=64)
def one_return(request: CompanyRequest, pk: int) -> HttpResponse:
    """One move in one return, with the form that the channel has for it."""
    row = get_object_or_404(Return.objects.select_related("order__store"), pk=pk)
    data = sent_with(request)
    move = _move(text_of(data, "move"), row)
    action = action_named("answer_return")
    order = row.order
    options: dict[str, Any] = {"moves": {str(order.pk): [row.return_id, move.value]}}
    going, stopped = sorted_out(action, [order], options)
    groups = (
        [FormQuestion(order.store.channel, move.value, order.store.name, [order])] if going else []
    )
    for group in groups:
        load_form(request, group, _form_of(move, row))
    going = [order for group in groups if group.form]
    if request.method == "POST" and going:
        filled = collect(groups)
        if filled is not None:
            return begin(request, action, [order.pk], {**options, **options_of(filled)})
    context = {
        "title": f"{move.heading}: return {row.return_id}",
        "verb": move.heading,
        "move": move,
        "back": reverse("desk:order", args=[request.company.slug, order.pk]),
        "return": row,
        "order": order,
        "going": going,
        "can_go": bool(going),
        "groups": groups,
        "stopped": stopped.most_common(),
    }
    return ask(request, "desk/_ask_return.html", context)


def waiting(order: Order) -> list[Return]:
    """The returns of an order that wait for the seller. Its returns are loaded."""
    return [row for row in order.returns.all() if row.waits_for_us]


def mark(order: Order, move: str) -> str:
    """Names the move that a person saw, so that no other is made."""
    return f"{order.pk}:{waiting(order)[0].pk}:{move}"


def _grouped(
    orders: Iterable[Order], answer: str, shown: set[str] | None
) -> tuple[list[FormQuestion], Counter[str]]:
    """A form for each channel and move, and why some orders get no answer this way."""
    groups: dict[tuple[str, ReturnMove], FormQuestion] = {}
    stopped: Counter[str] = Counter()
    for order in orders:
        rows = waiting(order)
        moves = tuple(ReturnMove(one) for one in rows[0].moves) if rows else ()
        move = move_for(moves, accept=answer == ACCEPT)
        if not rows:
            stopped["No return waits for an answer"] += 1
        elif len(rows) > 1:
            stopped["Several returns wait: answer each on the order's page"] += 1
        elif move is None:
            stopped[f"Cannot be {answer}ed now: the return is {rows[0].status}"] += 1
        elif shown is not None and mark(order, move.value) not in shown:
            stopped["Changed meanwhile: look again"] += 1
        else:
            name = order.store.channel
            heading = f"{channel(name).title}: {move.heading.lower()}"
            group = groups.setdefault((name, move), FormQuestion(name, move.value, heading))
            group.orders.append(order)
    return list(groups.values()), stopped


def _needs_its_own(group: FormQuestion) -> bool:
    """Whether one filled form cannot serve all of the group: amounts and pictures differ."""
    asked = group.form.asked if group.form else None
    if asked is None or len(group.orders) == 1:
        return False
    return asked.least_amount is not None or asked.least_images > 0


def _form_of(move: ReturnMove, row: Return | None = None) -> Any:
    """What tells the form of a move: in this return, or in the one of an order that waits."""

    def tell(known: Channel, shop: Shop, order: Order) -> Form:
        chosen = row or waiting(order)[0]
        return known.return_form(shop, return_facts(chosen), move)

    return tell


def _moves(groups: Iterable[FormQuestion]) -> dict[str, list[str]]:
    return {
        str(order.pk): [waiting(order)[0].return_id, group.what]
        for group in groups
        if group.form
        for order in group.orders
    }


def _move(text: str, row: Return) -> ReturnMove:
    """The move that is asked for; the mildest where none is named."""
    try:
        return ReturnMove(text)
    except ValueError:
        return ReturnMove(row.moves[0]) if row.moves else ReturnMove.REFUND


def _returns(number: int) -> str:
    return f"{number} returns" if number != 1 else "return"
