"""The only writer of the book of orders.

What arrives is compared with what is known (``rules.news``); changes, the new tab and the history
are written in one transaction, or nothing is. What a fetch that began later says wins over one
that began earlier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from crossdock.orders import labels
from crossdock.orders.facts import (
    ORDER_COLUMNS,
    PACKAGE_COLUMNS,
    facts_of,
    fitted,
    line_columns,
    marks_of,
    order_columns,
    package_columns,
)
from crossdock.orders.history import Entry, note, note_all, sentence
from crossdock.orders.models import Line, Order, Package
from crossdock.orders.problems import problem_columns, problems_of
from crossdock.orders.raw import keep_raw
from crossdock.orders.written import tell_written
from crossdock.rules.facts import OrderFacts, Problem, Touches
from crossdock.rules.invoice import billed_total, fingerprint
from crossdock.rules.news import News, news
from crossdock.rules.tabs import tab_of
from crossdock.stores.models import Store

Part = TypeVar("Part", Line, Package)
Written = TypeVar("Written", Order, Line, Package)

_FOLLOWS = (
    *ORDER_COLUMNS,
    "problems_at",
    "fetched_at",
    "billed_total",
    "fingerprint",
    "archived",
    "tab",
    "packed_here_at",
    "address_changed_at",
)
"""What news can change of an order's own row."""
_NOT_ANEW = "could not be read anew"
"""Begins the words of an order whose newest reading failed altogether."""
_TRIES = 3
"""How often a batch begins anew when another worker wrote one of its new orders first."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """An order as a fetch told it."""

    facts: OrderFacts
    raw: bytes = field(default=b"", repr=False)


def now() -> datetime:
    """The database's clock: taken BEFORE a fetch begins, it says which of two fetches wins."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


def is_later(known: datetime, arriving: datetime) -> bool:
    """Whether what is known was fetched after what arrives. A fetch in the future was stamped by a
    clock that was ahead then: it counts as earlier."""
    return known > arriving and known <= now()


def take_in(store: Store, arrived: Arrived, *, fetched_at: datetime) -> Order:
    """Take in one order; the row as it is now. See ``take_in_many``."""
    take_in_many(store, [arrived], fetched_at=fetched_at)
    return Order.objects.get(store=store, channel_order_id=arrived.facts.order_id)


def take_in_many(store: Store, arrived: Iterable[Arrived], *, fetched_at: datetime) -> int:
    """Take in orders of one store that one fetch told; how many of them brought news.

    ``fetched_at``: when that fetch began, by ``now()``. The same news twice writes nothing; older
    news than what is known is left out.
    """
    batch = {one.facts.order_id: one for one in arrived}
    for attempt in range(1, _TRIES + 1):
        try:
            with transaction.atomic():
                return _take_in(store, batch, fetched_at)
        except IntegrityError:
            if attempt == _TRIES:
                raise
    return 0


def take_in_locked(
    orders: Iterable[Order], arrived: Iterable[Arrived], *, fetched_at: datetime
) -> None:
    """Take in orders of one store that the caller holds (``locked``), in the caller's transaction."""
    known = {order.channel_order_id: order for order in orders}
    batch = {one.facts.order_id: one for one in arrived}
    store = next(iter(known.values())).store
    lines = {order.pk: list(order.lines.all()) for order in known.values()}
    packages = {order.pk: list(order.packages.all()) for order in known.values()}
    _write(store, batch, known, lines, packages, fetched_at)


def see(store: Store, heads: Iterable[Arrived], *, fetched_at: datetime) -> int:
    """Store orders that a list showed before their items could be read; how many are new to us."""
    batch = {one.facts.order_id: one for one in heads}
    known = set(
        Order.objects.filter(store=store, channel_order_id__in=batch).values_list(
            "channel_order_id", flat=True
        )
    )
    unseen = [one for order_id, one in batch.items() if order_id not in known]
    return take_in_many(store, unseen, fetched_at=fetched_at) if unseen else 0


def locked(order_ids: Iterable[int]) -> list[Order]:
    """These orders, locked in ascending id (docs/locking.md), with store, lines and packages."""
    return list(
        Order.objects.select_for_update(of=("self",))
        .filter(pk__in=list(order_ids))
        .select_related("store__company")
        .prefetch_related("lines", "packages")
        .order_by("pk")
    )


def note_not_read(store: Store, told: Mapping[str, str]) -> None:
    """Note on orders of the book (channel order id → words) why they could not be read anew. What is
    known of them may be over, so that they are not posted before they can."""
    with transaction.atomic():
        rows = Order.objects.select_for_update().filter(store=store, channel_order_id__in=told)
        for order in rows.order_by("pk"):
            known = problems_of(order)
            stale = Problem(Touches.MONEY, f"{_NOT_ANEW}: {told[order.channel_order_id]}")
            before = [one for one in known if not one.words.startswith(_NOT_ANEW)]
            if (*before, stale) == known:
                continue
            columns = {**problem_columns((*before, stale)), "problems_at": timezone.now()}
            for name, value in columns.items():
                setattr(order, name, value)
            order.save(update_fields=list(columns))
            if not known:
                note(order, "changed", f"{stale.words[:1].upper()}{stale.words[1:]}")


def _take_in(store: Store, batch: Mapping[str, Arrived], fetched_at: datetime) -> int:
    known = {
        order.channel_order_id: order
        for order in Order.objects.select_for_update(of=("self",))
        .filter(store=store, channel_order_id__in=batch)
        .order_by("pk")
    }
    lines, packages = _of_orders(Line, known.values()), _of_orders(Package, known.values())
    return _write(store, batch, known, lines, packages, fetched_at)


