"""The search box: whole codes, beginnings, last digits, pasted lists, and stores by name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crossdock.companies.scope import company_scope
from crossdock.desk import search
from crossdock.desk.filter import Filter
from crossdock.orders.models import Package
from crossdock.rules.facts import PackageFacts
from crossdock.stores.models import Store
from tests.cast import Cast
from tests.desk.book import order, store_of, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(cast: Cast) -> Iterator[Store]:
    with company_scope(cast.acme):
        yield store_of(cast.acme)


def found(text: str, store: Store) -> set[str]:
    return set(Filter(q=text).orders(store.company).values_list("channel_order_id", flat=True))


@pytest.mark.parametrize(
    "text",
    [
        "100007",
        "10000",
        "FP7",
        "MYTRACK000007",
        "MYTRACK00000",
        "0007",
        "000007",
        "fp7",
        "mytrack000007",
        "Mytrack00000",
        "Kedai",
        "kedai satu",
        " 100007 ",
    ],
)
def test_search_finds_by_order_package_tracking_number_and_store(mine: Store, text: str) -> None:
    take_in(mine, [order(7)])
    assert found(text, mine) == {"100007"}
    assert found(f"{text.strip()}9", mine) == set()


def test_signs_that_mean_something_to_the_database_mean_themselves(mine: Store) -> None:
    take_in(mine, [order(7), order(8, order_id="100%_8\\")])
    assert found("100%", mine) == {"100%_8\\"}
    assert found("100%_8\\", mine) == {"100%_8\\"}
    assert found("_00007", mine) == set()


def test_a_pasted_list_of_codes_finds_each_of_them_whole(mine: Store) -> None:
    take_in(mine, [order(n) for n in range(20)])
    assert found("100003, 100004;FP5\nMYTRACK000006 10001", mine) == {
        "100003",
        "100004",
        "100005",
        "100006",
    }


@pytest.mark.parametrize(
    "text", ["FP7", "fp7", "MYTRACK000007", "MYTRACK00000", "0007", "FP7 FP8", "fp7 fp8"]
)
def test_the_numbers_of_void_packages_lead_to_their_order(mine: Store, text: str) -> None:
    take_in(mine, [order(7)])
    take_in(mine, [order(7, packages=())])
    assert Package.objects.get().voided_at is not None
    assert found(text, mine) == {"100007"}


@pytest.mark.parametrize(
    "text", ["OLD00012345", "old00012345", "OLD000", "2345", "OLD00012345 100009"]
)
def test_a_number_that_the_channel_replaced_leads_to_its_order(mine: Store, text: str) -> None:
    take_in(mine, [order(7, packages=(PackageFacts("FP7", "J&T", "OLD00012345"),))])
    take_in(mine, [order(7, packages=(PackageFacts("FP7", "J&T", "NEW00054321"),))])
    assert found(text, mine) == {"100007"}
    assert found("NEW00054321", mine) == {"100007"}


def test_a_beginning_that_fits_too_many_says_that_more_of_it_is_needed(
    mine: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST", 5)
    take_in(mine, [order(n) for n in range(8)])
    matching = Filter(q="1000").matching(mine.company)
    assert (matching.more, matching.rows.count()) == (True, 5)
    assert not Filter(q="100007").matching(mine.company).more


def test_another_companys_orders_and_stores_are_not_found(cast: Cast, mine: Store) -> None:
    with company_scope(cast.bolt):
        take_in(store_of(cast.bolt, "2", name="Bolt Shop"), [order(7)])
    for text in ("100007", "FP7", "0007", "Bolt", "100007 100008"):
        assert found(text, mine) == set()
