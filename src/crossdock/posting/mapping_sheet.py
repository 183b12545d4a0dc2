"""The mapping of SKUs as a spreadsheet: out, and in again after a dry run.

A row a stock item: a SKU with several rows is a bundle, whose shares add up to 100.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from django.db import transaction
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from crossdock.posting.models import BooksCode, SkuCode, SkuPart
from crossdock.posting.seen import every_sku
from crossdock.rules.from_outside import plain

HEADINGS = ("SKU", "Stock item", "UOM", "Quantity", "Share %")
LARGEST = 10 * 1024 * 1024
"""Bytes of a sheet, and ten times as many once it is unpacked."""
_MOST_ROWS = 100_000
_LONGEST_SKU = 200
_PLACES = 4
"""Decimal places of a quantity, and of a share in per cent, that the database keeps."""
_NUMBER = re.compile(r"[0-9]{1,9}([.,][0-9]{1,20})?")
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
_ERRORS = frozenset({"#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"})


class BadSheet(Exception):
    """The file is no sheet of this kind; the message says what to do."""


class Change(StrEnum):
    """What a SKU of the sheet would do to the mapping."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Part:
    """One row of the sheet."""

    item_code: str
    uom: str
    quantity: Decimal
    share: Decimal
    """Of 1."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One SKU of the sheet."""

    row: int
    """Its first row, as the spreadsheet numbers them."""
    sku: str
    parts: tuple[Part, ...]
    change: Change
    words: str = ""
    """Why it is wrong."""


def as_sheet() -> bytes:
    """Every SKU that was ordered or mapped, with its stock items, as an XLSX file."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("SKUs")
    sheet.append(HEADINGS)
    mapped = {
        code.sku: _parts_of(code)
        for code in SkuCode.objects.prefetch_related("parts").iterator(1000)
    }
    skus = dict.fromkeys([*sorted(mapped), *every_sku()[:_MOST_ROWS]])
    for sku in skus:
        for part in mapped.get(sku) or (None,):
            texts = (sku, part.item_code if part else "", part.uom if part else "")
            cells: list[object] = [_text(sheet, text) for text in texts]
            if part:
                cells += [float(part.quantity), float(part.share * 100)]
            sheet.append(cells)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def dry_run(content: bytes) -> list[Entry]:
    """What a sheet would change, SKU by SKU; nothing is changed. Raises BadSheet."""
    rows = _rows(content)
    known = {code.sku: _parts_of(code) for code in SkuCode.objects.prefetch_related("parts")}
    items = {
        item.code: item
        for item in BooksCode.objects.filter(
            kind=BooksCode.Kind.ITEM, code__in={row.cells[0] for row in rows if row.cells[0]}
        )
    }
    ordered = frozenset(every_sku()) if any(row.doubt for row in rows) else frozenset()
    together: dict[str, list[_Row]] = {}
    for row in rows:
        together.setdefault(row.sku, []).append(row)
    return [
        _entry(sku, found, known, items, is_ordered=sku in ordered)
        for sku, found in together.items()
    ]


def set_parts(sku: str, parts: Sequence[Part], company_id: int) -> None:
    """Let a SKU stand for these stock items: one, or the parts of a bundle."""
    with transaction.atomic():
        set_many([Entry(0, sku, tuple(parts), Change.CHANGED)], company_id)


def set_many(entries: Sequence[Entry], company_id: int) -> None:
    """Let these SKUs, each there once, stand for the stock items of their rows; in a transaction."""
    SkuCode.objects.bulk_create(
        [
            SkuCode(
                company_id=company_id, sku=one.sku, item_code=one.parts[0].item_code,
                uom=one.parts[0].uom,
            )
            for one in entries
        ],
        update_conflicts=True,
        unique_fields=["company", "sku"],
        update_fields=["item_code", "uom"],
    )  # fmt: skip
    rows = SkuCode.objects.filter(sku__in=[one.sku for one in entries])
    keys = dict(rows.values_list("sku", "pk"))
    SkuPart.objects.filter(sku_code__in=keys.values()).delete()
    SkuPart.objects.bulk_create(
        SkuPart(
            company_id=company_id, sku_code_id=keys[one.sku], item_code=part.item_code,
            uom=part.uom, quantity=part.quantity, share=part.share,
        )
        for one in entries
        if len(one.parts) > 1 or one.parts[0].quantity != 1
        for part in one.parts
    )  # fmt: skip


def checked(
    rows: Sequence[Sequence[str]], items: Mapping[str, BooksCode]
) -> tuple[tuple[Part, ...], str]:
    """Rows of (item, uom, quantity, share) as parts, and what is wrong with them ("": nothing)."""
    parts = []
    for item_code, uom, quantity, share in rows:
        item = items.get(item_code)
        if item is None:
            return (
                (),
                f"SQL Account has no stock item {item_code!r}: read the codes again, or check it.",
            )
        if uom and uom not in (item.uoms or [item.uom]):
            known = ", ".join(item.uoms or [item.uom])
            return (), f"{item_code} has no unit {uom!r}; it has {known}."
        number = _number(quantity or "1")
        part_of = _number(share or ("100" if len(rows) == 1 else ""))
        if number is None or not 0 < number <= 10_000:
            return (), (
                f"{quantity!r} is no quantity: enter a number above 0 with at most {_PLACES} decimal "
                "places, and no comma between thousands."
            )
        if part_of is None or not 0 <= part_of <= 100:
            return (), (
                f"{share!r} is no share: enter a percentage with at most {_PLACES} decimal places for "
                "every item of a bundle."
            )
        parts.append(Part(item.code, uom or item.uom, number, part_of / 100))
    if sum((part.share for part in parts), Decimal(0)) != 1:
        total = sum((part.share for part in parts), Decimal(0)) * 100
        return (), f"The shares add up to {total.normalize():f}%, not to 100%."
    if len({part.item_code for part in parts}) < len(parts):
        return (), "A stock item stands in it twice: add up its quantity instead."
    return tuple(parts), ""


def _entry(
    sku: str,
    found: Sequence[_Row],
    known: Mapping[str, tuple[Part, ...]],
    items: Mapping[str, BooksCode],
    *,
    is_ordered: bool,
) -> Entry:
    row = found[0].number
    given = [one.cells for one in found if any(one.cells)]
    if not given:
        return Entry(row, sku, (), Change.SAME)
    if not sku or len(sku) > _LONGEST_SKU:
        words = (
            "The SKU is missing." if not sku else f"A SKU has at most {_LONGEST_SKU} characters."
        )
        return Entry(row, sku, (), Change.WRONG, words)
    doubt = next((one.doubt for one in found if one.doubt), "")
    if doubt and not (is_ordered or sku in known):
        words = (
            f"{doubt}, and no order has {sku}: format the column as text, and type the SKU again."
        )
        return Entry(row, sku, (), Change.WRONG, words)
    parts, words = checked(given, items)
    if words:
        return Entry(row, sku, (), Change.WRONG, words)
    if sku not in known:
        return Entry(row, sku, parts, Change.NEW)
    return Entry(row, sku, parts, Change.SAME if known[sku] == parts else Change.CHANGED)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row below the headings."""

    number: int
    sku: str
    cells: Sequence[str]
    """Stock item, unit, quantity and share as texts."""
    doubt: str
    """Why its SKU may not be what was typed; "" where it is a text."""