def _write(
    store: Store,
    batch: Mapping[str, Arrived],
    known: Mapping[str, Order],
    lines: Mapping[int, Sequence[Line]],
    packages: Mapping[int, Sequence[Package]],
    fetched_at: datetime,
) -> int:
    """Write what a fetch told of orders that are locked, or new to us; how many brought news."""
    fresh, changed, same = [], [], []
    for order_id, one in batch.items():
        order = known.get(order_id)
        if order is None:
            fresh.append((Order(company_id=store.company_id, store=store), one))
        elif not is_later(order.fetched_at, fetched_at):
            before = facts_of(order, lines[order.pk], packages[order.pk])
            told = news(before, fitted(one.facts))
            if told.is_nothing:
                same.append(order.pk)
            else:
                changed.append((order, one, told))
    _write_new(store, fresh, fetched_at)
    _write_changed(store, changed, packages, fetched_at)
    if same:
        Order.objects.filter(pk__in=same).update(fetched_at=fetched_at)
    written = [*fresh, *((order, one) for order, one, _ in changed)]
    keep_raw([(order, one.raw) for order, one in written], fetched_at)
    tell_written(store, [one.facts for _, one in written])
    return len(fresh) + len(changed)


def _of_orders(model: type[Part], orders: Iterable[Order]) -> dict[int, list[Part]]:
    """The lines or packages of these orders, by order: one query, where prefetching builds one an order."""
    found: dict[int, list[Part]] = {order.pk: [] for order in orders}
    for row in model.objects.filter(order__in=list(found)) if found else ():
        found[row.order_id].append(row)
    return found


def _write_new(store: Store, fresh: Sequence[tuple[Order, Arrived]], fetched_at: datetime) -> None:
    company_id = store.company_id
    told = [news(None, fitted(one.facts)) for _, one in fresh]
    for (order, one), its_news in zip(fresh, told, strict=True):
        order.channel_order_id = one.facts.order_id
        _fill(order, its_news, fetched_at)
    Order.objects.bulk_create([order for order, _ in fresh])
    pairs = [(order, its_news) for (order, _), its_news in zip(fresh, told, strict=True)]
    Line.objects.bulk_create(
        Line(company_id=company_id, order=order, **line_columns(line))
        for order, its_news in pairs
        for line in its_news.lines.values()
    )
    Package.objects.bulk_create(
        Package(company_id=company_id, order=order, **package_columns(package))
        for order, its_news in pairs
        for package in its_news.packages.values()
    )
    note_all(
        Entry(
            order,
            "arrived",
            f"Arrived as {order.status or 'no status'}."
            + ("" if order.lines_known else " Its items are being fetched."),
        )
        for order, _ in pairs
    )


def _write_changed(
    store: Store,
    changed: Sequence[tuple[Order, Arrived, News]],
    packages: Mapping[int, Sequence[Package]],
    fetched_at: datetime,
) -> None:
    entries = [_change(order, told, fetched_at) for order, _, told in changed]
    company_id = store.company_id
    _upsert(Order, ["id"], [order for order, _, _ in changed], _FOLLOWS)
    _upsert(
        Line,
        ["order", "line_id"],
        [
            Line(company_id=company_id, order=order, **line_columns(line))
            for order, _, told in changed
            for line in told.lines.values()
        ],
    )
    _upsert(
        Package,
        ["order", "package_id"],
        [
            Package(company_id=company_id, order=order, **package_columns(package))
            for order, _, told in changed
            for package in told.packages.values()
        ],
        PACKAGE_COLUMNS,
    )
    for order, _, told in changed:
        if told.voided:
            Package.objects.filter(order=order, package_id__in=told.voided).update(
                voided_at=fetched_at
            )
    known = [package for order, _, _ in changed for package in packages[order.pk]]
    labels.follow([(order, told) for order, _, told in changed], known)
    note_all(entries)


def _change(order: Order, told: News, fetched_at: datetime) -> Entry:
    """Set what changes of an order's own row, and tell it."""
    changes = dict(told.fields)
    if told.clears_packed and order.packed_here_at is not None:
        order.packed_here_at = None
        changes["packed_here"] = ("yes", "no")
    if told.moves_address:
        order.address_changed_at = fetched_at
    before = order.tab
    _fill(order, told, fetched_at)
    if order.tab != before:
        changes["tab"] = (before, order.tab)
    return Entry(order, "changed", sentence(told, changes), changes=changes)


def _fill(order: Order, told: News, fetched_at: datetime) -> None:
    """Set every column that follows from the facts and the marks."""
    if problems_of(order) != told.facts.problems:
        order.problems_at = timezone.now()
    for name, value in order_columns(told.facts).items():
        setattr(order, name, value)
    order.fetched_at = fetched_at
    order.billed_total = billed_total(told.facts)
    order.fingerprint = fingerprint(told.facts)
    order.archived = (
        bool(order.posted_fingerprint) and order.posted_fingerprint == order.fingerprint
    )
    order.tab = tab_of(told.facts, marks_of(order)).value


def _upsert(
    model: type[Written], key: Sequence[str], rows: Sequence[Written], fields: Sequence[str] = ()
) -> None:
    """Write rows that may be there already: these fields of them, or all but the key."""
    if not rows:
        return
    keep = {"id", "company", "order", *key}
    every = [column.name for column in model._meta.concrete_fields if column.name not in keep]
    model.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=key, update_fields=fields or every
    )
