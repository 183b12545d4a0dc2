"""Packing and shipping at Lazada: a step that the state does not allow is looked at again."""

from __future__ import annotations

import pytest

from crossdock.channels.contract import Parcel, Shop
from crossdock.channels.errors import Refused
from crossdock.rules.facts import Stage
from tests.contract.stage import OnStage


def unpacked(stage: OnStage, shop: Shop, order_id: str) -> Parcel:
    lines = tuple(line.line_id for line in stage.read(shop, order_id).lines)
    return Parcel(order_id, line_ids=lines)


def test_packing_what_is_packed_has_been_done_before(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1, lines=2)[0]
    parcel = unpacked(stage, shop, order_id)
    assert stage.known.pack(shop, [parcel])[0].ok
    (again,) = stage.known.pack(shop, [parcel])
    assert (again.ok, again.already, again.code) == (False, True, "700026")
    assert len(stage.truth(order_id)["packages"]) == 1


def test_a_buyer_who_asks_to_cancel_stops_the_packing_and_that_is_not_called_done(
    stage: OnStage,
) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    parcel = unpacked(stage, shop, order_id)
    stage.event(order_id, "request_cancel")
    (told,) = stage.known.pack(shop, [parcel])
    assert (told.ok, told.already) == (False, False)
    assert "cancellation" in told.words


def test_shipping_what_a_buyer_asks_to_cancel_is_refused_and_not_called_done(
    stage: OnStage,
) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    parcel = stage.parcel(stage.packed(shop, order_id))
    stage.event(order_id, "request_cancel")
    (told,) = stage.known.ship(shop, [parcel])
    assert (told.ok, told.already, told.code) == (False, False, "700000")


def test_the_rest_of_a_half_packed_order_is_packed(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1, lines=3)[0]
    parcel = unpacked(stage, shop, order_id)
    first = Parcel(order_id, line_ids=parcel.line_ids[:1])
    assert stage.known.pack(shop, [first])[0].ok
    (told,) = stage.known.pack(shop, [parcel])
    assert (told.ok, set(told.done)) == (True, set(parcel.line_ids))
    assert {line.stage for line in stage.read(shop, order_id).lines} == {Stage.PACKED}


def test_many_parcels_of_one_call_are_each_told_their_own(stage: OnStage) -> None:
    shop = stage.shop()
    fresh, before, asked = stage.orders(3, lines=1)
    parcels = [stage.parcel(stage.packed(shop, one)) for one in (fresh, before, asked)]
    assert stage.known.ship(shop, [parcels[1]])[0].ok
    stage.event(asked, "request_cancel")
    told = stage.known.ship(shop, parcels)
    assert [(one.ok, one.already) for one in told] == [
        (True, False),
        (False, True),
        (False, False),
    ]


def test_what_cannot_be_looked_at_again_stays_a_refusal(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    parcel = stage.parcel(stage.packed(shop, order_id))
    assert stage.known.ship(shop, [parcel])[0].ok
    stage.fault("error_500", path="/orders/items/get", times=1)
    (again,) = stage.known.ship(shop, [parcel])
    assert (again.ok, again.already, again.left) == (False, False, parcel.package_ids)


def test_unpacking_twice_says_so(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    parcel = stage.parcel(stage.packed(shop, order_id))
    assert stage.known.repack(shop, [parcel])[0].ok
    (again,) = stage.known.repack(shop, [parcel])
    assert (again.ok, again.already) == (False, True)


def test_what_waits_for_its_courier_cannot_be_unpacked(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    parcel = stage.parcel(stage.shipped(shop, order_id))
    (told,) = stage.known.repack(shop, [parcel])
    assert (told.ok, told.already) == (False, False)


def test_delivering_twice_has_been_done_before(singapore: OnStage) -> None:
    shop = singapore.shop()
    order_id = singapore.orders(1, self_delivery=True)[0]
    parcel = singapore.parcel(singapore.shipped(shop, order_id))
    assert singapore.known.deliver(shop, [parcel])[0].ok
    (again,) = singapore.known.deliver(shop, [parcel])
    assert (again.ok, again.already) == (False, True)


def test_how_a_parcel_goes_is_not_asked(stage: OnStage) -> None:
    assert not stage.known.can.choose_how_to_ship
    with pytest.raises(Refused):
        stage.known.ways_to_ship(stage.shop(), Parcel(stage.orders(1)[0]))
