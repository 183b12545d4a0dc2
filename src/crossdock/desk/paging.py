"""The order of the rows, and pages cut by the last row's own place, so that the thousandth page costs
what the first costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q, QuerySet

from crossdock.orders.models import Order
from crossdock.rules.from_outside import whole

SORTS: Mapping[str, tuple[str, str]] = {
    "-created": ("created_at", "Newest first"),
    "created": ("created_at", "Oldest first"),
    "-updated": ("updated_at", "Changed last"),
    "updated": ("updated_at", "Unchanged for longest"),
    "shipby": ("ship_by", "Ship by, soonest first"),
    "-shipby": ("ship_by", "Ship by, latest first"),
    "total": ("buyer_total", "Total, smallest first"),
    "-total": ("buyer_total", "Total, largest first"),
}
"""Name in the URL → (column, as people say it). Rows without a value come last either way."""
_NONE = "none"
_LARGEST = Decimal(10**14)


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """One page of rows, and the marks of where its neighbours begin ("": there is none)."""

    rows: list[Order]
    before: str
    after: str


def page(
    rows: QuerySet[Order], shown: QuerySet[Order], sort: str, size: int, mark: str, *, back: bool
) -> OrdersPage:
    """The page of ``rows`` after ``mark`` (before it with ``back``); the first one without a mark.
    ``shown``: all orders, with what a row shows of them."""
    place = _place(sort, mark)
    backwards = back and place is not None
    found = _first(_parts(rows, sort, place, backwards=backwards), shown, size + 1)
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_before = more if backwards else place is not None
    has_after = True if backwards else more
    return OrdersPage(
        rows=found,
        before=mark_of(found[0], sort) if found and has_before else "",
        after=mark_of(found[-1], sort) if found and has_after else "",
    )


def beside(rows: QuerySet[Order], sort: str, order: Order) -> tuple[int | None, int | None]:
    """The keys of the orders before and after this one; it need not be among the rows any more."""
    place = _place(sort, mark_of(order, sort))
    keys = Order.objects.only("pk")
    found = [_first(_parts(rows, sort, place, backwards=back), keys, 1) for back in (True, False)]
    before, after = (one[0].pk if one else None for one in found)
    return before, after


def between(rows: QuerySet[Order], sort: str, first: str, last: str) -> list[QuerySet[Order]]:
    """The rows from one mark to another, both of them included, in queries to be read one after the
    other. Without a first mark from the top, without a last one to the end."""
    field, down = SORTS[sort][0], _down(sort, backwards=False)
    start, end = _place(sort, first), _place(sort, last)
    ordered = _ordered(rows, sort, backwards=False)
    if not Order._meta.get_field(field).null:
        return [_within(ordered, field, start, end, down)]
    begins_bare = start is not None and start[0] is None
    ends_valued = end is not None and end[0] is not None
    parts = []
    if not begins_bare:
        valued = ordered.filter(**{f"{field}__isnull": False})
        parts.append(_within(valued, field, start, end if ends_valued else None, down))
    if not ends_valued:
        bare = ordered.filter(**{f"{field}__isnull": True})
        parts.append(_within(bare, field, start if begins_bare else None, end, down))
    return parts


def mark_of(order: Order, sort: str) -> str:
    """An order's place in this order of rows, as the URL has it: its value and its key."""
    value = getattr(order, SORTS[sort][0])
    if value is None:
        return f"{_NONE}|{order.pk}"
    return f"{value.isoformat() if isinstance(value, datetime) else value}|{order.pk}"


Place = tuple[Any, int]
"""A row's value (None: it has none) and its key."""


def _parts(
    rows: QuerySet[Order], sort: str, place: Place | None, *, backwards: bool
) -> list[QuerySet[Order]]:
    """The rows from a place on, in queries to be read one after the other: those with a value and those
    without, or the reverse.

    Two plain looks into the index: one condition over both kinds would have to read all rows.
    """
    field, down = SORTS[sort][0], _down(sort, backwards)
    ordered = _ordered(rows, sort, backwards=backwards)
    if not Order._meta.get_field(field).null:
        return [_from(ordered, field, place, down)]
    valued, bare = (
        ordered.filter(**{f"{field}__isnull": False}),
        ordered.filter(**{f"{field}__isnull": True}),
    )
    without = place is not None and place[0] is None
    halves = [
        (valued, None if backwards and without else place, backwards or not without),
        (bare, place if without else None, not backwards or without),
    ]
    if backwards:
        halves.reverse()
    return [_from(half, field, start, down) for half, start, goes in halves if goes]


def _first(parts: list[QuerySet[Order]], shown: QuerySet[Order], most: int) -> list[Order]:
    """The first rows of these queries, as ``shown`` has them. Which ones they are is told by the index
    alone: what a filter passes over is not looked at in the table."""
    found: list[Order] = []
    for rows in parts:
        if len(found) < most:
            keys = rows.values("pk")[: most - len(found)]
            found += shown.filter(pk__in=keys).order_by(*rows.query.order_by)
    return found


def _within(
    rows: QuerySet[Order], field: str, start: Place | None, end: Place | None, down: bool
) -> QuerySet[Order]:
    """The rows from one place to another, with those that stand there."""
    begun = _from(rows, field, start, down, itself=True)
    return _from(begun, field, end, not down, itself=True)


def _from(
    rows: QuerySet[Order], field: str, place: Place | None, down: bool, *, itself: bool = False
) -> QuerySet[Order]:
    """The rows after a place (with the one that stands there: ``itself``), falling (``down``) or rising."""
    if place is None:
        return rows
    value, pk = place
    word = "lt" if down else "gt"
    beside = {f"pk__{word}{'e' if itself else ''}": pk}
    if value is None:
        return rows.filter(**beside)
    after = Q(**{f"{field}__{word}": value}) | Q(**{field: value}, **beside)
    # The bound by itself lets the index begin at the place; the rest sorts out its equals.
    return rows.filter(after, **{f"{field}__{word}e": value})


def _ordered(rows: QuerySet[Order], sort: str, *, backwards: bool) -> QuerySet[Order]:
    sign = "-" if _down(sort, backwards) else ""
    return rows.order_by(f"{sign}{SORTS[sort][0]}", f"{sign}pk")


def _down(sort: str, backwards: bool) -> bool:
    return sort.startswith("-") is not backwards


def _place(sort: str, mark: str) -> Place | None:
    """The place that a mark names; None where it names none."""
    text, _, pk = mark.replace(" ", "+").rpartition("|")
    key = whole(pk)
    if key is None:
        return None
    if text == _NONE:
        return None, key
    try:
        value = Decimal(text) if SORTS[sort][0] == "buyer_total" else datetime.fromisoformat(text)
    except (ValueError, InvalidOperation):
        return None
    return (value, key) if _is_within(value) else None


def _is_within(value: Decimal | datetime) -> bool:
    """Whether a row could hold this value: a mark may be anybody's."""
    if isinstance(value, Decimal):
        return value.is_finite() and abs(value) < _LARGEST
    return value.tzinfo is not None and 1 < value.year < 9999
