"""A sales invoice as SQL Account's JSON, and what it says about one that it holds.

Lean beats full: empty reference fields are refused, so they are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock.channels.errors import Unreadable
from crossdock.posting.sqlaccount.answers import Record
from crossdock.rules.invoice import Invoice, InvoiceLine


def document(invoice: Invoice) -> dict[str, Any]:
    """The body of a create call: money as text, every date the document's day."""
    day = invoice.day.isoformat()
    header = {
        "docno": invoice.number,
        "docdate": day,
        "postdate": day,
        "taxdate": day,
        "code": invoice.customer,
        "project": invoice.project,
        "description": "Marketplace order",
        "docref1": invoice.order_id,
        "docref2": invoice.store[:40],
        "docamt": f"{invoice.total:.2f}",
    }
    if invoice.rate is not None:
        header |= {"currencycode": invoice.currency, "currencyrate": f"{invoice.rate:f}"}
    lines = [_line(number, line, invoice) for number, line in enumerate(invoice.lines, 1)]
    return {**_without_blanks(header), "sdsdocdetail": lines}


def update(invoice: Invoice, held: Record) -> dict[str, Any]:
    """The body of an update: the held document's counter + 1, and its rows' own keys.

    Rows are matched by place. A held row that is no longer wanted is brought to nothing, since
    leaving a row out may keep it, and an unknown ``dtlkey`` would double it.
    """
    made = document(invoice)
    keys = [row.get("dtlkey") for row in _rows(held)]
    for row, key in zip(made["sdsdocdetail"], keys, strict=False):
        row["dtlkey"] = key
    for key in keys[len(made["sdsdocdetail"]) :]:
        made["sdsdocdetail"].append({"dtlkey": key, "qty": "0.00", "unitprice": "0.00", "disc": ""})
    made["updatecount"] = int(held.get("updatecount") or 0) + 1
    return made


def cancellation(held: Record) -> dict[str, Any]:
    """The body that cancels a held document."""
    return {
        "docno": held["docno"],
        "code": held["code"],
        "cancelled": True,
        "updatecount": int(held.get("updatecount") or 0) + 1,
    }


def key_of(held: Mapping[str, Any]) -> int:
    """The key of a held document. Raises Unreadable."""
    try:
        return int(held["dockey"])
    except (KeyError, TypeError, ValueError):
        raise Unreadable("SQL Account answered an invoice without a key.") from None


def total_of(held: Mapping[str, Any]) -> Decimal:
    """What a held document adds up to. Raises Unreadable."""
    try:
        return Decimal(str(held["docamt"]))
    except (KeyError, InvalidOperation):
        raise Unreadable("SQL Account answered an invoice without a total.") from None


def _line(number: int, line: InvoiceLine, invoice: Invoice) -> dict[str, Any]:
    made = {
        "seq": number,
        "itemcode": line.item_code,
        "location": invoice.location,
        "description": line.description,
        "description2": line.variation,
        "uom": line.uom,
        "qty": f"{line.quantity}.00",
        "unitprice": f"{line.unit_price:f}",
        "remark1": line.sku[:200],
    }
    return _without_blanks(made)


def _rows(held: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    rows = held.get("sdsdocdetail")
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _without_blanks(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value != ""}
