"""Why a seller cancels: TikTok Shop's keys, which reach people as words."""

from __future__ import annotations

from crossdock.channels.answers import Reason
from crossdock.rules.facts import Stage

_WORDS = {
    "seller_cancel_unpaid_reason_out_of_stock": "Out of stock",
    "seller_cancel_unpaid_reason_wrong_price": "Pricing error",
    "seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed": "Buyer has not paid in time",
    "seller_cancel_reason_out_of_stock": "Out of stock",
    "seller_cancel_reason_wrong_price": "Pricing error",
    "seller_cancel_paid_reason_address_not_deliver": "Cannot deliver to the buyer's address",
    "seller_cancel_unable_to_deliver_to_buyer_address": "Cannot deliver to the buyer's address",
}
"""The eligibility tells the keys alone."""
_UNPAID = tuple(key for key in _WORDS if "_unpaid_" in key)
_PAID = ("seller_cancel_reason_out_of_stock", "seller_cancel_reason_wrong_price")
_ADDRESS = {"SG": "seller_cancel_unable_to_deliver_to_buyer_address"}
_ADDRESS_ELSEWHERE = "seller_cancel_paid_reason_address_not_deliver"
_BRITISH = frozenset({"GB", "UK"})


def reason_of(key: str) -> Reason:
    """A key with its words; one that is not known is its own."""
    known = _WORDS.get(key) or _WORDS.get(key.removesuffix("_uk"))
    return Reason(key, known or key.removeprefix("seller_cancel_").replace("_", " ").capitalize())


def known_reasons(region: str, stage: Stage) -> tuple[Reason, ...]:
    """What TikTok Shop takes where the order's own eligibility names no reason: by the region, and by
    whether the order is paid."""
    paid = (*_PAID, _ADDRESS.get(region, _ADDRESS_ELSEWHERE))
    keys = _UNPAID if stage is Stage.UNPAID else paid
    ending = "_uk" if region in _BRITISH else ""
    return tuple(reason_of(key + ending) for key in keys)
