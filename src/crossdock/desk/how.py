"""How the chosen orders are handed over: asked once before To Ship, where nobody has said it yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_http_methods

from crossdock.buttons.asking import ask, begin, chosen_ids, stored_filter
from crossdock.channels.shipping import HowToShip, Method
from crossdock.companies.entrance import needs
from crossdock.companies.rights import Deed
from crossdock.companies.types import CompanyRequest
from crossdock.desk import pasted, ways
from crossdock.desk.ways import Kind
from crossdock.orders.models import Order
from crossdock.stores.ways import json_of, remember
from crossdock.ui.sent import sent_with, text_of
from crossdock.work.action import action_named
from crossdock.work.batch import all_that_match, selected


@dataclass
class Row:
    """An order that goes by the seller's own courier, with what was given for it."""

    order: Order
    kind: Kind
    courier: str = ""
    number: str = ""
    problem: str = ""


@dataclass
class Answers:
    """What a person said, as far as it is good."""

    rules: list[tuple[Kind, HowToShip]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    left_out: set[int] = field(default_factory=set)
    """The pks of orders that do not go."""
    pasted: str = ""
    """What of a pasted list could not be read."""


@require_http_methods(["GET", "POST"])
@needs(Deed.FULFIL)
def how(request: CompanyRequest) -> HttpResponse:
    """Ask how each kind of delivery is handed over, keep it for the store, and begin To Ship."""
    data = sent_with(request)
    orders, ids = chosen(request)
    kinds = ways.unsaid(orders)
    for kind in kinds:
        ways.read(kind, text_of(data, f"ways-{kind.name}"))
        if kind.by_hand:
            kind.orders = ways.orders_of(kind, orders)
    answers = _answers(data, kinds, orders, ids)
    if request.method == "POST":
        _check(data, answers)
    if request.method == "POST" and not answers.problems:
        for kind, rule in answers.rules:
            if kind.ways is not None:
                remember(kind.store, kind.ways, rule)
        going = None if ids is None else [pk for pk in ids if pk not in answers.left_out]
        return begin(request, action_named("ship"), going, {"how": _by_order(answers)})
    context = {
        "title": "To Ship",
        "verb": "To Ship",
        "ids": ids,
        "everything": ids is None,
        "broad": bool(answers.rows),
        "kinds": kinds,
        "choosing": [kind for kind in kinds if kind.choices and not kind.only],
        "silent": [kind for kind in kinds if kind.ways is None],
        "rows": answers.rows,
        "couriers": any(row.kind.couriers for row in answers.rows),
        "problems": answers.problems if request.method == "POST" else [],
        "pasted": answers.pasted,
        "nothing_to_ask": all(kind.is_settled for kind in kinds),
        "most": ways.MOST_BY_HAND,
        "chosen": {text_of(data, name) for name in data if name.startswith("way-")},
        "can_go": ids is None or len(answers.left_out) < len(ids),
    }
    return ask(request, "desk/_ask_how.html", context)


def chosen(request: CompanyRequest) -> tuple[QuerySet[Order], list[int] | None]:
    """The orders of the batch to be, and their ids; None for all that match the filter."""
    data = sent_with(request)
    if text_of(data, "all") == "1":
        return selected(all_that_match(stored_filter(request))), None
    ids = chosen_ids(data)
    return Order.objects.filter(pk__in=ids), ids


def _answers(
    data: QueryDict, kinds: list[Kind], orders: QuerySet[Order], ids: list[int] | None
) -> Answers:
    answers = Answers()
    for kind in kinds:
        if kind.only:
            answers.rules.append((kind, kind.only))
        elif kind.by_hand:
            answers.rows += [_row(data, kind, order) for order in kind.orders]
        elif kind.choices:
            _choose(data, kind, answers)
        elif kind.ways is None and ids is not None:
            answers.left_out |= {order.pk for order in ways.orders_of(kind, orders)}
    _paste(data, answers)
    return answers


def _choose(data: QueryDict, kind: Kind, answers: Answers) -> None:
    value = text_of(data, f"way-{kind.name}")
    found = next((one.how for one in kind.choices if one.value == value), None)
    if found:
        answers.rules.append((kind, found))
    else:
        name = kind.logistics_name or kind.store.name
        answers.problems.append(f"Choose how {name} is handed over.")


def _row(data: QueryDict, kind: Kind, order: Order) -> Row:
    courier = text_of(data, f"courier-{order.pk}")
    if len(kind.couriers) == 1:
        courier = next(iter(kind.couriers))
    number = text_of(data, f"number-{order.pk}").strip()[:80]
    return Row(order, kind, courier if courier in kind.couriers else "", number)


def _paste(data: QueryDict, answers: Answers) -> None:
    """Put a pasted list into the rows; what is typed into a row stays where the list is silent."""
    text = text_of(data, "pasted")
    if not text.strip() or not answers.rows:
        return
    couriers = {key: name for row in answers.rows for key, name in row.kind.couriers.items()}
    by_id: dict[str, list[Row]] = {}
    for row in answers.rows:
        by_id.setdefault(row.order.channel_order_id, []).append(row)
    found = pasted.read(text, by_id, couriers)
    answers.problems += found.problems
    answers.pasted = "\n".join(found.left)
    for order_id, given in found.found.items():
        rows = by_id[order_id]
        if len(rows) > 1:
            answers.problems.append(f"{order_id} stands in two stores: fill in its rows.")
            continue
        rows[0].number = given.tracking_number
        rows[0].courier = given.courier_id or rows[0].courier


def _check(data: QueryDict, answers: Answers) -> None:
    numbers: dict[str, str] = {}
    for row in answers.rows:
        if row.number and row.number in numbers:
            row.problem = f"The same number as {numbers[row.number]}."
        elif row.number:
            numbers[row.number] = row.order.channel_order_id
        missing = _missing(row)
        if not row.problem and missing and text_of(data, "leave_out"):
            answers.left_out.add(row.order.pk)
        elif missing:
            row.problem = row.problem or missing
    bad = sum(1 for row in answers.rows if row.problem)
    if bad:
        answers.problems.append(
            f"{bad} {'order is' if bad == 1 else 'orders are'} not filled in well."
        )


def _missing(row: Row) -> str:
    told = row.kind.ways
    if told and told.wants_tracking_number and not row.number:
        return "Its tracking number is missing."
    return "Its courier is missing." if row.kind.couriers and not row.courier else ""


def _by_order(answers: Answers) -> dict[str, Any]:
    """Order pk → how it goes, for the rows that are good."""
    return {
        str(row.order.pk): json_of(
            HowToShip(Method.OWN_COURIER, courier_id=row.courier, tracking_number=row.number)
        )
        for row in answers.rows
        if row.order.pk not in answers.left_out
    }
