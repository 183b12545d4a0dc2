"""Returns: whose move it is, what can be done, and doing it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from crossdock.channels.answers import Evidence, ReturnAnswer
from crossdock.channels.errors import Refused
from crossdock.channels.tiktok.channel import CHANNEL
from crossdock.channels.tiktok.endpoints import (
    ANSWER_RETURN,
    REJECT_REASONS,
    RETURN_RECORDS,
    RETURNS_SEARCH,
    UPLOAD_IMAGE,
)
from crossdock.channels.tiktok.return_facts import moves_of, return_facts
from crossdock.rules.facts import ReturnFacts, ReturnMove
from tests.channels.tiktok.samples import LINE, ORDER_ID, RETURN
from tests.channels.tiktok.stage import Played, bad, good
from tests.contract.stage import OnStage

APPROVE, REJECT = (ANSWER_RETURN.format("4035001", verb) for verb in ("approve", "reject"))
BACK = {"return_type": "RETURN_AND_REFUND"}
SENT = {**BACK, "return_status": "BUYER_SHIPPED_ITEM"}


def asks(action: str) -> dict[str, Any]:
    return {"seller_next_action_response": [{"action": action, "deadline": 1767398400}]}


@pytest.mark.parametrize(
    ("changes", "moves", "waits"),
    [
        ({}, ["refund", "offer", "reject"], True),
        ({"buyer_rejected_partial_refund": True}, ["refund", "reject"], True),
        (BACK, ["take_back", "offer", "reject"], True),
        ({**BACK, "can_buyer_keep_item": True}, ["take_back", "refund", "offer", "reject"], True),
        ({"return_status": "AWAITING_BUYER_SHIP"}, [], False),
        ({"return_status": "AWAITING_BUYER_RESPONSE"}, [], False),
        (SENT, ["received", "refuse_goods"], True),
        ({**SENT, "seller_next_action_response": []}, ["received", "refuse_goods"], False),
        ({**SENT, **asks("SELLER_RESPOND_RECEIVE_PACKAGE")}, ["received", "refuse_goods"], True),
        ({**SENT, "is_quick_refund": True}, ["received"], True),
        ({"return_status": "REPLACEMENT_REQUEST_PENDING"}, ["take_back", "refund", "reject"], True),
        ({"arbitration_status": "IN_PROGRESS"}, [], False),
        ({"arbitration_status": "CLOSED"}, ["refund", "offer", "reject"], True),
        ({"return_status": "SOMETHING_NEW"}, [], False),
        (
            {"return_status": "SOMETHING_NEW", **asks("SELLER_RESPOND_REFUND")},
            ["refund", "offer", "reject"],
            True,
        ),
        ({"return_status": "SOMETHING_NEW", **asks("SELLER_RESPOND_SOMETHING")}, [], True),
    ],
)
def test_what_can_be_done_follows_from_what_the_seller_is_asked(
    changes: dict[str, Any], moves: list[str], waits: bool
) -> None:
    told = {**RETURN, **changes}
    assert moves_of(told) == tuple(ReturnMove(move) for move in moves)
    assert return_facts(told).waits_for_us is waits


def test_a_return_brings_what_the_buyer_wrote_and_showed(tiktok: Played) -> None:
    tiktok.says(RETURNS_SEARCH, good(return_orders=[{**RETURN, **asks("SELLER_RESPOND_REFUND")}]))
    records = [
        {"role": "BUYER", "note": "It came broken.", "images": [{"url": "https://x/1.jpg"}]},
        {"role": "SELLER", "note": "Ours.", "images": [{"url": "https://x/2.jpg"}]},
    ]
    tiktok.says(RETURN_RECORDS.format("4035001"), good(records=records))
    (facts,) = CHANNEL.returns_of(tiktok.shop(), ORDER_ID)
    assert facts.comment == "It came broken."
    assert facts.image_urls == ("https://x/1.jpg",)
    assert facts.line_ids == (LINE["id"],)
    assert facts.deadline == datetime.fromtimestamp(1767398400, UTC)
    assert (facts.currency, facts.amount) == ("MYR", Decimal("27.50"))
    assert tiktok.asked(RETURNS_SEARCH)[0].body == {"order_ids": [ORDER_ID]}


def test_a_known_return_that_is_not_listed_under_its_order_is_asked_for_by_its_id(
    tiktok: Played,
) -> None:
    other = {**RETURN, "return_id": "4035002"}
    strange = {**RETURN, "return_id": "4035003", "order_id": "1"}
    tiktok.says(
        RETURNS_SEARCH,
        good(return_orders=[RETURN]),
        good(return_orders=[other, strange]),
    )
    known = ["4035001", "4035002", "4035003"]
    found = CHANNEL.returns_of(tiktok.shop(), ORDER_ID, known)
    assert [facts.return_id for facts in found] == ["4035001", "4035002"]
    assert [call.body for call in tiktok.asked(RETURNS_SEARCH)] == [
        {"order_ids": [ORDER_ID]},
        {"return_ids": ["4035002", "4035003"]},
    ]


def test_records_that_are_refused_do_not_hold_back_the_return(tiktok: Played) -> None:
    tiktok.says(RETURNS_SEARCH, good(return_orders=[RETURN]))
    tiktok.says(RETURN_RECORDS.format("4035001"), bad(25007006, "not found"))
    (facts,) = CHANNEL.returns_of(tiktok.shop(), ORDER_ID)
    assert (facts.comment, facts.image_urls) == ("", ())


@pytest.mark.parametrize(
    ("status", "arbitration", "is_open"),
    [
        ("RETURN_OR_REFUND_REQUEST_PENDING", "", True),
        ("REJECT_RECEIVE_PACKAGE", "IN_PROGRESS", True),
        ("REFUND_OR_RETURN_REQUEST_REJECT", "", False),
        ("REFUND_OR_RETURN_REQUEST_REJECT", "IN_PROGRESS", True),
        ("RETURN_OR_REFUND_REQUEST_COMPLETE", "CLOSED", False),
    ],
)
def test_a_return_lives_while_somebody_still_decides(
    status: str, arbitration: str, is_open: bool
) -> None:
    told = {**RETURN, "return_status": status, "arbitration_status": arbitration}
    assert return_facts(told).is_open is is_open


KNOWN = return_facts(RETURN)
KNOWN_BACK = return_facts({**RETURN, **BACK, "can_buyer_keep_item": True})
KNOWN_SENT = return_facts({**RETURN, **SENT})
KNOWN_SWAP = return_facts(
    {**RETURN, "return_type": "REPLACEMENT", "return_status": "REPLACEMENT_REQUEST_PENDING"}
)


@pytest.mark.parametrize(
    ("known", "move", "body"),
    [
        (KNOWN, ReturnMove.REFUND, {"decision": "APPROVE_REFUND"}),
        (KNOWN_BACK, ReturnMove.REFUND, {"decision": "APPROVE_RETURN", "buyer_keep_item": True}),
        (KNOWN_BACK, ReturnMove.TAKE_BACK, {"decision": "APPROVE_RETURN"}),
        (KNOWN_SENT, ReturnMove.RECEIVED, {"decision": "APPROVE_RECEIVED_PACKAGE"}),
        (KNOWN_SWAP, ReturnMove.TAKE_BACK, {"decision": "APPROVE_REPLACEMENT"}),
        (KNOWN_SWAP, ReturnMove.REFUND, {"decision": "ISSUE_REPLACEMENT_REFUND"}),
    ],
)
def test_each_way_of_giving_in_is_tiktoks_own_decision(
    tiktok: Played, known: ReturnFacts, move: ReturnMove, body: dict[str, Any]
) -> None:
    tiktok.says(APPROVE, good())
    assert CHANNEL.return_form(tiktok.shop(), known, move).reasons == ()
    assert CHANNEL.answer_return(tiktok.shop(), ReturnAnswer(known, move)).ok
    assert tiktok.calls[0].body == body


@pytest.mark.parametrize(
    ("known", "move", "decision"),
    [
        (KNOWN, ReturnMove.REJECT, "REJECT_REFUND"),
        (KNOWN_BACK, ReturnMove.REJECT, "REJECT_RETURN"),
        (KNOWN_SENT, ReturnMove.REFUSE_GOODS, "REJECT_RECEIVED_PACKAGE"),
        (KNOWN_SWAP, ReturnMove.REJECT, "REJECT_REPLACEMENT"),
    ],
)
def test_a_refusal_has_a_reason_of_tiktoks_and_uploads_its_evidence(
    tiktok: Played, known: ReturnFacts, move: ReturnMove, decision: str
) -> None:
    tiktok.says(REJECT_REASONS, good(reasons=[{"name": "r1", "text": "As described"}]))
    tiktok.says(UPLOAD_IMAGE, good(uri="tos/1"))
    tiktok.says(REJECT, good())
    form = CHANNEL.return_form(tiktok.shop(), known, move)
    assert [(one.code, one.words) for one in form.reasons] == [("r1", "As described")]
    assert form.most_images == 6
    answer = ReturnAnswer(
        known, move, "r1", "See picture.", images=(Evidence("a", "image/png", b"x"),)
    )
    assert CHANNEL.answer_return(tiktok.shop(), answer).ok
    assert tiktok.asked(REJECT)[0].body == {
        "decision": decision,
        "reject_reason": "r1",
        "comment": "See picture.",
        "images": [{"image_id": "tos/1", "mime_type": "image/png"}],
    }


def test_no_reason_means_no_refusal(tiktok: Played) -> None:
    tiktok.says(REJECT_REASONS, good(reasons=[]))
    with pytest.raises(Refused, match="names no reason"):
        CHANNEL.return_form(tiktok.shop(), KNOWN, ReturnMove.REJECT)


@pytest.mark.parametrize(
    ("currency", "total", "offered", "text"),
    [
        ("MYR", "27.50", "10.5", "10.50"),
        ("IDR", "50000", "25000", "25000"),
        ("IDR", "50000", "25000.00", "25000"),
    ],
)
def test_a_part_of_the_money_is_offered_in_the_currencys_own_steps(
    tiktok: Played, currency: str, total: str, offered: str, text: str
) -> None:
    tiktok.says(APPROVE, good())
    known = replace(KNOWN, currency=currency, amount=Decimal(total))
    form = CHANNEL.return_form(tiktok.shop(), known, ReturnMove.OFFER)
    assert form.least_amount is not None
    assert form.most_amount == Decimal(total) - form.least_amount
    answer = ReturnAnswer(known, ReturnMove.OFFER, amount=Decimal(offered))
    assert CHANNEL.answer_return(tiktok.shop(), answer).ok
    assert tiktok.calls[0].body == {
        "decision": "OFFER_PARTIAL_REFUND",
        "partial_refund": {"currency": currency, "amount": text},
    }


@pytest.mark.parametrize("amount", [None, Decimal("0.005")])
def test_an_amount_that_is_none_is_not_sent(tiktok: Played, amount: Decimal | None) -> None:
    with pytest.raises(Refused):
        CHANNEL.answer_return(tiktok.shop(), ReturnAnswer(KNOWN, ReturnMove.OFFER, amount=amount))
    assert tiktok.calls == []


def test_the_same_move_has_the_same_key_whatever_its_pictures_are_called(tiktok: Played) -> None:
    tiktok.says(UPLOAD_IMAGE, good(uri="tos/1"), good(uri="tos/2"))
    tiktok.says(REJECT, good())
    tiktok.says(APPROVE, good())
    picture = (Evidence("a", "image/png", b"x"),)
    rejection = ReturnAnswer(KNOWN, ReturnMove.REJECT, "r1", images=picture)
    for answer in (
        rejection,
        rejection,
        replace(rejection, reason="r2"),
        ReturnAnswer(KNOWN, ReturnMove.REFUND),
    ):
        CHANNEL.answer_return(tiktok.shop(), answer)
    keys = [
        call.query["idempotency_key"] for call in tiktok.calls if "idempotency_key" in call.query
    ]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_a_move_that_is_refused_keeps_tiktoks_words(tiktok: Played) -> None:
    tiktok.says(APPROVE, bad(25011032, "partial refund not possible"))
    told = CHANNEL.answer_return(tiktok.shop(), ReturnAnswer(KNOWN, ReturnMove.REFUND))
    assert (told.ok, told.already, told.code) == (False, False, "25011032")
    tiktok.says(APPROVE, bad(25020011, "already received"))
    told = CHANNEL.answer_return(tiktok.shop(), ReturnAnswer(KNOWN_SENT, ReturnMove.RECEIVED))
    assert told.already


def test_a_move_that_tiktok_does_not_know_is_refused(tiktok: Played) -> None:
    with pytest.raises(Refused, match="no such move"):
        CHANNEL.answer_return(tiktok.shop(), ReturnAnswer(KNOWN, ReturnMove.DISPUTE))


def test_a_buyers_own_words_come_with_the_return(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    stage.shipped(shop, order_id)
    for event in ("pick_up", "deliver", "request_return"):
        stage.event(order_id, event)
    (facts,) = CHANNEL.returns_of(shop, order_id)
    assert facts.comment
    assert facts.reason
    assert facts.waits_for_us
