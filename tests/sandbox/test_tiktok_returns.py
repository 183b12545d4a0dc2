"""Returns and refunds at TikTok Shop: every way from the buyer's request to its end."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.running import RunningSandbox
from tests.sandbox.tiktok_app import TikTokApp

_R = "/return_refund/202309"
_SUCCESS = "RETURN_OR_REFUND_REQUEST_SUCCESS"
_PENDING = "RETURN_OR_REFUND_REQUEST_PENDING"
_AS_DESCRIBED = "reverse_reject_request_reason_item_as_described"
_EMPTY = "reverse_reject_parcel_reason_empty"


class Case:
    """A buyer's request, and what the seller does with it."""

    def __init__(self, app: TikTokApp, order_id: str) -> None:
        self.app, self.order_id = app, order_id
        self.id = str(self.told()["return_id"])

    def told(self) -> dict[str, Any]:
        body = {"order_ids": [self.order_id]}
        return dict(self.app.post(f"{_R}/returns/search", body)["return_orders"][-1])

    @property
    def status(self) -> str:
        return str(self.told()["return_status"])

    def approve(self, decision: str, **more: Any) -> int:
        path = f"{_R}/returns/{self.id}/approve"
        return self.app.code("POST", path, {"decision": decision, **more})

    def reject(self, decision: str, reason: str, version: str = "202309", **more: Any) -> int:
        path = f"/return_refund/{version}/returns/{self.id}/reject"
        return self.app.code("POST", path, {"decision": decision, "reject_reason": reason, **more})


def _case(played: RunningSandbox, app: TikTokApp, kind: str, *, buyer: int | None = None) -> Case:
    """A request of this type, of a buyer whose number leaves ``buyer`` when divided by three."""
    for _ in range(100):
        (order_id,) = played.orders(1, "tiktok-my", status="DELIVERED")
        number = int(app.order(order_id)["user_id"]) - 7_213_000_000_000_000_000
        goods = number % 2 == 0
        if goods == (kind == "RETURN_AND_REFUND") and buyer in (None, number % 3):
            played.event(order_id, "request_return", "tiktok")
            return Case(app, order_id)
    raise AssertionError("no such buyer came")


@pytest.fixture
def refund(played: RunningSandbox, tiktok: TikTokApp) -> Case:
    return _case(played, tiktok, "REFUND")


@pytest.fixture
def goods(played: RunningSandbox, tiktok: TikTokApp) -> Case:
    return _case(played, tiktok, "RETURN_AND_REFUND")


def test_a_request_tells_what_is_wanted_and_until_when(refund: Case, tiktok: TikTokApp) -> None:
    told, order = refund.told(), tiktok.order(refund.order_id)
    assert order["status"] == "DELIVERED"
    assert (told["return_type"], told["return_status"], told["role"]) == (
        "REFUND",
        _PENDING,
        "BUYER",
    )
    (action,) = told["seller_next_action_response"]
    assert action["action"] == "SELLER_RESPOND_REFUND"
    assert action["deadline"] > time.time()
    assert told["refund_amount"]["refund_total"] == order["payment"]["sub_total"]
    shares = [Decimal(one["refund_amount"]["refund_total"]) for one in told["return_line_items"]]
    assert sum(shares) == Decimal(order["payment"]["sub_total"])
    assert len(told["return_line_items"]) == len(order["line_items"])


def test_money_only_approve_then_paid(refund: Case, played: RunningSandbox) -> None:
    assert refund.approve("APPROVE_RETURN") == 25020003
    assert refund.approve("APPROVE_REFUND") == 0
    assert refund.status == _SUCCESS
    assert refund.approve("APPROVE_REFUND") == 25020010
    played.post("/advance", hours=2)
    assert refund.status == "RETURN_OR_REFUND_REQUEST_COMPLETE"
    assert refund.told()["seller_next_action_response"] == []
    rows = played.get(f"/ledger?order={refund.order_id}")["calls"]
    assert [(row["effect"], row["accepted"]) for row in rows] == [
        ("accept_return", False),
        ("accept_return", True),
        ("accept_return", False),
    ]


