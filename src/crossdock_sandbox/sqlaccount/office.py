"""The books that the keys open: one company's database each, and another one behind the same key."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

from crossdock_sandbox.sqlaccount.documents import Documents, Record
from crossdock_sandbox.sqlaccount.masters import Masters
from crossdock_sandbox.stand import Stand
from crossdock_sandbox.world.shops import BOOKS

EFFECTS = {"salesinvoice": "invoice", "salescreditnote": "credit_note"}
"""Kinds of documents, and what the ledger calls what is done to them."""
_OTHER = "other books"
"""Where the shelf keeps the books that were put in place of the first ones."""


class Books:
    """One company's database."""

    def __init__(
        self, stand: Stand, company: str, register: str, shelf: str, masters: Masters | None = None
    ) -> None:
        self.stand, self.company, self.register, self.shelf = stand, company, register, shelf
        self.masters = masters or Masters()
        self.documents = {kind: Documents(self.masters.rows) for kind in EFFECTS}
        for kind, documents in self.documents.items():
            for _, kept in stand.shelf.all(self._room(kind)):
                documents.load(kept)

    def keep(self, kind: str, document: Record) -> Record:
        """Write a document through to the shelf."""
        self.stand.shelf.put(self._room(kind), _place(document), document)
        return document

    def forget(self, kind: str, document: Record) -> Record:
        """Take a document that is deleted off the shelf."""
        self.stand.shelf.drop(self._room(kind), _place(document))
        return document

    def empty(self) -> None:
        """Throw every document away."""
        for kind, documents in self.documents.items():
            for key in list(documents.rows):
                self.forget(kind, documents.delete(key))

    def _room(self, kind: str) -> str:
        return f"{kind} of {self.shelf}" if self.shelf else kind


class Office:
    """Every set of books, by the access key that opens it."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        first, *others = BOOKS
        self._first_key = first.access_key
        self._by_key = {first.access_key: Books(stand, first.company, first.register, shelf="")}
        for keys in others:
            self._by_key[keys.access_key] = Books(
                stand, keys.company, keys.register, shelf=keys.company
            )
        told = stand.shelf.get("settings", _OTHER)
        self._other = Books(stand, told["name"], told["register"], _OTHER) if told else None

    def opened_by(self, access_key: str) -> Books:
        """The books that answer to this key now."""
        if self._other is not None and access_key == self._first_key:
            return self._other
        return self._by_key[access_key]

    def open(self) -> Iterator[Books]:
        """Every set of books that answers to a key now."""
        return (self.opened_by(key) for key in self._by_key)

    def known_as(self, order: str) -> set[str]:
        """Every id by which calls name the documents of an order: number, or the path with the key."""
        return {
            name
            for books in self.open()
            for kind, documents in books.documents.items()
            for kept in documents.rows.values()
            if kept.get("docref1") == order
            for name in (kept["docno"], f"{kind}/{kept['dockey']}")
        }

    def put_others(self, name: str, register: str) -> None:
        """Have other books answer to the first key: of this company, empty but for master data."""
        masters = deepcopy(self._by_key[self._first_key].masters)
        self._other = Books(self.stand, name, register, _OTHER, masters)
        self._other.empty()
        self.stand.shelf.put("settings", _OTHER, {"name": name, "register": register})

    def put_first_back(self) -> None:
        """Have the first books answer to their key again."""
        self._other = None
        self.stand.shelf.drop("settings", _OTHER)


def _place(document: Record) -> str:
    return f"{document['dockey']:012d}"
