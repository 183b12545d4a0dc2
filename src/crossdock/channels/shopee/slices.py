"""Lists by time that miss nothing, in whatever order Shopee gives them.

The order of its lists is not documented, and a row that changes while one pages leaves its place,
so that the page after may begin one row too late. Therefore a window is read in slices of time
that fit into ONE page each: a page is one moment's truth, and a row that changes moves to a later
slice. Within a single second, which cannot be cut, Shopee's own paging is followed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

PAGE = 100
"""Rows a page, the most that Shopee gives."""
_MOST_READS = 30
"""Calls that one page of ours may take; then the caller gets an empty one, to go on from."""
_LONGEST = 15 * 86400
"""Shopee v2: the longest window of its lists by time, in seconds."""
_STEP = 4
"""How many times narrower a slice becomes when it does not fit, or wider when it is nearly empty."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list stands: a slice of time in Unix seconds, and a place in Shopee's paging of it."""

    start: int
    seconds: int
    inner: str = ""

    def text(self) -> str:
        """As a cursor."""
        return f"{self.start}|{self.seconds}|{self.inner}"


@dataclass(frozen=True, slots=True)
class Rows:
    """One answer of a list; ``next`` is Shopee's own place to go on from, "" at the end."""

    rows: tuple[Mapping[str, Any], ...]
    next: str


Read = Callable[[int, int, str], Rows]
"""(from, to, Shopee's place) → what the list holds between these Unix seconds."""


def read_on(
    read: Read, *, since: datetime, until: datetime, cursor: str | None
) -> tuple[tuple[Mapping[str, Any], ...], str | None]:
    """The next rows of a window, and the cursor after them (None: no more).

    Slices share their edges, since it is not known which edges Shopee counts in: a row may come
    twice, and one of the second after the window may come as well. A window is widened to whole
    seconds.
    """
    start = int(since.timestamp())
    end = max(math.ceil(until.timestamp()), start + 1)
    place = _at(cursor) if cursor else Place(start, end - start)
    for _ in range(_MOST_READS):
        stop = min(place.start + min(place.seconds, _LONGEST), end)
        found = read(place.start, stop, place.inner)
        if found.next and stop - place.start > 1:
            place = Place(place.start, max((stop - place.start) // _STEP, 1))
            continue
        further = _after(place, stop, end, found)
        if found.rows or further is None:
            return found.rows, further.text() if further else None
        place = further
    return (), place.text()


def _after(place: Place, stop: int, end: int, found: Rows) -> Place | None:
    """Where to go on once a slice (or a page of one second) is read."""
    if found.next:
        return replace(place, inner=found.next)
    if stop >= end:
        return None
    roomy = not place.inner and len(found.rows) < PAGE // _STEP
    return Place(stop, place.seconds * (_STEP if roomy else 1))


def _at(cursor: str) -> Place:
    start, seconds, inner = cursor.split("|", 2)
    return Place(int(start), int(seconds), inner)
