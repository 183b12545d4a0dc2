"""An order whose items could not be read is not packed; its label may always be printed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crossdock.companies.scope import company_scope
from crossdock.orders.models import Order
from crossdock.rules.facts import Tab
from crossdock.stores.models import Store
from crossdock.sync.pull import look_at
from crossdock.work.batch import start
from crossdock.work.lane import drain
from crossdock.work.models import Attempt, Lane, State
from tests.cast import Cast, linked_store
from tests.sandbox.running import CHANNELS, RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]

NAMELESS = {
    "lazada": {"order_item_id": None},
    "shopee": {"model_quantity_purchased": "two"},
    "tiktok": {"line_items.0.id": ""},
}
LABELLED = {"lazada": "ready_to_ship", "shopee": "PROCESSED", "tiktok": "AWAITING_COLLECTION"}


@pytest.fixture(params=CHANNELS)
def shop(request: pytest.FixtureRequest, cast: Cast, sandbox: RunningSandbox) -> Iterator[Store]:
    with company_scope(cast.acme):
        yield linked_store(cast.acme, sandbox, f"{request.param}-my")


def attempted(cast: Cast, name: str, order_id: str) -> Attempt:
    order = Order.objects.get(channel_order_id=order_id)
    start(cast.acme, cast.alice, name, form_key=f"{name} {order_id}", order_ids=[order.pk])
    for lane in Lane.objects.all():
        drain(lane.pk)
    return Attempt.objects.get(action=name, order=order)


def test_it_is_not_packed_at_any_marketplace(
    cast: Cast, shop: Store, sandbox: RunningSandbox
) -> None:
    name = shop.channel
    (order_id,) = sandbox.orders(1, f"{name}-my", lines=2, fields=NAMELESS[name])
    look_at(shop, [order_id])
    attempt = attempted(cast, "pack", order_id)
    assert attempt.state == State.REFUSED
    assert attempt.words.startswith("It could not be read whole: ")
    assert Order.objects.get().tab == Tab.NEW_ORDER
    rows = sandbox.get(f"/ledger?order={order_id}")["calls"]
    assert [row for row in rows if row["effect"] in ("pack", "ship")] == []


def test_its_label_is_printed_all_the_same(
    cast: Cast, shop: Store, sandbox: RunningSandbox
) -> None:
    name = shop.channel
    (order_id,) = sandbox.orders(
        1, f"{name}-my", status=LABELLED[name], lines=2, fields=NAMELESS[name]
    )
    look_at(shop, [order_id])
    assert attempted(cast, "print_awb", order_id).state == State.DONE
