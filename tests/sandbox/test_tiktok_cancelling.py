"""Cancellations at TikTok Shop: the buyer's request and its answers, and the seller's own."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from tests.sandbox.running import RunningSandbox
from tests.sandbox.tiktok_app import TikTokApp

_R = "/return_refund/202309"
_PACKED = "seller_reject_apply_product_has_been_packed"
_OUT = "seller_cancel_reason_out_of_stock"


def _cancellation(app: TikTokApp, order_id: str) -> dict[str, Any]:
    (found,) = app.post(f"{_R}/cancellations/search", {"order_ids": [order_id]})["cancellations"]
    return dict(found)


def _asked(played: RunningSandbox, app: TikTokApp) -> tuple[str, str]:
    """An order whose buyer asks to cancel: (order id, cancel id)."""
    (order_id,) = played.orders(1, "tiktok-my")
    played.event(order_id, "request_cancel", "tiktok")
    return order_id, str(_cancellation(app, order_id)["cancel_id"])


def test_a_buyers_request_waits_with_a_deadline(played: RunningSandbox, tiktok: TikTokApp) -> None:
    order_id, cancel_id = _asked(played, tiktok)
    order, told = tiktok.order(order_id), _cancellation(tiktok, order_id)
    assert (order["status"], order["is_buyer_request_cancel"]) == ("AWAITING_SHIPMENT", True)
    assert order["request_cancel_time"] == told["create_time"]
    assert (told["cancel_type"], told["role"]) == ("BUYER_CANCEL", "BUYER")
    assert told["cancel_status"] == "CANCELLATION_REQUEST_PENDING"
    (action,) = told["seller_next_action_response"]
    assert action["action"] == "SELLER_RESPOND_BUYER_CANCEL"
    assert action["deadline"] > time.time()
    assert [one["order_line_item_id"] for one in told["cancel_line_items"]] == [
        line["id"] for line in order["line_items"]
    ]
    assert told["refund_amount"]["refund_total"] == order["payment"]["total_amount"]
    assert len(cancel_id) == 19


def test_approving_cancels_and_the_refund_is_paid_later(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    order_id, cancel_id = _asked(played, tiktok)
    assert tiktok.post(f"{_R}/cancellations/{cancel_id}/approve") == {}
    order = tiktok.order(order_id)
    assert (order["status"], order["cancellation_initiator"]) == ("CANCELLED", "BUYER")
    assert order["is_buyer_request_cancel"] is False
    assert {line["cancel_user"] for line in order["line_items"]} == {"BUYER"}
    told = _cancellation(tiktok, order_id)
    assert told["cancel_status"] == "CANCELLATION_REQUEST_SUCCESS"
    assert told["seller_next_action_response"] == []
    played.post("/advance", hours=2)
    assert _cancellation(tiktok, order_id)["cancel_status"] == "CANCELLATION_REQUEST_COMPLETE"
    again = tiktok.code("POST", f"{_R}/cancellations/{cancel_id}/approve", {})
    assert again == 25020009


def test_rejecting_lets_the_order_go_on(played: RunningSandbox, tiktok: TikTokApp) -> None:
    order_id, cancel_id = _asked(played, tiktok)
    path = f"{_R}/cancellations/{cancel_id}/reject"
    assert tiktok.code("POST", path, {}) == 25001001
    assert tiktok.code("POST", path, {"reject_reason": "because"}) == 25001014
    assert tiktok.post(path, {"reject_reason": _PACKED, "comment": "已打包"}) == {}
    order = tiktok.order(order_id)
    assert (order["status"], order["is_buyer_request_cancel"]) == ("AWAITING_SHIPMENT", False)
    assert _cancellation(tiktok, order_id)["cancel_status"] == "CANCELLATION_REQUEST_CANCEL"
    tiktok.ship(order_id)
    rows = played.get(f"/ledger?order={order_id}")["calls"]
    assert [(row["effect"], row["accepted"]) for row in rows] == [
        ("reject_cancel", False),
        ("reject_cancel", False),
        ("reject_cancel", True),
        ("ship", True),
    ]


def test_evidence_must_be_uploaded_before(played: RunningSandbox, tiktok: TikTokApp) -> None:
    order_id, cancel_id = _asked(played, tiktok)
    path = f"{_R}/cancellations/{cancel_id}/reject"
    unknown = {"reject_reason": _PACKED, "images": [{"image_id": "tos-sandbox/none"}]}
    assert tiktok.code("POST", path, unknown) == 25001001
    picture = httpx.get(tiktok.order(order_id)["line_items"][0]["sku_image"], trust_env=False)
    files = {"data": ("a.png", picture.content, "image/png")}
    told = tiktok.answer("POST", "/product/202309/images/upload", files=files, cipher=False)
    image = {"image_id": told["data"]["uri"], "mime_type": "image/png", "width": 256, "height": 256}
    assert tiktok.post(path, {"reject_reason": _PACKED, "images": [image]}) == {}
    assert httpx.get(told["data"]["url"], trust_env=False).content == picture.content
    again = tiktok.answer("POST", "/product/202309/images/upload", files=files)
    assert "shop_cipher" in again["message"]


def test_an_idempotency_key_is_done_once(played: RunningSandbox, tiktok: TikTokApp) -> None:
    order_id, cancel_id = _asked(played, tiktok)
    path = f"{_R}/cancellations/{cancel_id}/approve"
    assert tiktok.post(path, idempotency_key="once") == {}
    assert tiktok.post(path, idempotency_key="once") == {}
    assert tiktok.code("POST", path, {}, idempotency_key="other") == 25020009
    rows = played.get(f"/ledger?order={order_id}")["calls"]
    assert [row["accepted"] for row in rows] == [True, False, False]


def test_a_buyer_may_withdraw_and_ask_again(played: RunningSandbox, tiktok: TikTokApp) -> None:
    order_id, cancel_id = _asked(played, tiktok)
    played.event(order_id, "withdraw_cancel", "tiktok")
    assert tiktok.order(order_id)["is_buyer_request_cancel"] is False
    assert tiktok.code("POST", f"{_R}/cancellations/{cancel_id}/approve", {}) == 25001003
    played.event(order_id, "request_cancel", "tiktok")
    found = tiktok.post(f"{_R}/cancellations/search", {"order_ids": [order_id]})["cancellations"]
    assert [one["cancel_status"] for one in found] == [
        "CANCELLATION_REQUEST_CANCEL",
        "CANCELLATION_REQUEST_PENDING",
    ]


def test_a_request_that_nobody_answers_is_approved(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    order_id, _ = _asked(played, tiktok)
    before = _cancellation(tiktok, order_id)["seller_next_action_response"][0]["deadline"]
    played.post("/advance", hours=20)
    after = _cancellation(tiktok, order_id)["seller_next_action_response"][0]["deadline"]
    assert before - after == 20 * 3600
    played.post("/advance", hours=5)
    assert tiktok.order(order_id)["status"] == "CANCELLED"


@pytest.mark.parametrize("status", ["UNPAID", "ON_HOLD"])
def test_a_buyer_cancels_at_once_before_the_seller_may_act(
    played: RunningSandbox, tiktok: TikTokApp, status: str
) -> None:
    (order_id,) = played.orders(1, "tiktok-my", status=status)
    played.event(order_id, "request_cancel", "tiktok")
    told = _cancellation(tiktok, order_id)
    assert tiktok.order(order_id)["status"] == "CANCELLED"
    assert (told["cancel_type"], told["cancel_status"]) == (
        "CANCEL",
        "CANCELLATION_REQUEST_SUCCESS",
    )


def test_a_buyer_cannot_ask_once_the_shipment_is_arranged(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    tiktok.ship(order_id)
    answer = played.control.post(
        f"/orders/tiktok/{order_id}/event", json={"event": "request_cancel"}
    )
    assert answer.status_code == 409
    assert "needs one of to_ship" in answer.json()["error"]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("ON_HOLD", 0),
        ("AWAITING_SHIPMENT", 0),
        ("AWAITING_COLLECTION", 0),
        ("UNPAID", 25001003),
        ("IN_TRANSIT", 25001045),
        ("DELIVERED", 25001045),
        ("COMPLETED", 25001051),
        ("CANCELLED", 25001051),
    ],
)
def test_the_seller_cancels_until_the_courier_comes(
    played: RunningSandbox, tiktok: TikTokApp, status: str, code: int
) -> None:
    (order_id,) = played.orders(1, "tiktok-my", status=status)
    body = {"order_id": order_id, "cancel_reason": _OUT}
    answer = tiktok.answer("POST", f"{_R}/cancellations", body)
    assert answer["code"] == code
    eligible = tiktok.get(f"{_R}/orders/{order_id}/aftersale_eligibility", request_types="CANCEL")[
        "sku_eligibility"
    ][0]["line_item_eligibility"][0]
    rows = played.ledger("cancel")
    assert (rows[-1]["order_id"], rows[-1]["accepted"]) == (order_id, code == 0)
    if code:
        assert eligible["ineligible_code"] == code
        return
    assert answer["data"]["cancel_status"] == "CANCELLATION_REQUEST_SUCCESS"
    order, told = tiktok.order(order_id), _cancellation(tiktok, order_id)
    assert (order["status"], order["cancellation_initiator"]) == ("CANCELLED", "SELLER")
    assert order["cancel_reason"] == _OUT
    assert (told["cancel_id"], told["role"]) == (answer["data"]["cancel_id"], "SELLER")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"cancel_reason": "just so"}, 25001014),
        ({"cancel_reason": "ecom_order_to_ship_canceled_reason_better_price"}, 25001015),
        ({"cancel_reason": "seller_cancel_unpaid_reason_out_of_stock"}, 25001021),
        ({"cancel_reason": "seller_cancel_unable_to_deliver_to_buyer_address"}, 25001014),
        ({"cancel_reason": ""}, 25001001),
        ({"order_id": "577009999999999999"}, 25007006),
        ({"order_line_item_ids": ["first"]}, 25005010),
        ({"skus": 1}, 25005010),
        ({"skus": 9}, 25005011),
    ],
)
def test_a_sellers_cancellation_is_checked(
    played: RunningSandbox, tiktok: TikTokApp, more: dict[str, Any], code: int
) -> None:
    (order_id,) = played.orders(1, "tiktok-my", lines=2, sku="MUG-BLUE")
    line = tiktok.order(order_id)["line_items"][0]
    body = {"order_id": order_id, "cancel_reason": _OUT, **more}
    if "order_line_item_ids" in more:
        body["order_line_item_ids"] = [line["id"]]
    if "skus" in more:
        body["skus"] = [{"sku_id": line["sku_id"], "quantity": more["skus"]}]
    assert tiktok.code("POST", f"{_R}/cancellations", body) == code
    assert tiktok.order(order_id)["status"] == "AWAITING_SHIPMENT"


def test_reasons_come_from_eligibility_and_differ_by_region(
    played: RunningSandbox, tiktok: TikTokApp, tiktok_sg: TikTokApp
) -> None:
    names = []
    for app in (tiktok, tiktok_sg):
        (order_id,) = played.orders(1, app.shop)
        path = f"/return_refund/202602/orders/{order_id}/aftersale_eligibility"
        rows = app.get(path, request_types="CANCEL,REFUND", initiate_aftersale_user="SELLER")
        cancel, refund = rows["sku_eligibility"][0]["line_item_eligibility"]
        assert (cancel["eligible"], refund["eligible"]) == (True, False)
        assert cancel["order_line_items_ids"]
        names.append(cancel["available_reason_names"])
    assert names[0][-1] == "seller_cancel_paid_reason_address_not_deliver"
    assert names[1][-1] == "seller_cancel_unable_to_deliver_to_buyer_address"


def test_the_right_answers_are_told_with_their_reasons(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    _, cancel_id = _asked(played, tiktok)
    reasons = tiktok.get(f"{_R}/reject_reasons", return_or_cancel_id=cancel_id)["reasons"]
    assert _PACKED in [one["name"] for one in reasons]
    path = "/return_refund/202601/decision_eligibility"
    decisions = tiktok.get(path, return_or_cancel_id=cancel_id)["decisions"]
    assert [(one["decision"], one["eligible"]) for one in decisions] == [
        ("APPROVE_REQUEST_CANCEL", True),
        ("REJECT_REQUEST_CANCEL", True),
    ]
    assert decisions[1]["available_reject_reasons"] == reasons
    assert tiktok.code("GET", f"{_R}/reject_reasons", return_or_cancel_id="1") == 25007006


def test_cancellations_are_searched_by_their_own_times_oldest_first(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    since = int(time.time())
    orders, asked = zip(*(_asked(played, tiktok) for _ in range(3)), strict=True)
    (own,) = played.orders(1, "tiktok-my")
    tiktok.post(f"{_R}/cancellations", {"order_id": own, "cancel_reason": _OUT})
    body = {"create_time_ge": since, "order_ids": [*orders, own]}
    first = tiktok.post(f"{_R}/cancellations/search", body, page_size="2")
    token = first["next_page_token"]
    second = tiktok.post(f"{_R}/cancellations/search", body, page_size="2", page_token=token)
    rows = first["cancellations"] + second["cancellations"]
    assert {one["order_id"] for one in rows} == {*orders, own}
    assert first["total_count"] == 4
    assert [one["create_time"] for one in rows] == sorted(one["create_time"] for one in rows)
    pending = {
        **body,
        "cancel_status": ["CANCELLATION_REQUEST_PENDING"],
        "cancel_types": ["BUYER_CANCEL"],
    }
    found = tiktok.post(f"{_R}/cancellations/search", pending, page_size="50")["cancellations"]
    assert {one["cancel_id"] for one in found} == set(asked)
    none = {**body, "cancel_types": ["CANCEL"], "cancel_ids": asked}
    assert tiktok.post(f"{_R}/cancellations/search", none)["cancellations"] == []
    assert tiktok.code("POST", f"{_R}/cancellations/search", {}, page_size="51") == 36009004
