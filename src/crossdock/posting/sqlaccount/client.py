"""The calls that Crossdock makes to SQL Account, one method each.

One request at a time, at the pace that ``turn`` keeps; errors are ``channels.errors``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote

from crossdock.channels import wire
from crossdock.channels.errors import NotAlone, NotFound, Throttled, Unreadable
from crossdock.channels.reading import said
from crossdock.posting.sqlaccount.answers import PAGE, Record, failure, plain, records
from crossdock.posting.sqlaccount.documents import Kind
from crossdock.posting.sqlaccount.signing import Keys, address, signed_headers

_PAUSES = 12
"""How often in a row the next page of a list is asked for again after a pause."""
_LONGEST_PAUSE = 15.0

Turn = Callable[[], AbstractContextManager[Callable[[int], None]]]


def _deaf(status: int) -> None:
    """Nobody keeps a pace."""


@dataclass(frozen=True, slots=True)
class Client:
    """Talks to one company's database."""

    keys: Keys
    trusted_hosts: frozenset[str] = frozenset()
    turn: Turn = field(default=lambda: nullcontext(_deaf))
    """Held for the time of every request; gives what must be told the answer's status. Raises
    Throttled where no turn comes."""

    def version(self) -> str:
        """The API's version: the cheapest proof that the keys open something."""
        rows = self._read("/version")
        return said(rows[0].get("version")) if rows else ""

    def profile(self) -> Record:
        """The company profile, as SQL Account keeps it."""
        rows = self._read("/profile")
        return rows[0] if rows else {}

    def every(self, path: str) -> Iterator[Record]:
        """All rows of a master list such as ``/customer``, page by page.

        The API promises no order and no snapshot, so that a row may come twice: callers key by code.
        """
        return self._pages(path, {})

    def changed(self, path: str, since: int) -> Iterator[Record]:
        """The rows of a master list that its filter ``lastmodified`` (Unix seconds) finds."""
        return self._pages(path, {"lastmodified": str(since)})

    def numbered(self, kind: Kind, number: str) -> list[Record]:
        """The documents of this number: header fields only; none is an empty list."""
        return [
            row
            for row in self._read(f"/{kind}", {"docno": number})
            if str(row.get("docno", "")) == number
        ]

    def referenced(self, kind: Kind, reference: str) -> list[Record]:
        """The documents that carry this reference of ours: header fields only."""
        return [
            row
            for row in self._read(f"/{kind}", {"docref1": reference})
            if str(row.get("docref1") or "") == reference
        ]

    def dated(self, kind: Kind, day: date) -> Iterator[Record]:
        """The documents of one day, header fields only, page by page."""
        return self._pages(f"/{kind}", {"docdate": day.isoformat()})

    def document(self, kind: Kind, document_key: int) -> Record:
        """One document with its rows (``sdsdocdetail``). Raises NotFound."""
        rows = self._read(f"/{kind}/{document_key}")
        if not rows:
            raise NotFound(f"SQL Account has no {kind} with key {document_key}.")
        return rows[0]

    def create(self, kind: Kind, document: Mapping[str, Any]) -> Record:
        """Create a document. The record as answered, or {} where the answer holds none.

        Raises Refused, Throttled or TokenDead when it was not made; Unclear when it may have been.
        """
        return self._write("POST", f"/{kind}", document)

    def change(self, kind: Kind, document_key: int, document: Mapping[str, Any]) -> Record:
        """Change a document; ``updatecount`` in it must be the read one + 1."""
        return self._write("PUT", f"/{kind}/{document_key}", document)

    def pdf(self, kind: Kind, document_key: int, template: str) -> bytes:
        """A document as SQL Account prints it; ``template`` is the name of a report of that company."""
        wanted = f"application/pdf;template={template}"
        status, body = self._send("GET", f"/{kind}/{document_key}", None, b"", content_type=wanted)
        if not 200 <= status < 300:
            raise failure(status, body, writes=False)
        if not body.startswith(b"%PDF"):
            raise Unreadable(f"SQL Account answered no PDF: {plain(body)}")
        return body

    def customer(self, code: str) -> Record:
        """The customer of this code. Raises NotFound."""
        rows = self._read(f"/customer/{quote(code, safe='-_.~')}")
        if not rows:
            raise NotFound(f"SQL Account has no customer {code!r}.")
        return rows[0]

    def _pages(self, path: str, query: Mapping[str, str]) -> Iterator[Record]:
        offset = 0
        while True:
            rows = self._page(path, {**query, "offset": str(offset)})
            yield from rows
            if len(rows) < PAGE:
                return
            offset += PAGE

    def _page(self, path: str, query: Mapping[str, str]) -> list[Record]:
        """One page of many: thousands of calls meet a pause now and then, and none may begin anew."""
        for _ in range(_PAUSES):
            try:
                return self._read(path, query)
            except NotAlone:
                raise
            except Throttled as pause:
                time.sleep(min(pause.wait, _LONGEST_PAUSE))
        return self._read(path, query)

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
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        content: bytes,
        *,
        content_type: str = "application/json",
    ) -> tuple[int, bytes]:
        url = address(self.keys.base_url, path, query)
        with self.turn() as heard:
            headers = signed_headers(self.keys, method, url, content)
            if content or content_type != "application/json":
                headers["Content-Type"] = content_type
            answer = wire.send(
                method,
                url,
                headers=headers,
                content=content,
                writes=method != "GET",
                trusted_hosts=self.trusted_hosts,
            )
            heard(answer.status)
        return answer.status, answer.body
