"""Reading the codes that the books hold: stock items, customers, locations, projects, taxes, payment methods.

The first time all of them; afterwards what has changed since, and all of them once a week, since nothing
tells what is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from django.utils import timezone

from crossdock.channels.reading import said
from crossdock.posting.connect import client_of
from crossdock.posting.models import BooksCode, SqlAccount
from crossdock.posting.sqlaccount.answers import Record
from crossdock.posting.sqlaccount.client import Client
from crossdock.posting.whose_books import others_answer
from crossdock.rules.from_outside import whole

_AT_ONCE = 1000
"""Rows that are held and written at once, however many the books have."""


def read_codes(books: SqlAccount, *, whole: bool = True, sparing: bool = False) -> int:
    """Read the codes of the books; how many were read. ``whole``: all of them, else what has changed
    since the last reading. Kinds whose changes the books cannot tell are then read whole, large ones
    (where ``sparing``) not at all: two calls a second are a company's.

    Codes that are gone from the books are forgotten, once their kind was read whole and to its end.
    Nothing is read of other books than those that were connected. Raises ``channels.errors``; what was
    read by then is kept, and nothing is forgotten.
    """
    client, began, count = client_of(books), timezone.now(), 0
    if others_answer(books, client, since=began):
        return 0
    newest = dict(books.codes_newest)
    try:
        for kind in BooksCode.Kind:
            changed = None if whole else _changed(client, kind, newest.get(kind.value, 0))
            if changed is None and not whole and sparing and _is_large(kind):
                continue
            for rows in _chunks(client.every(f"/{kind}") if changed is None else changed):
                count += _write(books, kind, rows)
                newest[kind.value] = max(newest.get(kind.value, 0), *map(_modified, rows))
                _tell(books, f"{count} codes read, now {kind.label}s")
            if changed is None:
                BooksCode.objects.filter(kind=kind, read_at__lt=began).delete()
        SqlAccount.objects.filter(pk=books.pk).update(
            codes_read_at=timezone.now(), codes_newest=newest
        )
    finally:
        _tell(books, "")
    return count


def _is_large(kind: BooksCode.Kind) -> bool:
    return BooksCode.objects.filter(kind=kind)[_AT_ONCE : _AT_ONCE + 1].exists()


def _changed(client: Client, kind: BooksCode.Kind, newest: int) -> Iterator[Record] | None:
    """The rows of a kind that changed since the newest change we know of (Unix seconds), that one
    included; None where the books cannot tell.

    UNCONFIRMED: whether the filter ``lastmodified`` finds what changed *since* a moment, or what changed
    *at* it. So it is asked for the second before the newest change: since then, that change itself is
    found; at that second, (nearly always) nothing is, and never that change.
    """
    if not newest:
        return None
    rows = client.changed(f"/{kind}", newest - 1)
    first = next(rows, None)
    if first is None:
        return None
    seen = [first, *islice(rows, _AT_ONCE)]
    if all(_modified(row) < newest for row in seen):
        return None
    return chain(seen, rows)


def _modified(row: Record) -> int:
    """When a row was changed last, in Unix seconds; 0 where the books do not tell."""
    return whole(row.get("lastmodified")) or 0


def _write(books: SqlAccount, kind: BooksCode.Kind, rows: Iterable[Record]) -> int:
    """Write these rows; how many. The API promises no snapshot: a row may come twice."""
    now = timezone.now()
    fresh = {
        code: BooksCode(
            company_id=books.company_id,
            kind=kind,
            code=code,
            description=_description(row)[:300],
            uom=_base_unit(row)[:10],
            uoms=_units(row),
            barcodes=_barcodes(row),
            shelf=said(row.get("shelf"))[:40],
            read_at=now,
        )
        for row in rows
        if (code := said(row.get("code"))[:40])
    }
    BooksCode.objects.bulk_create(
        fresh.values(),
        update_conflicts=True,
        unique_fields=["company", "kind", "code"],
        update_fields=["description", "uom", "uoms", "barcodes", "shelf", "read_at"],
    )
    return len(fresh)


def _tell(books: SqlAccount, words: str) -> None:
    SqlAccount.objects.filter(pk=books.pk).update(codes_progress=words)


def _chunks(rows: Iterator[Record]) -> Iterator[list[Record]]:
    while chunk := list(islice(rows, _AT_ONCE)):
        yield chunk


def _description(row: Record) -> str:
    return said(row.get("description") or row.get("companyname"))


def _units(row: Record) -> list[str]:
    units = row.get("sdsuom")
    found = (
        [said(unit.get("uom")) for unit in units if isinstance(unit, dict)]
        if isinstance(units, list)
        else []
    )
    return [unit for unit in found if unit]


def _barcodes(row: Record) -> list[str]:
    """What stands on a stock item. UNCONFIRMED over the API: the field ``barcode`` and the rows of
    ``sdsbarcode`` are named as in the program's own tables (ST_ITEM), as is ``shelf``; where an answer
    has none of them, an item is simply known by its code."""
    rows = row.get("sdsbarcode")
    more = (
        [one.get("barcode") for one in rows if isinstance(one, dict)]
        if isinstance(rows, list)
        else []
    )
    return list(dict.fromkeys(found for one in (row.get("barcode"), *more) if (found := said(one))))


def _base_unit(row: Record) -> str:
    units = row.get("sdsuom")
    if isinstance(units, list):
        for unit in units:
            if isinstance(unit, dict) and unit.get("isbase"):
                return said(unit.get("uom"))
    return said(row.get("baseuom") or row.get("uom") or row.get("defuom_st"))
