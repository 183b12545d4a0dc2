"""Returns at Shopee: whose move it is, and what each move sends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from crossdock.channels.answers import Evidence, ReturnAnswer
from crossdock.channels.shopee import return_answers, returns
from crossdock.rules.facts import ReturnMove
from tests.channels.shopee.samples import knows, order
from tests.channels.shopee.stage import Played, good

RETURN: dict[str, Any] = {
    "return_sn": "R1", "order_sn": "S1", "status": "REQUESTED", "reason": "ITEM_DAMAGED",
    "text_reason": "Broken.", "refund_amount": 12.5, "currency": "MYR", "create_time": 1772000000,
    "update_time": 1772000100, "due_date": 1893456000, "return_solution": 1, "image": ["http://p/1"],
    "item": [{"item_id": 111, "model_id": 222, "amount": 1}],
}  # fmt: skip


def a_return(shopee: Played, **changes: Any) -> Any:
    knows(shopee, order(order_sn="S1"))
    shopee.says("payment/get_escrow_detail", good(order_sn="S1", return_order_sn_list=["R1"]))
    shopee.says("returns/get_return_detail", good(**{**RETURN, **changes}))
    (found,) = returns.of_order(shopee.shop(), "S1", ())
    return found


def test_a_return_is_read_with_the_lines_that_it_is_about(shopee: Played) -> None:
    found = a_return(shopee)
    assert (found.return_id, found.order_id, found.goods_back) == ("R1", "S1", False)
    assert (found.amount, found.line_ids) == (Decimal("12.5"), ("111-222-0",))
    assert found.deadline == datetime.fromtimestamp(1893456000, UTC)
    assert found.comment == "Broken."
    assert found.waits_for_us


@pytest.mark.parametrize(
    ("changes", "moves", "waits", "is_open"),
    [
        ({}, "refund offer dispute", True, True),
        (
            {"negotiation": {"negotiation_status": "PENDING_RESPOND", "latest_solution": "REFUND"}},
            "accept_offer refund offer dispute", True, True,
        ),
        ({"negotiation_status": "PENDING_BUYER_RESPOND"}, "refund dispute", False, True),
        ({"negotiation_status": "TERMINATED"}, "refund dispute", True, True),
        ({"validation_type": "warehouse_validation"}, "", False, True),
        ({"status": "PROCESSING"}, "dispute", False, True),
        (
            {"status": "PROCESSING", "reverse_logistics_status": "LOGISTICS_DELIVERY_DONE"},
            "dispute", True, True,
        ),
        ({"status": "JUDGING"}, "", False, True),
        ({"status": "ACCEPTED"}, "", False, False),
        (
            {"status": "ACCEPTED", "seller_compensation": {"seller_compensation_status": "PENDING_REQUEST"}},
            "dispute", False, True,
        ),
        (
            {"status": "ACCEPTED", "seller_compensation_status": "COMPENSATION_REQUESTED"},
            "withdraw_dispute", False, True,
        ),
        ({"status": "CLOSED"}, "", False, False),
    ],
)  # fmt: skip
def test_the_moves_follow_from_the_state(
    shopee: Played, changes: dict[str, Any], moves: str, waits: bool, is_open: bool
) -> None:
    found = a_return(shopee, **changes)
    assert " ".join(found.moves) == moves
    assert (found.waits_for_us, found.is_open) == (waits, is_open)


def solutions(shopee: Played) -> None:
    adjustable = {"eligibility": True, "refund_amount_adjustable": True,
                  "min_refund_amount": 1, "max_refund_amount": 12.5}  # fmt: skip
    shopee.says(
        "returns/get_available_solutions",
        good(
            return_sn="R1",
            offer_refund=adjustable,
            offer_return_refund={"eligibility": True, "refund_amount_adjustable": False},
        ),
    )


def test_an_offer_is_made_within_shopee_s_bounds(shopee: Played) -> None:
    known = a_return(shopee)
    solutions(shopee)
    form = return_answers.return_form(shopee.shop(), known, ReturnMove.OFFER)
    assert {reason.code for reason in form.reasons} == {"REFUND", "RETURN_REFUND"}
    assert (form.least_amount, form.most_amount) == (Decimal(1), Decimal("12.5"))
    answer = ReturnAnswer(known, ReturnMove.OFFER, reason="REFUND", amount=Decimal("99"))
    shopee.says("returns/offer", good(return_sn="R1"))
    told = return_answers.answer_return(shopee.shop(), answer)
    assert "from 1 to 12.5" in told.words
    assert return_answers.answer_return(
        shopee.shop(), ReturnAnswer(known, ReturnMove.OFFER, reason="REFUND", amount=Decimal("5.5"))
    ).ok
    assert shopee.sent("returns/offer") == [
        {"return_sn": "R1", "proposed_solution": "REFUND", "proposed_adjusted_refund_amount": 5.5}
    ]


def test_reasons_that_need_no_picture_come_first_and_the_others_say_what_they_need(
    shopee: Played,
) -> None:
    known = a_return(shopee)
    photo = {"module_index": 0, "requirement": "A photo of the goods", "is_required": True}
    listed = [
        {"dispute_reason": "1", "dispute_requirement": "As told", "evidence_module_list": [photo]},
        {"dispute_reason": "2", "dispute_requirement": "Not enough", "evidence_module_list": []},
    ]
    shopee.says("returns/get_return_dispute_reason", good(dispute_reason_list=listed))
    form = return_answers.return_form(shopee.shop(), known, ReturnMove.DISPUTE)
    assert [(reason.code, reason.words) for reason in form.reasons] == [
        ("2", "Not enough"),
        ("1", "As told (pictures needed: A photo of the goods)"),
    ]
    assert (form.least_images, form.most_images) == (0, 3)


def test_a_dispute_carries_its_pictures_to_where_each_is_wanted(shopee: Played) -> None:
    known = a_return(shopee)
    modules = [{"module_index": 1, "requirement": "Parcel", "is_required": False},
               {"module_index": 2, "requirement": "Goods", "is_required": True}]  # fmt: skip
    reason = {"dispute_reason": "41", "dispute_requirement": "Not as told", "evidence_module_list": modules}  # fmt: skip
    shopee.says("returns/get_return_dispute_reason", good(dispute_reason_list=[reason]))
    shopee.says(
        "returns/convert_image",
        lambda _: good(url=f"http://p/{len(shopee.asked('returns/convert_image'))}"),
    )
    shopee.says("returns/dispute", good(return_sn="R1", msg="ok"))
    form = return_answers.return_form(shopee.shop(), known, ReturnMove.DISPUTE)
    assert (form.wants_email, form.least_images, form.most_images) == (True, 1, 6)
    answer = ReturnAnswer(known, ReturnMove.DISPUTE, reason="41", comment="See.", email="a@b.test")
    told = return_answers.answer_return(shopee.shop(), answer)
    assert "1 more picture" in told.words
    pictures = tuple(Evidence(f"{n}.png", "image/png", b"\x89PNG" + bytes([n])) for n in range(3))
    assert return_answers.answer_return(shopee.shop(), replace(answer, images=pictures)).ok
    first = shopee.asked("returns/convert_image")[0].body
    assert b'name="return_sn"\r\n\r\nR1\r\n' in first
    assert b'name="upload_image"; filename="0.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\x00\r\n' in first  # fmt: skip
    (body,) = shopee.sent("returns/dispute")
    assert (body["dispute_reason_id"], body["email"], body["dispute_text_reason"]) == (
        41,
        "a@b.test",
        "See.",
    )
    assert [(one["module_index"], one["image_url"]) for one in body["image_list"]] == [
        (2, ["http://p/1", "http://p/3"]),
        (1, ["http://p/2"]),
    ]
