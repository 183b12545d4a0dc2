"""Returns at TikTok Shop: listing them, and making the seller's moves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from crossdock.channels.answers import Evidence, Form, ReturnAnswer, ReturnsPage
from crossdock.channels.contract import Shop, Told
from crossdock.channels.errors import Refused, Unreadable
from crossdock.channels.reading import Row, rows, text
from crossdock.channels.tiktok.answering import refusal_form
from crossdock.channels.tiktok.api import path_of, post, upload
from crossdock.channels.tiktok.refusals import ALREADY_ANSWERED, refusal_of, told_no
from crossdock.channels.tiktok.return_facts import REPLACEMENT_PENDING, return_facts
from crossdock.rules.facts import ReturnFacts, ReturnMove

_PAGE = 50
_MOST_IMAGES = 6
_UPLOAD = "/product/202309/images/upload"
_CENT = Decimal("0.01")


def changed(shop: Shop, *, since: datetime, until: datetime, cursor: str | None) -> ReturnsPage:
    """One page of the returns updated in the window, oldest first; see ``orders`` for the cursor."""
    start, token = _at(cursor) if cursor else (int(since.timestamp()), "")
    told = _search(
        shop, {"update_time_ge": start, "update_time_lt": int(until.timestamp()) + 1}, token
    )
    found = rows(told, "return_orders")
    further = text(told, "next_page_token")
    place = None
    if further:
        last = found[-1].get("update_time") if found else None
        if not isinstance(last, int | Decimal):
            raise Unreadable("TikTok Shop's list of returns cannot be paged.")
        place = json.dumps([int(last), ""] if int(last) > start else [start, further])
    return ReturnsPage(tuple(_facts(found)), place)


def of_order(shop: Shop, order_id: str) -> tuple[ReturnFacts, ...]:
    """The returns of one order."""
    found: list[Row] = []
    token = ""
    while True:
        told = _search(shop, {"order_ids": [order_id]}, token)
        found += rows(told, "return_orders")
        token = text(told, "next_page_token")
        if not token:
            return tuple(_facts(found))


def form(shop: Shop, known: ReturnFacts, move: ReturnMove) -> Form:
    """What a move needs. Raises Refused where TikTok Shop names no reason for a refusal."""
    if move is ReturnMove.OFFER:
        return Form(least_amount=_CENT, most_amount=known.amount - _CENT)
    if move.gives_in:
        return Form()
    asked = refusal_form(shop, known.return_id)
    return Form(reasons=asked.reasons, wants_comment=True, most_images=_MOST_IMAGES)


def answer(shop: Shop, made: ReturnAnswer) -> Told:
    """Make a move. Evidence is uploaded first; the same move has the same idempotency key."""
    known = made.known
    verb, body = _said(made)
    if made.images and verb == "reject":
        body["images"] = [_uploaded(shop, image) for image in made.images[:_MOST_IMAGES]]
    told = refusal_of(
        lambda: post(
            shop,
            path_of("return_refund", f"returns/{known.return_id}/{verb}"),
            body,
            {"idempotency_key": f"{known.return_id}-{made.move.value}-{known.status}"[:255]},
            writes=True,
        )
    )
    if isinstance(told, Refused):
        refusal = told_no(known.order_id, told, already=frozenset())
        return Told(
            known.order_id,
            ok=False,
            words=refusal.words,
            code=refusal.code,
            again=refusal.again and told.code not in ALREADY_ANSWERED,
        )
    return Told(known.order_id, ok=True)


def _said(made: ReturnAnswer) -> tuple[str, dict[str, Any]]:
    """The verb and the body of a move."""
    known = made.known
    replaces = known.status == REPLACEMENT_PENDING
    if made.move is ReturnMove.REFUND:
        if replaces:
            return "approve", {"decision": "ISSUE_REPLACEMENT_REFUND"}
        if known.goods_back:
            return "approve", {"decision": "APPROVE_RETURN", "buyer_keep_item": True}
        return "approve", {"decision": "APPROVE_REFUND"}
    if made.move is ReturnMove.TAKE_BACK:
        return "approve", {"decision": "APPROVE_REPLACEMENT" if replaces else "APPROVE_RETURN"}
    if made.move is ReturnMove.RECEIVED:
        return "approve", {"decision": "APPROVE_RECEIVED_PACKAGE"}
    if made.move is ReturnMove.OFFER:
        if made.amount is None:
            raise Refused("Say how much is offered.")
        offer = {"currency": known.currency, "amount": f"{made.amount.quantize(_CENT)}"}
        return "approve", {"decision": "OFFER_PARTIAL_REFUND", "partial_refund": offer}
    decisions = {
        ReturnMove.REFUSE_GOODS: "REJECT_RECEIVED_PACKAGE",
        ReturnMove.REJECT: "REJECT_REPLACEMENT"
        if replaces
        else "REJECT_RETURN"
        if known.goods_back
        else "REJECT_REFUND",
    }
    if made.move not in decisions:
        raise Refused(f"TikTok Shop has no such move: {made.move.heading}.")
    body: dict[str, Any] = {"decision": decisions[made.move], "reject_reason": made.reason}
    return "reject", body | ({"comment": made.comment} if made.comment else {})


def _uploaded(shop: Shop, image: Evidence) -> Mapping[str, str]:
    told = upload(shop, _UPLOAD, image)
    uri = text(told, "uri")
    if not uri:
        raise Refused(f"TikTok Shop took the picture {image.name} without naming it.")
    return {"image_id": uri, "mime_type": image.media_type}


def _search(shop: Shop, body: Mapping[str, Any], token: str) -> Mapping[str, Any]:
    query = {"page_size": str(_PAGE), "sort_field": "update_time", "sort_order": "ASC"}
    if token:
        query["page_token"] = token
    return post(shop, path_of("return_refund", "returns/search"), body, query, writes=False)


def _facts(found: Sequence[Row]) -> Iterator[ReturnFacts]:
    """Those that can be read; one without ids stands in nobody's way."""
    for row in found:
        if text(row, "return_id") and text(row, "order_id"):
            yield return_facts(row)


def _at(cursor: str) -> tuple[int, str]:
    try:
        start, token = json.loads(cursor)
        return int(start), str(token)
    except (ValueError, TypeError):
        raise Refused(
            "This place in TikTok Shop's list is no longer known.", code="cursor"
        ) from None
