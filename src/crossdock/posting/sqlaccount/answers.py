"""Reading what SQL Account answers: records, pages, and refusals that come as JSON, text or HTML."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crossdock.channels.errors import (
    ChannelError,
    NoSeat,
    NotFound,
    Refused,
    Throttled,
    TokenDead,
    Unclear,
    Unreadable,
)

PAGE = 50
"""Rows in a full page of a list; a shorter one is the last."""

_TOO_FAST_WAIT = 2.0
"""Seconds until what met a 429 is tried again. How long the API is left alone altogether is learned from
all answers (``posting.turns``): bans of one to two minutes have been seen."""

_SEAT_WAIT = 30.0
"""Seconds until the next try while every user licence of the database is taken."""

Record = dict[str, Any]


def records(body: bytes) -> list[Record]:
    """The rows of a list, or the one record, of a good answer. Raises Unreadable.

    A record comes as itself, as ``{"data": {…}}`` or as ``{"data": [{…}]}``; the sheet has all three.
    """
    try:
        answer = json.loads(body, parse_float=Decimal)
    except ValueError:
        raise Unreadable(
            f"SQL Account answered something that is not JSON: {plain(body)}"
        ) from None
    data = answer.get("data", answer) if isinstance(answer, dict) else answer
    rows = data if isinstance(data, list) else [data]
    if not all(isinstance(row, dict) for row in rows):
        raise Unreadable(f"SQL Account answered no records: {plain(body)}")
    return rows


def failure(status: int, body: bytes, *, writes: bool) -> ChannelError:
    """The error that a bad answer stands for; its words are SQL Account's own."""
    words = plain(body) or f"HTTP {status} without a word"
    if status in (401, 403):
        return TokenDead(f"SQL Account refuses the access key: {words}", code=str(status))
    if status == 429:
        return Throttled(f"SQL Account asks for a pause: {words}", code="429", wait=_TOO_FAST_WAIT)
    if "concurrent connection" in words.lower():
        told = f"{words.rstrip('.')}. Log somebody out of SQL Account, or buy a seat: it goes on by itself."
        return NoSeat(told, code=str(status), wait=_SEAT_WAIT)
    if status == 404 or "not found" in words.lower():
        return NotFound(words, code=str(status))
    if status >= 500:
        kind = Unclear if writes else Unreadable
        return kind(f"SQL Account failed: {words}", code=str(status))
    return Refused(words, code=str(status))


def plain(body: bytes) -> str:
    """What an answer says, as plain text of at most 500 characters."""
    text = body.decode("utf-8", "replace")
    try:
        text = _said(json.loads(text))
    except ValueError:
        text = re.sub(r"<(script|style).*?</\1>", " ", text, flags=re.S | re.I)
        text = re.sub(r"<[^>]+>", " ", text)
    return " ".join(text.split())[:500]


def _said(answer: Any) -> str:
    if isinstance(answer, Mapping):
        for name in ("message", "error", "error_description", "detail", "title"):
            if answer.get(name):
                return _said(answer[name])
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
