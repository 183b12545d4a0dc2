"""The SKUs that a company's orders carry, however many orders there are.

They are read from the index of lines by SKU: from one SKU to the next, as many looks as there are SKUs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from crossdock.companies.scope import current_company_id
from crossdock.orders.distinct import each_once
from crossdock.orders.models import Line
from crossdock.posting.models import SkuCode

MOST_COUNTED = 1000
"""Lines of a SKU that are counted; more are told as "more than"."""
_SHOWN = 200
_COMPARED = 1000
"""Unmapped SKUs whose counts are compared; the rest follows by name."""

_COUNTED = """
SELECT wanted.sku,
       (SELECT count(*) FROM (SELECT 1 FROM orders_line
                              WHERE company_id = %(company)s AND sku = wanted.sku AND live
                              LIMIT %(most)s) AS few)
FROM unnest(%(skus)s::text[]) AS wanted(sku)
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A SKU that was ordered."""

    sku: str
    lines: int
    """How many live lines carry it, ``MOST_COUNTED`` + 1 for more than that."""
    is_mapped: bool


def every_sku() -> list[str]:
    """Every SKU that any line of the company carries, in the database's order."""
    return each_once(Line, "sku")


def unmapped() -> list[str]:
    """The SKUs of live lines that stand for nothing in the books yet."""
    skus = every_sku()
    mapped = _mapped(skus)
    return _of_live_lines([sku for sku in skus if sku not in mapped])


def seen(words: str = "") -> tuple[list[Seen], int]:
    """The first SKUs whose text holds these words, and how many of all have no stock item.

    Unmapped ones first, those that were ordered most before the others.
    """
    skus = every_sku()
    mapped = _mapped(skus)
    without = _of_live_lines([sku for sku in skus if sku not in mapped])
    wanted = words.casefold()
    named = [sku for sku in without if wanted in sku.casefold()][:_COMPARED]
    if len(named) < _SHOWN:
        named += [sku for sku in skus if sku in mapped and wanted in sku.casefold()][:_COMPARED]
    counts = _counted(named, most=MOST_COUNTED + 1)
    rows = [Seen(sku, lines, sku in mapped) for sku, lines in counts.items() if lines]
    rows.sort(key=lambda row: (row.is_mapped, -row.lines, row.sku))
    return rows[:_SHOWN], len(without)


def _of_live_lines(skus: Sequence[str]) -> list[str]:
    return [sku for sku, lines in _counted(skus, most=1).items() if lines]


def _mapped(skus: Sequence[str]) -> frozenset[str]:
    return frozenset(SkuCode.objects.filter(sku__in=skus).values_list("sku", flat=True))


def _counted(skus: Sequence[str], *, most: int) -> dict[str, int]:
    """SKU → live lines that carry it, at most so many, in the order given."""
    if not skus:
        return {}
    with connection.cursor() as cursor:
        values = {"company": current_company_id(), "skus": list(skus), "most": most}
        cursor.execute(_COUNTED, values)
        return {str(sku): int(lines) for sku, lines in cursor.fetchall()}
