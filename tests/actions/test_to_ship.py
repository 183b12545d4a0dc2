"""To Ship goes the way that was chosen: in the batch, by the store's rule, or the only way there is."""

from __future__ import annotations

import pytest

from crossdock.actions.to_ship import only_way
from crossdock.buttons.channel_action import ChannelAction
from crossdock.channels.errors import Unclear
from crossdock.channels.shipping import Courier, HowToShip, Method, Place, WaysToShip
from crossdock.orders.facts import facts_of
from crossdock.orders.models import Order
from crossdock.rules.facts import Tab
from crossdock.stores.calling import call as call_store
from crossdock.stores.ways import json_of, remember
from crossdock.work.models import State
from tests.actions.stage import OnDesk

DEFAULT, OTHER = Place("1", "12 Jalan Ampang", is_default=True), Place("2", "Gudang 3")


def ways(*methods: Method, **more: object) -> WaysToShip:
    return WaysToShip("90", "Standard", methods, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("offered", "how"),
    [
        (ways(Method.PICKUP, addresses=(DEFAULT,)), HowToShip(Method.PICKUP, address_id="1")),
        (ways(Method.PICKUP), HowToShip(Method.PICKUP)),
        (ways(Method.PICKUP, addresses=(DEFAULT, OTHER)), None),
        (ways(Method.DROPOFF), HowToShip(Method.DROPOFF)),
        (ways(Method.DROPOFF, branches=(OTHER,)), HowToShip(Method.DROPOFF, branch_id="2")),
        (ways(Method.DROPOFF, branches=(DEFAULT, OTHER)), None),
        (ways(Method.PICKUP, Method.DROPOFF), None),
        (ways(Method.OWN_COURIER), HowToShip(Method.OWN_COURIER)),
        (ways(Method.OWN_COURIER, wants_tracking_number=True), None),
        (ways(Method.OWN_COURIER, couriers=(Courier("7", "Ours"),)), None),
        (ways(), None),
    ],
)
def test_a_way_is_taken_unasked_only_where_it_leaves_nothing_to_choose(
    offered: WaysToShip, how: HowToShip | None
) -> None:
    assert only_way(offered) == how


@pytest.fixture
def packed(desk: OnDesk) -> Order:
    """An order that waits to be shipped, on a channel that lets the seller choose how."""
    if not desk.known.can.choose_how_to_ship:
        pytest.skip(f"{desk.known.title} leaves nothing to choose.")
    return desk.packed(desk.orders()[0])


def offered(desk: OnDesk, order: Order) -> WaysToShip:
    parcel = desk.parcel(facts_of(order))
    return call_store(desk.store, lambda known, shop: known.ways_to_ship(shop, parcel))


def first_way(told: WaysToShip) -> HowToShip:
    method = told.methods[0]
    if method is Method.PICKUP:
        return HowToShip(method, address_id=told.addresses[0].place_id if told.addresses else "")
    return HowToShip(method, branch_id=told.branches[0].place_id if told.branches else "")


@pytest.mark.django_db(transaction=True)
def test_the_stores_rule_is_what_is_written_down_and_sent(desk: OnDesk, packed: Order) -> None:
    told = offered(desk, packed)
    if not told.methods:
        pytest.skip(f"{desk.known.title} leaves nothing to choose for this order.")
    rule = first_way(told)
    remember(desk.store, told, rule)
    attempt = desk.act("ship", packed)
    assert attempt.state == State.DONE, attempt.words
    assert attempt.sent["how"] == json_of(rule)
    assert len(desk.ledger(packed, "ship")) == 1


@pytest.mark.django_db(transaction=True)
def test_without_a_rule_the_only_way_is_taken_or_the_channel_says_what_must_be_chosen(
    desk: OnDesk, packed: Order
) -> None:
    told = offered(desk, packed)
    attempt = desk.act("ship", packed)
    shipped = [row for row in desk.ledger(packed, "ship") if row["accepted"]]
    if only_way(told) is None and told.methods:
        assert (attempt.state, shipped) == (State.REFUSED, [])
        assert attempt.words
    else:
        assert attempt.state == State.DONE, attempt.words
        assert len(shipped) == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_shipped_and_could_not_be_read_since_is_not_shipped_again(
    desk: OnDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sandbox takes a second one: blind repetition shows in its ledger."""

    def unreadable(*_: object, **__: object) -> None:
        raise Unclear("The answer was cut off.")

    order = desk.packed(desk.orders()[0])
    how = {}
    if desk.known.can.choose_how_to_ship and (told := offered(desk, order)).methods:
        how = {str(order.pk): json_of(first_way(told))}
    with monkeypatch.context() as broken:
        broken.setattr(ChannelAction, "_orders_now", unreadable)
        first, again = desk.act("ship", order, how=how), desk.act("ship", order, how=how)
    assert first.state == State.DONE, first.words
    assert (again.state, again.words) == (State.ALREADY, "Done a moment ago.")
    assert len([row for row in desk.ledger(order, "ship") if row["accepted"]]) == 1


@pytest.mark.django_db(transaction=True)
def test_own_couriers_numbers_go_out_with_their_orders(delivering: OnDesk) -> None:
    if not delivering.known.can.choose_how_to_ship:
        pytest.skip(f"{delivering.known.title} leaves nothing to choose.")
    order = delivering.packed(delivering.orders(self_delivery=True)[0])
    how = delivering.by_hand(order)
    refused = delivering.act("ship", order)
    assert refused.state == State.REFUSED
    assert refused.words
    attempt = delivering.act("ship", order, how=how)
    assert attempt.state == State.DONE, attempt.words
    assert attempt.sent["how"] == how[str(order.pk)]
    assert delivering.read(order).tab == Tab.SELF_DELIVER
