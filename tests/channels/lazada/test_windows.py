"""Lists whose order nobody promises are read by windows: everything is seen, whatever moves meanwhile."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.channels.lazada.windows import Answered, Window, read_on, total_of

START = datetime(2026, 3, 2, tzinfo=UTC)
SPAN = 3600
PAGE = 5


class Shelf:
    """Things with a time each, listed in any order, a page at a time."""

    def __init__(self, times: list[int], seed: int = 1) -> None:
        self.times = dict(enumerate(times))
        self.chance = random.Random(seed)  # noqa: S311 - an order, not a secret
        self.asked = 0

    def ask(self, window: Window) -> Answered[list[int]]:
        self.asked += 1
        assert window.start <= window.stop
        low, high = (one - int(START.timestamp()) for one in (window.start, window.stop))
        here = [key for key, at in self.times.items() if low <= at <= high]
        if window.one_second:
            here.sort()
        else:
            self.chance.shuffle(here)
        page = here[(window.page - 1) * PAGE : window.page * PAGE]
        return Answered(page, len(page), len(here))


def walk(shelf: Shelf, moves: dict[int, list[int]] | None = None) -> list[int]:
    """Everything that is seen; before some steps some things move to the end of time."""
    seen: list[int] = []
    cursor, step = None, 0
    while True:
        for key in (moves or {}).get(step, []):
            if key in shelf.times:
                shelf.times[key] = SPAN
        found, cursor = read_on(
            cursor, START, START + timedelta(seconds=SPAN), shelf.ask, most=PAGE, page=PAGE
        )
        seen += found
        step += 1
        if cursor is None:
            return seen
        assert step < 10_000


@given(st.lists(st.integers(0, SPAN), max_size=60))
def test_everything_is_seen_once_while_nothing_moves(times: list[int]) -> None:
    seen = walk(Shelf(times))
    assert sorted(seen) == list(range(len(times)))


@given(
    st.lists(st.integers(0, SPAN - 1), max_size=40),
    st.dictionaries(st.integers(0, 8), st.lists(st.integers(0, 39), max_size=3), max_size=4),
)
def test_what_moves_meanwhile_is_never_missed(
    times: list[int], moves: dict[int, list[int]]
) -> None:
    assert set(walk(Shelf(times), moves)) == set(range(len(times)))


def test_many_of_one_second_are_paged() -> None:
    assert sorted(walk(Shelf([17] * 23))) == list(range(23))


def test_a_short_list_costs_one_call() -> None:
    shelf = Shelf([1, 2, 3])
    walk(shelf)
    assert shelf.asked == 1


@pytest.mark.parametrize(
    ("told", "here", "total"),
    [({"total": 7}, 5, 7), ({"total": "7"}, 5, 7), ({}, 5, 6), ({}, 3, 3)],
)
def test_a_total_that_is_not_told_is_one_more_than_a_full_page(
    told: dict[str, object], here: int, total: int
) -> None:
    assert total_of(told, "total", 1, PAGE, here) == total
