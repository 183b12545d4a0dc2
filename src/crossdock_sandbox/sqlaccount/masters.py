"""The master data of one company: stock items, customers and the other codes that documents name."""

from __future__ import annotations

import time
from typing import Any

from crossdock_sandbox.world.catalogue import KNOWN
from crossdock_sandbox.world.shops import SHOPS

Record = dict[str, Any]
_MADE_AT = 1_767_225_600
"""When the first of them were entered: 1 January 2026, as a Unix time in seconds."""


class Masters:
    """Rows by object and code. Each carries ``lastmodified``, a Unix time in seconds."""

    def __init__(self) -> None:
        self.rows = _first_rows()
        self.more_stock = 0

    def of(self, name: str) -> dict[str, Record]:
        """The rows of an object by their codes."""
        return self.rows[name]

    def names(self) -> tuple[str, ...]:
        """The objects that are master data."""
        return tuple(self.rows)

    def add(self, name: str, row: Record) -> Record:
        """Enter a row now."""
        self.rows[name][str(row["code"])] = {**row, "lastmodified": int(time.time())}
        return self.rows[name][str(row["code"])]

    def change(self, row: Record, sent: Record) -> None:
        """Change a row now."""
        row.update(sent)
        row["lastmodified"] = int(time.time())

    def stock_up_to(self, count: int) -> None:
        """Have further stock items, until there are so many: one was entered every second."""
        while self.more_stock < count:
            self.more_stock += 1
            number = self.more_stock
            item = _item(10_000 + number, f"STOCK-{number:06}", f"Thing {number}")
            self.rows["stockitem"][item["code"]] = {**item, "lastmodified": _MADE_AT + number}


def _first_rows() -> dict[str, dict[str, Record]]:
    items = [_item(number, product.sku, product.name) for number, product in enumerate(KNOWN, 1)]
    fees = (("DISCOUNT", "Seller discount"), ("VOUCHER", "Seller voucher"), ("SHIPPING", "Shipping fee"),
            ("TRANSACTION", "Transaction fee"))  # fmt: skip
    items += [
        {**_item(900 + number, code, text), "stockcontrol": False}
        for number, (code, text) in enumerate(fees, 1)
    ]
    letters = {"lazada": "L", "shopee": "S", "tiktok": "T"}
    customers = [
        {"code": f"300-{letters[shop.channel]}000{number % 2 + 1}", "companyname": shop.name,
         "currencycode": "----" if shop.currency == "MYR" else shop.currency, "sdsbranch": [],
         "lastmodified": _MADE_AT}
        for number, shop in enumerate(SHOPS)
    ]  # fmt: skip
    return {
        "stockitem": {item["code"]: item for item in items},
        "customer": {str(row["code"]): row for row in customers},
        "location": _coded("ECOM", "KL", "PENANG"),
        "project": _coded("LAZADA", "SHOPEE", "TIKTOK"),
        "agent": _coded("ONLINE"),
        "area": _coded("ONLINE"),
        "terms": _coded("C.O.D.", "30 Days"),
        "currency": _coded("----", "MYR", "SGD", "USD"),
        "tax": _coded("ST5", "SV"),
        "stockgroup": _coded("DEFAULT"),
        "pmmethod": _coded("310-001", "310-002"),
        "account": _coded("500-000", "610-000"),
    }


def _item(number: int, code: str, text: str) -> Record:
    return {
        "dockey": number,
        "code": code,
        "description": text,
        "stockgroup": "DEFAULT",
        "stockcontrol": True,
        "isactive": True,
        "defuom_st": "UNIT",
        "sdsuom": [{"uom": "UNIT", "rate": "1.00", "isbase": True}],
        "lastmodified": _MADE_AT,
    }


def _coded(*codes: str) -> dict[str, Record]:
    return {
        code: {
            "code": code,
            "description": code.title(),
            "isactive": True,
            "lastmodified": _MADE_AT,
        }
        for code in codes
    }
