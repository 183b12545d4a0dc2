"""Taking in returns: the part of the book that the channels tell by lists of their own.

Written under the lock of the return's order, so that the order's tab and its history follow in the
same transaction. As for orders, what a fetch that began later says wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from crossdock.orders.facts import facts_of, marks_of, return_columns
from crossdock.orders.history import note
from crossdock.orders.models import Order, Return
from crossdock.orders.record import is_later, locked
from crossdock.rules.facts import ReturnFacts
from crossdock.rules.tabs import tab_of
from crossdock.stores.models import Store

_OUR_TIMES = frozenset({"updated_at"})
"""The channel's update time moves without anything else moving: no news by itself."""


def take_in_returns(
    store: Store, arrived: Iterable[ReturnFacts], *, fetched_at: datetime
) -> tuple[int, list[str]]:
    """Take in returns of one store that one fetch told.

    ``fetched_at``: when that fetch began, by ``record.now()``. The answer is how many brought news,
    and the ids of orders that are not in the book yet: their returns are to be brought again once
    the orders are.
    """
    by_order: dict[str, list[ReturnFacts]] = {}
    for facts in arrived:
        by_order.setdefault(facts.order_id, []).append(facts)
    with transaction.atomic():
        known = dict(
            Order.objects.filter(store=store, channel_order_id__in=by_order).values_list(
                "channel_order_id", "pk"
            )
        )
        changed = sum(
            _take_in(order, by_order[order.channel_order_id], fetched_at)
            for order in locked(known.values())
        )
    return changed, [order_id for order_id in by_order if order_id not in known]


def _take_in(order: Order, arrived: Iterable[ReturnFacts], fetched_at: datetime) -> int:
    rows = {row.return_id: row for row in order.returns.all()}
    changed = 0
    for facts in arrived:
        row = rows.get(facts.return_id)
        if row is not None and is_later(row.fetched_at, fetched_at):
            continue
        columns = return_columns(facts)
        before = {} if row is None else {name: getattr(row, name) for name in columns}
        if row is None:
            row = Return(company_id=order.company_id, order=order)
        for name, value in columns.items():
            setattr(row, name, value)
        row.fetched_at = fetched_at
        row.save()
        rows[facts.return_id] = row
        if sentence := _sentence(facts, before, columns):
            note(order, "return", sentence)
            changed += 1
    if changed:
        _follow(order, rows)
    return changed


def _follow(order: Order, rows: Mapping[str, Return]) -> None:
    """Set what follows for the order from all its returns."""
    waiting = [row for row in rows.values() if row.waits_for_us]
    order.return_waits_for_us = bool(waiting)
    order.return_open = any(row.is_open for row in rows.values())
    order.return_deadline = min((row.deadline for row in waiting if row.deadline), default=None)
    order.tab = tab_of(facts_of(order), marks_of(order)).value
    order.save(update_fields=["return_waits_for_us", "return_open", "return_deadline", "tab"])


def _sentence(facts: ReturnFacts, before: Mapping[str, object], after: Mapping[str, object]) -> str:
    """What changed, for the timeline; "" when nothing did. Never the buyer's own words."""
    kind = "Return" if facts.goods_back else "Refund"
    if not before:
        return f"{kind} {facts.return_id} asked for: {facts.status}."
    names = [name for name in after if name not in _OUR_TIMES and before[name] != after[name]]
    if not names:
        return ""
    if "status" in names:
        return f"{kind} {facts.return_id}: {before['status']} → {facts.status}."
    return f"{kind} {facts.return_id}: {', '.join(name.replace('_', ' ') for name in names)}."
