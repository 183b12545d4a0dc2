"""A request as it comes in: what is ambiguous or too large is refused before anybody acts on it."""

from __future__ import annotations

import copy
import re
from collections import Counter
from typing import Any

from waitress import receiver, rfc7230
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.utilities import Error, RequestEntityTooLarge

from crossdock.ops.web.refusals import TooLarge
from crossdock.ops.web.shares import LARGEST, LARGEST_OF_OTHERS, SHARES, Share, name_of

# In waitress 3.0.2 these end with "$", which also fits before a line feed: "5\n" was a chunk's size.
receiver.ONLY_HEXDIG_RE = re.compile(rb"[0-9A-Fa-f]+\Z")
receiver.CHUNK_EXT_RE = re.compile(rfc7230.CHUNK_EXT_RE.pattern.removesuffix(b"$") + rb"\Z")

_AT_MOST_ONCE = (b"host", b"content-length", b"content-type", b"transfer-encoding")


class Request(HTTPRequestParser):
    """Read whole, at most as large as its address takes."""

    adj: Any
    error: Error | None
    body_bytes_received: int
    share = Share.PAGES
    ready_at = 0.0
    """When it could be served, by ``time.monotonic``."""
    is_cut = False
    """Whether it was refused before it was read to its end."""

    def received(self, data: bytes) -> int:
        """Take in more of it; how many bytes were its own."""
        taken: int = super().received(data)
        if isinstance(self.error, RequestEntityTooLarge):
            self.error = TooLarge(self.adj.max_request_body_size)
        self.is_cut = self.error is not None
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        """Read its head. Raises ParsingError, also for what two servers might read differently."""
        _refuse_ambiguous(header_plus)
        super().parse_header(header_plus)
        if self.version != "1.1" and "TRANSFER_ENCODING" in self.headers:
            raise ParsingError("This version has no Transfer-Encoding")
        name = name_of(self.path)
        self.share = SHARES.get(name, Share.PAGES)
        self.adj = copy.copy(self.adj)
        self.adj.max_request_body_size = LARGEST.get(name, LARGEST_OF_OTHERS) + 1


def _refuse_ambiguous(head: bytes) -> None:
    lines = head.split(b"\r\n")[1:]
    if any(line[:1] in (b" ", b"\t") for line in lines):
        raise ParsingError("A header goes on in the next line")
    named = Counter(line.partition(b":")[0].strip().lower() for line in lines)
    if twice := [name for name in _AT_MOST_ONCE if named[name] > 1]:
        raise ParsingError(f"{twice[0].decode()} is given twice")
    if named[b"transfer-encoding"] and named[b"content-length"]:
        raise ParsingError("Both Transfer-Encoding and Content-Length are given")
