"""The seller's own cancellations, and answers to buyers."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.channels.answers import CancelAnswer
from crossdock.channels.contract import Parcel
from crossdock.channels.errors import Refused
from crossdock.channels.tiktok.channel import CHANNEL
from crossdock.channels.tiktok.endpoints import (
    ANSWER_CANCELLATION,
    CANCELLATIONS,
    CANCELLATIONS_SEARCH,
    ELIGIBILITY,
    ORDERS,
    REJECT_REASONS,
)
from tests.channels.tiktok.samples import LINE, ORDER, ORDER_ID, REQUEST, at
from tests.channels.tiktok.stage import Played, bad, good
from tests.contract.stage import OnStage

PARCEL = Parcel(ORDER_ID, line_ids=(LINE["id"], "577001122334455702"))
APPROVE, REJECT = (ANSWER_CANCELLATION.format("4036001", verb) for verb in ("approve", "reject"))
YES, NO = (
    CancelAnswer(ORDER_ID, "4036001", True),
    CancelAnswer(ORDER_ID, "4036001", False, "packed"),
)


def eligible(**line: Any) -> dict[str, Any]:
    return good(
        sku_eligibility=[
            {"sku_id": "1", "line_item_eligibility": [{"request_type": "CANCEL", **line}]}
        ]
    )


def test_the_reasons_are_those_that_tiktok_offers_for_this_order(tiktok: Played) -> None:
    names = ["seller_cancel_reason_out_of_stock", "seller_cancel_reason_brand_new"]
    tiktok.says(ELIGIBILITY.format(ORDER_ID), eligible(eligible=True, available_reason_names=names))
    form = CHANNEL.cancel_form(tiktok.shop(), PARCEL)
    assert [(one.code, one.words) for one in form.reasons] == [
        ("seller_cancel_reason_out_of_stock", "Out of stock"),
        ("seller_cancel_reason_brand_new", "Reason brand new"),
    ]


@pytest.mark.parametrize(
    ("region", "status", "last"),
    [
        ("MY", "AWAITING_SHIPMENT", "seller_cancel_paid_reason_address_not_deliver"),
        ("SG", "AWAITING_SHIPMENT", "seller_cancel_unable_to_deliver_to_buyer_address"),
        ("MY", "UNPAID", "seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed"),
        ("GB", "AWAITING_SHIPMENT", "seller_cancel_paid_reason_address_not_deliver_uk"),
    ],
)
def test_where_it_names_none_the_known_ones_are_offered(
    tiktok: Played, region: str, status: str, last: str
) -> None:
    tiktok.says(ELIGIBILITY.format(ORDER_ID), eligible(eligible=True, available_reason_names=[]))
    tiktok.says(ORDERS, good(orders=[at(status)]))
    form = CHANNEL.cancel_form(tiktok.shop(region), PARCEL)
    assert form.reasons[-1].code == last
    assert all(one.words and "_" not in one.words for one in form.reasons)


def test_an_order_that_cannot_be_cancelled_says_why(tiktok: Played) -> None:
    told = eligible(eligible=False, ineligible_code=25001045, ineligible_reason="Already shipped")
    tiktok.says(ELIGIBILITY.format(ORDER_ID), told)
    with pytest.raises(Refused, match=r"Already shipped \(25001045\)"):
        CHANNEL.cancel_form(tiktok.shop(), PARCEL)


def test_a_whole_order_is_cancelled_without_naming_its_lines(tiktok: Played) -> None:
    tiktok.says(ORDERS, good(orders=[ORDER]))
    tiktok.says(CANCELLATIONS, good(cancel_id="1", cancel_status="CANCELLATION_REQUEST_SUCCESS"))
    told = CHANNEL.cancel(tiktok.shop(), PARCEL, reason="out")
    assert (told.ok, told.words) == (True, "")
    (call,) = tiktok.asked(CANCELLATIONS)
    assert call.body == {"order_id": ORDER_ID, "cancel_reason": "out"}


def test_a_part_of_an_order_is_never_taken_for_the_whole(tiktok: Played) -> None:
    tiktok.says(ORDERS, good(orders=[ORDER]))
    tiktok.says(CANCELLATIONS, bad(25005010, "single lines cannot be cancelled here"))
    told = CHANNEL.cancel(tiktok.shop(), Parcel(ORDER_ID, line_ids=(LINE["id"],)), reason="out")
    assert not told.ok
    assert "single lines" in told.words
    assert tiktok.asked(CANCELLATIONS)[0].body["order_line_item_ids"] == [LINE["id"]]


def test_a_cancellation_that_waits_for_the_courier_says_so(tiktok: Played) -> None:
    tiktok.says(ORDERS, good(orders=[ORDER]))
    tiktok.says(CANCELLATIONS, good(cancel_id="1", cancel_status="CANCELLATION_REQUEST_PENDING"))
    told = CHANNEL.cancel(tiktok.shop(), PARCEL, reason="out")
    assert told.ok
    assert "courier" in told.words


def test_an_order_that_is_cancelled_is_not_cancelled_again(tiktok: Played) -> None:
    tiktok.says(ORDERS, good(orders=[at("CANCELLED")]))
    told = CHANNEL.cancel(tiktok.shop(), PARCEL, reason="out")
    assert (told.ok, told.already) == (False, True)
    assert tiktok.asked(CANCELLATIONS) == []


def test_a_request_in_process_is_no_cancelled_order(tiktok: Played) -> None:
    tiktok.says(ORDERS, good(orders=[ORDER]))
    tiktok.says(CANCELLATIONS, bad(25001010, "in process"))
    told = CHANNEL.cancel(tiktok.shop(), PARCEL, reason="out")
    assert (told.ok, told.already) == (False, False)
    tiktok.says(CANCELLATIONS, bad(25001028, "locked"))
    assert CHANNEL.cancel(tiktok.shop(), PARCEL, reason="out").again


def test_the_same_answer_has_the_same_key_and_another_answer_another(tiktok: Played) -> None:
    tiktok.says(APPROVE, good())
    tiktok.says(REJECT, good())
    other = CancelAnswer(ORDER_ID, "4036001", False, "delivered", "It is on its way.")
    for answer in (YES, YES, NO, other):
        assert CHANNEL.answer_cancellation(tiktok.shop(), answer).ok
    keys = [call.query["idempotency_key"] for call in tiktok.calls]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    assert [call.body for call in tiktok.calls[1:]] == [
        {},
        {"reject_reason": "packed"},
        {"reject_reason": "delivered", "comment": "It is on its way."},
    ]


@pytest.mark.parametrize(
    ("answer", "status", "already"),
    [
        (YES, "CANCELLATION_REQUEST_SUCCESS", True),
        (YES, "CANCELLATION_REQUEST_COMPLETE", True),
        (YES, "CANCELLATION_REQUEST_CANCEL", False),
        (YES, "CANCELLATION_REQUEST_PENDING", False),
        (NO, "CANCELLATION_REQUEST_CANCEL", True),
        (NO, "CANCELLATION_REQUEST_CANCELLED", True),
        (NO, "CANCELLATION_REQUEST_SUCCESS", False),
    ],
)
def test_an_answer_that_is_not_taken_is_already_given_where_the_request_ended_so(
    tiktok: Played, answer: CancelAnswer, status: str, already: bool
) -> None:
    for path in (APPROVE, REJECT):
        tiktok.says(path, bad(25001003, "the status does not fit"))
    tiktok.says(CANCELLATIONS_SEARCH, good(cancellations=[{**REQUEST, "cancel_status": status}]))
    told = CHANNEL.answer_cancellation(tiktok.shop(), answer)
    assert (told.ok, told.already) == (False, already)
    assert "the status does not fit" in told.words


def test_a_request_whose_id_is_not_known_yet_is_looked_up(tiktok: Played) -> None:
    tiktok.says(CANCELLATIONS_SEARCH, good(cancellations=[REQUEST]))
    tiktok.says(APPROVE, good())
    tiktok.says(REJECT_REASONS, good(reasons=[{"name": "packed", "text": "It is packed"}]))
    assert CHANNEL.answer_cancellation(tiktok.shop(), CancelAnswer(ORDER_ID, "", True)).ok
    form = CHANNEL.cancellation_form(tiktok.shop(), ORDER_ID, "")
    assert [(one.code, one.words) for one in form.reasons] == [("packed", "It is packed")]
    tiktok.says(CANCELLATIONS_SEARCH, good(cancellations=[]))
    assert not CHANNEL.answer_cancellation(tiktok.shop(), CancelAnswer(ORDER_ID, "", True)).ok
    with pytest.raises(Refused, match="no open cancellation"):
        CHANNEL.cancellation_form(tiktok.shop(), ORDER_ID, "")


def test_a_shipped_order_tells_that_the_courier_cannot_be_stopped(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    stage.shipped(shop, order_id)
    stage.event(order_id, "pick_up")
    parcel = stage.parcel(stage.read(shop, order_id))
    with pytest.raises(Refused, match="25001045"):
        CHANNEL.cancel_form(shop, parcel)
    told = CHANNEL.cancel(shop, parcel, reason="seller_cancel_reason_out_of_stock")
    assert (told.ok, told.code) == (False, "25001045")


def test_two_desks_that_accept_the_same_request_cancel_once(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    stage.event(order_id, "request_cancel")
    request_id = stage.read(shop, order_id).cancel_request_id
    answer = CancelAnswer(order_id, request_id, True)
    told = [CHANNEL.answer_cancellation(shop, answer) for _ in range(2)]
    assert told[0].ok
    assert told[1].ok or told[1].already
    rows = stage.ledger(order_id, "accept_cancel")
    assert [row["accepted"] for row in rows].count(True) == 1
    late = CHANNEL.answer_cancellation(
        shop,
        CancelAnswer(order_id, request_id, False, "seller_reject_apply_product_has_been_packed"),
    )
    assert (late.ok, late.already) == (False, False)
