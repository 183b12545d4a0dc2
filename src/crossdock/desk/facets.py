"""What a filter can choose from: the couriers in use, and the words of the company's channels."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.cache import cache
from django.db import connection

from crossdock.channels.registry import channel

_EACH_ONCE = """
WITH RECURSIVE each AS (
    (SELECT shipment_provider FROM orders_order
     WHERE company_id = %(company)s AND shipment_provider > '' ORDER BY shipment_provider LIMIT 1)
    UNION ALL
    SELECT (SELECT shipment_provider FROM orders_order
            WHERE company_id = %(company)s AND shipment_provider > each.shipment_provider
            ORDER BY shipment_provider LIMIT 1)
    FROM each WHERE each.shipment_provider IS NOT NULL
)
SELECT shipment_provider FROM each WHERE shipment_provider IS NOT NULL LIMIT 200
"""
"""From one courier to the next in the index: as many looks as there are couriers, however many orders."""


_KEPT_SECONDS = 60


def couriers(company_id: int) -> list[str]:
    """The couriers of a company's orders, by name; a new one shows within a minute."""
    return (
        cache.get_or_set(f"couriers:{company_id}", lambda: _read(company_id), _KEPT_SECONDS) or []
    )


def _read(company_id: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_EACH_ONCE, {"company": company_id})
        return [row[0] for row in cursor.fetchall()]


def statuses(channels: Iterable[str]) -> dict[str, list[str]]:
    """Channel's title → its words for an order's status."""
    return {channel(name).title: list(channel(name).words) for name in sorted(set(channels))}
