"""Cancellations at TikTok Shop: the seller's own, and answers to buyers."""

from __future__ import annotations

from crossdock.channels.answers import CancelAnswer, Form, Reason
from crossdock.channels.contract import Parcel, Shop, Told
from crossdock.channels.errors import Refused
from crossdock.channels.reading import child, rows, text, words_of, yes
from crossdock.channels.tiktok.api import get, path_of, post
from crossdock.channels.tiktok.refusals import ALREADY_ANSWERED, refusal_of, told_no

_KNOWN_REASONS = (
    Reason("seller_cancel_reason_out_of_stock", "Out of stock"),
    Reason("seller_cancel_reason_wrong_price", "Pricing error"),
)
"""What every market takes for a paid order, where the eligibility names none."""
_WORDS = {
    "seller_cancel_unpaid_reason_out_of_stock": "Out of stock",
    "seller_cancel_unpaid_reason_wrong_price": "Pricing error",
    "seller_cancel_unpaid_reason_buyer_hasnt_paid_within_time_allowed": "Buyer has not paid in time",
    "seller_cancel_reason_out_of_stock": "Out of stock",
    "seller_cancel_reason_wrong_price": "Pricing error",
    "seller_cancel_paid_reason_address_not_deliver": "Cannot deliver to the buyer's address",
    "seller_cancel_unable_to_deliver_to_buyer_address": "Cannot deliver to the buyer's address",
}
"""The reasons' keys as people read them; the eligibility tells the keys alone."""


def cancel_form(shop: Shop, parcel: Parcel) -> Form:
    """The reasons for which the seller can cancel this order now. Raises Refused when it cannot."""
    told = get(
        shop,
        path_of("return_refund", f"orders/{parcel.order_id}/aftersale_eligibility"),
        {"initiate_aftersale_user": "SELLER", "request_types": "CANCEL"},
    )
    lines = [
        row
        for sku in rows(told, "sku_eligibility")
        for row in rows(sku, "line_item_eligibility")
        if text(row, "request_type") in ("CANCEL", "")
    ]
    able = [row for row in lines if yes(row.get("eligible"))]
    if not able:
        why = next((text(row, "ineligible_reason") for row in lines), "")
        raise Refused(why or "TikTok Shop does not let the seller cancel this order now.")
    names = dict.fromkeys(name for row in able for name in words_of(row, "available_reason_names"))
    return Form(
        reasons=tuple(Reason(name, _WORDS.get(name) or name.replace("_", " ")) for name in names)
        or _KNOWN_REASONS
    )


def cancel(shop: Shop, parcel: Parcel, *, reason: str) -> Told:
    """Cancel a whole order (single lines can be cancelled in the US and the UK only)."""
    answer = refusal_of(
        lambda: post(
            shop,
            path_of("return_refund", "cancellations"),
            {"order_id": parcel.order_id, "cancel_reason": reason},
            writes=True,
        )
    )
    if isinstance(answer, Refused):
        return told_no(parcel.order_id, answer, already=ALREADY_ANSWERED)
    status = text(answer, "cancel_status")
    pending = "PENDING" in status
    words = "TikTok Shop is stopping the courier first." if pending else ""
    return Told(parcel.order_id, ok=True, words=words)


def refusal_form(shop: Shop, request_id: str) -> Form:
    """The reasons for which a cancellation or a return can be refused now; a comment may be added."""
    path = path_of("return_refund", "reject_reasons")
    told = get(shop, path, {"return_or_cancel_id": request_id})
    found = [
        Reason(text(row, "name"), text(row, "text") or text(row, "name"))
        for row in rows(told, "reasons")
    ]
    if not found:
        raise Refused("TikTok Shop names no reason for which this can be refused now.")
    return Form(reasons=tuple(found))


def answer_cancellation(shop: Shop, answer: CancelAnswer) -> Told:
    """Accept or refuse a buyer's cancellation; the same answer has the same idempotency key."""
    verb = "approve" if answer.accept else "reject"
    body: dict[str, str] = {}
    if not answer.accept:
        body = {"reject_reason": answer.reason}
        body |= {"comment": answer.comment} if answer.comment else {}
    if not answer.request_id:
        return Told(answer.order_id, ok=False, words="TikTok Shop has no open request here.")
    made = refusal_of(
        lambda: post(
            shop,
            path_of("return_refund", f"cancellations/{answer.request_id}/{verb}"),
            body,
            {"idempotency_key": f"{answer.order_id}-{answer.request_id}-{verb}"},
            writes=True,
        )
    )
    if isinstance(made, Refused):
        return told_no(answer.order_id, made, already=frozenset())
    errors = rows(made, "errors") or rows(child(made, "data"), "errors")
    if errors:
        words = f"{text(errors[0], 'message')} ({text(errors[0], 'code')})"
        return Told(answer.order_id, ok=False, words=words, code=text(errors[0], "code"))
    return Told(answer.order_id, ok=True)
