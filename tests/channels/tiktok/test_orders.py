"""Orders read by their ids."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crossdock.channels.errors import Refused, TokenExpired
from crossdock.channels.tiktok.channel import CHANNEL
from crossdock.channels.tiktok.endpoints import CANCELLATIONS_SEARCH, ORDERS
from crossdock.rules.facts import Stage, Touches
from tests.channels.tiktok.samples import ORDER, ORDER_ID, REQUEST, order
from tests.channels.tiktok.stage import Call, Played, bad, good
from tests.contract.stage import OnStage


def test_orders_are_asked_for_by_one_value_and_kept_as_they_came(tiktok: Played) -> None:
    tiktok.says(ORDERS, good(orders=[ORDER, order(id="1")]))
    fetched = CHANNEL.fetch(tiktok.shop(), [ORDER_ID, "1", "2"])
    assert tiktok.calls[0].query["ids"] == f"{ORDER_ID},1,2"
    assert [facts.order_id for facts in fetched.orders] == [ORDER_ID, "1"]
    assert json.loads(fetched.raw[ORDER_ID]) == ORDER
    assert fetched.missing == ("2",)


def test_an_id_that_spoils_the_whole_call_does_not_hide_the_others(tiktok: Played) -> None:
    def answer(call: Call) -> Any:
        wanted = call.query["ids"].split(",")
        if "9" in wanted:
            return 400, bad(36009004, "Invalid parameter: ids")
        return good(orders=[order(id=one) for one in wanted])

    tiktok.says(ORDERS, answer)
    fetched = CHANNEL.fetch(tiktok.shop(), ["1", "2", "9", "3", "4"])
    assert [facts.order_id for facts in fetched.orders] == ["1", "2", "3", "4"]
    assert fetched.missing == ("9",)


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        ((401, bad(106001, "Invalid sign")), Refused),
        ((400, bad(36009004, "The timestamp is invalid.")), Refused),
        ((401, bad(105002, "expired")), TokenExpired),
    ],
)
def test_a_refusal_of_how_we_call_makes_no_order_missing(
    tiktok: Played, refusal: Any, kind: type[Exception]
) -> None:
    tiktok.says(ORDERS, refusal)
    with pytest.raises(kind):
        CHANNEL.fetch(tiktok.shop(), ["1", "2"])
    assert len(tiktok.calls) == 1


def test_an_order_that_is_told_twice_arrives_once(tiktok: Played) -> None:
    tiktok.says(ORDERS, good(orders=[ORDER, ORDER, order(id="77")]))
    assert [facts.order_id for facts in CHANNEL.fetch(tiktok.shop(), [ORDER_ID]).orders] == [
        ORDER_ID
    ]


def test_what_could_not_be_read_is_told_beside_the_order(tiktok: Played) -> None:
    tiktok.says(ORDERS, good(orders=[order(rts_sla_time="tomorrow", status="NEW_WORD")]))
    fetched = CHANNEL.fetch(tiktok.shop(), [ORDER_ID])
    assert fetched.orders[0].stage is Stage.UNKNOWN
    assert fetched.orders[0].status == "NEW_WORD"
    assert "rts_sla_time" in fetched.orders[0].unread(Touches.NOTHING)[0]
    assert "'NEW_WORD' is not known" in fetched.orders[0].unread(Touches.LINES)[0]


def test_a_request_of_the_seller_or_one_that_is_over_is_no_buyers_request(tiktok: Played) -> None:
    tiktok.says(ORDERS, good(orders=[order(is_buyer_request_cancel=True)]))
    over = {**REQUEST, "cancel_status": "CANCELLATION_REQUEST_CANCEL"}
    sellers = {**REQUEST, "cancel_type": "CANCEL"}
    tiktok.says(CANCELLATIONS_SEARCH, good(cancellations=[over, sellers]))
    fetched = CHANNEL.fetch(tiktok.shop(), [ORDER_ID])
    assert fetched.orders[0].cancel_request_id == ""
    assert "not listed yet" in fetched.orders[0].unread(Touches.NOTHING)[0]


def test_a_buyer_who_asks_is_told_with_reason_and_deadline(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    stage.event(order_id, "request_cancel")
    facts = stage.read(shop, order_id)
    assert facts.cancel_requested
    assert facts.cancel_request_id
    assert facts.cancel_words
    assert facts.cancel_deadline is not None
