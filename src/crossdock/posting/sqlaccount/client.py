"""The calls that Crossdock makes to SQL Account, one method each.

One request at a time, at the pace that ``before_call`` keeps; errors are ``channels.errors``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from crossdock.channels import wire
from crossdock.channels.errors import NotFound
from crossdock.posting.sqlaccount.answers import PAGE, Record, failure, records
from crossdock.posting.sqlaccount.signing import Keys, address, signed_headers


@dataclass(frozen=True, slots=True)
class Client:
    """Talks to one company's database."""

    keys: Keys
    trusted_hosts: frozenset[str] = frozenset()
    before_call: Callable[[], None] = field(default=lambda: None)
    """Called before every request: takes a turn, or raises Throttled."""

    def version(self) -> str:
        """The API's version: the cheapest proof that the keys open something."""
        rows = self._read("/version")
        return str(rows[0].get("version", "")) if rows else ""

    def profile(self) -> Record:
        """The company profile, as SQL Account keeps it."""
        rows = self._read("/profile")
        return rows[0] if rows else {}

    def every(self, path: str) -> Iterator[Record]:
        """All rows of a master list such as ``/customer``, page by page.

        The API promises no order and no snapshot, so that a row may come twice: callers key by code.
        """
        offset = 0
        while True:
            rows = self._read(path, {"offset": str(offset)})
            yield from rows
            if len(rows) < PAGE:
                return
            offset += PAGE

    def invoices_numbered(self, number: str) -> list[Record]:
        """The sales invoices of this document number: header fields only; none is an empty list."""
        return [
            row
            for row in self._read("/salesinvoice", {"docno": number})
            if str(row.get("docno", "")) == number
        ]

    def invoice(self, document_key: int) -> Record:
        """One sales invoice with its lines (``sdsdocdetail``). Raises NotFound."""
        rows = self._read(f"/salesinvoice/{document_key}")
        if not rows:
            raise NotFound(f"SQL Account has no sales invoice with key {document_key}.")
        return rows[0]

    def create_invoice(self, document: Mapping[str, Any]) -> Record:
        """Create a sales invoice. The record as answered, or {} where the answer holds none.

        Raises Refused, Throttled or TokenDead when it was not made; Unclear when it may have been.
        """
        return self._write("POST", "/salesinvoice", document)

    def update_invoice(self, document_key: int, document: Mapping[str, Any]) -> Record:
        """Change a sales invoice; ``updatecount`` in the document must be the read one + 1."""
        return self._write("PUT", f"/salesinvoice/{document_key}", document)

    def customer(self, code: str) -> Record:
        """The customer of this code. Raises NotFound."""
        rows = self._read(f"/customer/{quote(code, safe='-_.~')}")
        if not rows:
            raise NotFound(f"SQL Account has no customer {code!r}.")
        return rows[0]

    def _read(self, path: str, query: Mapping[str, str] | None = None) -> list[Record]:
        status, body = self._send("GET", path, query, b"")
        if not 200 <= status < 300:
            raise failure(status, body, writes=False)
        return records(body)

    def _write(self, method: str, path: str, document: Mapping[str, Any]) -> Record:
        content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        status, body = self._send(method, path, None, content)
        if not 200 <= status < 300:
            raise failure(status, body, writes=True)
        rows = records(body) if body.strip() else []
        return rows[0] if rows else {}

    def _send(
        self, method: str, path: str, query: Mapping[str, str] | None, content: bytes
    ) -> tuple[int, bytes]:
        self.before_call()
        url = address(self.keys.base_url, path, query)
        answer = wire.send(
            method,
            url,
            headers=signed_headers(self.keys, method, url, content),
            content=content,
            writes=method != "GET",
            trusted_hosts=self.trusted_hosts,
        )
        return answer.status, answer.body
