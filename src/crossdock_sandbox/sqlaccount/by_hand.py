"""What a person does to documents in SQL Account's own window: no call of the API, so no row in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock_sandbox.sqlaccount.documents import Record
from crossdock_sandbox.sqlaccount.office import Books, Office


def edit(office: Office, kind: str, number: str, fields: Mapping[str, Any]) -> Record:
    """Change fields of a document, rows by their ``dtlkey`` as in a PUT. Its counter rises.

    Raises LookupError where no books hold it, and documents.Refused.
    """
    books, held = _held(office, kind, number)
    entered = {str(name).lower(): value for name, value in fields.items()}
    counter = {"updatecount": (held["updatecount"] or 0) + 1}
    return books.keep(kind, books.documents[kind].update(held["dockey"], {**entered, **counter}))


def renumber(office: Office, kind: str, number: str, to: str) -> Record:
    """Give a document another number. Raises as ``edit`` does."""
    return edit(office, kind, number, {"docno": to})


def delete(office: Office, kind: str, number: str) -> Record:
    """Delete a document. Raises LookupError."""
    books, held = _held(office, kind, number)
    return books.forget(kind, books.documents[kind].delete(held["dockey"]))


def copy(office: Office, kind: str, number: str, to: str) -> Record:
    """Enter a document once more under another number: a new key, and its references as they are.

    Raises as ``edit`` does.
    """
    books, held = _held(office, kind, number)
    own = {"dockey", "updatecount", "irbm_uuid", "sdsdocdetail", "docamt", "localdocamt"}
    entered = {name: value for name, value in held.items() if name not in own}
    rows = [
        {name: value for name, value in row.items() if name not in ("dtlkey", "dockey", "amount")}
        for row in held["sdsdocdetail"]
    ]
    again = {**entered, "docno": to, "sdsdocdetail": rows}
    return books.keep(kind, books.documents[kind].create(again, take_duplicates=False))


def _held(office: Office, kind: str, number: str) -> tuple[Books, Record]:
    for books in office.open():
        if found := books.documents[kind].numbered(number):
            return books, found[0]
    raise LookupError(f"no {kind} has the number {number}")
