"""The only lookup by code: whatever a scanner reads off a paper, or a person types."""

from __future__ import annotations

from django.db.models import Q

from crossdock.orders.models import Order, Package
from crossdock.rules.codes import cleaned


def by_code(code: str) -> list[Order]:
    """The company's orders that this order id, package id or tracking number names.

    Several when two Lazada stores share an order id: the caller asks which. Void packages match
    nothing.
    """
    wanted = cleaned(code)
    if not wanted:
        return []
    packages = Package.objects.filter(
        Q(package_id=wanted) | Q(tracking_number=wanted), voided_at__isnull=True
    )
    return list(
        Order.objects.filter(
            Q(channel_order_id=wanted) | Q(pk__in=packages.values("order_id"))
        ).select_related("store")
    )
