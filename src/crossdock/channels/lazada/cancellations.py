"""Cancellations at Lazada: the seller's own, and answers to buyers who ask for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crossdock.channels.answers import CancelAnswer, Form, Reason
from crossdock.channels.contract import Parcel, Shop, Told
from crossdock.channels.errors import ChannelError, Refused, Unclear, ends_token
from crossdock.channels.lazada.api import call, dumps
from crossdock.channels.lazada.orders import items_of
from crossdock.channels.lazada.reading import Row, child, rows, text, yes
from crossdock.channels.lazada.return_facts import lines_of
from crossdock.channels.lazada.return_lists import of_reverse
from crossdock.channels.lazada.statuses import stage_of
from crossdock.rules.facts import Stage


def cancel_form(shop: Shop, parcel: Parcel) -> Form:
    """The reasons for which the seller can cancel these lines; they differ by order and country.

    Raises Refused, with Lazada's words, when they cannot be cancelled.
    """
    data = child(call(shop, "/order/reverse/cancel/validate", _meant(shop, parcel)), "data")
    reasons = tuple(
        Reason(text(row, "reason_id"), text(row, "reason_name") or text(row, "reason_id"))
        for row in rows(data, "reason_options")
        if text(row, "reason_id")
    )
    if not reasons or text(data, "tip_type").lower() == "error":
        raise Refused(text(data, "tip_content") or "Lazada offers no reason to cancel this order.")
    return Form(reasons=reasons)


def cancel(shop: Shop, parcel: Parcel, *, reason: str) -> Told:
    """Cancel lines as the seller. Packed lines take the others of their package with them.

    ``code`` "0" is not enough: the answer has a ``tip_type``, and the items tell what came of it.
    """
    meant = _meant(shop, parcel)
    try:
        answer = call(shop, "/order/reverse/cancel/create", {**meant, "reason_id": reason})
    except Refused as refusal:
        if ends_token(refusal):
            raise
        return Told(parcel.order_id, ok=False, words=refusal.words, code=refusal.code)
    data = child(answer, "data")
    kind, words = text(data, "tip_type").lower(), text(data, "tip_content")
    if kind == "error":
        return Told(parcel.order_id, ok=False, words=words or "Lazada did not cancel it.")
    return _came_of_it(shop, parcel, kind, words)


def _came_of_it(shop: Shop, parcel: Parcel, kind: str, words: str) -> Told:
    """What the items say after a cancellation that Lazada took.

    Raises Unclear where it is said to be done and no item shows it.
    """
    try:
        items = items_of(shop, [parcel.order_id]).get(parcel.order_id, [])
    except ChannelError:
        if kind == "success":
            return Told(parcel.order_id, ok=True)
        raise Unclear(words or "Lazada does not say whether it was cancelled.") from None
    known = {text(item, "order_item_id"): item for item in items if isinstance(item, Mapping)}
    wanted = parcel.line_ids or tuple(known)
    done = tuple(line for line in wanted if line in known and _is_gone(known[line]))
    left = tuple(line for line in wanted if line not in done)
    if not left:
        return Told(parcel.order_id, ok=True, done=done)
    if not done and kind == "success":
        raise Unclear(words or "Lazada says that it is cancelled, and no item shows it yet.")
    return Told(parcel.order_id, ok=False, words=words or kind, done=done, left=left)


def _is_gone(item: Row) -> bool:
    """Whether an item is cancelled, or is being stopped."""
    stage = stage_of(text(item, "status"))
    return stage is Stage.CANCELLED or yes(item.get("is_cancel_pending"))


def _meant(shop: Shop, parcel: Parcel) -> dict[str, str]:
    """The order and its items as both calls name them; ids in the list are texts."""
    lines: Sequence[str] = parcel.line_ids
    if not lines:
        items = items_of(shop, [parcel.order_id]).get(parcel.order_id, [])
        lines = [
            text(item, "order_item_id")
            for item in items
            if isinstance(item, Mapping) and stage_of(text(item, "status")).is_live
        ]
    return {"order_id": parcel.order_id, "order_item_id_list": dumps(list(lines))}


def cancellation_form(shop: Shop, request_id: str) -> Form:
    """For what a buyer's cancellation can be refused.

    The reference names no source of these reasons. The one call that lists reasons to refuse is
    asked with the request's own line; where it has none, the refusal goes without one.
    """
    try:
        told = of_reverse(shop, request_id)
        lines = lines_of(told) if told else []
        return (
            Form(reasons=reasons(shop, text(lines[0], "reverse_order_line_id")))
            if lines
            else Form()
        )
    except Refused as refusal:
        if ends_token(refusal):
            raise
        return Form()


def reasons(shop: Shop, line_id: str) -> tuple[Reason, ...]:
    """For what a line of a reverse order can be refused. Raises Refused where there is nothing."""
    answer = call(shop, "/order/reverse/reason/list", {"reverse_order_line_id": line_id})
    return tuple(
        Reason(text(row, "reason_id"), text(row, "text") or text(row, "muti_language_text"))
        for row in rows(answer, "data")
        if text(row, "reason_id")
    )


def answer(shop: Shop, given: CancelAnswer) -> Told:
    """Accept or refuse a buyer's cancellation. A parcel that its courier was called for is stopped
    first: its lines are held until then."""
    try:
        call(
            shop,
            "/order/reverse/cancel/seller/decide",
            {
                "reverse_order_id": given.request_id,
                "agree_cancel": "true" if given.accept else "false",
                "reason_code": "" if given.accept else given.reason,
            },
        )
    except Refused as refusal:
        if ends_token(refusal):
            raise
        return Told(given.order_id, ok=False, words=refusal.words, code=refusal.code)
    return Told(given.order_id, ok=True)
