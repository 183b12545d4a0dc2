"""Shopee's returns: what a seller may answer, what the buyer and Shopee make of it, and by when."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tests.sandbox.running import RunningSandbox
from tests.sandbox.shopee_app import ShopeeApp

R = "returns"


def of_kind(app: ShopeeApp, *, goods_back: bool, for_seller: bool | None = None) -> tuple[str, str]:
    """(order, return) in which the goods go back, or not; and whose buyer gives in to the seller, or not.

    What a buyer does follows from his number.
    """
    for _ in range(60):
        order_sn, return_sn = app.returned()
        buyer = app.order(order_sn, "buyer_user_id")["buyer_user_id"]
        told = app.a_return(return_sn)
        if (told["return_solution"] == 0) is goods_back and (
            for_seller is None or (buyer % 3 == 0) is for_seller
        ):
            return order_sn, return_sn
    raise AssertionError("no such return in sixty")


def answers(played: RunningSandbox, order_sn: str) -> list[tuple[str, bool]]:
    """(effect, accepted) of the calls about an order's return."""
    rows = played.get(f"/ledger?system=shopee&order={order_sn}")["calls"]
    return [(row["effect"], row["accepted"]) for row in rows]


def picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    return file.getvalue()


def disputed(app: ShopeeApp, return_sn: str, **more: Any) -> dict[str, Any]:
    """The answer to a dispute that needs no picture."""
    body = {
        "return_sn": return_sn,
        "email": "desk@example.test",
        "dispute_reason_id": 2,
        "dispute_text_reason": "It was fine.",
        **more,
    }
    return app.answer("POST", f"{R}/dispute", body)


