"""To Ship and Mark as Delivered: each package's own outcome, and nothing twice."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.channels.contract import Parcel, Told
from crossdock.channels.errors import NotFound, Throttled, Unclear
from crossdock.channels.shipping import HowToShip, Method
from crossdock.channels.tiktok.channel import CHANNEL
from crossdock.channels.tiktok.endpoints import (
    CREATE_PACKAGE,
    DELIVER_PACKAGES,
    MARK_SHIPPED,
    ORDERS,
    PROVIDERS,
    SHIP_PACKAGE,
    SHIP_PACKAGES,
)
from tests.channels.tiktok.samples import LINE, order
from tests.channels.tiktok.stage import Call, Played, bad, good
from tests.contract.stage import OnStage

OWN = HowToShip(Method.OWN_COURIER, courier_id="77", tracking_number="T-1")


def error(package_id: str, code: int, message: str = "no") -> dict[str, Any]:
    """One of ``data.errors``."""
    return {"code": code, "message": message, "detail": {"package_id": package_id}}


def standing(order_id: str, *packages: tuple[str, str], **more: Any) -> dict[str, Any]:
    """An order with a line in each package (id, display status)."""
    lines = [
        {**LINE, "id": f"{order_id}{place}", "package_id": package_id, "display_status": status}
        for place, (package_id, status) in enumerate(packages)
    ]
    return order(id=order_id, packages=[], line_items=lines, **more)


def test_many_packages_go_in_one_call_and_each_has_its_own_outcome(tiktok: Played) -> None:
    errors = [
        error("p2", 21011020, "already shipped"),
        error("p3", 21011007, "open cancel request"),
        error("p4", 36009003, "internal error"),
    ]
    tiktok.says(SHIP_PACKAGES, good(errors=errors))
    tiktok.says(ORDERS, good(orders=[standing("3", ("p3", "AWAITING_SHIPMENT"))]))
    parcels = [Parcel(str(number), (f"p{number}",)) for number in (1, 2, 3, 4)]
    fine, before, refused, later = CHANNEL.ship(tiktok.shop(), parcels)
    assert tiktok.calls[0].body == {"packages": [{"id": f"p{number}"} for number in (1, 2, 3, 4)]}
    assert fine == Told("1", ok=True, done=("p1",))
    assert before.already
    assert not before.ok
    assert (refused.ok, refused.already, refused.again) == (False, False, False)
    assert "open cancel request" in refused.words
    assert refused.left == ("p3",)
    assert (later.ok, later.again) == (False, True)
    (look,) = tiktok.asked(ORDERS)
    assert look.query["ids"] == "3"


def test_what_works_in_part_is_told_in_parts(tiktok: Played) -> None:
    tiktok.says(SHIP_PACKAGES, good(errors=[error("p2", 11006013, "phones need own packages")]))
    tiktok.says(ORDERS, good(orders=[]))
    (told,) = CHANNEL.ship(tiktok.shop(), [Parcel("1", ("p1", "p2"))])
    assert (told.ok, told.done, told.left) == (False, ("p1",), ("p2",))


def test_a_part_that_was_shipped_before_and_one_now_make_a_shipped_order(tiktok: Played) -> None:
    tiktok.says(SHIP_PACKAGES, good(errors=[error("p2", 21008099)]))
    (told,) = CHANNEL.ship(tiktok.shop(), [Parcel("1", ("p1", "p2"))])
    assert (told.ok, told.already, told.left) == (True, False, ())
    assert told.done == ("p1", "p2")


def test_a_refusal_of_any_code_is_looked_at_again(tiktok: Played) -> None:
    tiktok.says(SHIP_PACKAGES, good(errors=[error("p1", 10007014), error("p2", 10007014)]))
    now = [standing("1", ("p1", "AWAITING_COLLECTION")), standing("2", ("p2", "AWAITING_SHIPMENT"))]
    tiktok.says(ORDERS, good(orders=now))
    shipped, refused = CHANNEL.ship(tiktok.shop(), [Parcel("1", ("p1",)), Parcel("2", ("p2",))])
    assert shipped.already
    assert (refused.already, refused.left) == (False, ("p2",))


def test_an_error_that_names_no_package_makes_no_success_of_any(tiktok: Played) -> None:
    tiktok.says(SHIP_PACKAGES, good(errors=[{"code": 21001001, "message": "bad"}]))
    now = [standing("1", ("p1", "AWAITING_SHIPMENT")), standing("2", ("p2", "IN_TRANSIT"))]
    tiktok.says(ORDERS, good(orders=now))
    one, two = CHANNEL.ship(tiktok.shop(), [Parcel("1", ("p1",)), Parcel("2", ("p2",))])
    assert (one.ok, one.already, one.left) == (False, False, ("p1",))
    assert two.already


def test_one_order_that_spoils_the_whole_call_does_not_hold_back_the_others(tiktok: Played) -> None:
    def answer(call: Call) -> Any:
        named = [one["id"] for one in call.body["packages"]]
        return bad(21011041, "cancelled") if "p2" in named else good()

    tiktok.says(SHIP_PACKAGES, answer)
    tiktok.says(ORDERS, good(orders=[]))
    parcels = [Parcel(str(number), (f"p{number}",)) for number in (1, 2, 3)]
    told = CHANNEL.ship(tiktok.shop(), parcels)
    assert [one.ok for one in told] == [True, False, True]
    assert "cancelled" in told[1].words


def test_a_wrong_signature_is_not_tried_once_more_for_each_order(tiktok: Played) -> None:
    tiktok.says(SHIP_PACKAGES, (401, bad(106001, "Invalid sign")))
    tiktok.says(ORDERS, (401, bad(106001, "Invalid sign")))
    told = CHANNEL.ship(tiktok.shop(), [Parcel("1", ("p1",)), Parcel("2", ("p2",))])
    assert len(tiktok.asked(SHIP_PACKAGES)) == 1
    assert [one.ok for one in told] == [False, False]


def test_more_packages_than_a_call_takes_go_in_several(tiktok: Played) -> None:
    tiktok.says(SHIP_PACKAGES, good())
    parcels = [Parcel(f"{number}", (f"a{number}", f"b{number}")) for number in range(30)]
    told = CHANNEL.ship(tiktok.shop(), parcels)
    assert all(one.ok for one in told)
    assert [len(call.body["packages"]) for call in tiktok.calls] == [40, 20]


def test_a_later_call_that_is_put_off_leaves_what_was_done_done(tiktok: Played) -> None:
    tiktok.says(SHIP_PACKAGES, good(), (429, bad(36009002, "too many requests")))
    parcels = [Parcel(f"{number}", (f"a{number}", f"b{number}")) for number in range(30)]
    told = CHANNEL.ship(tiktok.shop(), parcels)
    assert [one.ok for one in told] == [True] * 20 + [False] * 10
    assert all(one.again for one in told[20:])
    tiktok.says(SHIP_PACKAGES, (429, bad(36009002, "too many requests")))
    with pytest.raises(Throttled):
        CHANNEL.ship(tiktok.shop(), parcels)


def test_a_lost_answer_is_unclear(tiktok: Played) -> None:
    tiktok.says(SHIP_PACKAGES, (502, b"<html>"))
    with pytest.raises(Unclear):
        CHANNEL.ship(tiktok.shop(), [Parcel("1", ("p1",))])


def test_an_order_without_a_package_says_so(tiktok: Played) -> None:
    (told,) = CHANNEL.ship(tiktok.shop(), [Parcel("1")])
    assert not told.ok
    assert "no package" in told.words
    assert tiktok.calls == []


def test_a_sellers_own_parcel_goes_alone_with_its_number(tiktok: Played) -> None:
    tiktok.says(SHIP_PACKAGE.format("p1"), good())
    tiktok.says(SHIP_PACKAGES, good())
    parcels = [Parcel("2", ("p2",)), Parcel("1", ("p1",), how=OWN)]
    told = CHANNEL.ship(tiktok.shop(), parcels)
    assert [(one.order_id, one.ok) for one in told] == [("2", True), ("1", True)]
    (call,) = tiktok.asked(SHIP_PACKAGE.format("p1"))
    own = {"tracking_number": "T-1", "shipping_provider_id": "77"}
    assert call.body == {"self_shipment": own}


def test_a_second_package_that_is_put_off_leaves_the_first_one_done(tiktok: Played) -> None:
    tiktok.says(SHIP_PACKAGE.format("p1"), good())
    tiktok.says(SHIP_PACKAGE.format("p2"), (429, bad(36009002, "too many requests")))
    (told,) = CHANNEL.ship(tiktok.shop(), [Parcel("1", ("p1", "p2"), how=OWN)])
    assert (told.ok, told.done, told.left) == (False, ("p1",), ("p2",))
    with pytest.raises(Throttled):
        CHANNEL.ship(tiktok.shop(), [Parcel("1", ("p2",), how=OWN)])


@pytest.mark.parametrize(
    "how", [HowToShip(Method.OWN_COURIER), HowToShip(Method.OWN_COURIER, courier_id="7")]
)
def test_a_sellers_own_parcel_without_its_number_is_not_sent(
    tiktok: Played, how: HowToShip
) -> None:
    (told,) = CHANNEL.ship(tiktok.shop(), [Parcel("1", ("p1",), how=how)])
    assert not told.ok
    assert "tracking number" in told.words
    assert tiktok.calls == []


def test_elsewhere_a_sellers_own_parcel_is_marked_as_shipped_by_its_order(tiktok: Played) -> None:
    tiktok.says(MARK_SHIPPED.format("1"), good(package_id="p9", warning={"message": "Odd number"}))
    (told,) = CHANNEL.ship(tiktok.shop("GB"), [Parcel("1", ("p1",), ("l1",), how=OWN)])
    assert told.ok
    assert told.words == "Odd number"
    assert tiktok.calls[0].body == {
        "tracking_number": "T-1",
        "shipping_provider_id": "77",
        "order_line_item_ids": ["l1"],
    }
    tiktok.says(MARK_SHIPPED.format("1"), bad(21042056, "shipped already"))
    (again,) = CHANNEL.ship(tiktok.shop("GB"), [Parcel("1", (), ("l1",), how=OWN)])
    assert again.already


def test_in_the_us_a_package_is_made_by_shipping(tiktok: Played) -> None:
    tiktok.says(CREATE_PACKAGE, good(package_id="p9"))
    (told,) = CHANNEL.ship(tiktok.shop("US"), [Parcel("1", (), ("l1", "l2"))])
    assert told.ok
    assert tiktok.calls[0].body == {"order_id": "1", "order_line_item_ids": ["l1", "l2"]}


def test_only_orders_that_the_seller_ships_leave_something_to_choose(tiktok: Played) -> None:
    tiktok.says(
        ORDERS, good(orders=[order(id="1")]), good(orders=[order(id="1", shipping_type="SELLER")])
    )
    tiktok.says(
        PROVIDERS.format("7091000000000000001"),
        good(shipping_providers=[{"id": "77", "name": "Ours"}, {"name": "no id"}]),
    )
    nothing = CHANNEL.ways_to_ship(tiktok.shop(), Parcel("1"))
    assert (nothing.methods, nothing.logistics_name) == ((), "Standard")
    own = CHANNEL.ways_to_ship(tiktok.shop(), Parcel("1"))
    assert own.methods == (Method.OWN_COURIER,)
    assert own.wants_tracking_number
    assert [(one.courier_id, one.name) for one in own.couriers] == [("77", "Ours")]
    tiktok.says(ORDERS, good(orders=[]))
    with pytest.raises(NotFound):
        CHANNEL.ways_to_ship(tiktok.shop(), Parcel("1"))


def test_delivered_parcels_are_told_and_a_delivered_one_is_known(tiktok: Played) -> None:
    tiktok.says(DELIVER_PACKAGES, good(errors=[error("p2", 10007014), error("p3", 10007014)]))
    now = [standing("2", ("p2", "DELIVERED")), standing("3", ("p3", "IN_TRANSIT"))]
    tiktok.says(ORDERS, good(orders=now))
    parcels = [Parcel(str(number), (f"p{number}",)) for number in (1, 2, 3)]
    fine, before, refused = CHANNEL.deliver(tiktok.shop(), parcels)
    assert tiktok.calls[0].body["packages"][0] == {"id": "p1", "delivery_type": "DELIVERY_SUCCESS"}
    assert fine.ok
    assert before.already
    assert (refused.ok, refused.already) == (False, False)


def test_what_the_seller_must_enter_is_said_where_nothing_was_chosen(delivering: OnStage) -> None:
    shop, order_id = delivering.shop(), delivering.orders(1, self_delivery=True)[0]
    facts = delivering.read(shop, order_id)
    (told,) = CHANNEL.ship(shop, [delivering.parcel(facts)])
    assert not told.ok
    assert told.words.startswith("Enter the courier and its tracking number")
    assert [row["accepted"] for row in delivering.ledger(order_id, "ship")] == [False]


def test_a_sellers_own_courier_gets_its_number_to_the_buyer(delivering: OnStage) -> None:
    shop, order_id = delivering.shop(), delivering.orders(1, self_delivery=True)[0]
    parcel = delivering.parcel(delivering.read(shop, order_id))
    ways = CHANNEL.ways_to_ship(shop, parcel)
    how = HowToShip(
        Method.OWN_COURIER, courier_id=ways.couriers[0].courier_id, tracking_number=f"N{order_id}"
    )
    (told,) = CHANNEL.ship(shop, [Parcel(order_id, parcel.package_ids, parcel.line_ids, how)])
    assert told.ok, told
    (package,) = delivering.read(shop, order_id).packages
    assert package.tracking_number == f"N{order_id}"
    assert package.shipment_provider == ways.couriers[0].name


def test_one_package_that_is_refused_does_not_hold_back_the_others(stage: OnStage) -> None:
    shop = stage.shop()
    good_one, gone = stage.orders(2)
    parcels = [stage.parcel(stage.read(shop, one)) for one in (good_one, gone)]
    reason = CHANNEL.cancel_form(shop, parcels[1]).reasons[0].code
    assert CHANNEL.cancel(shop, parcels[1], reason=reason).ok
    shipped, refused = CHANNEL.ship(shop, parcels)
    assert shipped.ok
    assert (refused.ok, refused.already) == (False, False)
    assert refused.words


def test_an_order_on_hold_and_one_with_an_open_request_are_refused_in_tiktoks_words(
    stage: OnStage,
) -> None:
    shop = stage.shop()
    held, asked = stage.orders(1, status="ON_HOLD")[0], stage.orders(1)[0]
    stage.event(asked, "request_cancel")
    for order_id, code in ((held, "21011044"), (asked, "21011007")):
        (told,) = CHANNEL.ship(shop, [stage.parcel(stage.read(shop, order_id))])
        assert (told.ok, told.already, told.again) == (False, False, False)
        assert told.code == code
        assert code in told.words


def test_shipping_twice_ships_once(stage: OnStage) -> None:
    stage.sandbox.post("/strict", system="tiktok", duplicates="refuse")
    shop, order_id = stage.shop(), stage.orders(1)[0]
    parcel = stage.parcel(stage.read(shop, order_id))
    assert CHANNEL.ship(shop, [parcel])[0].ok
    again = CHANNEL.ship(shop, [parcel])[0]
    assert again.already
    assert [row["accepted"] for row in stage.ledger(order_id, "ship")] == [True, False]
