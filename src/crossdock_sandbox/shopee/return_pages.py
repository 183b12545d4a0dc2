"""Whether a reader of the return list counts pages from 0 or from 1: the documentation says both."""

from __future__ import annotations

import time
from dataclasses import dataclass

_CONTINUES_FOR = 60.0
"""Seconds in which a page follows the one before."""


@dataclass(frozen=True)
class _Read:
    """A page that was read last, and the number of the first page for this reader."""

    number: int
    first: int
    more: bool
    at: float


class ReturnPages:
    """What was read last of each list. A list is told apart by its shop and its other parameters."""

    def __init__(self) -> None:
        self.last: dict[str, _Read] = {}

    def first(self, key: str, number: int) -> int:
        """The number of the first page for who asks for this one.

        Page 1 follows a page 0 that said there was more; else it is the first page of somebody who
        counts from 1. In doubt a page is given twice, and never left out.
        """
        before = self.last.get(key)
        if number == 0 or before is None or before.at < time.time() - _CONTINUES_FOR:
            return min(number, 1)
        if number == 1 and before.first == 0:
            return 0 if before.number <= 1 and before.more else 1
        return before.first

    def read(self, key: str, number: int, *, more: bool) -> None:
        """Remember a page."""
        self.last[key] = _Read(number, self.first(key, number), more, time.time())
