"""What may be asked or answered now: reject reasons, decisions, after-sale eligibility."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crossdock_sandbox.tiktok import cancellations, returns
from crossdock_sandbox.tiktok.decisions import CANCEL_DECISIONS, ineligible, return_decisions
from crossdock_sandbox.tiktok.failures import Failure
from crossdock_sandbox.tiktok.gateway import Call
from crossdock_sandbox.tiktok.reasons import (
    OF_BUYERS,
    RETURN,
    reject_cancel_reasons,
    reject_return_reasons,
    seller_cancel_reasons,
)
from crossdock_sandbox.world.purchases import Purchase, Step

TYPES = ("CANCEL", "REFUND", "RETURN_AND_REFUND")
_BUYER_CANCELS = (Step.UNPAID, Step.HELD, Step.TO_SHIP)
_REFUNDABLE = (Step.ARRANGED, Step.DELIVERED)
_RETURNABLE = (Step.DELIVERED,)
_NOT_FOUND = Failure(25007006, "The order or request is not found.")


def reject_reasons(call: Call) -> dict[str, Any]:
    """/return_refund/202309/reject_reasons"""
    asked = call.query.text("return_or_cancel_id")
    if cancellations.find(call, asked):
        return {"reasons": reject_cancel_reasons()}
    found = returns.find(call, asked)
    if found is None:
        raise _NOT_FOUND
    return {"reasons": reject_return_reasons(goods=found[1].state == "buyer_shipped")}


def decisions(call: Call) -> dict[str, Any]:
    """/return_refund/202601/decision_eligibility"""
    asked, only = call.query.text("return_or_cancel_id"), call.listed("check_decisions")
    if cancelled := cancellations.find(call, asked):
        made = _cancel_decisions(cancelled[1])
    elif found := returns.find(call, asked):
        made = return_decisions(found[1])
    else:
        raise _NOT_FOUND
    return {"decisions": [one for one in made if not only or one["decision"] in only]}


def _cancel_decisions(one: dict[str, Any]) -> list[dict[str, Any]]:
    if one["state"] != "pending":
        over = Failure(25001003, "The status of the request does not allow it.")
        return [ineligible(name, over) for name in CANCEL_DECISIONS]
    yes, no = CANCEL_DECISIONS
    return [
        {"decision": yes, "eligible": True},
        {"decision": no, "eligible": True, "available_reject_reasons": reject_cancel_reasons()},
    ]


def aftersale(call: Call) -> dict[str, Any]:
    """/return_refund/{v}/orders/{order_id}/aftersale_eligibility"""
    order = call.book.order(call.of_shop, call.ids["order_id"])
    if order is None:
        raise _NOT_FOUND
    who = call.query.one_of("initiate_aftersale_user", ("SELLER", "BUYER"), "SELLER")
    types = call.listed("request_types") or list(TYPES)
    if unknown := [one for one in types if one not in TYPES]:
        raise call.query.refused("request_types", f"holds {unknown[0]}")
    checked = [_eligible(call, order, who, one) for one in types]
    return {
        "sku_eligibility": [
            {
                "sku_id": sku_id,
                "line_item_eligibility": [
                    {
                        **one,
                        "order_line_items_ids": line_ids,
                        "order_line_list": [{"order_line_item_id": line} for line in line_ids],
                    }
                    for one in checked
                ],
            }
            for sku_id, line_ids in _by_sku(order)
        ]
    }


def _by_sku(order: Purchase) -> Iterator[tuple[str, list[str]]]:
    for sku_id in dict.fromkeys(line.sku_id for line in order.lines):
        yield str(sku_id), [line.line_id for line in order.lines if line.sku_id == sku_id]


def _eligible(call: Call, order: Purchase, who: str, kind: str) -> dict[str, Any]:
    refusal = aftersale_refusal(order, who, kind)
    if refusal:
        return {
            "request_type": kind,
            "eligible": False,
            "ineligible_code": refusal.code,
            "ineligible_reason": refusal.message,
            "available_reason_names": [],
        }
    return {
        "request_type": kind,
        "eligible": True,
        "available_reason_names": _reasons(call, order, who, kind),
    }


def _reasons(call: Call, order: Purchase, who: str, kind: str) -> list[str]:
    if kind != "CANCEL":
        return [key for key, _ in RETURN]
    return list(OF_BUYERS if who == "BUYER" else seller_cancel_reasons(order, call.seller.region))


def aftersale_refusal(order: Purchase, who: str, kind: str) -> Failure | None:
    """Why a buyer or the seller may not start something for an order; None where he may."""
    if kind == "CANCEL" and who == "SELLER":
        return cancellations.cancel_refusal(order)
    if order.cancel_id or (order.refund is not None and order.refund.open):
        return Failure(25001010, "A request for the order is in process already.")
    if order.refund is not None and order.refund.state in ("accepted", "paid"):
        return Failure(25001011, "The order is refunded already.")
    allowed = {
        "CANCEL": _BUYER_CANCELS,
        "REFUND": _REFUNDABLE,
        "RETURN_AND_REFUND": _RETURNABLE,
    }[kind]
    if order.step in allowed:
        return None
    if order.step in (Step.COMPLETED, Step.CANCELLED):
        return Failure(25001051, "The order is completed or cancelled.")
    return Failure(25001003, "The status of the order does not allow it.")
