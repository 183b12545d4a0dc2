"""Outcomes of a batch as a table for other programs."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from crossdock.work.models import Attempt

_HEAD = ("Order ID", "Store", "Outcome", "Reason", "Settled at (UTC)")
_CHUNK = 1000
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula at the beginning of a cell."""


class _Line:
    """What the writer of CSV writes on: hands every line back."""

    def write(self, line: str) -> str:
        return line


def outcomes_as_csv(attempts: QuerySet[Attempt]) -> Iterator[str]:
    """Line by line, so that fifty thousand take no more memory than a few."""
    writer = csv.writer(_Line())
    yield "\ufeff" + _written(writer, _HEAD)
    for one in attempts.iterator(chunk_size=_CHUNK):
        settled = one.settled_at.isoformat(timespec="seconds") if one.settled_at else ""
        cells = (one.order.channel_order_id, one.order.store.name, one.state, one.words, settled)
        yield _written(writer, [_harmless(cell) for cell in cells])


def _written(writer: Any, cells: Any) -> str:
    line: str = writer.writerow(cells)
    return line


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet calculates."""
    return f"'{cell}" if cell.startswith(_FORMULAS) else cell
