"""The channel's own breakdown of an order's money, asked while a person looks."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.test import Client

from crossdock.channels.registry import channel
from crossdock.companies.scope import company_scope
from crossdock.orders.models import Order
from crossdock.stores.calling import call
from crossdock.stores.models import Store
from crossdock.sync.pull import look_at
from tests.cast import Cast
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]


@pytest.fixture
def completed(cast: Cast, store: Store, sandbox: RunningSandbox) -> Iterator[Order]:
    (order_id,) = sandbox.orders(1, status="confirmed")
    with company_scope(cast.acme):
        look_at(store, [order_id])
        yield Order.objects.select_related("store").get(channel_order_id=order_id)


def shown(client: Client, order: Order, **headers: str) -> str:
    answer = client.get(f"/c/acme/orders/{order.pk}/settlement/", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_fee_is_named_as_the_channel_names_it_and_all_adds_up(
    cast: Cast, completed: Order, client: Client
) -> None:
    order_id = completed.channel_order_id
    told = call(completed.store, lambda known, shop: known.settlements(shop, [order_id]))[order_id]
    assert told.fees
    client.force_login(cast.bo)
    page = shown(client, completed)
    for fee in told.fees:
        assert f"<dt>{fee.name}</dt>" in page
    assert f"{told.amount:.2f}" in page.replace(",", "")
    named = (
        completed.billed_total + told.shipping + sum((one.amount for one in told.fees), Decimal(0))
    )
    assert ("Not named by" in page) == (named != told.amount)
    part = shown(client, completed, **{"HX-Request": "true"})
    assert part.startswith("<dl")
    assert ("Settled." in part) == told.is_final


def test_an_order_without_a_payout_says_so_and_a_channel_that_fails_is_quoted(
    cast: Cast, store: Store, sandbox: RunningSandbox, client: Client
) -> None:
    (order_id,) = sandbox.orders(1)
    with company_scope(cast.acme):
        look_at(store, [order_id])
        order = Order.objects.get(channel_order_id=order_id)
    client.force_login(cast.bo)
    title = channel("lazada").title
    assert f"{title} tells nothing of this order's payout yet." in shown(client, order)
    sandbox.post(
        "/faults",
        system="lazada",
        kind="drop_before",
        times=5,
        path="/finance/transaction/details/get",
    )
    assert f"{title}: " in shown(client, order)
