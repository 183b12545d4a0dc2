"""The only lookup by code: order id, package id or tracking number, whatever was scanned or typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from crossdock.orders.models import FormerNumber, Order, Package
from crossdock.rules.codes import readings


@dataclass(frozen=True, slots=True)
class Found:
    """An order that a code is for."""

    order: Order
    """With store, lines and packages loaded."""
    package_id: str = ""
    """The one package that the code names; "" where it names the whole order."""
    is_void: bool = False
    """The code is of a package, or a number, that is not the order's any more: it ships nothing."""


def find(code: str) -> list[Found]:
    """The company's orders that this code names, oldest first; [] for none.

    Whole codes only: a scanner reads all of it. A code that is an order's id means the order, also
    where a package has the same. What is void is known for ever, and looked for where nothing that
    lives has the code.
    """
    meant = readings(code)
    for reading in meant:
        if named := _named(reading):
            return _loaded(named, is_void=False)
    return _loaded(_void(meant), is_void=True)


def _loaded(named: Mapping[int, str], *, is_void: bool) -> list[Found]:
    if not named:
        return []
    orders = Order.objects.filter(pk__in=named).select_related("store__company")
    rows = orders.prefetch_related("lines", "packages").order_by("pk")
    return [Found(order, named[order.pk], is_void) for order in rows]


def _named(code: str) -> dict[int, str]:
    """Order pk → the package that the code names."""
    named = _packages(Package.objects.filter(package_id=code, voided_at__isnull=True))
    named |= _packages(Package.objects.filter(tracking_number=code, voided_at__isnull=True))
    whole = Order.objects.filter(channel_order_id=code).values_list("pk", flat=True)
    return named | dict.fromkeys(whole, "")


def _packages(rows: QuerySet[Package]) -> dict[int, str]:
    return dict(rows.values_list("order_id", "package_id"))


def _void(codes: Sequence[str]) -> dict[int, str]:
    """Order pk → the package whose old label the first fitting of these readings names: one statement for
    all of them."""
    gone = Package.objects.filter(voided_at__isnull=False)
    parts = [
        gone.filter(package_id__in=codes).values_list("order_id", "package_id", "package_id"),
        gone.filter(tracking_number__in=codes).values_list(
            "order_id", "package_id", "tracking_number"
        ),
        FormerNumber.objects.filter(number__in=codes).values_list(
            "order_id", "package_id", "number"
        ),
    ]
    rows = list(parts[0].union(*parts[1:], all=True)) if codes else []
    for code in codes:
        if named := {order: package for order, package, number in rows if number == code}:
            return named
    return {}
