"""Invoices and credit notes as SQL Account's JSON, and what it says about those that it holds.

Lean beats full: empty reference fields are refused, so they are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from crossdock.channels.errors import Unreadable
from crossdock.posting.sqlaccount.answers import Record
from crossdock.rules.invoice import Document
from crossdock.rules.invoice_lines import InvoiceLine


class Kind(StrEnum):
    """Documents of the books, by the name of their address."""

    INVOICE = "salesinvoice"
    CREDIT_NOTE = "salescreditnote"


def payload(document: Document) -> dict[str, Any]:
    """The body of a create call: money as text, every date the document's day."""
    day = document.day.isoformat()
    header = {
        "docno": document.number,
        "docdate": day,
        "postdate": day,
        "taxdate": day,
        "code": document.codes.customer,
        "project": document.codes.project,
        "description": "Marketplace order",
        "docref1": document.order_id,
        "docref2": document.store[:40],
        "docamt": f"{document.total:.2f}",
    }
    if document.rate is not None:
        header |= {"currencycode": document.currency, "currencyrate": f"{document.rate:f}"}
    lines = [_line(number, line, document) for number, line in enumerate(document.lines, 1)]
    return {**_without_blanks(header), "sdsdocdetail": lines}


def changed(wanted: Mapping[str, Any], held: Record) -> dict[str, Any]:
    """The body of an update: what is wanted, with the held document's counter + 1 and its rows' keys.

    Rows are matched by place. A held row that is no longer wanted is brought to nothing, since
    leaving a row out may keep it, and an unknown ``dtlkey`` would double it.
    """
    keys = [row.get("dtlkey") for row in rows_of(held)]
    lines = [
        {**row, "dtlkey": key} if key is not None else dict(row)
        for row, key in _beside(rows_of(wanted), keys)
    ]
    for key in keys[len(lines) :]:
        lines.append({"dtlkey": key, "qty": "0.00", "unitprice": "0.00", "disc": ""})
    return {
        **wanted,
        "sdsdocdetail": lines,
        "cancelled": False,
        "updatecount": _next_count(held),
    }


def cancellation(held: Record) -> dict[str, Any]:
    """The body that cancels a held document."""
    return {
        "docno": held["docno"],
        "code": held["code"],
        "cancelled": True,
        "updatecount": _next_count(held),
    }


def linked(wanted: Mapping[str, Any], invoice: Record) -> dict[str, Any]:
    """A credit note's body with each row tied to the invoice's row of the same item, where it has one."""
    free = list(rows_of(invoice))
    lines = []
    for row in rows_of(wanted):
        source = next((one for one in free if _is_source(one, row)), None)
        if source is not None:
            free.remove(source)
        lines.append({**row, **(_source(invoice, source) if source else {})})
    return {**wanted, "sdsdocdetail": lines}


def is_as_wanted(wanted: Mapping[str, Any], held: Record) -> bool:
    """Whether a held document (with its rows) says what is wanted: number, reference, customer, total,
    and every row that is worth something; cancelled ones never do."""
    return (
        not is_cancelled(held)
        and number_of(held) == number_of(wanted)
        and reference_of(held) == reference_of(wanted)
        and customer_of(held) == customer_of(wanted)
        and total_of(held) == total_of(wanted)
        and _worth(rows_of(held)) == _worth(rows_of(wanted))
    )


def is_cancelled(held: Mapping[str, Any]) -> bool:
    """Whether a held document is cancelled; the database keeps T and F, the API true and false."""
    return held.get("cancelled") in (True, "T", "true", 1)


def is_e_invoice(held: Mapping[str, Any]) -> bool:
    """Whether it was submitted to MyInvois: such a document may not be changed any more."""
    return bool(held.get("irbm_uuid"))


def number_of(held: Mapping[str, Any]) -> str:
    """The number of a document; "" where it has none."""
    return str(held.get("docno") or "")


def reference_of(held: Mapping[str, Any]) -> str:
    """The order that a held document is about: our own reference on it."""
    return str(held.get("docref1") or "")


def customer_of(held: Mapping[str, Any]) -> str:
    """The code of a document's customer; "" where it has none."""
    return str(held.get("code") or "")


def as_it_stands(held: Mapping[str, Any]) -> str:
    """What a person needs to find a held document and to know whose it is."""
    return (
        f"{number_of(held) or 'a document without a number'}, customer {customer_of(held) or 'empty'}, "
        f"total {held.get('docamt')}, reference {reference_of(held) or 'empty'}"
    )


def key_of(held: Mapping[str, Any]) -> int:
    """The key of a held document. Raises Unreadable."""
    try:
        return int(held["dockey"])
    except (KeyError, TypeError, ValueError):
        raise Unreadable("SQL Account answered a document without a key.") from None


def total_of(held: Mapping[str, Any]) -> Decimal:
    """What a held document adds up to. Raises Unreadable."""
    try:
        return Decimal(str(held["docamt"]))
    except (KeyError, InvalidOperation):
        raise Unreadable("SQL Account answered a document without a total.") from None


def count_of(held: Mapping[str, Any]) -> int:
    """How often a held document was changed; the API says null for never."""
    return int(held.get("updatecount") or 0)


def rows_of(held: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The rows of a document that was read whole."""
    rows = held.get("sdsdocdetail")
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _next_count(held: Record) -> int:
    """SQL Account: an update must carry the counter that was read + 1; null counts as 0."""
    return count_of(held) + 1


def _line(number: int, line: InvoiceLine, document: Document) -> dict[str, Any]:
    made = {
        "seq": number,
        "itemcode": line.item_code,
        "location": document.codes.location,
        "project": document.codes.project,
        "description": line.description,
        "description2": line.variation,
        "uom": line.uom,
        "qty": _quantity(line.quantity),
        "unitprice": f"{line.unit_price:f}",
        "tax": line.tax,
        "remark1": line.sku[:200],
    }
    return _without_blanks(made) | ({"taxinclusive": True} if line.tax else {})


def _quantity(quantity: Decimal) -> str:
    """Two places as a rule, four (the most that SQL Account keeps) where they are needed."""
    exact = quantity.quantize(Decimal("0.01"))
    return f"{exact:f}" if exact == quantity else f"{quantity.quantize(Decimal('0.0001')):f}"


def _worth(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, Decimal, Decimal]]:
    """Item, quantity and unit price of every row that is not brought to nothing."""
    said = [
        (str(row.get("itemcode") or ""), _number(row.get("qty")), _number(row.get("unitprice")))
        for row in rows
    ]
    return [row for row in said if row[1]]


def _number(value: Any) -> Decimal:
    try:
        return Decimal(str(value or 0))
    except InvalidOperation:
        raise Unreadable(f"SQL Account answered {value!r} where a number belongs.") from None


def _is_source(row: Mapping[str, Any], of: Mapping[str, Any]) -> bool:
    return (
        row.get("dtlkey") is not None
        and str(row.get("itemcode") or "") == str(of.get("itemcode"))
        and _number(row.get("unitprice")) == _number(of.get("unitprice"))
        and _number(row.get("qty")) >= _number(of.get("qty"))
    )


def _source(invoice: Record, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "fromdoctype": "IV",
        "fromdockey": key_of(invoice),
        "fromdtlkey": row["dtlkey"],
    }


def _beside(
    rows: Sequence[Mapping[str, Any]], keys: Sequence[Any]
) -> list[tuple[Mapping[str, Any], Any]]:
    return [(row, keys[place] if place < len(keys) else None) for place, row in enumerate(rows)]


def _without_blanks(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value != ""}
