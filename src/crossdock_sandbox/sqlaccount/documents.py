"""Sales documents: what is refused, what is kept, how the update counter works."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

_LONGEST = {
    "docno": 20, "docnoex": 20, "code": 10, "companyname": 100, "address1": 60, "address2": 60, "address3": 60,
    "address4": 60, "postcode": 10, "city": 50, "state": 50, "country": 2, "phone1": 200, "attention": 70,
    "area": 10, "agent": 10, "terms": 10, "project": 20, "currencycode": 6, "shipper": 30, "description": 150,
    "docref1": 40, "docref2": 40, "docref3": 40, "docref4": 40, "dattention": 70, "dphone1": 200,
}  # fmt: skip
_LONGEST_IN_LINE = {
    "itemcode": 30, "location": 20, "batch": 30, "project": 20, "description": 200, "description2": 200,
    "uom": 10, "disc": 20, "tax": 10, "taxrate": 20, "account": 10, "remark1": 200, "remark2": 200,
}  # fmt: skip
_DATES = ("docdate", "postdate", "taxdate")
_CENT = Decimal("0.01")
Record = dict[str, Any]


class Refused(Exception):
    """The document is not taken; the text is what the API answers, with HTTP 400."""


class Documents:
    """The documents of one kind."""

    def __init__(self, codes: Mapping[str, Mapping[str, Record]]) -> None:
        self.codes = codes
        self.rows: dict[int, Record] = {}
        self.last_key = 0
        self.last_line = 0

    def load(self, kept: Record) -> None:
        """Take in a document that was kept."""
        self.rows[kept["dockey"]] = kept
        self.last_key = max(self.last_key, kept["dockey"])
        self.last_line = max([self.last_line, *(line["dtlkey"] for line in kept["sdsdocdetail"])])

    def numbered(self, number: str) -> list[Record]:
        """The documents of this number: one, unless duplicates were taken."""
        return [row for row in self.rows.values() if row["docno"] == number]

    def create(self, body: Mapping[str, Any], *, take_duplicates: bool) -> Record:
        """Make a document. Raises Refused."""
        self._check(body)
        number = str(body.get("docno") or "") or f"IV-{self.last_key + 1:05d}"
        if self.numbered(number) and not take_duplicates:
            raise Refused(f"Duplicate document number: {number}")
        self.last_key += 1
        made = {
            "dockey": self.last_key,
            **dict.fromkeys(("docref1", "docref2", "description", "attention", "project"), ""),
            "agent": "----",
            "area": "----",
            "currencycode": "----",
            "currencyrate": "1.00",
            "cancelled": False,
            "status": 0,
            "updatecount": None,
            "irbm_uuid": None,
            **{
                name: value
                for name, value in body.items()
                if name not in ("sdsdocdetail", "dockey")
            },
            "docno": number,
        }
        made["sdsdocdetail"] = [
            self._line(line, made["dockey"]) for line in body.get("sdsdocdetail", [])
        ]
        return self._keep(made, body)

    def update(self, key: int, body: Mapping[str, Any]) -> Record:
        """Change a document: fields left out stay, rows left out stay, a row with an unknown
        ``dtlkey`` is inserted as a new one. Raises Refused."""
        known = self.rows[key]
        expected = (known["updatecount"] or 0) + 1
        if body.get("updatecount") != expected:
            raise Refused("Record has been changed by another user")
        self._check({**known, **body}, lines=body.get("sdsdocdetail"))
        number = str(body.get("docno") or known["docno"])
        if number != known["docno"] and self.numbered(number):
            raise Refused(f"Duplicate document number: {number}")
        changed = {
            **known,
            **{name: value for name, value in body.items() if name != "sdsdocdetail"},
        }
        lines = {line["dtlkey"]: line for line in known["sdsdocdetail"]}
        for row in body.get("sdsdocdetail", []):
            if row.get("dtlkey") in lines:
                merged = {**lines[row["dtlkey"]], **row}
                lines[row["dtlkey"]] = {**merged, "amount": _amount(merged)}
            else:
                fresh = self._line(row, key)
                lines[fresh["dtlkey"]] = fresh
        changed |= {"dockey": key, "sdsdocdetail": list(lines.values()), "updatecount": expected}
        return self._keep(changed, body)

    def delete(self, key: int) -> Record:
        """Delete a document."""
        return self.rows.pop(key)

    def _keep(self, made: Record, body: Mapping[str, Any]) -> Record:
        total = sum((Decimal(line["amount"]) for line in made["sdsdocdetail"]), Decimal("0.00"))
        if (
            "docamt" in body
            and not made["cancelled"]
            and _decimal("docamt", body["docamt"]) != total
        ):
            self.last_key -= made["dockey"] not in self.rows
            raise Refused(f"Document is not balanced: docamt {body['docamt']}, lines {total}")
        rate = _decimal("currencyrate", made.get("currencyrate") or "1")
        made["docamt"] = f"{total:.2f}"
        made["localdocamt"] = f"{(total * rate).quantize(_CENT, ROUND_HALF_UP):.2f}"
        made["lastmodified"] = int(time.time())
        self.rows[made["dockey"]] = made
        return made

    def _line(self, row: Mapping[str, Any], key: int) -> Record:
        self.last_line += 1
        kept = {
            "seq": self.last_line,
            "itemcode": "",
            "location": "",
            "qty": "1.00",
            "disc": "",
            "tax": "",
            **row,
        }
        return {**kept, "dtlkey": self.last_line, "dockey": key, "amount": _amount(kept)}

    def _check(self, body: Mapping[str, Any], lines: Any = None) -> None:
        for name, longest in _LONGEST.items():
            _check_text(name, body.get(name), longest)
        for name in _DATES:
            _check_date(name, body.get(name), wanted=name == "docdate")
        if not body.get("code"):
            raise Refused("Customer code is required")
        for name, kind in (("code", "customer"), ("project", "project"), ("agent", "agent"), ("area", "area"),
                           ("terms", "terms"), ("currencycode", "currency")):  # fmt: skip
            self._known(kind, body.get(name))
        rows = body.get("sdsdocdetail", []) if lines is None else lines
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Refused("MainDataSet: Dataset not in edit or insert mode")
        for row in rows:
            for name, longest in _LONGEST_IN_LINE.items():
                _check_text(name, row.get(name), longest)
            for name, kind in (("itemcode", "stockitem"), ("location", "location"), ("project", "project"),
                               ("tax", "tax"), ("account", "account")):  # fmt: skip
                self._known(kind, row.get(name))
            self._check_unit(row)
            _amount(row)

    def _check_unit(self, row: Mapping[str, Any]) -> None:
        item, unit = self.codes["stockitem"].get(str(row.get("itemcode", ""))), row.get("uom")
        if item and unit and unit not in {one["uom"] for one in item["sdsuom"]}:
            raise Refused(f"No record found: uom {unit} of {row['itemcode']}")

    def _known(self, kind: str, code: Any) -> None:
        if code not in (None, "", "----") and str(code) not in self.codes[kind]:
            raise Refused(f"No record found: {kind} {code}")


def _amount(row: Mapping[str, Any]) -> str:
    """The amount of a line: quantity × price, less the discount expression ("5%", "3", "5%+3")."""
    gross = _decimal("qty", row.get("qty", "1")) * _decimal("unitprice", row.get("unitprice", "0"))
    for part in filter(None, str(row.get("disc") or "").split("+")):
        if re.fullmatch(r"\d+(\.\d+)?%", part):
            gross -= gross * Decimal(part[:-1]) / 100
        else:
            gross -= _decimal("disc", part)
    return f"{gross.quantize(_CENT, ROUND_HALF_UP):.2f}"


def _decimal(name: str, value: Any) -> Decimal:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if isinstance(value, bool) or not amount.is_finite():
        raise Refused(f"'{value}' is not a valid value for {name}")
    return amount


def _check_text(name: str, value: Any, longest: int) -> None:
    if value is not None and len(str(value)) > longest:
        raise Refused(f"Value of {name} is too long: at most {longest} characters")


def _check_date(name: str, value: Any, *, wanted: bool) -> None:
    if value in (None, ""):
        if wanted:
            raise Refused(f"{name} is required")
        return
    try:
        date.fromisoformat(str(value))
    except ValueError:
        raise Refused(f"'{value}' is not a valid date for {name}") from None
