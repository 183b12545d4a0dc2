"""What a row of the list shows of an order, as a short mark: it changes when the row would look different.

The list makes it of the orders, packages and returns that it has loaded; the news of one statement,
without loading those of rows that are as they were. It is keyed: a total goes into it, and nobody must
be able to try out which.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.utils.crypto import salted_hmac

from crossdock.orders.models import Order, Package, Return
from crossdock.rules.facts import Tab

_FIELDS = (
    "tab", "put_away", "status", "updated_at", "shipment_provider", "units", "buyer_total", "ship_by",
    "cancel_requested", "cancel_deadline", "return_open", "return_deadline", "label_ready_at",
    "printed_count", "verified_at", "address_changed_at", "archived", "posted_fingerprint", "our_note",
    "lines_known", "problem", "delivered_here_at", "delivery_failures",
)  # fmt: skip
"""Columns of an order that a row shows, one way or another. What it shows besides never changes, or moves
``updated_at`` when it does."""


def version_shown(order: Order, tab: Tab) -> str:
    """The mark of an order as the list of this tab shows it; what the row shows is loaded."""
    return _version(order, _returns(order) if tab is Tab.TO_RETURN else _parcels(order))


def with_versions(rows: QuerySet[Order], tab: Tab) -> QuerySet[Order]:
    """The same orders with what ``version_now`` needs: one statement."""
    parts = _returns_now() if tab is Tab.TO_RETURN else _parcels_now()
    return rows.only("pk", *_FIELDS).annotate(shown_parts=parts)


def version_now(order: Order) -> str:
    """The mark of an order of ``with_versions``."""
    return _version(order, getattr(order, "shown_parts"))  # noqa: B009 - annotated


def _version(order: Order, parts: Iterable[Any]) -> str:
    told = [str(getattr(order, name)) for name in _FIELDS] + sorted(map(str, parts))
    return salted_hmac("desk.versions", "|".join(told)).hexdigest()[:12]


def _parcels(order: Order) -> list[str]:
    return [one.tracking_number for one in order.packages.all() if one.voided_at is None]


def _returns(order: Order) -> list[Any]:
    return [one.updated_at for one in order.returns.all() if one.is_open]


def _parcels_now() -> ArraySubquery:
    rows = Package.objects.filter(order=OuterRef("pk"), voided_at__isnull=True)
    return ArraySubquery(rows.values("tracking_number"))


def _returns_now() -> ArraySubquery:
    return ArraySubquery(
        Return.objects.filter(order=OuterRef("pk"), is_open=True).values("updated_at")
    )