def test_money_only_reject(refund: Case, played: RunningSandbox) -> None:
    assert refund.reject("REJECT_REFUND", "because") == 25001014
    assert refund.reject("REJECT_RETURN", _AS_DESCRIBED) == 25020003
    assert refund.reject("REJECT_REFUND", _AS_DESCRIBED) == 0
    assert refund.status == "REFUND_OR_RETURN_REQUEST_REJECT"
    assert refund.approve("APPROVE_REFUND") == 25001003
    rows = [row["accepted"] for row in played.ledger("reject_return")[-3:]]
    assert rows == [False, False, True]


def test_goods_come_back_and_are_received(goods: Case, played: RunningSandbox) -> None:
    assert goods.approve("APPROVE_REFUND") == 25020003
    assert goods.approve("APPROVE_RECEIVED_PACKAGE") == 25001003
    assert goods.approve("APPROVE_RETURN") == 0
    assert goods.status == "AWAITING_BUYER_SHIP"
    played.post("/advance", hours=25)
    told = goods.told()
    assert (told["return_status"], bool(told["return_tracking_number"])) == (
        "BUYER_SHIPPED_ITEM",
        True,
    )
    (action,) = told["seller_next_action_response"]
    assert action["action"] == "SELLER_RESPOND_RECEIVE_PACKAGE"
    assert goods.approve("APPROVE_RECEIVED_PACKAGE") == 0
    assert goods.status == _SUCCESS


def test_a_buyer_may_send_the_goods_back_at_once(goods: Case, played: RunningSandbox) -> None:
    event = {"event": "send_back"}
    early = played.control.post(f"/orders/tiktok/{goods.order_id}/event", json=event)
    assert early.status_code == 409
    assert goods.approve("APPROVE_RETURN") == 0
    played.event(goods.order_id, "send_back", "tiktok")
    assert goods.status == "BUYER_SHIPPED_ITEM"
    assert goods.approve("APPROVE_RECEIVED_PACKAGE") == 0


def test_the_buyer_may_keep_what_he_would_send_back(goods: Case) -> None:
    assert goods.approve("APPROVE_RETURN", buyer_keep_item=True) == 0
    told = goods.told()
    assert (told["return_status"], told["can_buyer_keep_item"]) == (_SUCCESS, True)


def test_a_return_is_rejected(goods: Case) -> None:
    assert goods.reject("REJECT_RETURN", _AS_DESCRIBED) == 0
    assert goods.status == "REFUND_OR_RETURN_REQUEST_REJECT"


@pytest.mark.parametrize(
    ("buyer", "arbitration", "status"),
    [
        (0, "SUPPORT_SELLER", "REFUND_OR_RETURN_REQUEST_REJECT"),
        (1, "SUPPORT_BUYER", "RETURN_OR_REFUND_REQUEST_COMPLETE"),
    ],
)
def test_goods_that_are_refused_go_to_arbitration(
    played: RunningSandbox, tiktok: TikTokApp, buyer: int, arbitration: str, status: str
) -> None:
    goods = _case(played, tiktok, "RETURN_AND_REFUND", buyer=buyer)
    assert goods.approve("APPROVE_RETURN") == 0
    played.post("/advance", hours=25)
    assert goods.reject("REJECT_RECEIVED_PACKAGE", _AS_DESCRIBED) == 25001014
    assert goods.reject("REJECT_RECEIVED_PACKAGE", _EMPTY) == 0
    told = goods.told()
    assert (told["return_status"], told["arbitration_status"]) == (
        "REJECT_RECEIVE_PACKAGE",
        "IN_PROGRESS",
    )
    assert goods.approve("APPROVE_RECEIVED_PACKAGE") == 25011010
    played.post("/advance", hours=80)
    told = goods.told()
    assert (told["return_status"], told["arbitration_status"]) == (status, arbitration)