def test_a_return_holds_its_order_until_it_is_over(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    order_sn, return_sn = shopee.returned()
    assert shopee.order(order_sn)["order_status"] == "TO_RETURN"
    truth = played.truth("shopee-my")[order_sn]
    assert (truth["status"], truth["return_waits_for_seller"]) == ("TO_RETURN", True)
    told = shopee.a_return(return_sn)
    assert (told["status"], told["order_sn"]) == ("REQUESTED", order_sn)
    assert told["return_refund_type"] == "RRBOC"
    assert told["due_date"] > told["create_time"]
    items = shopee.order(order_sn, "item_list")["item_list"]
    assert [one["item_id"] for one in told["item"]] == [one["item_id"] for one in items]
    assert items[0]["return_requested_qty"] == items[0]["model_quantity_purchased"]


def test_a_confirmed_return_is_refunded_and_completes_the_order(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    order_sn, return_sn = shopee.returned()
    assert shopee.post(f"{R}/confirm", {"return_sn": return_sn}) == {"return_sn": return_sn}
    assert shopee.a_return(return_sn)["status"] == "ACCEPTED"
    assert shopee.order(order_sn)["order_status"] == "COMPLETED"
    again = shopee.answer("POST", f"{R}/confirm", {"return_sn": return_sn})
    assert (again["error"], again["message"]) == ("error_data", "Invalid return status: ACCEPTED.")
    assert answers(played, order_sn) == [("accept_return", True), ("accept_return", False)]
    income = shopee.get("payment/get_escrow_detail", order_sn=order_sn)
    assert income["return_order_sn_list"] == [return_sn]
    billed = Decimal(played.truth("shopee-my")[order_sn]["total"])
    assert Decimal(str(income["order_income"]["seller_return_refund"])) == -billed


def test_a_return_after_completion_leaves_the_order_completed(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    order_sn, return_sn = shopee.returned("complete")
    assert shopee.order(order_sn)["order_status"] == "COMPLETED"
    assert shopee.a_return(return_sn)["return_refund_type"] == "RRAOC"


def test_a_parcel_that_does_not_come_is_asked_back_without_goods(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    (order_sn,) = played.orders(1, "shopee-my", status="SHIPPED")
    played.event(order_sn, "request_return", "shopee")
    assert shopee.order(order_sn)["order_status"] == "TO_RETURN"
    listed = shopee.get(f"{R}/get_return_list", page_no=0, page_size=100)["return"]
    (row,) = [one for one in listed if one["order_sn"] == order_sn]
    assert (row["reason"], row["return_solution"]) == ("NOT_RECEIPT", 1)


def test_a_return_ends_with_an_order_that_the_courier_loses(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    (order_sn,) = played.orders(1, "shopee-my", status="SHIPPED")
    for event in ("request_return", "lose"):
        played.event(order_sn, event, "shopee")
    assert shopee.order(order_sn)["order_status"] == "CANCELLED"
    rows = shopee.get(f"{R}/get_return_list", page_no=0, page_size=100, status="CANCELLED")
    assert order_sn in [row["order_sn"] for row in rows["return"]]


def test_without_an_answer_the_refund_goes_through(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    order_sn, return_sn = of_kind(shopee, goods_back=False)
    shopee.pass_time(49)
    assert shopee.a_return(return_sn)["status"] == "ACCEPTED"
    assert shopee.order(order_sn)["order_status"] == "COMPLETED"


def test_goods_travel_back_before_the_refund(played: RunningSandbox, shopee: ShopeeApp) -> None:
    order_sn, return_sn = of_kind(shopee, goods_back=True, for_seller=False)
    body = {"return_sn": return_sn, "proposed_solution": "RETURN_REFUND"}
    assert shopee.error("POST", f"{R}/offer", body) == ""
    told = shopee.a_return(return_sn)
    assert told["negotiation"]["negotiation_status"] == "PENDING_BUYER_RESPOND"
    assert shopee.error("POST", f"{R}/offer", body) == "error_negotiation_status"
    assert played.truth("shopee-my")[order_sn]["return_waits_for_seller"] is False
    shopee.pass_time(25)
    told = shopee.a_return(return_sn)
    assert (told["status"], told["reverse_logistics_status"]) == ("PROCESSING", "LOGISTICS_READY")
    assert told["return_ship_due_date"] > 0
    played.event(order_sn, "send_back", "shopee")
    told = shopee.a_return(return_sn)
    assert told["tracking_number"]
    played.event(order_sn, "send_back", "shopee")
    told = shopee.a_return(return_sn)
    assert (told["status"], told["return_seller_due_date"] > 0) == ("PROCESSING", True)
    assert played.truth("shopee-my")[order_sn]["return_waits_for_seller"] is True
    legs = shopee.get(f"{R}/get_reverse_tracking_info", return_sn=return_sn)
    assert legs["reverse_logistics_status"] == "LOGISTICS_DELIVERY_DONE"
    assert len(legs["tracking_info"]) == 3
    shopee.pass_time(49)
    assert shopee.a_return(return_sn)["status"] == "ACCEPTED"
    income = shopee.get("payment/get_escrow_detail", order_sn=order_sn)["order_income"]
    assert income["reverse_shipping_fee"] > 0


def test_the_solutions_say_how_much_can_be_offered(shopee: ShopeeApp) -> None:
    _, return_sn = of_kind(shopee, goods_back=False)
    told = shopee.get(f"{R}/get_available_solutions", return_sn=return_sn)
    assert told["offer_return_refund"]["eligibility"] is False
    refund = told["offer_refund"]
    assert (refund["eligibility"], refund["refund_amount_adjustable"]) == (True, True)
    assert refund["max_refund_amount"] == shopee.a_return(return_sn)["refund_amount"]
    body = {"return_sn": return_sn, "proposed_solution": "REFUND"}
    dear = {**body, "proposed_adjusted_refund_amount": refund["max_refund_amount"] + 1}
    assert shopee.error("POST", f"{R}/offer", dear) == "error_param"
    goods = {**body, "proposed_solution": "RETURN_REFUND"}
    assert shopee.error("POST", f"{R}/offer", goods) == "error_validation"


def test_a_buyer_takes_a_part_of_the_money(played: RunningSandbox, shopee: ShopeeApp) -> None:
    order_sn, return_sn = of_kind(shopee, goods_back=False, for_seller=False)
    body = {
        "return_sn": return_sn,
        "proposed_solution": "REFUND",
        "proposed_adjusted_refund_amount": 1.5,
    }
    assert shopee.error("POST", f"{R}/offer", body) == ""
    shopee.pass_time(25)
    told = shopee.a_return(return_sn)
    assert (told["status"], told["refund_amount"]) == ("ACCEPTED", 1.5)
    income = shopee.get("payment/get_escrow_detail", order_sn=order_sn)["order_income"]
    assert income["seller_return_refund"] == -1.5
    assert answers(played, order_sn) == [("offer_return", True)]


def test_a_buyer_who_wants_more_is_answered(shopee: ShopeeApp) -> None:
    _, return_sn = of_kind(shopee, goods_back=False, for_seller=True)
    accept = {"return_sn": return_sn}
    assert shopee.error("POST", f"{R}/accept_offer", accept) == "error_no_buyer_offer"
    offer = {**accept, "proposed_solution": "REFUND", "proposed_adjusted_refund_amount": 1}
    assert shopee.error("POST", f"{R}/offer", offer) == ""
    shopee.pass_time(25)
    talk = shopee.a_return(return_sn)["negotiation"]
    assert talk["negotiation_status"] == "PENDING_RESPOND"
    assert talk["latest_offer_amount"] > 1
    assert shopee.post(f"{R}/accept_offer", accept) == accept
    told = shopee.a_return(return_sn)
    assert (told["status"], told["refund_amount"]) == ("ACCEPTED", talk["latest_offer_amount"])


@pytest.mark.parametrize(("for_seller", "status"), [(True, "CLOSED"), (False, "ACCEPTED")])
def test_a_dispute_is_judged(
    played: RunningSandbox, shopee: ShopeeApp, for_seller: bool, status: str
) -> None:
    order_sn, return_sn = of_kind(shopee, goods_back=False, for_seller=for_seller)
    told = disputed(shopee, return_sn)
    assert told["response"] == {"return_sn": return_sn, "msg": "success"}
    assert shopee.a_return(return_sn)["status"] == "SELLER_DISPUTE"
    again = disputed(shopee, return_sn)
    assert (again["error"], "reviewing" in again["message"]) == ("error_data", True)
    assert "reviewing" in shopee.answer("POST", f"{R}/confirm", {"return_sn": return_sn})["message"]
    shopee.pass_time(25)
    assert shopee.a_return(return_sn)["status"] == "JUDGING"
    shopee.pass_time(49)
    assert shopee.a_return(return_sn)["status"] == status
    after = shopee.order(order_sn)["order_status"]
    assert after == ("TO_CONFIRM_RECEIVE" if for_seller else "COMPLETED")
    assert answers(played, order_sn)[0] == ("reject_return", True)


def test_evidence_is_asked_for_by_the_reason(shopee: ShopeeApp) -> None:
    _, return_sn = shopee.returned()
    told = shopee.get(f"{R}/get_return_dispute_reason", return_sn=return_sn)
    reasons = {one["dispute_reason"]: one for one in told["dispute_reason_list"]}
    assert all(isinstance(one, str) for one in reasons)
    assert reasons["1"]["evidence_module_list"][0]["is_required"] is True
    refused = "dispute.request.param.error"
    assert disputed(shopee, return_sn, dispute_reason_id="2")["error"] == refused
    assert disputed(shopee, return_sn, dispute_reason_id=1)["error"] == refused
    assert disputed(shopee, return_sn, email=None)["error"] == "error_param"
    files = {"upload_image": ("a.png", picture(), "image/png")}
    name = f"{R}/convert_image"
    image = shopee.call("POST", name, files=files, form={"return_sn": return_sn}).json()["response"]
    assert shopee.client.get(image["url"]).content == picture()
    module = {"module_index": 0, "requirement": "x", "image_url": [image["url"]]}
    assert disputed(shopee, return_sn, dispute_reason_id=1, image_list=[module])["error"] == ""
    assert shopee.a_return(return_sn)["seller_proof"]["seller_proof_status"] == "UPLOADED"


def test_what_is_no_picture_is_refused(shopee: ShopeeApp) -> None:
    _, return_sn = shopee.returned()
    files = {"upload_image": ("a.png", b"hello", "image/png")}
    form = {"return_sn": return_sn}
    told = shopee.call("POST", f"{R}/convert_image", files=files, form=form).json()
    assert told["error"] == "error_param"


def test_proof_can_be_uploaded_until_its_deadline(shopee: ShopeeApp) -> None:
    _, return_sn = shopee.returned()
    photo = [{"url": "http://x.test/1.png", "thumbnail": "http://x.test/1s.png"}]
    body = {"return_sn": return_sn, "photo": photo, "description": "As sent."}
    assert shopee.error("POST", f"{R}/upload_proof", body) == "returnsn.illegal"
    assert shopee.error("GET", f"{R}/query_proof", return_sn=return_sn) == "no.proof"
    disputed(shopee, return_sn)
    assert shopee.a_return(return_sn)["seller_proof"]["seller_proof_status"] == "PENDING"
    told = shopee.answer("POST", f"{R}/upload_proof", body)
    assert (told["error"], "response" in told) == ("", False)
    proof = shopee.get(f"{R}/query_proof", return_sn=return_sn)
    assert (proof["image"], proof["description"]) == (photo, "As sent.")
    _, late = shopee.returned()
    disputed(shopee, late)
    shopee.pass_time(49)
    assert shopee.error("POST", f"{R}/upload_proof", {**body, "return_sn": late}) == "proof.overdue"


def test_a_refund_that_was_wrong_is_claimed_back(shopee: ShopeeApp) -> None:
    _, return_sn = of_kind(shopee, goods_back=True, for_seller=True)
    cancel = {"return_sn": return_sn, "email": "desk@example.test"}
    assert shopee.error("POST", f"{R}/cancel_dispute", cancel) == "error_return_status"
    shopee.post(f"{R}/confirm", {"return_sn": return_sn})
    assert disputed(shopee, return_sn)["error"] == ""
    told = shopee.a_return(return_sn)
    status = told["seller_compensation"]["seller_compensation_status"]
    assert (told["status"], status) == ("ACCEPTED", "COMPENSATION_REQUESTED")
    assert shopee.error("POST", f"{R}/cancel_dispute", cancel) == ""
    told = shopee.a_return(return_sn)
    status = told["seller_compensation"]["seller_compensation_status"]
    assert status == "COMPENSATION_CANCELLED"


def test_compensation_is_decided_in_time(shopee: ShopeeApp) -> None:
    order_sn, return_sn = of_kind(shopee, goods_back=True, for_seller=True)
    shopee.post(f"{R}/confirm", {"return_sn": return_sn})
    disputed(shopee, return_sn)
    shopee.pass_time(49)
    told = shopee.a_return(return_sn)["seller_compensation"]
    assert told["seller_compensation_status"] == "COMPENSATION_APPROVED"
    income = shopee.get("payment/get_escrow_detail", order_sn=order_sn)["order_income"]
    assert income["seller_return_refund"] == 0


@pytest.mark.parametrize("first", [0, 1])
def test_pages_of_returns_may_be_counted_from_0_or_from_1(
    played: RunningSandbox, shopee: ShopeeApp, first: int
) -> None:
    for _ in range(3):
        shopee.returned()
    wanted = shopee.get(f"{R}/get_return_list", page_no=0, page_size=100)["return"]
    found, number = [], first
    while True:
        told = shopee.get(f"{R}/get_return_list", page_no=number, page_size=2)
        found += [row["return_sn"] for row in told["return"]]
        number += 1
        if not told["more"]:
            break
    assert found == [row["return_sn"] for row in wanted]


def test_returns_are_narrowed_by_status_and_time(shopee: ShopeeApp) -> None:
    _, return_sn = shopee.returned()
    shopee.post(f"{R}/confirm", {"return_sn": return_sn})
    told = shopee.a_return(return_sn)
    query = {"page_no": 0, "page_size": 100}

    def found(**more: Any) -> bool:
        rows = shopee.get(f"{R}/get_return_list", **query, **more)["return"]
        return return_sn in [row["return_sn"] for row in rows]

    assert (found(status="ACCEPTED"), found(status="REQUESTED")) == (True, False)
    at = told["update_time"]
    assert found(update_time_from=at, update_time_to=at)
    assert not found(create_time_from=at + 1, create_time_to=at + 2)
    wide = {"create_time_from": at - 16 * 86400, "create_time_to": at}
    assert shopee.error("GET", f"{R}/get_return_list", **query, **wide) == "error_param"


def test_a_return_of_another_shop_is_not_there(shopee: ShopeeApp, shopee_sg: ShopeeApp) -> None:
    _, return_sn = shopee.returned()
    told = shopee_sg.answer("GET", f"{R}/get_return_detail", return_sn=return_sn)
    assert (told["error"], told["message"]) == (
        "error_data",
        "The return you queried doesn't exist.",
    )
