"""Outcomes of a batch as a table for other programs: CSV, or a spreadsheet."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import IO, Any

from django.db.models import QuerySet
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from crossdock.rules.from_outside import plain
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


_DOCUMENTS_HEAD = ("Invoice", "Credit note", "Currency", "Total")
_IN_MEMORY = 4 * 1024 * 1024


def outcomes_as_sheet(
    attempts: QuerySet[Attempt], zone: tzinfo, *, with_documents: bool
) -> IO[bytes]:
    """An XLSX file: a row for each, times in this zone, texts as texts; ``with_documents``: also what
    was posted, with its total. The rows go to a file of their own as they are read, so that fifty
    thousand take no more memory than a few."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Outcomes")
    sheet.freeze_panes = "A2"
    sheet.append([*_HEAD[:-1], "Settled at", *(_DOCUMENTS_HEAD if with_documents else ())])
    for one in attempts.iterator(chunk_size=_CHUNK):
        cells = [*_row(one, zone), *(_documents(one) if with_documents else ())]
        sheet.append([_cell(sheet, value) for value in cells])
    made = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the answer closes it
    book.save(made)
    made.seek(0)
    return made


def _row(one: Attempt, zone: tzinfo) -> tuple[str | datetime | None, ...]:
    settled = one.settled_at.astimezone(zone).replace(tzinfo=None) if one.settled_at else None
    return (one.order.channel_order_id, one.order.store.name, one.state, one.words, settled)


def _documents(one: Attempt) -> tuple[str | Decimal, ...]:
    """What this order's posting sent to the books; nothing of another action."""
    sent = one.sent if one.action == "post" else {}
    if not sent.get("number"):
        return ()
    credit = sent["credit"]["docno"] if sent.get("credit") else ""
    return (sent["number"], credit, one.order.currency, Decimal(sent["total"]))


def _cell(sheet: Any, value: Any) -> Any:
    """A cell; a text stays one, whatever a spreadsheet would make of its beginning."""
    cell = WriteOnlyCell(sheet, plain(value) if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.data_type = "s"
    elif isinstance(value, Decimal):
        cell.number_format = "0.00"
    return cell


def _written(writer: Any, cells: Any) -> str:
    line: str = writer.writerow(cells)
    return line


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet calculates."""
    return f"'{cell}" if cell.startswith(_FORMULAS) else cell
