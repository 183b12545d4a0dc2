"""The seller's moves in a return: what each needs, and making it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.channels.answers import Evidence, Form, ReturnAnswer
from crossdock.channels.contract import Shop, Told
from crossdock.channels.errors import Refused
from crossdock.channels.reading import text
from crossdock.channels.tiktok.answering import reject_reasons
from crossdock.channels.tiktok.api import post, upload
from crossdock.channels.tiktok.endpoints import ANSWER_RETURN, UPLOAD_IMAGE
from crossdock.channels.tiktok.once import idempotency_key
from crossdock.channels.tiktok.refusals import refusal_of, told_no
from crossdock.channels.tiktok.return_facts import REPLACEMENT_PENDING, smallest
from crossdock.rules.facts import ReturnFacts, ReturnMove

_MOST_IMAGES = 6
_ALREADY = {ReturnMove.RECEIVED: "25020011"}
"""The code that says that a move was made before, where it says so of this very move."""


def form(shop: Shop, known: ReturnFacts, move: ReturnMove) -> Form:
    """What a move needs. Raises Refused where TikTok Shop names no reason for a refusal."""
    if move is ReturnMove.OFFER:
        least = smallest(known.currency)
        return Form(least_amount=least, most_amount=known.amount - least)
    if move.gives_in:
        return Form()
    reasons = reject_reasons(shop, known.return_id)
    return Form(reasons=reasons, wants_comment=True, most_images=_MOST_IMAGES)


def answer(shop: Shop, made: ReturnAnswer) -> Told:
    """Make a move. Evidence is uploaded first; the same move has the same idempotency key.

    Raises ``channels.errors``.
    """
    known = made.known
    if made.move in (ReturnMove.REJECT, ReturnMove.REFUSE_GOODS):
        verb, body = "reject", _rejection(shop, made)
    else:
        verb, body = "approve", _approval(made)
    path = ANSWER_RETURN.format(known.return_id, verb)
    query = {"idempotency_key": _key(made)}
    told = refusal_of(lambda: post(shop, path, body, query, writes=True))
    if not isinstance(told, Refused):
        return Told(known.order_id, ok=True)
    if told.code == _ALREADY.get(made.move):
        return Told(known.order_id, ok=False, already=True, words=told.words, code=told.code)
    return told_no(known.order_id, told)


def _approval(made: ReturnAnswer) -> Mapping[str, Any]:
    known, replaces = made.known, made.known.status == REPLACEMENT_PENDING
    if made.move is ReturnMove.REFUND and replaces:
        return {"decision": "ISSUE_REPLACEMENT_REFUND"}
    if made.move is ReturnMove.REFUND and known.goods_back:
        return {"decision": "APPROVE_RETURN", "buyer_keep_item": True}
    if made.move is ReturnMove.REFUND:
        return {"decision": "APPROVE_REFUND"}
    if made.move is ReturnMove.TAKE_BACK:
        return {"decision": "APPROVE_REPLACEMENT" if replaces else "APPROVE_RETURN"}
    if made.move is ReturnMove.RECEIVED:
        return {"decision": "APPROVE_RECEIVED_PACKAGE"}
    if made.move is ReturnMove.OFFER:
        return {"decision": "OFFER_PARTIAL_REFUND", "partial_refund": _offered(made)}
    raise Refused(f"TikTok Shop has no such move: {made.move.heading}.")


def _offered(made: ReturnAnswer) -> Mapping[str, str]:
    """The amount as text: without decimals where the currency has none."""
    least = smallest(made.known.currency)
    if made.amount is None:
        raise Refused("Say how much is offered.")
    amount = made.amount.quantize(least)
    if amount != made.amount:
        raise Refused(f"{made.amount} is no amount of {made.known.currency}.")
    return {"currency": made.known.currency, "amount": f"{amount}"}


def _rejection(shop: Shop, made: ReturnAnswer) -> Mapping[str, Any]:
    if made.move is ReturnMove.REFUSE_GOODS:
        decision = "REJECT_RECEIVED_PACKAGE"
    elif made.known.status == REPLACEMENT_PENDING:
        decision = "REJECT_REPLACEMENT"
    else:
        decision = "REJECT_RETURN" if made.known.goods_back else "REJECT_REFUND"
    body: dict[str, Any] = {"decision": decision, "reject_reason": made.reason}
    if made.comment:
        body["comment"] = made.comment
    if made.images:
        body["images"] = [_uploaded(shop, image) for image in made.images[:_MOST_IMAGES]]
    return body


def _uploaded(shop: Shop, image: Evidence) -> Mapping[str, str]:
    uri = text(upload(shop, UPLOAD_IMAGE, image), "uri")
    if not uri:
        raise Refused(f"TikTok Shop took the picture {image.name} without naming it.")
    return {"image_id": uri, "mime_type": image.media_type}


def _key(made: ReturnAnswer) -> str:
    """The pictures are not in it: each upload gives the same picture another id."""
    known = made.known
    return idempotency_key(
        known.return_id, known.status, made.move.value, made.reason, made.comment, f"{made.amount}"
    )
