"""Pages of long lists: the token of the next one says where the last one ended."""

from __future__ import annotations

import base64
import binascii
import time
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from crossdock_sandbox.tiktok.failures import invalid
from crossdock_sandbox.tiktok.fields import Fields

Row = tuple[int, str]
"""(Unix seconds by which a list is sorted, id)."""
_MARK = b"\xfb\xff\xfe"
"""Gives every token the characters ``+//+``: who forgets to encode or sign it decoded finds out."""


@dataclass(frozen=True)
class Page:
    """One page."""

    ids: list[str]
    next_token: str
    total: int


def page(query: Fields, rows: list[Row], size: int, order: str) -> Page:
    """A page of rows that are sorted by (time, id); ``order``: ASC or DESC."""
    token = query.text("page_token", "")
    if order == "ASC":
        start = bisect_right(rows, _row(token)) if token else 0
        chosen = rows[start : start + size]
        more = start + size < len(rows)
    else:
        end = bisect_left(rows, _row(token)) if token else len(rows)
        chosen = rows[max(end - size, 0) : end][::-1]
        more = end > size
    ids = [one for _, one in chosen]
    return Page(ids, _token(chosen[-1]) if more else "", len(rows))


def window(body: Fields, field: str, last: str = "lt") -> tuple[int, int] | None:
    """[start, end) in Unix seconds of ``{field}_ge`` and ``{field}_lt``; None where neither is given.

    With ``last="le"`` the end belongs to the window (product search). A missing end is now.
    """
    start, end = body.integer(f"{field}_ge"), body.integer(f"{field}_{last}")
    if start is None and end is None:
        return None
    if end is None:
        return start or 0, int(time.time()) + 1
    return start or 0, end + (last == "le")


def inside(at: int, bounds: tuple[int, int] | None) -> bool:
    """Whether a time lies in a window."""
    return bounds is None or bounds[0] <= at < bounds[1]


def _token(row: Row) -> str:
    text = f"{row[0]}:{row[1]}".encode()
    text += b"." * ((1 - len(text)) % 3 or 3)  # one byte over: the token ends in ==
    return base64.b64encode(_MARK + text).decode()


def _row(token: str) -> Row:
    try:
        raw = base64.b64decode(token, validate=True)
        at, _, one = raw.removeprefix(_MARK).rstrip(b".").decode().partition(":")
        if not raw.startswith(_MARK) or not one:
            raise ValueError(token)
        return int(at), one
    except (ValueError, binascii.Error):
        raise invalid("The page_token is invalid.") from None
