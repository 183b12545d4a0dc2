"""What could not be read stands on the order's page part by part, with a button that reads it again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from crossdock.companies.scope import company_scope
from crossdock.orders.models import History, Order
from crossdock.rules.facts import Problem, Touches
from crossdock.stores.models import Store
from crossdock.sync.models import Unread
from crossdock.sync.pull import look_at
from tests.cast import Cast
from tests.desk.book import order, store_of, take_in
from tests.sandbox.lazada_client import LazadaClient
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]


@pytest.fixture
def acme(cast: Cast) -> Iterator[Cast]:
    with company_scope(cast.acme):
        yield cast


def page_of(client: Client) -> str:
    address = reverse("desk:order", args=["acme", Order.objects.get().pk])
    return client.get(address).content.decode()


def read_again(client: Client) -> str:
    """Press the button; the page that follows."""
    address = reverse("desk:read_again", args=["acme", Order.objects.get().pk])
    answer = client.post(address, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def oddly(sandbox: RunningSandbox, order_id: str) -> None:
    """Have Lazada tell an item's price as no number, until the faults are lifted."""
    items = LazadaClient(sandbox).items(order_id)
    items[0]["item_price"] = "1,299.00"
    told = {"order_id": int(order_id), "order_items": items}
    sandbox.post(
        "/faults", system="lazada", kind="answer", path="/orders/items/get", order=order_id,
        body={"code": "0", "request_id": "1", "data": [told]},
    )  # fmt: skip


def test_each_part_is_named_with_what_it_stops(acme: Cast, client: Client) -> None:
    problems = (
        Problem(Touches.MONEY, "item_price is missing"),
        Problem(Touches.LINES, "item 2 has no id"),
        Problem(Touches.ADDRESS, "recipient_address cannot be read"),
        Problem(Touches.NOTHING, "ship_by_date is no time: 'soon'"),
    )
    take_in(store_of(acme.acme), [order(1, problems=problems)])
    client.force_login(acme.bo)
    html = page_of(client)
    for one in problems:
        assert f"<strong>{one.touches.heading}</strong>: " in html
    assert "item_price is missing <small>(not posted until it can be read)</small>" in html
    assert "neither packed, picked, verified nor posted" in html
    assert "Read again" in html


def test_figures_are_named_to_those_alone_who_see_money(acme: Cast, client: Client) -> None:
    problems = (Problem(Touches.MONEY, "item_price is no amount: '1,299.00'"),)
    take_in(store_of(acme.acme), [order(1)])
    take_in(Store.objects.get(), [order(1, problems=problems)])
    client.force_login(acme.pat)
    html = page_of(client)
    assert "1,299.00" not in html
    assert "a figure that is not shown to your role" in html
    listed = client.get(reverse("desk:orders", args=["acme"])).content.decode()
    assert "not read whole" in listed
    assert "1,299.00" not in listed


def test_the_button_reads_the_order_at_the_marketplace_and_says_what_came_of_it(
    acme: Cast, store: Store, sandbox: RunningSandbox, client: Client
) -> None:
    (order_id,) = sandbox.orders(1)
    oddly(sandbox, order_id)
    look_at(store, [order_id])
    client.force_login(acme.pat)
    assert "Read again" in page_of(client)
    assert "still not whole" in read_again(client)
    assert Unread.objects.get().order_id == order_id
    sandbox.control.delete("/faults").raise_for_status()
    html = read_again(client)
    assert "It was read again, and is whole now." in html
    assert "could not be read whole:" not in html
    assert Order.objects.get().problem == ""
    assert not Unread.objects.exists()
    texts = list(History.objects.order_by("pk").values_list("text", flat=True))
    assert "could be read whole again" in texts[-1].lower()


def test_the_button_tells_in_the_marketplaces_words_why_it_could_not_be_read(
    acme: Cast, store: Store, sandbox: RunningSandbox, client: Client
) -> None:
    (order_id,) = sandbox.orders(1)
    oddly(sandbox, order_id)
    look_at(store, [order_id])
    sandbox.control.delete("/faults").raise_for_status()
    sandbox.post(
        "/faults", system="lazada", kind="refuse", path="/orders/items/get", code="E77",
        message="Under review",
    )  # fmt: skip
    client.force_login(acme.mona)
    html = read_again(client)
    assert "It could not be read again. Lazada: Under review" in html
    words = [one[1] for one in Order.objects.get().problems]
    assert "item_price is no amount: '1,299.00'" in words, "what was known is not forgotten"
    assert any(one.startswith("could not be read anew: Under review") for one in words)
    sandbox.control.delete("/faults").raise_for_status()
    assert "is whole now" in read_again(client)


def test_a_store_that_must_be_linked_again_is_told(
    acme: Cast, store: Store, client: Client
) -> None:
    take_in(store, [order(1, problems=(Problem(Touches.MONEY, "item_price is missing"),))])
    Store.objects.update(token_dead_words="The store must be linked again: it has ended")
    client.force_login(acme.bo)
    assert "must be linked again: it has ended" in read_again(client)


def test_who_may_only_look_has_no_such_button(acme: Cast, client: Client) -> None:
    take_in(store_of(acme.acme), [order(1, problems=(Problem(Touches.LINES, "x"),))])
    client.force_login(acme.vic)
    assert "Read again" not in page_of(client)
    address = reverse("desk:read_again", args=["acme", Order.objects.get().pk])
    assert client.post(address).status_code == 403


def test_an_order_that_is_whole_offers_no_second_reading(acme: Cast, client: Client) -> None:
    take_in(store_of(acme.acme), [order(1)])
    client.force_login(acme.alice)
    assert "Read again" not in page_of(client)
