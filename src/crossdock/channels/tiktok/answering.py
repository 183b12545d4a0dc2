"""Cancellations at TikTok Shop: the seller's own, and answers to buyers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.channels.answers import CancelAnswer, Form, Reason
from crossdock.channels.contract import Parcel, Shop, Told
from crossdock.channels.errors import Refused
from crossdock.channels.reading import rows, text, words_of, yes
from crossdock.channels.tiktok.api import get, post
from crossdock.channels.tiktok.cancel_reasons import known_reasons, reason_of
from crossdock.channels.tiktok.cancellation_facts import (
    cancellation,
    is_granted,
    is_open,
    open_requests,
)
from crossdock.channels.tiktok.endpoints import (
    ANSWER_CANCELLATION,
    CANCELLATIONS,
    ELIGIBILITY,
    REJECT_REASONS,
)
from crossdock.channels.tiktok.once import idempotency_key
from crossdock.channels.tiktok.orders import read_order
from crossdock.channels.tiktok.refusals import is_about_the_call, refusal_of, told_no
from crossdock.channels.tiktok.translate import order_facts
from crossdock.rules.facts import Stage

_NO_REQUEST = "TikTok Shop has no open cancellation request for this order."


def cancel_form(shop: Shop, parcel: Parcel) -> Form:
    """The reasons for which the seller can cancel this order now. Raises Refused when it cannot."""
    told = get(
        shop,
        ELIGIBILITY.format(parcel.order_id),
        {"initiate_aftersale_user": "SELLER", "request_types": "CANCEL"},
    )
    found = [
        row
        for sku in rows(told, "sku_eligibility")
        for row in rows(sku, "line_item_eligibility")
        if text(row, "request_type") in ("CANCEL", "")
    ]
    able = [row for row in found if yes(row.get("eligible"))]
    if found and not able:
        code = text(found[0], "ineligible_code")
        why = text(found[0], "ineligible_reason") or "no reason is told"
        raise Refused(f"TikTok Shop does not let the seller cancel now: {why} ({code})", code=code)
    keys = dict.fromkeys(key for row in able for key in words_of(row, "available_reason_names"))
    if keys:
        return Form(reasons=tuple(map(reason_of, keys)))
    facts = order_facts(read_order(shop, parcel.order_id))
    return Form(reasons=known_reasons(shop.region, facts.stage))


def cancel(shop: Shop, parcel: Parcel, *, reason: str) -> Told:
    """Cancel an order. Single lines are named where a part is meant: TikTok Shop takes that in some
    markets, and says no elsewhere. Raises ``channels.errors``."""
    facts = order_facts(read_order(shop, parcel.order_id))
    live = {line.line_id for line in facts.live_lines}
    if facts.lines and not live and all(one.stage is Stage.CANCELLED for one in facts.lines):
        return Told(parcel.order_id, ok=False, already=True, words="Cancelled already.")
    body: dict[str, Any] = {"order_id": parcel.order_id, "cancel_reason": reason}
    if parcel.line_ids and not live <= set(parcel.line_ids):
        body["order_line_item_ids"] = list(parcel.line_ids)
    answer = refusal_of(lambda: post(shop, CANCELLATIONS, body, writes=True))
    if isinstance(answer, Refused):
        return told_no(parcel.order_id, answer)
    waits = "PENDING" in text(answer, "cancel_status")
    words = "TikTok Shop is stopping the courier before it cancels." if waits else ""
    return Told(parcel.order_id, ok=True, words=words)


def cancellation_form(shop: Shop, order_id: str, request_id: str) -> Form:
    """The reasons for which a buyer's cancellation can be refused now. Raises Refused."""
    cancel_id = request_id or _open_request(shop, order_id)
    if not cancel_id:
        raise Refused(_NO_REQUEST)
    return Form(reasons=reject_reasons(shop, cancel_id))


def reject_reasons(shop: Shop, return_or_cancel_id: str) -> tuple[Reason, ...]:
    """With what a cancellation or a return can be refused now. Raises Refused where with nothing."""
    told = get(shop, REJECT_REASONS, {"return_or_cancel_id": return_or_cancel_id})
    found = tuple(
        Reason(text(row, "name"), text(row, "text") or text(row, "name"))
        for row in rows(told, "reasons")
        if text(row, "name")
    )
    if not found:
        raise Refused("TikTok Shop names no reason for which this can be refused now.")
    return found


def answer_cancellation(shop: Shop, answer: CancelAnswer) -> Told:
    """Accept or refuse a buyer's cancellation; the same answer has the same idempotency key.

    Raises ``channels.errors``.
    """
    cancel_id = answer.request_id or _open_request(shop, answer.order_id)
    if not cancel_id:
        return Told(answer.order_id, ok=False, words=_NO_REQUEST)
    verb = "approve" if answer.accept else "reject"
    body = {} if answer.accept else _refusal(answer)
    key = idempotency_key(answer.order_id, cancel_id, verb, answer.reason, answer.comment)
    made = refusal_of(
        lambda: post(
            shop,
            ANSWER_CANCELLATION.format(cancel_id, verb),
            body,
            {"idempotency_key": key},
            writes=True,
        )
    )
    if isinstance(made, Refused):
        return _refused(shop, answer, cancel_id, made)
    return Told(answer.order_id, ok=True)


def _refusal(answer: CancelAnswer) -> Mapping[str, str]:
    comment = {"comment": answer.comment} if answer.comment else {}
    return {"reject_reason": answer.reason, **comment}


def _open_request(shop: Shop, order_id: str) -> str:
    found = open_requests(shop, [order_id]).get(order_id)
    return found.cancel_id if found else ""


def _refused(shop: Shop, answer: CancelAnswer, cancel_id: str, refusal: Refused) -> Told:
    """The outcome of an answer that was not taken: perhaps the request has ended as it was to end."""
    told = told_no(answer.order_id, refusal)
    if told.again or is_about_the_call(refusal):
        return told
    stands = refusal_of(lambda: cancellation(shop, cancel_id))
    if isinstance(stands, Refused) or not stands or is_open(stands):
        return told
    already = is_granted(stands) is answer.accept
    return Told(answer.order_id, ok=False, already=already, words=told.words, code=told.code)
