"""Whoever does not see sums learns none: not by sorting, not from marks of places and rows, not from words."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from crossdock.companies.scope import company_scope
from crossdock.desk import versions
from crossdock.orders.history import note
from crossdock.orders.models import Order
from crossdock.rules.facts import Stage, Tab
from crossdock.work.batch import start
from crossdock.work.models import Attempt, State
from tests.cast import Cast
from tests.desk.book import order, store_of, take_in

pytestmark = pytest.mark.django_db

ORDERS = "/c/acme/orders/"
TOTALS = {100000: "21.50", 100001: "3.33", 100002: "77.77"}


@pytest.fixture
def book(cast: Cast) -> Iterator[list[Order]]:
    """Three orders, of which the newest is neither the dearest nor the cheapest."""
    with company_scope(cast.acme):
        facts = [order(n, buyer_total=Decimal(TOTALS[100000 + n])) for n in range(3)]
        take_in(store_of(cast.acme), facts)
        yield list(Order.objects.order_by("channel_order_id"))


def shown(client: Client, query: str, path: str = ORDERS) -> tuple[list[str], str]:
    """The orders of a page in their order, and the page."""
    page = client.get(f"{path}?{query}").content.decode()
    return re.findall(r'data-order-id="(\d+)"', page), page


@pytest.mark.parametrize("sort", ["total", "-total"])
def test_a_packer_cannot_have_orders_sorted_by_their_totals(
    book: list[Order], cast: Cast, client: Client, sort: str
) -> None:
    client.force_login(cast.pat)
    newest_first = shown(client, "")[0]
    ids, page = shown(client, f"sort={sort}")
    assert ids == newest_first == ["100002", "100001", "100000"]
    assert "cannot sort by them" in page
    assert "Total, largest first" not in page
    client.force_login(cast.mona)
    assert shown(client, f"sort={sort}")[0] != newest_first


def test_no_place_that_a_packer_makes_up_tells_on_which_side_of_it_a_total_is(
    book: list[Order], cast: Cast, client: Client
) -> None:
    client.force_login(cast.pat)
    pages = [
        shown(client, f"sort=total&size=50&after={quote(f'{sum_}|0')}{back}")[0]
        for sum_ in ("1.00", "10.00", "50.00", "100.00")
        for back in ("", "&back=1")
    ]
    assert all(ids == pages[0] for ids in pages)
    neighbours = {
        shown(client, f"list={quote(f'sort={sort}')}", f"{ORDERS}{book[0].pk}/")[1].count(
            "list=sort"
        )
        for sort in ("total", "-total")
    }
    assert len(neighbours) == 1


def test_the_news_tell_a_packer_nothing_about_totals(
    book: list[Order], cast: Cast, client: Client
) -> None:
    client.force_login(cast.pat)
    answers = [
        client.get(f"{ORDERS}live/?sort=total&begins={quote(f'{sum_}|0')}&ends=").json()
        for sum_ in ("1.00", "10.00", "50.00", "100.00")
    ]
    assert len({one["mark"] for one in answers}) == 1


@pytest.mark.parametrize("role", ["pat", "mona"])
def test_no_page_of_a_packer_holds_a_total(
    book: list[Order], cast: Cast, client: Client, role: str
) -> None:
    client.force_login(getattr(cast, role))
    page = shown(client, "sort=total&size=50")[1]
    assert any(sum_ in page for sum_ in TOTALS.values()) is (role == "mona")


def test_the_mark_of_a_row_cannot_be_made_from_what_a_packer_sees_and_a_total_that_is_tried(
    book: list[Order], settings: Any
) -> None:
    one = Order.objects.prefetch_related("packages", "returns").get(pk=book[0].pk)
    told = versions.version_shown(one, Tab.NEW_ORDER)
    parts = [str(getattr(one, name)) for name in versions._FIELDS] + ["MYTRACK000000"]
    assert told != f"{zlib.crc32('|'.join(parts).encode()):08x}"
    settings.SECRET_KEY = "another installation's"
    assert versions.version_shown(one, Tab.NEW_ORDER) != told


def test_what_is_said_of_a_posting_is_shown_to_those_who_see_sums(
    cast: Cast, client: Client
) -> None:
    words = "The documents add up to 21.50 MYR, the order to 21.49"
    with company_scope(cast.acme):
        take_in(store_of(cast.acme), [order(1, Stage.SHIPPED)])
        sold = Order.objects.get()
        batch = start(cast.acme, cast.bo, "post", form_key="post", order_ids=[sold.pk])
        Attempt.objects.update(state=State.REFUSED, words=words)
        note(sold, "post failed", f"{words}.")
    paths = [f"/c/acme/batches/{batch.pk}/{more}" for more in ("", "outcomes.csv", "live/")]
    for person, sees in ((cast.pat, False), (cast.vic, True)):
        client.force_login(person)
        assert {client.get(path).status_code for path in paths} == {200 if sees else 404}
        listed = client.get("/c/acme/batches/").content.decode()
        assert (f"/batches/{batch.pk}/" in listed) is sees
        page = client.get(f"{ORDERS}{sold.pk}/").content.decode()
        assert ("21.49" in page) is sees
