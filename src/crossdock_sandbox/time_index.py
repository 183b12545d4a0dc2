"""Orders of shops in the order of a time, so that a window of many is found at once."""

from __future__ import annotations

from bisect import bisect_left, insort


class TimeIndex:
    """Order ids of each shop, oldest first. Unix seconds."""

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[int, str]]] = {}
        self.known: dict[tuple[str, str], int] = {}

    def put(self, shop: str, order_id: str, at: int) -> None:
        """An order has this time now."""
        before, rows = self.known.get((shop, order_id)), self.rows.setdefault(shop, [])
        if before == at:
            return
        if before is not None:
            del rows[bisect_left(rows, (before, order_id))]
        insort(rows, (at, order_id))
        self.known[shop, order_id] = at

    def between(self, shop: str, start: int, end: int) -> list[tuple[int, str]]:
        """(time, order id) of every order of a shop with start ≤ time < end, oldest first."""
        rows = self.rows.get(shop, [])
        return rows[bisect_left(rows, (start, "")) : bisect_left(rows, (end, ""))]
