"""Disputes: a seller's no to a return, which Shopee judges."""

from __future__ import annotations

import time
from typing import Any

from crossdock_sandbox.shopee.failures import Failure
from crossdock_sandbox.shopee.gateway import Call
from crossdock_sandbox.shopee.return_answers import change
from crossdock_sandbox.shopee.returning import (
    STATUSES,
    ask_for_compensation,
    enter,
    withdraw_compensation,
)
from crossdock_sandbox.shopee.returns import find
from crossdock_sandbox.stand import now
from crossdock_sandbox.world.purchases import Purchase, Refund

_DISPUTED = ("requested", "offered", "awaiting_buyer", "returning", "buyer_shipped")
_EVIDENCE_SECONDS = 48 * 3600
_REASONS = {
    1: ("The item was sent as described", "Pictures of the item before it was sent", True),
    2: ("The buyer's evidence is not enough", "An explanation", False),
    3: ("The returned item is damaged or not the same", "Pictures of the returned item", True),
    4: ("I did not receive the returned item", "Nothing", False),
}
"""Reason by id: what it says, which evidence it asks for, and whether that is required."""


def reasons(call: Call) -> dict[str, Any]:
    """/api/v2/returns/get_return_dispute_reason: ids come as strings, and go as numbers"""
    find(call)
    return {
        "dispute_reason_list": [
            {
                "dispute_reason": str(number),
                "dispute_requirement": f"{text}. {evidence}.",
                "sample_evidence": [],
                "evidence_module_list": [
                    {"module_index": 0, "requirement": evidence, "is_required": required}
                ],
            }
            for number, (text, evidence, required) in _REASONS.items()
        ]
    }


def dispute(call: Call) -> dict[str, Any]:
    """/api/v2/returns/dispute: before the refund, or against it afterwards"""

    def deed(order: Purchase, refund: Refund) -> None:
        reason = _reason(call)
        pictures = _pictures(call, reason)
        call.given.text("email")
        if refund.state == "accepted" and refund.goods_back and "compensation" not in refund.more:
            ask_for_compensation(order, refund, now())
        elif refund.state in _DISPUTED:
            _need_proof(refund, pictures)
            enter(order, refund, "disputed", now())
        elif refund.state in ("disputed", "judging"):
            raise Failure("error_data", "Shopee is reviewing the case, please wait for the result.")
        else:
            raise Failure("error_data", f"Invalid return status: {STATUSES[refund.state]}.")
        refund.more["dispute_reasons"] = [_REASONS[reason][0]]
        refund.more["dispute_texts"] = [call.given.text("dispute_text_reason", "")]

    change(call, "reject_return", deed)
    return {"return_sn": call.given.text("return_sn"), "msg": "success"}


def _reason(call: Call) -> int:
    reason = call.given.values.get("dispute_reason_id")
    if isinstance(reason, bool) or not isinstance(reason, int) or reason not in _REASONS:
        raise _refused("dispute_reason_id is not one of the return's reasons")
    return reason


def _pictures(call: Call, reason: int) -> list[str]:
    """The pictures of all modules; each module takes at most three."""
    pictures: list[str] = []
    for module in call.given.objects("image_list"):
        module.integer("module_index")
        module.text("requirement")
        urls = module.listed("image_url")
        if len(urls) > 3 or not all(url.startswith(("http://", "https://")) for url in urls):
            raise _refused("image_url holds at most three addresses")
        pictures += urls
    if _REASONS[reason][2] and not pictures:
        raise _refused("a required evidence module has no picture")
    return pictures


def _refused(text: str) -> Failure:
    return Failure("dispute.request.param.error", f"Wrong parameters, detail: {text}.")


def _need_proof(refund: Refund, pictures: list[str]) -> None:
    """Proof can be uploaded for two days; what came with the dispute is proof already."""
    refund.more["proof_due"] = int(time.time()) + _EVIDENCE_SECONDS
    refund.more["negotiation"] = "TERMINATED" if refund.more.get("negotiation") else ""
    if pictures:
        shown = [{"url": url, "thumbnail": url} for url in pictures]
        refund.more["proof"] = {"image": shown, "video": [], "description": ""}


def cancel(call: Call) -> dict[str, Any]:
    """/api/v2/returns/cancel_dispute: only of one that asks for compensation"""

    def deed(order: Purchase, refund: Refund) -> None:
        call.given.text("email")
        if refund.state != "accepted" or refund.more.get("compensation") != "REQUESTED":
            raise Failure(
                "error_return_status", f"Invalid return status: {STATUSES[refund.state]}."
            )
        withdraw_compensation(order, refund, now())

    change(call, "cancel_dispute", deed)
    return {"return_sn": call.given.text("return_sn"), "message": "success"}