def _rows(content: bytes) -> list[_Row]:
    """The rows below the headings that hold something. Raises BadSheet."""
    _refuse_bomb(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except Exception as error:
        raise BadSheet(
            "This is no XLSX file: export one here, fill it in, and import that."
        ) from error
    sheet = book.worksheets[0]
    rows = sheet.iter_rows(max_col=len(HEADINGS), values_only=True)
    headings = tuple(_said(cell) for cell in next(rows, ()))
    if headings != HEADINGS:
        raise BadSheet(
            f"The first row must say {', '.join(HEADINGS)}: export a sheet here and fill that in."
        )
    found: list[_Row] = []
    for number, cells in enumerate(rows, 2):
        if number > _MOST_ROWS:
            raise BadSheet(f"A sheet has at most {_MOST_ROWS} rows: import it in parts.")
        texts = [_said(cell) for cell in cells] + [""] * (len(HEADINGS) - len(cells))
        if any(texts):
            doubt = _doubt(cells[0]) if cells else ""
            found.append(_Row(number, texts[0], texts[1:], doubt))
    return found


def _refuse_bomb(content: bytes) -> None:
    if len(content) > LARGEST:
        raise BadSheet("The file is larger than 10 MB: import it in parts.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = packed.namelist()
            unpacked = sum(one.file_size for one in packed.infolist())
    except zipfile.BadZipFile as error:
        raise BadSheet(
            "This is no XLSX file: export one here, fill it in, and import that."
        ) from error
    if any("vbaProject" in name for name in names):
        raise BadSheet("The file holds macros: save it as a plain XLSX file.")
    if unpacked > 10 * LARGEST:
        raise BadSheet("The file is too large once it is unpacked: import it in parts.")


def _said(cell: object) -> str:
    """A cell as text: a code that the spreadsheet took for a number comes back as it was typed, as far as
    it can be told."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() else f"{Decimal(repr(cell)):f}"
    return plain(str(cell)).strip()


def _doubt(cell: object) -> str:
    """What the spreadsheet may have made of a SKU that was typed; "" where it stands there as text."""
    if isinstance(cell, bool):
        return "The spreadsheet took the SKU for true or false"
    if isinstance(cell, date | datetime | time | timedelta):
        return "The spreadsheet took the SKU for a date"
    if isinstance(cell, str) and cell.strip() in _ERRORS:
        return "The cell of the SKU holds an error of the spreadsheet"
    return "The spreadsheet took the SKU for a number" if isinstance(cell, int | float) else ""


def _number(text: str) -> Decimal | None:
    """A number that can be kept as it stands. "1,000" is none: to some it is one, to others a thousand."""
    found = _NUMBER.fullmatch(text)
    if found is None or _AMBIGUOUS.fullmatch(text):
        return None
    number = Decimal(text.replace(",", "."))
    return number if number == round(number, _PLACES) else None


def _text(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    """A cell that stays text, whatever it begins with; without what no sheet can hold."""
    cell = WriteOnlyCell(sheet, value=plain(text))
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def _parts_of(code: SkuCode) -> tuple[Part, ...]:
    parts = tuple(
        Part(part.item_code, part.uom, part.quantity.normalize(), part.share.normalize())
        for part in code.parts.all()
    )
    return parts or (Part(code.item_code, code.uom, Decimal(1), Decimal(1)),)
