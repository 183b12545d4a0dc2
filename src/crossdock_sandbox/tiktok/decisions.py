"""Which of the seller's answers fit a cancellation or return as it stands, and with what reasons."""

from __future__ import annotations

from typing import Any

from crossdock_sandbox.tiktok.failures import Failure
from crossdock_sandbox.tiktok.reasons import reject_return_reasons
from crossdock_sandbox.world.purchases import Refund

CANCEL_DECISIONS = ("APPROVE_REQUEST_CANCEL", "REJECT_REQUEST_CANCEL")
"""The answers to a buyer who asks to cancel."""
_OTHER_KINDS = ("APPROVE_REPLACEMENT", "ISSUE_REPLACEMENT_REFUND", "REJECT_REPLACEMENT")
"""Replacements do not exist in these markets."""
_MONEY_ONLY = ("APPROVE_REFUND", "REJECT_REFUND")
_GOODS_BACK = ("APPROVE_RETURN", "REJECT_RETURN", "DIRECT_REFUND")
_RECEIVED = (
    "APPROVE_RECEIVED_PACKAGE", "REJECT_RECEIVED_PACKAGE", "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG",
)  # fmt: skip
_OVER = {
    "cancelled": Failure(25020009, "The request is cancelled already."),
    "accepted": Failure(25020010, "The request is approved already."),
    "paid": Failure(25020010, "The request is approved already."),
    "rejected": Failure(25001003, "The request is rejected already."),
    "refused_goods": Failure(25011010, "The platform arbitrates this request."),
}


def check_decision(refund: Refund, decision: str) -> None:
    """Raises Failure where an answer does not fit a return request as it stands."""
    if refund.state in _OVER:
        raise _OVER[refund.state]
    if decision in _OTHER_KINDS:
        raise Failure(25020003, "The decision does not fit the type of the request.")
    if decision in _MONEY_ONLY and refund.goods_back:
        raise Failure(25020003, "The decision does not fit the type of the request.")
    if decision in (*_GOODS_BACK, *_RECEIVED) and not refund.goods_back:
        raise Failure(25020003, "The decision does not fit the type of the request.")
    here = "buyer_shipped" if decision in _RECEIVED else "requested"
    if refund.state != here:
        raise Failure(25001003, "The decision does not fit the status of the request.")


def return_decisions(refund: Refund) -> list[dict[str, Any]]:
    """``decisions[]`` of a return request."""
    names = (*_MONEY_ONLY, *_GOODS_BACK, *_RECEIVED[:2], *_OTHER_KINDS)
    return [_return_decision(refund, name) for name in names]


def _return_decision(refund: Refund, name: str) -> dict[str, Any]:
    try:
        check_decision(refund, name)
    except Failure as failure:
        return ineligible(name, failure)
    made: dict[str, Any] = {"decision": name, "eligible": True}
    if name.startswith("REJECT"):
        made["available_reject_reasons"] = reject_return_reasons(goods=name in _RECEIVED)
    return made


def ineligible(decision: str, failure: Failure) -> dict[str, Any]:
    """One of ``decisions[]`` that cannot be taken, and why."""
    return {
        "decision": decision,
        "eligible": False,
        "ineligible_code": failure.code,
        "ineligible_reason": failure.message,
    }
