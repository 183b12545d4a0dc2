"""Shopee's lists: whatever their order, however rows move while one pages, none is missed."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.channels.errors import Unreadable
from crossdock.channels.shopee import orders, returns
from crossdock.channels.shopee.slices import PAGE, Rows, read_on
from tests.channels.shopee.stage import Call, Played, bad, good, playing

SINCE, UNTIL = 1_772_000_000, 1_772_300_000


class Moving:
    """A list by update time whose rows move between two readings, in an order of its own."""

    def __init__(self, times: list[int], seed: int, order: str, *, ends_count: bool) -> None:
        self.times = dict(enumerate(times))
        self.chance = random.Random(seed)  # noqa: S311 - moves rows about
        self.order, self.ends_count = order, ends_count
        self.reads, self.now = 0, UNTIL - 20
        self.at_last = dict(self.times)
        """Where the rows were when the list was read last."""

    def read(self, start: int, stop: int, place: str) -> Rows:
        self.reads += 1
        last = stop if self.ends_count else stop - 1
        here = [row for row, time in self.times.items() if start <= time <= last]
        here.sort(key=lambda row: self.times[row], reverse=self.order == "newest first")
        if self.order == "none":
            here.sort(key=lambda row: (row * 7919) % 101)
        at = int(place or 0)
        rows = tuple({"id": row} for row in here[at : at + PAGE])
        more = str(at + PAGE) if at + PAGE < len(here) else ""
        self._move()
        return Rows(rows, more)

    def _move(self) -> None:
        """Rows change while one reads: first within the window, later after its end."""
        self.at_last = dict(self.times)
        self.now += self.chance.choice((0, 1, 2))
        for row in self.chance.sample(sorted(self.times), min(3, len(self.times))):
            self.times[row] = self.now


def pages(moving: Moving) -> set[int]:
    found, cursor = set(), None
    since, until = (datetime.fromtimestamp(at, UTC) for at in (SINCE, UNTIL))
    for _ in range(2000):
        rows, cursor = read_on(moving.read, since=since, until=until, cursor=cursor)
        found |= {row["id"] for row in rows}
        if cursor is None:
            return found
    raise AssertionError("the list never ends")


def spread(seed: int, count: int, moments: int) -> list[int]:
    """So many update times, gathered at a few moments; never more at one than fit into a page."""
    chance = random.Random(seed)  # noqa: S311 - spreads rows over a window
    at = [chance.randrange(SINCE, UNTIL - 2) for _ in range(max(moments, count // (PAGE // 2) + 1))]
    return [at[number % len(at)] for number in range(count)]


@settings(max_examples=200)
@given(
    st.builds(spread, st.integers(0, 99), st.integers(0, 900), st.integers(1, 900)),
    st.integers(0, 1000),
    st.sampled_from(["oldest first", "newest first", "none"]),
    st.booleans(),
)
def test_no_row_is_missed_that_stays_or_moves_within_the_window(
    times: list[int], seed: int, order: str, ends_count: bool
) -> None:
    moving = Moving(times, seed, order, ends_count=ends_count)
    found = pages(moving)
    left_over = {row for row, time in moving.at_last.items() if time < UNTIL}
    assert left_over <= found


def test_a_quiet_window_costs_one_call() -> None:
    moving = Moving([SINCE + 5], 0, "none", ends_count=True)
    pages(moving)
    assert moving.reads == 1


def test_more_rows_than_a_page_in_one_second_are_paged_by_shopee_s_own_cursor() -> None:
    since, until = (datetime.fromtimestamp(at, UTC) for at in (SINCE, UNTIL))
    with playing() as shopee:
        rows = [{"order_sn": f"S{number}"} for number in range(250)]

        def listed(call: Call) -> dict[str, object]:
            inside = int(call.values["time_from"]) <= SINCE + 77 < int(call.values["time_to"])
            at = int(call.values.get("cursor", "0"))
            here = rows if inside else []
            return good(
                order_list=here[at : at + 100],
                more=at + 100 < len(here),
                next_cursor=str(at + 100) if at + 100 < len(here) else "",
            )

        shopee.says("order/get_order_list", listed)
        found = all_pages(shopee, since, until)
        first = shopee.calls[0].values
    assert sorted(set(found)) == sorted(row["order_sn"] for row in rows)
    assert first["time_range_field"] == "update_time"
    assert first["request_order_status_pending"] == "true"
    assert int(first["time_to"]) - int(first["time_from"]) <= 15 * 86400


def test_fifteen_days_with_parts_of_a_second_are_asked_for_in_windows_that_shopee_takes() -> None:
    since = datetime.fromtimestamp(SINCE + 0.4, UTC)
    with playing() as shopee:
        shopee.says("order/get_order_list", good(order_list=[], more=False, next_cursor=""))
        assert all_pages(shopee, since, since + timedelta(days=15)) == []
        asked = [
            (int(call.values["time_from"]), int(call.values["time_to"])) for call in shopee.calls
        ]
    assert asked == [(SINCE, SINCE + 15 * 86400), (SINCE + 15 * 86400, SINCE + 15 * 86400 + 1)]


def test_a_list_that_says_there_is_more_but_not_where_is_unreadable() -> None:
    at = datetime.fromtimestamp(SINCE, UTC)
    with playing() as shopee:
        shopee.says("order/get_order_list", good(order_list=[{"order_sn": "S"}], more=True))
        with pytest.raises(Unreadable):
            all_pages(shopee, at, at)


def all_pages(shopee: Played, since: datetime, until: datetime) -> list[str]:
    found, cursor = [], None
    while True:
        page = orders.changed(
            shopee.shop(), since=since, until=until, cursor=cursor, by_creation=False
        )
        found += [glimpse.order_id for glimpse in page.glimpses]
        cursor = page.next
        if cursor is None:
            return found


@pytest.mark.parametrize("first", [0, 1])
def test_returns_are_found_whether_pages_are_counted_from_0_or_from_1(first: int) -> None:
    since, until = (datetime.fromtimestamp(at, UTC) for at in (SINCE, UNTIL))
    row = {"return_sn": "R1", "order_sn": "S1", "status": "CLOSED", "create_time": SINCE}

    def listed(call: Call) -> dict[str, object]:
        number = int(call.values["page_no"])
        if number < first:
            return bad("error_param", "Wrong parameters, detail: page_no must be positive.")
        return good(more=False, **{"return": [row] if number == first else []})

    with playing() as shopee:
        shopee.says("returns/get_return_list", listed)
        shopee.says("order/get_order_detail", bad("error_not_found", "not found"))
        page = returns.changed(shopee.shop(), since=since, until=until, cursor=None)
    assert [one.return_id for one in page.returns] == ["R1"]
    assert page.next is None
