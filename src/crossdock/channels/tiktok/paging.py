"""Going through a list that is sorted by time while what it lists moves on.

Where to go on is kept as a time rather than as TikTok Shop's page token, of which nobody says how
long it lives, or whether an entry that moves on makes it skip another. The token serves within one
second that fills more than a page; one that is no longer taken is done without.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crossdock.channels.contract import Shop
from crossdock.channels.errors import Refused, ends_token
from crossdock.channels.reading import Reading, Row
from crossdock.channels.tiktok.api import post
from crossdock.channels.tiktok.refusals import is_about_the_call

_TAIL = 5
"""Of so many rows at a page's end one at least has stood still while the page was made: a row may tell
a later time than the one by which it is listed."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is listed: the entries whose time lies in it, both ends included."""

    field: str
    """``update_time`` or ``create_time``."""
    since: int
    until: int
    token: str = ""

    @classmethod
    def at(cls, field: str, since: datetime, until: datetime, cursor: str | None) -> Window:
        """The window, from the cursor's place on. Raises Refused for a cursor that is none of ours."""
        start, token = _read(cursor) if cursor else (int(since.timestamp()), "")
        return cls(field, start, int(until.timestamp()), token)

    def after(self, found: Sequence[Row], token: str) -> str | None:
        """The cursor of the page after this one; None after the last."""
        if not token:
            return None
        times = [Reading().time(row, self.field) for row in found[-_TAIL:]]
        seconds = [int(time.timestamp()) for time in times if time is not None]
        reached = min((one for one in seconds if one <= self.until), default=self.since)
        return json.dumps([reached, ""] if reached > self.since else [self.since, token])


def page(shop: Shop, path: str, window: Window, size: int) -> Mapping[str, Any]:
    """One page of a list, oldest first. Raises ``channels.errors``."""
    body = {f"{window.field}_ge": window.since, f"{window.field}_lt": window.until + 1}
    query = {"page_size": str(size), "sort_field": window.field, "sort_order": "ASC"}
    if not window.token:
        return post(shop, path, body, query, writes=False)
    try:
        return post(shop, path, body, {**query, "page_token": window.token}, writes=False)
    except Refused as refusal:
        if ends_token(refusal) or is_about_the_call(refusal):
            raise
        return post(shop, path, body, query, writes=False)


def _read(cursor: str) -> tuple[int, str]:
    try:
        start, token = json.loads(cursor)
        return int(start), str(token)
    except (ValueError, TypeError):
        words = "This place in TikTok Shop's list is no longer known."
        raise Refused(words, code="cursor") from None
