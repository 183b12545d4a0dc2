"""The orders page's state lives in its URL, and its pages neither skip nor repeat an order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.companies.scope import company_scope
from crossdock.desk.counts import MOST, counts, shown
from crossdock.desk.filter import SIZES, Filter, page
from crossdock.orders import record
from crossdock.orders.models import Order
from crossdock.orders.record import Arrived
from crossdock.rules.facts import LineFacts, OrderFacts, PackageFacts, Stage, Tab
from crossdock.stores.models import Store
from tests.cast import Cast

DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))
FILTERS = st.builds(
    Filter,
    tab=st.sampled_from(Tab),
    q=st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), max_size=30),
    since=st.none() | DAYS.filter(lambda day: day < date(2025, 1, 1)),
    until=st.none() | DAYS.filter(lambda day: day >= date(2025, 1, 1)),
    by=st.sampled_from(["created", "updated"]),
    store=st.none() | st.integers(1, 10**9),
    archived=st.booleans(),
    size=st.sampled_from(SIZES),
)


@given(FILTERS)
def test_a_filter_comes_back_from_its_own_address(wanted: Filter) -> None:
    assert Filter.from_query(dict(parse_qsl(wanted.query()))) == (wanted, [])


@given(st.dictionaries(st.sampled_from(["tab", "q", "from", "to", "by", "store", "size", "after", "back"]), st.text(max_size=30)))  # fmt: skip
def test_any_address_at_all_gives_a_filter_and_says_what_it_did_not_understand(
    query: dict[str, str],
) -> None:
    wanted, problems = Filter.from_query(query)
    assert wanted.size in SIZES
    assert all(problem.endswith((".", "shown.")) for problem in problems)


def test_a_range_that_ends_before_it_begins_is_turned_round_and_said() -> None:
    wanted, problems = Filter.from_query({"from": "2026-03-05", "to": "2026-03-01"})
    assert (wanted.since, wanted.until) == (date(2026, 3, 1), date(2026, 3, 5))
    assert problems


def arrived(number: int, created_at: datetime, stage: Stage = Stage.TO_PACK) -> Arrived:
    line = LineFacts(f"l{number}", "SKU", "Thing", 1, Decimal(5), Decimal(0), stage.value, stage)
    package = PackageFacts(f"FP{number}", "J&T", f"MYTRACK{number:06}")
    facts = OrderFacts(
        order_id=str(100000 + number),
        status=stage.value,
        stage=stage,
        currency="MYR",
        created_at=created_at,
        updated_at=created_at,
        lines=(line,),
        packages=(package,),
    )
    return Arrived(facts=facts, raw=b"")


@pytest.fixture
def mine(cast: Cast) -> Store:
    with company_scope(cast.acme):
        return Store.objects.create(
            company=cast.acme, channel="lazada", region="MY", shop_id="1", name="Kedai Satu"
        )


def _walk(wanted: Filter, store: Store) -> list[list[int]]:
    """Every page from the first to the last."""
    seen = []
    while True:
        rows = wanted.of_tab(wanted.orders(store.company), wanted.tab)
        shown_page = page(wanted, rows)
        seen.append([order.pk for order in shown_page.rows])
        if not shown_page.older:
            return seen
        wanted = Filter.from_query(dict(parse_qsl(wanted.query(after=shown_page.older))))[0]


@pytest.mark.django_db
def test_paging_shows_every_order_once_also_where_many_share_a_second(mine: Store) -> None:
    moment = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
    with company_scope(mine.company_id):
        record.take_in_many(
            mine,
            [arrived(n, moment + timedelta(seconds=n // 60)) for n in range(230)],
            fetched_at=record.now(),
        )
        pages = _walk(Filter(), mine)
        assert [len(one) for one in pages] == [50, 50, 50, 50, 30]
        flat = [pk for one in pages for pk in one]
        assert flat == list(
            Order.objects.order_by("-created_at", "-pk").values_list("pk", flat=True)
        )


@pytest.mark.django_db
def test_going_back_shows_the_page_that_was_before(mine: Store) -> None:
    moment = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
    with company_scope(mine.company_id):
        record.take_in_many(
            mine, [arrived(n, moment + timedelta(minutes=n)) for n in range(120)],
            fetched_at=record.now(),
        )  # fmt: skip
        rows = Order.objects.all()
        first = page(Filter(), rows)
        second = page(Filter(after=first.older), rows)
        back = page(Filter(after=second.newer, back=True), rows)
        assert [one.pk for one in back.rows] == [one.pk for one in first.rows]
        assert not back.newer


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["100007", "FP7", "MYTRACK000007", "MYTRACK00000", "0007", "Kedai", "kedai satu"]
)
def test_search_finds_by_order_package_tracking_number_and_store(mine: Store, text: str) -> None:
    with company_scope(mine.company_id):
        record.take_in_many(
            mine, [arrived(7, datetime(2026, 3, 1, tzinfo=UTC))], fetched_at=record.now()
        )
        assert Filter(q=text).orders(mine.company).count() == 1
        assert Filter(q=f"{text}9").orders(mine.company).count() == 0


@pytest.mark.django_db
def test_days_are_the_companys_days(mine: Store) -> None:
    late_evening_utc = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)  # 01:30 on the 2nd in Kuala Lumpur
    with company_scope(mine.company_id):
        record.take_in_many(mine, [arrived(1, late_evening_utc)], fetched_at=record.now())
        on = Filter(since=date(2026, 3, 2), until=date(2026, 3, 2))
        before = Filter(since=date(2026, 3, 1), until=date(2026, 3, 1))
        assert (on.orders(mine.company).count(), before.orders(mine.company).count()) == (1, 0)


@pytest.mark.django_db
def test_counts_follow_the_filter_and_add_up(mine: Store) -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    with company_scope(mine.company_id):
        batch = [arrived(n, moment) for n in range(3)]
        batch += [arrived(n, moment, Stage.SHIPPED) for n in range(3, 8)]
        record.take_in_many(mine, batch, fetched_at=record.now())
        number_in = counts(Filter(), mine.company)
        assert (number_in[Tab.NEW_ORDER], number_in[Tab.SHIPPED], sum(number_in.values())) == (
            3,
            5,
            8,
        )
        assert sum(counts(Filter(q="100004"), mine.company).values()) == 1


def test_a_count_beyond_ten_thousand_is_shown_as_such() -> None:
    assert (shown(MOST), shown(MOST + 1)) == ("10,000", "10,000+")
