"""What a seller answers to a return: yes, another solution, or yes to the buyer's."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from crossdock_sandbox.shopee.answers import number
from crossdock_sandbox.shopee.failures import Failure, wrong
from crossdock_sandbox.shopee.gateway import Call
from crossdock_sandbox.shopee.return_json import COUNTERS
from crossdock_sandbox.shopee.returning import (
    STATUSES,
    agree,
    enter,
    refund_amount,
    refund_of_request,
)
from crossdock_sandbox.shopee.returns import find
from crossdock_sandbox.stand import now
from crossdock_sandbox.world.purchases import Purchase, Refund

_SOLUTIONS = ("RETURN_REFUND", "REFUND")
_LEAST = Decimal("1.00")
_BEFORE_REFUND = ("requested", "offered", "awaiting_buyer", "returning", "buyer_shipped")
_REVIEWED = ("disputed", "judging")


def confirm(call: Call) -> dict[str, Any]:
    """/api/v2/returns/confirm: the buyer gets all back, and keeps what he has"""

    def deed(order: Purchase, refund: Refund) -> None:
        _need(refund, *_BEFORE_REFUND)
        agree(order, refund, "REFUND", refund_of_request(order), now())

    return _answered(call, "accept_return", deed)


def available_solutions(call: Call) -> dict[str, Any]:
    """/api/v2/returns/get_available_solutions"""
    order, refund = find(call)
    open_to_offers = _offers_possible(refund)
    most = number(refund_amount(order, refund))
    least = number(min(_LEAST, refund_amount(order, refund)))
    return {
        "return_sn": refund.refund_id,
        "offer_return_refund": {
            "eligibility": open_to_offers and refund.goods_back,
            "refund_amount_adjustable": False,
            "max_refund_amount": most,
            "min_refund_amount": most,
        },
        "offer_refund": {
            "eligibility": open_to_offers,
            "refund_amount_adjustable": True,
            "max_refund_amount": most,
            "min_refund_amount": least,
        },
    }


def offer(call: Call) -> dict[str, Any]:
    """/api/v2/returns/offer: another solution, to which the buyer must agree"""

    def deed(order: Purchase, refund: Refund) -> None:
        solution = call.given.one_of("proposed_solution", _SOLUTIONS)
        amount = call.given.amount("proposed_adjusted_refund_amount")
        _need(refund, "requested", "offered")
        if not _offers_possible(refund):
            raise Failure("error_negotiation_status", "The negotiation status is invalid.")
        agreed = _checked_amount(order, refund, solution, amount)
        refund.more |= {
            "offer": {"solution": solution, "amount": str(agreed)},
            "offer_by": "SELLER",
            "offers": refund.more.get("offers", 0) + 1,
            "negotiation": "PENDING_BUYER_RESPOND",
        }
        enter(order, refund, "offered", now())

    return _answered(call, "offer_return", deed)


def _offers_possible(refund: Refund) -> bool:
    return refund.state == "requested" and refund.more.get("offers", 0) < COUNTERS


def _checked_amount(
    order: Purchase, refund: Refund, solution: str, amount: Decimal | None
) -> Decimal:
    most = refund_amount(order, refund)
    if solution == "RETURN_REFUND":
        if not refund.goods_back:
            raise Failure("error_validation", "The solution is not available for this return.")
        if amount not in (None, most):
            raise wrong("the refund amount is not adjustable")
    if amount is None:
        return most
    if not min(_LEAST, most) <= amount <= most:
        raise wrong("proposed_adjusted_refund_amount is out of range")
    return amount


def accept_offer(call: Call) -> dict[str, Any]:
    """/api/v2/returns/accept_offer: what the buyer has proposed"""

    def deed(order: Purchase, refund: Refund) -> None:
        _need(refund, "requested", "offered")
        if refund.more.get("negotiation") != "PENDING_RESPOND":
            raise Failure("error_no_buyer_offer", "There is no offer of the buyer.")
        proposed = refund.more["offer"]
        agree(order, refund, proposed["solution"], Decimal(proposed["amount"]), now())

    return _answered(call, "accept_return", deed)


def _answered(call: Call, effect: str, deed: Callable[[Purchase, Refund], None]) -> dict[str, Any]:
    change(call, effect, deed)
    return {"return_sn": call.given.text("return_sn")}


def change(call: Call, effect: str, deed: Callable[[Purchase, Refund], None]) -> None:
    """Do something to the return that a call names, with a row in the ledger."""
    order: Purchase | None = None
    try:
        order, refund = find(call)
        deed(order, refund)
    except Failure as failure:
        call.witness(order.order_id if order else "", effect, failure.error)
        raise
    call.witness(order.order_id, effect)
    call.book.save(order)


def _need(refund: Refund, *states: str) -> None:
    """Raises Failure unless the return stands at one of these states."""
    if refund.state in _REVIEWED:
        raise Failure("error_data", "Shopee is reviewing the case, please wait for the result.")
    if refund.state not in states:
        raise Failure("error_data", f"Invalid return status: {STATUSES[refund.state]}.")
