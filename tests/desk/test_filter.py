"""The orders page's state lives in its URL; what a filter asks is what the list shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from crossdock.companies.scope import company_scope
from crossdock.desk.counts import MOST, counts, shown
from crossdock.desk.days import RANGES, SHIP_BY
from crossdock.desk.facets import couriers, statuses
from crossdock.desk.filter import SIZES, Filter, orders_of_stored
from crossdock.desk.paging import SORTS
from crossdock.orders.models import Order
from crossdock.rules.facts import PackageFacts, Stage, Tab
from crossdock.stores.models import Store
from tests.cast import Cast
from tests.desk.book import order, store_of, take_in

DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))
WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters=","),
    min_size=1,
    max_size=12,
)
FILTERS = st.builds(
    Filter,
    tab=st.sampled_from(Tab),
    q=st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), max_size=30),
    by=st.sampled_from(["created", "updated"]),
    range=st.sampled_from(["", *RANGES]),
    since=st.none() | DAYS.filter(lambda day: day < date(2025, 1, 1)),
    until=st.none() | DAYS.filter(lambda day: day >= date(2025, 1, 1)),
    stores=st.sets(st.integers(1, 10**9), max_size=4).map(lambda found: tuple(sorted(found))),
    channels=st.sets(WORDS, max_size=3).map(lambda found: tuple(sorted(found))),
    statuses=st.sets(WORDS, max_size=3).map(lambda found: tuple(sorted(found))),
    courier=st.just("") | WORDS,
    printed=st.none() | st.booleans(),
    verified=st.none() | st.booleans(),
    posted=st.none() | st.booleans(),
    shipby=st.sampled_from(["", *SHIP_BY]),
    sort=st.sampled_from(list(SORTS)),
    size=st.sampled_from(SIZES),
    archived=st.booleans(),
    view=st.none() | st.integers(1, 10**9),
)
NAMES = ["tab", "q", "from", "to", "by", "range", "store", "channel", "status", "courier", "printed", "verified",
         "posted", "shipby", "sort", "size", "archived", "view", "after", "back"]  # fmt: skip


@given(FILTERS)
def test_a_filter_comes_back_from_its_own_address(wanted: Filter) -> None:
    assert Filter.from_query(dict(parse_qsl(wanted.query()))) == (wanted, [])


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=30)))
def test_any_address_at_all_gives_a_filter_and_says_what_it_did_not_understand(
    query: dict[str, str],
) -> None:
    wanted, problems = Filter.from_query(query)
    assert wanted.size in SIZES
    assert all(problem.endswith((".", "shown.")) for problem in problems)
    again, told = Filter.from_query(
        dict(parse_qsl(wanted.query(after=wanted.after, back=wanted.back)))
    )
    assert again == wanted
    assert bool(told) is bool(wanted.misread)


def test_a_range_that_ends_before_it_begins_is_turned_round_and_said() -> None:
    wanted, problems = Filter.from_query({"from": "2026-03-05", "to": "2026-03-01"})
    assert (wanted.since, wanted.until) == (date(2026, 3, 1), date(2026, 3, 5))
    assert problems


def test_an_unknown_value_is_named_and_one_that_leaves_orders_out_stays_in_the_address() -> None:
    wanted, problems = Filter.from_query({"sort": "colour", "printed": "maybe", "store": "x,3"})
    assert (wanted.sort, wanted.printed, wanted.stores) == ("-created", None, (3,))
    assert len(problems) == 3
    assert wanted.misread == (("printed", "maybe"), ("store", "x,3"))
    assert dict(parse_qsl(wanted.query())) == {
        "tab": "new-order", "printed": "maybe", "store": "x,3"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "narrowed"),
    [({}, False), ({"tab": Tab.OTHERS}, False), ({"sort": "total"}, False), ({"q": "1"}, True),
     ({"printed": False}, True), ({"range": "today"}, True)],
)  # fmt: skip
def test_a_filter_knows_whether_it_leaves_orders_out(
    change: dict[str, Any], narrowed: bool
) -> None:
    wanted = Filter(**change)
    assert wanted.is_narrowed is narrowed
    cleared, _ = Filter.from_query(dict(parse_qsl(wanted.cleared)))
    assert (cleared.is_narrowed, cleared.tab) == (False, wanted.tab)


@pytest.fixture
def mine(cast: Cast) -> Iterator[Store]:
    with company_scope(cast.acme):
        yield store_of(cast.acme)


def ids(wanted: Filter, company: Any) -> set[str]:
    return set(wanted.orders(company).values_list("channel_order_id", flat=True))


@pytest.mark.django_db
def test_days_are_the_companys_days(mine: Store) -> None:
    late_evening_utc = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)  # 01:30 on the 2nd in Kuala Lumpur
    take_in(mine, [order(1, created_at=late_evening_utc)])
    on = Filter(since=date(2026, 3, 2), until=date(2026, 3, 2))
    before = Filter(since=date(2026, 3, 1), until=date(2026, 3, 1))
    assert (ids(on, mine.company), ids(before, mine.company)) == ({"100001"}, set())


@pytest.mark.django_db
@pytest.mark.parametrize("by", ["created", "updated"])
@pytest.mark.parametrize(
    ("name", "days_ago", "inside"),
    [("today", 0, True), ("today", 1, False), ("yesterday", 1, True), ("yesterday", 0, False),
     ("7d", 6, True), ("7d", 7, False), ("30d", 29, True), ("30d", 30, False)],
)  # fmt: skip
def test_spans_move_with_today(
    mine: Store, by: str, name: str, days_ago: int, inside: bool
) -> None:
    zone = mine.company.zone
    noon = timezone.now().astimezone(zone).replace(hour=12) - timedelta(days=days_ago)
    long_ago = noon - timedelta(days=400)
    moments = {"created_at": long_ago, "updated_at": long_ago, f"{by}_at": noon}
    take_in(mine, [order(1, **moments)])
    assert bool(ids(Filter(range=name, by=by), mine.company)) is inside


@pytest.mark.django_db
def test_every_filter_asks_what_it_says(mine: Store) -> None:
    other = store_of(mine.company, "2", "shopee", "Dua")
    packed_and_ready = order(3, status="packed,ready_to_ship")
    spx = order(4, packages=(PackageFacts("P4", "SPX Express", "S4"),))
    take_in(mine, [order(1), order(2), packed_and_ready, spx])
    take_in(other, [order(5, status="READY_TO_SHIP")])
    Order.objects.filter(channel_order_id="100001").update(printed_count=2)
    Order.objects.filter(channel_order_id="100002").update(verified_at=timezone.now())
    Order.objects.filter(channel_order_id="100003").update(posted_fingerprint="x")
    every = {f"10000{n}" for n in range(1, 6)}
    for wanted, meant in [
        (Filter(stores=(other.pk,)), {"100005"}),
        (Filter(channels=("lazada",)), every - {"100005"}),
        (Filter(channels=("lazada",), stores=(other.pk,)), set()),
        (Filter(statuses=("ready_to_ship",)), {"100003"}),
        (Filter(statuses=("packed", "READY_TO_SHIP")), {"100003", "100005"}),
        (Filter(courier="SPX Express"), {"100004"}),
        (Filter(printed=True), {"100001"}),
        (Filter(printed=False), every - {"100001"}),
        (Filter(verified=True), {"100002"}),
        (Filter(verified=False), every - {"100002"}),
        (Filter(posted=True), {"100003"}),
        (Filter(posted=False), every - {"100003"}),
    ]:
        assert ids(wanted, mine.company) == meant, wanted.query()
    assert couriers() == ["J&T", "SPX Express"]
    assert "packed" in statuses(["lazada"])["Lazada"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value"),
    [("from", "abc"), ("to", "9999-12-31"), ("from", "0001-01-01"), ("store", "²"), ("store", "9" * 25),
     ("courier", "\x00"), ("q", "\x00"), ("channel", "\x00"), ("status", "a\x00"), ("range", "later"),
     ("shipby", "never"), ("printed", "maybe"), ("verified", "²"), ("posted", "\x00")],
)  # fmt: skip
def test_a_filter_that_is_not_understood_matches_nothing_rather_than_everything(
    mine: Store, name: str, value: str
) -> None:
    take_in(mine, [order(1), order(2)])
    wanted, problems = Filter.from_query({name: value})
    assert len(problems) == 1
    assert not wanted.matching(mine.company).rows.exists()
    assert not orders_of_stored(wanted.stored(mine.company)).exists()
    assert sum(counts(wanted, wanted.matching(mine.company)).values()) == 0


@pytest.mark.django_db
def test_ship_by_counts_only_while_it_still_matters(mine: Store) -> None:
    zone = mine.company.zone
    now = timezone.now()
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    take_in(
        mine,
        [
            order(1, ship_by=now - timedelta(minutes=1)),
            order(2, ship_by=midnight + timedelta(hours=24) - timedelta(seconds=1)),
            order(3, ship_by=midnight + timedelta(hours=36)),
            order(4, Stage.SHIPPED, ship_by=now - timedelta(days=3)),
        ],
    )
    assert "100001" in ids(Filter(shipby="overdue"), mine.company)
    assert ids(Filter(shipby="overdue", tab=Tab.SHIPPED), mine.company) == set()
    assert "100002" in ids(Filter(shipby="today"), mine.company)
    assert ids(Filter(shipby="tomorrow"), mine.company) == {"100003"}


@pytest.mark.django_db
def test_counts_follow_the_filter_and_add_up(mine: Store) -> None:
    take_in(mine, [order(n) for n in range(3)])
    take_in(mine, [order(n, Stage.SHIPPED) for n in range(3, 8)])
    Order.objects.filter(channel_order_id="100007").update(archived=True)

    def number_in(wanted: Filter) -> dict[Tab, int]:
        return {tab: n for tab, n in counts(wanted, wanted.matching(mine.company)).items() if n}

    assert number_in(Filter()) == {Tab.NEW_ORDER: 3, Tab.SHIPPED: 4}
    assert number_in(Filter(archived=True)) == {Tab.NEW_ORDER: 3, Tab.SHIPPED: 1}
    assert number_in(Filter(q="100004")) == {Tab.SHIPPED: 1}
    assert number_in(Filter(q="100007")) == {}
    assert number_in(Filter(q="100007", archived=True)) == {Tab.SHIPPED: 1}
    assert number_in(Filter(q="kedai", printed=True)) == {}


@pytest.mark.django_db
def test_a_tab_that_is_full_is_counted_no_further_and_each_filter_for_itself(
    mine: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crossdock.desk.counts.MOST", 3)
    take_in(mine, [order(n) for n in range(6)])
    take_in(mine, [order(n, Stage.SHIPPED) for n in range(6, 8)])
    Order.objects.filter(channel_order_id="100001").update(printed_count=1)

    def number_in(wanted: Filter) -> tuple[int, int]:
        told = counts(wanted, wanted.matching(mine.company))
        return told[Tab.NEW_ORDER], told[Tab.SHIPPED]

    for _ in range(2):
        assert number_in(Filter()) == (4, 2)
        assert number_in(Filter(tab=Tab.SHIPPED, size=100)) == (4, 2)
        assert number_in(Filter(printed=True)) == (1, 0)


@pytest.mark.django_db
def test_an_archived_order_that_comes_back_to_another_tab_is_shown_there(mine: Store) -> None:
    take_in(mine, [order(1, Stage.SHIPPED)])
    Order.objects.update(archived=True)
    assert ids(Filter(tab=Tab.SHIPPED), mine.company) == set()
    Order.objects.update(tab=Tab.TO_RETURN.value)
    assert ids(Filter(tab=Tab.TO_RETURN), mine.company) == {"100001"}
    assert ids(Filter(tab=Tab.TO_RETURN, archived=True), mine.company) == {"100001"}


def test_a_count_beyond_ten_thousand_is_shown_as_such() -> None:
    assert (shown(MOST), shown(MOST + 1)) == ("10,000", "10,000+")