def test_a_partial_refund_is_offered_and_taken(played: RunningSandbox, tiktok: TikTokApp) -> None:
    refund = _case(played, tiktok, "REFUND", buyer=1)
    total = Decimal(refund.told()["refund_amount"]["refund_total"])

    def offer(amount: Decimal, currency: str = "MYR") -> int:
        part = {"currency": currency, "amount": str(amount)}
        return refund.approve("OFFER_PARTIAL_REFUND", partial_refund=part)

    assert refund.approve("OFFER_PARTIAL_REFUND") == 25001001
    assert offer(total) == 25011032
    assert offer(Decimal("1.50"), "SGD") == 25001001
    assert offer(Decimal("1.50")) == 0
    told = refund.told()
    assert (told["return_status"], told["seller_proposed_return_type"]) == (
        "AWAITING_BUYER_RESPONSE",
        "PARTIAL_REFUND",
    )
    assert told["partial_refund"] == {"currency": "MYR", "amount": "1.50"}
    assert refund.approve("APPROVE_REFUND") == 25001003
    played.post("/advance", hours=24)
    told = refund.told()
    assert told["return_status"] == _SUCCESS
    assert told["refund_amount"]["refund_total"] == "1.50"


def test_a_partial_refund_that_the_buyer_rejects_comes_back_to_the_seller(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    refund = _case(played, tiktok, "REFUND", buyer=0)
    part = {"currency": "MYR", "amount": "1.50"}
    assert refund.approve("OFFER_PARTIAL_REFUND", partial_refund=part) == 0
    played.post("/advance", hours=24)
    told = refund.told()
    assert (told["return_status"], told["buyer_rejected_partial_refund"]) == (_PENDING, True)
    assert refund.approve("OFFER_PARTIAL_REFUND", partial_refund=part) == 25011032
    assert refund.approve("APPROVE_REFUND") == 0


def test_after_receiving_goods_a_part_may_be_offered_by_the_newer_call(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    goods = _case(played, tiktok, "RETURN_AND_REFUND", buyer=1)
    assert goods.approve("APPROVE_RETURN") == 0
    played.post("/advance", hours=25)
    late = "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG"
    part = {"partial_refund_amount": {"partial_refund_total": "2.00", "currency": "MYR"}}
    assert goods.reject(late, _EMPTY, **part) == 25001001
    assert goods.reject(late, _EMPTY, "202606", **part) == 0
    assert goods.status == "AWAITING_BUYER_RESPONSE"


def test_deadlines_decide_for_the_buyer_one_after_the_other(
    goods: Case, refund: Case, played: RunningSandbox
) -> None:
    played.post("/advance", hours=47)
    assert (goods.status, refund.status) == (_PENDING, _PENDING)
    played.post("/advance", hours=1)
    assert (goods.status, refund.status) == ("AWAITING_BUYER_SHIP", _SUCCESS)
    played.post("/advance", hours=24 + 72 + 2)
    assert goods.status == "RETURN_OR_REFUND_REQUEST_COMPLETE"
    assert goods.told()["return_tracking_number"]


def test_an_order_is_not_completed_while_a_return_is_open(
    goods: Case, played: RunningSandbox
) -> None:
    played.post("/advance", hours=40)
    assert goods.approve("APPROVE_RETURN") == 0
    for status in ("DELIVERED", "COMPLETED"):
        played.post("/advance", hours=168)
        assert played.truth("tiktok-my")[goods.order_id]["status"] == status


def test_a_rejected_buyer_may_ask_again_and_both_requests_are_told(
    refund: Case, played: RunningSandbox, tiktok: TikTokApp
) -> None:
    assert refund.reject("REJECT_REFUND", _AS_DESCRIBED) == 0
    played.event(refund.order_id, "request_return", "tiktok")
    found = tiktok.post(f"{_R}/returns/search", {"order_ids": [refund.order_id]})["return_orders"]
    assert {one["return_status"] for one in found} == {
        "REFUND_OR_RETURN_REQUEST_REJECT",
        _PENDING,
    }


def test_an_idempotency_key_is_done_once(refund: Case, tiktok: TikTokApp) -> None:
    path, body = f"{_R}/returns/{refund.id}/approve", {"decision": "APPROVE_REFUND"}
    codes = [tiktok.code("POST", path, body, idempotency_key="k") for _ in range(2)]
    assert codes == [0, 0]
    assert tiktok.code("POST", path, body) == 25020010


def test_records_and_decisions_follow_the_request(
    goods: Case, played: RunningSandbox, tiktok: TikTokApp
) -> None:
    path = "/return_refund/202601/decision_eligibility"

    def eligible() -> list[str]:
        rows = tiktok.get(path, return_or_cancel_id=goods.id)["decisions"]
        return [one["decision"] for one in rows if one["eligible"]]

    assert eligible() == ["APPROVE_RETURN", "REJECT_RETURN", "DIRECT_REFUND"]
    assert goods.approve("APPROVE_RETURN") == 0
    assert eligible() == []
    played.post("/advance", hours=25)
    assert eligible() == ["APPROVE_RECEIVED_PACKAGE", "REJECT_RECEIVED_PACKAGE"]
    reasons = tiktok.get(f"{_R}/reject_reasons", return_or_cancel_id=goods.id)["reasons"]
    assert _EMPTY in [one["name"] for one in reasons]
    records = tiktok.get(f"{_R}/returns/{goods.id}/records")["records"]
    assert [one["role"] for one in records] == ["BUYER", "SELLER", "BUYER"]
    assert records[0]["note"] == "The item came damaged."


def test_returns_are_searched_and_an_empty_list_is_absent(
    refund: Case, goods: Case, tiktok: TikTokApp
) -> None:
    both = {"order_ids": [refund.order_id, goods.order_id]}

    def found(**body: Any) -> set[str]:
        data = tiktok.post(f"{_R}/returns/search", {**both, **body}, page_size="50")
        return {one["return_id"] for one in data.get("return_orders", [])}

    assert found() == {refund.id, goods.id}
    assert found(return_types=["REFUND"]) == {refund.id}
    assert found(return_ids=[goods.id]) == {goods.id}
    assert found(return_status=[_PENDING]) == {refund.id, goods.id}
    assert found(update_time_lt=1) == set()
    empty = tiktok.post(f"{_R}/returns/search", {**both, "return_status": [_SUCCESS]})
    assert "return_orders" not in empty
    assert empty["total_count"] == 0
    assert tiktok.code("POST", f"{_R}/returns/search", {}, page_size="9") == 36009004
    assert (
        tiktok.code("POST", f"{_R}/returns/1/approve", {"decision": "APPROVE_REFUND"}) == 25007006
    )


def test_a_seller_gives_money_back_by_himself(played: RunningSandbox, tiktok: TikTokApp) -> None:
    (order_id,) = played.orders(1, "tiktok-my", status="DELIVERED", lines=2)
    lines = tiktok.order(order_id)["line_items"]
    rows = tiktok.get(f"{_R}/orders/{order_id}/aftersale_eligibility", request_types="REFUND")
    (eligible,) = rows["sku_eligibility"][0]["line_item_eligibility"]
    reason = eligible["available_reason_names"][0]
    ask = {"order_id": order_id, "order_line_item_ids": [lines[0]["id"]]}
    costs = tiktok.post(
        "/return_refund/202602/refunds/calculate",
        {**ask, "request_type": "REFUND", "reason_name": reason},
    )
    assert costs["order_refund_amount"]["refund_total"] == lines[0]["sale_price"]
    made = {**ask, "return_type": "REFUND", "return_reason": reason}
    assert tiktok.code("POST", f"{_R}/returns", {**made, "return_reason": "x"}) == 25001014
    data = tiktok.post(f"{_R}/returns", made)
    assert data["return_status"] == _SUCCESS
    told = Case(tiktok, order_id).told()
    assert (told["role"], told["return_id"]) == ("SELLER", data["return_id"])
    assert told["refund_amount"]["refund_total"] == lines[0]["sale_price"]
    assert tiktok.code("POST", f"{_R}/returns", made) == 25001011
