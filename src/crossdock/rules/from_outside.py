"""Numbers and texts as they come from outside (browsers, marketplaces, sheets, books), made fit to be kept.

``whole`` alone decides what is a number, ``plain`` alone what a text may hold: a digit of another script, five
thousand digits, half an emoji or a NUL must never be what a page, a job or a database falls over.
"""

from __future__ import annotations

import re

LARGEST_KEY = 2**63 - 1
"""The largest key of a row, and of any whole number that is kept as one."""
LARGEST_COUNT = 2**31 - 1
"""The largest count that is kept."""
LONGEST_ID = 64
"""Characters of the longest id of an order, a return or a parcel that is kept."""
_DIGITS = re.compile(r"[0-9]{1,19}", re.ASCII)
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What PostgreSQL, XML (so spreadsheets) or UTF-8 cannot hold, and what only terminals heed. Line breaks and
tabs stay."""


def whole(told: object, *, least: int = 0, most: int = LARGEST_KEY) -> int | None:
    """The whole number that is told in plain digits (or is one already); None for anything else, and
    outside of these bounds."""
    if isinstance(told, bool) or not isinstance(told, int | str):
        return None
    if isinstance(told, str) and not _DIGITS.fullmatch(told):
        return None
    number = int(told)
    return number if least <= number <= most else None


def plain(told: str, longest: int | None = None) -> str:
    """The text without what cannot be kept: control characters, NUL, halves of characters. ``longest``: cut
    to so many characters."""
    return _UNFIT.sub("", told)[:longest]


def is_id(told: str) -> bool:
    """Whether this can be the id of an order or a return."""
    return 0 < len(told) <= LONGEST_ID and is_plain(told)


def is_plain(told: str) -> bool:
    """Whether all of the text can be kept as it is."""
    return _UNFIT.search(told) is None
