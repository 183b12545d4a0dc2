"""TikTok Shop's returns → facts: what one asks for, and what the seller may do about it now."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from crossdock.channels.errors import Unreadable
from crossdock.channels.reading import Reading, Row, child, rows, text, yes
from crossdock.rules.facts import ReturnFacts, ReturnMove

PENDING = "RETURN_OR_REFUND_REQUEST_PENDING"
SENT_BACK = "BUYER_SHIPPED_ITEM"
REPLACEMENT_PENDING = "REPLACEMENT_REQUEST_PENDING"
_OVER = frozenset(
    {
        "REFUND_OR_RETURN_REQUEST_REJECT",
        "RETURN_OR_REFUND_REQUEST_SUCCESS",
        "RETURN_OR_REFUND_REQUEST_COMPLETE",
        "RETURN_OR_REFUND_REQUEST_CANCEL",
        "REPLACEMENT_REQUEST_REJECT",
        "REPLACEMENT_REQUEST_REFUND_SUCCESS",
        "REPLACEMENT_REQUEST_CANCEL",
        "REPLACEMENT_REQUEST_COMPLETE",
        "EXCHANGE_REQUEST_REFUND_SUCCESS",
        "EXCHANGE_REQUEST_CANCEL",
        "EXCHANGE_REQUEST_COMPLETE",
    }
)
MONEY_ONLY = "REFUND"
_ARBITRATION = "IN_PROGRESS"


def return_facts(told: Row) -> ReturnFacts:
    """A return, as TikTok Shop tells it. Raises Unreadable without its ids."""
    return_id, order_id = text(told, "return_id"), text(told, "order_id")
    if not return_id or not order_id:
        raise Unreadable("TikTok Shop sent a return without its ids.")
    reading, amount = Reading(), child(told, "refund_amount")
    status = text(told, "return_status")
    moves = moves_of(told)
    created = reading.time(told, "create_time") or datetime.now(UTC).replace(microsecond=0)
    ends = [reading.time(row, "deadline") for row in rows(told, "seller_next_action_response")]
    pictures = [child(row, "product_image") for row in rows(told, "return_line_items")]
    return ReturnFacts(
        return_id=return_id,
        order_id=order_id,
        status=status,
        goods_back=text(told, "return_type") != MONEY_ONLY,
        currency=text(amount, "currency"),
        amount=reading.money(amount, "refund_total"),
        created_at=created,
        updated_at=reading.time(told, "update_time") or created,
        is_open=status not in _OVER,
        waits_for_us=bool(moves),
        moves=moves,
        deadline=min(filter(None, ends), default=None) if moves else None,
        reason=text(told, "return_reason_text") or text(told, "return_reason"),
        line_ids=tuple(
            filter(
                None, (text(row, "order_line_item_id") for row in rows(told, "return_line_items"))
            )
        ),
        tracking_number=text(told, "return_tracking_number"),
        image_urls=tuple(filter(None, (text(picture, "url") for picture in pictures))),
    )


def moves_of(told: Row) -> tuple[ReturnMove, ...]:
    """What the seller may do now: by the return's status and type; nothing while TikTok arbitrates."""
    status = text(told, "return_status")
    if text(told, "arbitration_status") == _ARBITRATION:
        return ()
    if status == PENDING and text(told, "return_type") == MONEY_ONLY:
        return (ReturnMove.REFUND, *_offer(told), ReturnMove.REJECT)
    if status == PENDING:
        keeps = (ReturnMove.REFUND,) if yes(told.get("can_buyer_keep_item")) else ()
        return (ReturnMove.TAKE_BACK, *keeps, *_offer(told), ReturnMove.REJECT)
    if status == REPLACEMENT_PENDING:
        return (ReturnMove.TAKE_BACK, ReturnMove.REFUND, ReturnMove.REJECT)
    if status == SENT_BACK:
        refuse = () if yes(told.get("is_quick_refund")) else (ReturnMove.REFUSE_GOODS,)
        return (ReturnMove.RECEIVED, *refuse)
    return ()


def _offer(told: Row) -> tuple[ReturnMove, ...]:
    """A part of the money can be offered once: not after the buyer has refused it."""
    refused = yes(told.get("buyer_rejected_partial_refund"))
    amount = Reading().money(child(told, "refund_amount"), "refund_total")
    return () if refused or amount <= Decimal("0.01") else (ReturnMove.OFFER,)
