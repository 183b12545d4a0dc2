"""The page of one order: its neighbours in the list, its note, and why something cannot be done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from crossdock.companies.scope import company_scope
from crossdock.orders.models import Order
from crossdock.posting.models import BooksCode, SkuCode
from crossdock.rules.facts import Stage
from crossdock.stores.models import Store
from tests.cast import Cast
from tests.desk.book import order, store_of, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(cast: Cast) -> Iterator[Store]:
    with company_scope(cast.acme):
        yield store_of(cast.acme)


def shown(client: Client, pk: int, **query: str) -> str:
    answer = client.get(f"/c/acme/orders/{pk}/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_neighbours_are_those_of_the_list_it_was_opened_from(
    cast: Cast, mine: Store, client: Client
) -> None:
    take_in(mine, [order(n) for n in range(3)])
    keys = list(Order.objects.order_by("pk").values_list("pk", flat=True))
    client.force_login(cast.pat)
    page = shown(client, keys[1], list="tab=new-order&sort=created")
    assert f'rel="prev" href="/c/acme/orders/{keys[0]}/' in page
    assert f'rel="next" href="/c/acme/orders/{keys[2]}/' in page
    assert "?tab=new-order&amp;sort=created" in page
    assert 'rel="prev"' not in shown(client, keys[1])


def test_a_note_is_kept_with_who_wrote_it(cast: Cast, mine: Store, client: Client) -> None:
    take_in(mine, [order(1)])
    key = Order.objects.get().pk
    client.force_login(cast.pat)
    client.post(f"/c/acme/orders/{key}/note/", {"note": "Gift wrap", "seen": ""})
    page = shown(client, key)
    assert "Gift wrap</textarea>" in page
    assert "Noted: Gift wrap" in page
    assert "Pat Devi" in page
    assert "note</span>" in client.get("/c/acme/orders/?tab=new-order").content.decode()


def test_a_note_that_somebody_else_changed_meanwhile_is_not_overwritten_and_nothing_is_lost(
    cast: Cast, mine: Store, client: Client
) -> None:
    take_in(mine, [order(1)])
    key = Order.objects.get().pk
    client.force_login(cast.mona)
    client.post(f"/c/acme/orders/{key}/note/", {"note": "First", "seen": ""})
    client.force_login(cast.pat)
    client.post(f"/c/acme/orders/{key}/note/", {"note": "Second", "seen": ""})
    assert Order.objects.get().our_note == "First"
    page = shown(client, key)
    assert "Second</textarea>" in page
    assert "First</p>" in page


def test_who_only_looks_may_not_write(cast: Cast, mine: Store, client: Client) -> None:
    take_in(mine, [order(1)])
    key = Order.objects.get().pk
    client.force_login(cast.vic)
    assert client.post(f"/c/acme/orders/{key}/note/", {"note": "x"}).status_code == 403
    assert "Save note" not in shown(client, key)


def test_an_order_says_why_what_its_tab_offers_cannot_be_done(
    cast: Cast, mine: Store, client: Client
) -> None:
    take_in(mine, [order(1, fulfilled_by_channel=True)])
    client.force_login(cast.pat)
    assert "warehouse" in shown(client, Order.objects.get().pk)


def test_lines_show_the_stock_item_that_they_stand_for(
    cast: Cast, mine: Store, client: Client
) -> None:
    take_in(mine, [order(1, Stage.SHIPPED)])
    client.force_login(cast.bo)
    key = Order.objects.get().pk
    assert "not mapped" in shown(client, key)
    SkuCode.objects.create(company=cast.acme, sku="SKU", item_code="ST-77", uom="UNIT")
    assert "ST-77" in shown(client, key)


def test_a_sku_is_mapped_from_the_order_and_the_order_comes_back(
    cast: Cast, mine: Store, client: Client
) -> None:
    take_in(mine, [order(1)])
    key = Order.objects.get().pk
    BooksCode.objects.create(company=cast.acme, kind=BooksCode.Kind.ITEM, code="T-1", uom="UNIT")
    client.force_login(cast.pat)
    assert 'aria-label="Stock item of SKU"' not in shown(client, key), "packers map nothing"
    client.force_login(cast.bo)
    page = shown(client, key)
    assert 'aria-label="Stock item of SKU"' in page
    form = {"sku": "SKU", "item": "T-1", "from": str(key)}
    answer = client.post("/c/acme/posting/skus/", form)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/c/acme/orders/{key}/")
    page = shown(client, key)
    assert 'aria-label="Stock item of SKU"' not in page
    assert "T-1" in page
