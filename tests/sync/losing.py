"""Losing orders behind Crossdock's back, as a slip in the database would."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from crossdock.stores.models import Store

_TABLES = ("history", "line", "package", "return", "raworder")


def lose(store: Store, order_ids: Iterable[str]) -> int:
    """Delete orders and all that belongs to them from the tables, their history included; how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL crossdock.purging = 'yes'")
        cursor.execute(
            "SELECT id FROM orders_order WHERE store_id = %s AND channel_order_id = ANY(%s)",
            [store.pk, sorted(order_ids)],
        )
        ids = [row[0] for row in cursor.fetchall()]
        for table in _TABLES:
            statement = f"DELETE FROM orders_{table} WHERE order_id = ANY(%s)"  # noqa: S608 - ours
            cursor.execute(statement, [ids])
        cursor.execute("DELETE FROM orders_order WHERE id = ANY(%s)", [ids])
        return cursor.rowcount
