"""Pages of long lists: the cursor says after which row the next one begins."""

from __future__ import annotations

import base64
import binascii
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crossdock_sandbox.shopee.failures import wrong

Row = tuple[int, str]
"""(the number by which a list is sorted, id)."""


@dataclass(frozen=True)
class Page:
    """One page. ``cursor``: "" at the end."""

    ids: list[str]
    cursor: str
    more: bool


def page(
    rows: Sequence[Row],
    cursor: str,
    size: int,
    *,
    descending: bool = False,
    fits: Callable[[str], bool] = lambda _: True,
) -> Page:
    """A page of rows that come in ascending order. ``fits``: which of them are wanted."""
    if descending:
        places = range((bisect_left(rows, _row(cursor)) if cursor else len(rows)) - 1, -1, -1)
    else:
        places = range(bisect_right(rows, _row(cursor)) if cursor else 0, len(rows))
    chosen: list[Row] = []
    for place in places:
        if not fits(rows[place][1]):
            continue
        if len(chosen) == size:
            return Page([one for _, one in chosen], _cursor(chosen[-1]), True)
        chosen.append(rows[place])
    return Page([one for _, one in chosen], "", False)


def _cursor(row: Row) -> str:
    """Letters, digits, - and _ alone: nobody needs to encode it."""
    return base64.urlsafe_b64encode(f"{row[0]}:{row[1]}".encode()).decode().rstrip("=")


def _row(cursor: str) -> Row:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        number, _, one = text.partition(":")
        return int(number), one
    except (ValueError, binascii.Error):
        raise wrong("cursor is invalid") from None
