"""Which orders are in a list now that were not there when it was made.

Two things are known of the list: where it begins and ends (the marks of its first and last row, "" where
it is cut on neither side), and how many orders its tab held. From them follow two lower bounds, of which
the larger is told:

- orders that stand between these marks now and are not on the screen. On the first page of a list that is
  sorted by newest that is every new order, and every order that moved into the tab and belongs here. What
  moves up from the next page stands behind the last mark, and is no news;
- by how many the tab has grown, together with those of the screen that have left it. It tells of orders
  that came in elsewhere in the list: on another page, or at its end.

Neither costs more than the screen and the news themselves, and no row has to remember when it came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from crossdock.desk.counts import MOST
from crossdock.desk.filter import Filter, Matching
from crossdock.desk.paging import between
from crossdock.rules.from_outside import LARGEST_KEY, whole
from crossdock.ui.sent import number_of, text_of

_MOST_NEWS = 1000
_MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class OnScreen:
    """What a page shows just now, as it tells it."""

    versions: Mapping[int, str]
    """Order pk → the mark of its row, in the order of the rows."""
    batches: frozenset[int]
    begins: str
    """The mark of the first row that the list was made with; "" when it is the first of all."""
    ends: str
    """The mark of its last row; "" when none follows."""
    held: int | None
    """How many orders the tab held; None when that is not told."""


def on_screen(query: QueryDict) -> OnScreen:
    """From ``rows`` (``pk.version``, joined by ``-``), ``batches`` (joined by ``-``), ``begins``, ``ends``
    and ``held``."""
    pairs = (one.partition(".") for one in text_of(query, "rows").split("-")[:_MOST_ROWS])
    batches = text_of(query, "batches").split("-")
    return OnScreen(
        versions={key: version for pk, _, version in pairs if (key := whole(pk)) is not None},
        batches=frozenset(key for one in batches if (key := whole(one)) is not None),
        begins=text_of(query, "begins"),
        ends=text_of(query, "ends"),
        held=number_of(query, "held", most=LARGEST_KEY),
    )


def spans(wanted: Filter, matching: Matching, screen: OnScreen) -> list[QuerySet[Any]]:
    """Queries of the keys that stand in the list's place now."""
    rows = wanted.of_tab(matching.rows, wanted.tab)
    most = len(screen.versions) + _MOST_NEWS
    return [
        part.values("pk")[:most] for part in between(rows, wanted.sort, screen.begins, screen.ends)
    ]


def came(screen: OnScreen, keys: Sequence[int], in_tab: int, left: int) -> int:
    """How many orders came in, at least. ``keys``: what ``spans`` list now; ``left``: how many rows of
    the screen have left the tab."""
    here = sum(key not in screen.versions for key in keys)
    counted = screen.held is not None and max(in_tab, screen.held) <= MOST
    grown = in_tab - (screen.held or 0) + left if counted else 0
    return max(here, grown)
