"""The only lookup by code: order id, package id or tracking number, whatever was scanned or typed."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from crossdock.orders.models import Order, Package
from crossdock.rules.codes import readings


@dataclass(frozen=True, slots=True)
class Found:
    """An order that a code is for."""

    order: Order
    """With store, lines and packages loaded."""
    package_id: str = ""
    """The one package that the code names; "" where it names the whole order."""


def find(code: str) -> list[Found]:
    """The company's orders that this code names, oldest first; [] for none.

    Whole codes only: a scanner reads all of it. A code that is an order's id means the order, also
    where a package has the same.
    """
    for reading in readings(code):
        if named := _named(reading):
            orders = Order.objects.filter(pk__in=named).select_related("store__company")
            rows = orders.prefetch_related("lines", "packages").order_by("pk")
            return [Found(order, named[order.pk]) for order in rows]
    return []


def _named(code: str) -> dict[int, str]:
    """Order pk → the package that the code names."""
    named = _packages(Package.objects.filter(package_id=code, voided_at__isnull=True))
    named |= _packages(Package.objects.filter(tracking_number=code, voided_at__isnull=True))
    whole = Order.objects.filter(channel_order_id=code).values_list("pk", flat=True)
    return named | dict.fromkeys(whole, "")


def _packages(rows: QuerySet[Package]) -> dict[int, str]:
    return dict(rows.values_list("order_id", "package_id"))
