"""Pages neither skip nor repeat an order, in whatever order and direction they are walked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import count, pairwise

import pytest
from django.db.models import QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.companies.scope import company_scope
from crossdock.desk.paging import SORTS, beside, between, page
from crossdock.orders.models import Order
from crossdock.stores.models import Store
from tests.cast import Cast
from tests.desk.book import MOMENT, order, store_of, take_in

pytestmark = pytest.mark.django_db
FEW = st.integers(0, 3)
COUNT = count()


@pytest.fixture
def mine(cast: Cast) -> Iterator[Store]:
    with company_scope(cast.acme):
        yield store_of(cast.acme)


def forwards(rows: QuerySet[Order], sort: str, size: int) -> list[list[int]]:
    pages, mark = [], ""
    while True:
        shown = page(rows, Order.objects.all(), sort, size, mark, back=False)
        pages.append([one.pk for one in shown.rows])
        if not shown.after:
            return pages
        mark = shown.after


def backwards(rows: QuerySet[Order], sort: str, size: int, mark: str) -> list[list[int]]:
    pages = []
    while mark:
        shown = page(rows, Order.objects.all(), sort, size, mark, back=True)
        pages.append([one.pk for one in shown.rows])
        mark = shown.before
    return pages[::-1]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(st.tuples(FEW, FEW, st.none() | FEW, st.none() | FEW), max_size=14),
    sort=st.sampled_from(list(SORTS)),
    size=st.integers(1, 5),
)
def test_walking_all_pages_shows_every_order_once_and_in_order(
    mine: Store, values: list[tuple[int, int, int | None, int | None]], sort: str, size: int
) -> None:
    store = store_of(mine.company, f"s{next(COUNT)}")
    listed = Order.objects.filter(store=store)
    minute = timedelta(minutes=1)
    take_in(
        store,
        [
            order(
                n,
                created_at=MOMENT + minute * created, updated_at=MOMENT + minute * updated,
              ship_by=None if ship_by is None else MOMENT + minute * ship_by,
              buyer_total=None if total is None else Decimal(total))
        for n, (created, updated, ship_by, total) in enumerate(values)
    ])  # fmt: skip
    pages = forwards(listed, sort, size)
    flat = [pk for one in pages for pk in one]
    assert sorted(flat) == sorted(listed.values_list("pk", flat=True))
    rows = Order.objects.in_bulk(flat)
    told = [getattr(rows[pk], SORTS[sort][0]) for pk in flat]
    valued = [one for one in told if one is not None]
    assert told == valued + [None] * (len(told) - len(valued))
    assert all(a >= b if sort.startswith("-") else a <= b for a, b in pairwise(valued))
    last = page(
        listed, Order.objects.all(), sort, size, _mark_before_last(listed, sort, size), back=False
    )
    if last.before:
        assert backwards(listed, sort, size, last.before) == _regrouped(flat, last.rows, size)


def _mark_before_last(rows: QuerySet[Order], sort: str, size: int) -> str:
    mark = ""
    while after := page(rows, Order.objects.all(), sort, size, mark, back=False).after:
        mark = after
    return mark


def _regrouped(flat: list[int], last: list[Order], size: int) -> list[list[int]]:
    """All before the last page, in pages counted from its end."""
    rest = flat[: len(flat) - len(last)]
    first = len(rest) % size
    pages = [rest[:first]] if first else []
    return pages + [rest[at : at + size] for at in range(first, len(rest), size)]


@pytest.mark.parametrize("sort", list(SORTS))
def test_an_order_knows_its_neighbours_also_when_it_has_left_the_list(
    mine: Store, sort: str
) -> None:
    take_in(
        mine,
        [
            order(n, buyer_total=Decimal(n), ship_by=None if n > 3 else MOMENT + timedelta(n))
            for n in range(6)
        ],
    )
    flat = [pk for one in forwards(Order.objects.all(), sort, 50) for pk in one]
    rows = Order.objects.in_bulk(flat)
    found = [beside(Order.objects.all(), sort, rows[pk]) for pk in flat]
    assert found == list(zip([None, *flat], [*flat[1:], None], strict=False))
    gone = rows[flat[2]]
    assert beside(Order.objects.exclude(pk=gone.pk), sort, gone) == (flat[1], flat[3])


@pytest.mark.parametrize("sort", list(SORTS))
def test_the_marks_of_a_page_enclose_its_own_rows_and_no_others(mine: Store, sort: str) -> None:
    take_in(
        mine,
        [
            order(n, buyer_total=Decimal(n // 2), ship_by=None if n > 5 else MOMENT + timedelta(n))
            for n in range(9)
        ],
    )
    mark, walked = "", 0
    while mark or not walked:
        shown = page(Order.objects.all(), Order.objects.all(), sort, 2, mark, back=False)
        enclosed = between(Order.objects.all(), sort, shown.before, shown.after)
        assert [one.pk for rows in enclosed for one in rows] == [one.pk for one in shown.rows]
        mark, walked = shown.after, walked + 1
    assert walked == 5


@pytest.mark.parametrize("mark", ["x", "2026|1", "none|", "NaN|3|", "|7", "2026-03-01T00:00:00|1"])
@pytest.mark.parametrize("sort", list(SORTS))
def test_a_mark_that_means_nothing_shows_the_first_page(mine: Store, sort: str, mark: str) -> None:
    take_in(mine, [order(1)])
    assert len(page(Order.objects.all(), Order.objects.all(), sort, 50, mark, back=False).rows) == 1
