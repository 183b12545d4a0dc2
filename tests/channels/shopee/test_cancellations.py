"""Cancelling at Shopee, and answering a buyer who asks for it."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.channels.answers import CancelAnswer
from crossdock.channels.contract import Parcel
from crossdock.channels.errors import NotFound, Refused
from crossdock.channels.shopee import answering
from tests.channels.shopee.samples import item, knows, order
from tests.channels.shopee.stage import Played, good


def cancellable(**changes: Any) -> dict[str, Any]:
    more = {"order_item_id": 8, "item_id": 8}
    return order(item(), item(**more), order_sn="S1", can_full_cancel_order=True, **changes)


def cancel(shopee: Played, reason: str, *line_ids: str) -> Any:
    shopee.says("order/cancel_order", good(update_time=1))
    return answering.cancel(shopee.shop(), Parcel("S1", line_ids=line_ids), reason=reason)


@pytest.mark.parametrize(
    ("region", "cod", "reasons"),
    [
        ("MY", False, {"OUT_OF_STOCK", "CUSTOMER_REQUEST", "UNDELIVERABLE_AREA"}),
        ("SG", True, {"OUT_OF_STOCK", "CUSTOMER_REQUEST", "COD_NOT_SUPPORTED"}),
    ],
)
def test_the_reasons_depend_on_country_and_payment(
    shopee: Played, region: str, cod: bool, reasons: set[str]
) -> None:
    knows(shopee, cancellable(region=region, cod=cod))
    form = answering.cancel_form(shopee.shop(), Parcel("S1"))
    assert {reason.code for reason in form.reasons} == reasons


def test_what_is_out_of_stock_is_named(shopee: Played) -> None:
    knows(shopee, cancellable())
    assert cancel(shopee, "OUT_OF_STOCK").ok
    items = [{"item_id": 111, "model_id": 222}, {"item_id": 8, "model_id": 222}]
    body = {"order_sn": "S1", "cancel_reason": "OUT_OF_STOCK", "item_list": items}
    assert shopee.sent("order/cancel_order") == [body]


def test_a_part_is_cancelled_only_where_shopee_lets_it(shopee: Played) -> None:
    knows(shopee, cancellable())
    assert "as a whole only" in cancel(shopee, "CUSTOMER_REQUEST", "8-222-0").words
    knows(shopee, cancellable(can_partial_cancel_order=True))
    assert cancel(shopee, "CUSTOMER_REQUEST", "8-222-0").ok
    (body,) = shopee.sent("order/cancel_order")
    part = {"item_id": 8, "model_id": 222, "order_item_id": 8, "model_quantity": 2}
    assert body["partial_cancel_item_list"] == [part]


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"order_status": "SHIPPED"}, "is SHIPPED"), ({"can_full_cancel_order": False}, "any more")],
)
def test_an_order_that_can_no_longer_be_cancelled_is_refused(
    shopee: Played, changes: dict[str, Any], words: str
) -> None:
    knows(shopee, {**cancellable(), **changes})
    with pytest.raises(Refused, match=words):
        answering.cancel_form(shopee.shop(), Parcel("S1"))
    assert words in cancel(shopee, "CUSTOMER_REQUEST").words


def test_a_buyer_s_cancellation_is_answered_in_one_word(shopee: Played) -> None:
    shopee.says("order/handle_buyer_cancellation", good(update_time=1))
    assert answering.answer_cancellation(shopee.shop(), CancelAnswer("S1", "", False)).ok
    assert shopee.calls[0].body == {"order_sn": "S1", "operation": "REJECT"}


def test_an_order_that_nobody_knows_is_not_found(shopee: Played) -> None:
    knows(shopee)
    with pytest.raises(NotFound):
        answering.cancel_form(shopee.shop(), Parcel("S1"))
