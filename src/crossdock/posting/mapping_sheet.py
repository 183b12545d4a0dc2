"""The mapping of SKUs as a spreadsheet: out, and in again after a dry run.

A row a stock item: a SKU with several rows is a bundle, whose shares add up to 100.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from django.db import transaction
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from crossdock.posting.models import BooksCode, SkuCode, SkuPart
from crossdock.posting.seen import every_sku

HEADINGS = ("SKU", "Stock item", "UOM", "Quantity", "Share %")
LARGEST = 10 * 1024 * 1024
"""Bytes of a sheet, and ten times as many once it is unpacked."""
_MOST_ROWS = 100_000
_LONGEST_SKU = 200


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
            kind=BooksCode.Kind.ITEM, code__in={row[2][1] for row in rows if row[2][1]}
        )
    }
    together: dict[str, list[tuple[int, Sequence[str]]]] = {}
    for number, sku, cells in rows:
        together.setdefault(sku, []).append((number, cells))
    return [_entry(sku, found, known, items) for sku, found in together.items()]


def apply(entries: Iterable[Entry], company_id: int) -> int:
    """Do what a dry run showed: new and changed SKUs; how many. Wrong ones are left out."""
    wanted = [one for one in entries if one.change in (Change.NEW, Change.CHANGED)]
    with transaction.atomic():
        for entry in wanted:
            set_parts(entry.sku, entry.parts, company_id)
    return len(wanted)


def set_parts(sku: str, parts: Sequence[Part], company_id: int) -> None:
    """Let a SKU stand for these stock items: one, or the parts of a bundle."""
    first = parts[0]
    code, _ = SkuCode.objects.update_or_create(
        company_id=company_id,
        sku=sku,
        defaults={"item_code": first.item_code, "uom": first.uom},
    )
    code.parts.all().delete()
    if len(parts) == 1 and parts[0].quantity == 1:
        return
    SkuPart.objects.bulk_create(
        SkuPart(
            company_id=company_id, sku_code=code, item_code=part.item_code, uom=part.uom,
            quantity=part.quantity, share=part.share,
        )
        for part in parts
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
            return (), f"{quantity!r} is no quantity: enter a number above 0."
        if part_of is None or not 0 <= part_of <= 100:
            return (), f"{share!r} is no share: enter a percentage for every item of a bundle."
        parts.append(Part(item.code, uom or item.uom, number, part_of / 100))
    if sum((part.share for part in parts), Decimal(0)) != 1:
        total = sum((part.share for part in parts), Decimal(0)) * 100
        return (), f"The shares add up to {total.normalize():f}%, not to 100%."
    if len({part.item_code for part in parts}) < len(parts):
        return (), "A stock item stands in it twice: add up its quantity instead."
    return tuple(parts), ""


def _entry(
    sku: str,
    found: Sequence[tuple[int, Sequence[str]]],
    known: Mapping[str, tuple[Part, ...]],
    items: Mapping[str, BooksCode],
) -> Entry:
    row = found[0][0]
    given = [cells[1:] for _, cells in found if any(cells[1:])]
    if not given:
        before = Change.SAME
        return Entry(row, sku, (), before)
    if not sku or len(sku) > _LONGEST_SKU:
        words = (
            "The SKU is missing." if not sku else f"A SKU has at most {_LONGEST_SKU} characters."
        )
        return Entry(row, sku, (), Change.WRONG, words)
    parts, words = checked(given, items)
    if words:
        return Entry(row, sku, (), Change.WRONG, words)
    if sku not in known:
        return Entry(row, sku, parts, Change.NEW)
    return Entry(row, sku, parts, Change.SAME if known[sku] == parts else Change.CHANGED)


def _rows(content: bytes) -> list[tuple[int, str, Sequence[str]]]:
    """(row number, SKU, cells as text) of every row below the headings. Raises BadSheet."""
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
    found: list[tuple[int, str, Sequence[str]]] = []
    for number, cells in enumerate(rows, 2):
        if number > _MOST_ROWS:
            raise BadSheet(f"A sheet has at most {_MOST_ROWS} rows: import it in parts.")
        texts = [_said(cell) for cell in cells] + [""] * (len(HEADINGS) - len(cells))
        if any(texts):
            found.append((number, texts[0], texts))
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
        return f"{int(cell)}" if cell.is_integer() else f"{Decimal(repr(cell)):f}"
    return str(cell).strip()


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _text(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    """A cell that stays text, whatever it begins with."""
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def _parts_of(code: SkuCode) -> tuple[Part, ...]:
    parts = tuple(
        Part(part.item_code, part.uom, part.quantity.normalize(), part.share.normalize())
        for part in code.parts.all()
    )
    return parts or (Part(code.item_code, code.uom, Decimal(1), Decimal(1)),)
