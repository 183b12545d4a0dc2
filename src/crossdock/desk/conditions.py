"""What a filter asks of orders. Each condition reads columns of the order's own row, which the list's
indexes carry, so that counting and paging read no more than they show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from crossdock.companies.models import Company
from crossdock.desk.days import begin, span, today
from crossdock.orders.distinct import each_once
from crossdock.orders.models import Order
from crossdock.rules.facts import Tab
from crossdock.stores.models import Store

if TYPE_CHECKING:
    from crossdock.desk.filter import Filter

_UNSHIPPED = [
    tab.value for tab in (Tab.UNPAID, Tab.NEW_ORDER, Tab.TO_PROCESS, Tab.TO_SHIP, Tab.SELF_DELIVER)
]
"""Tabs on which it still matters by when an order must be shipped."""


def asked_of(wanted: Filter, company: Company, stores: Iterable[Store]) -> Iterator[Q]:
    """The filter's conditions, without its tab and its search. ``stores``: the company's."""
    yield from _days(wanted, company)
    if wanted.stores or wanted.channels:
        yield Q(store__in=_stores(wanted, stores))
    if wanted.statuses:
        yield Q(status__in=_statuses(wanted))
    if wanted.courier:
        yield Q(shipment_provider=wanted.courier)
    if wanted.printed is not None:
        yield Q(printed_count__gt=0) if wanted.printed else Q(printed_count=0)
    if wanted.verified is not None:
        yield Q(verified_at__isnull=not wanted.verified)
    if wanted.posted is not None:
        yield Q(posted=wanted.posted)
    if wanted.shipby:
        yield _ship_by(wanted, company)


def _days(wanted: Filter, company: Company) -> Iterator[Q]:
    since, until = span(wanted.range, company) if wanted.range else (wanted.since, wanted.until)
    field = "updated_at" if wanted.by == "updated" else "created_at"
    if since:
        yield Q(**{f"{field}__gte": begin(since, company)})
    if until:
        yield Q(**{f"{field}__lt": begin(until + timedelta(days=1), company)})


def _stores(wanted: Filter, stores: Iterable[Store]) -> list[int]:
    """The keys of the stores that are meant."""
    return [
        store.pk
        for store in stores
        if (not wanted.stores or store.pk in wanted.stores)
        and (not wanted.channels or store.channel in wanted.channels)
    ]


def _statuses(wanted: Filter) -> list[str]:
    """An order has the words of all its items, joined by commas: what such joined words hold one that
    is wanted."""
    words = set(wanted.statuses)
    return [joined for joined in each_once(Order, "status") if words & set(joined.split(","))]


def _ship_by(wanted: Filter, company: Company) -> Q:
    day = today(company)
    now = timezone.now()
    spans = {
        "overdue": Q(ship_by__lt=now),
        "today": Q(
            ship_by__gte=begin(day, company), ship_by__lt=begin(day + timedelta(1), company)
        ),
        "tomorrow": Q(
            ship_by__gte=begin(day + timedelta(1), company),
            ship_by__lt=begin(day + timedelta(2), company),
        ),
    }
    return spans[wanted.shipby] & Q(tab__in=_UNSHIPPED)
