"""Reading a list whose order nobody promises: by windows of time that hold no more than can be read.

A list is cut by time until one answer holds all of a window. Nothing is missed then when what is
listed changes meanwhile: it moves into a later window, and pages do not shift under our feet. Only a
window of one second is paged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from crossdock.channels.lazada.reading import Row, text
from crossdock.rules.from_outside import whole

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the time that is to be read, and what is left behind it. Unix seconds, all inclusive."""

    start: int
    stop: int
    end: int
    """Where everything ends."""
    page: int = 1
    """Counted from 1."""

    @property
    def one_second(self) -> bool:
        """Whether it cannot be cut any more."""
        return self.start >= self.stop

    @property
    def halved(self) -> Window:
        """Its first half."""
        return Window(self.start, (self.start + self.stop) // 2, self.end)

    @property
    def behind(self) -> Window | None:
        """All that is left behind it; None at the end."""
        return Window(self.stop + 1, self.end, self.end) if self.stop < self.end else None

    @property
    def next_page(self) -> Window:
        """Its next page."""
        return Window(self.start, self.stop, self.end, self.page + 1)

    def __str__(self) -> str:
        return f"{self.start}|{self.stop}|{self.end}|{self.page}"


@dataclass(frozen=True, slots=True)
class Answered(Generic[T]):
    """What a list answers for a window: one page, and how many there are in all of it."""

    found: T
    here: int
    total: int


def read_on(
    cursor: str | None,
    since: datetime,
    until: datetime,
    ask: Callable[[Window], Answered[T]],
    *,
    most: int,
    page: int,
) -> tuple[T, str | None]:
    """What the next window holds, and the cursor behind it (None: no more).

    ``most``: how many a window may hold without being cut; ``page``: how many come in one answer.
    """
    window = _of(cursor) if cursor else _whole(since, until)
    while True:
        answered = ask(window)
        if answered.total <= most or window.one_second:
            break
        window = window.halved
    more_here = answered.here > 0 and window.page * page < answered.total
    further = window.next_page if more_here else window.behind
    return answered.found, str(further) if further else None


def total_of(told: Row, name: str, page: int, size: int, here: int) -> int:
    """How many a window holds; where that cannot be read, one more than were seen for a full page."""
    number = whole(text(told, name))
    return (page - 1) * size + here + (here >= size) if number is None else number


def at(second: int) -> datetime:
    """A bound of a window as a moment."""
    return datetime.fromtimestamp(second, UTC)


def _whole(since: datetime, until: datetime) -> Window:
    end = int(until.timestamp()) + (until.microsecond > 0)
    return Window(int(since.timestamp()), end, end)


def _of(cursor: str) -> Window:
    start, stop, end, page = map(int, cursor.split("|"))
    return Window(start, stop, end, page)
