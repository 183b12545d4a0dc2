"""TikTok Shop's returns → facts: what one asks for, and what the seller may do about it now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from crossdock.channels.errors import Unreadable
from crossdock.channels.reading import Reading, Row, child, rows, text, yes
from crossdock.rules.facts import ReturnFacts, ReturnMove

MONEY_ONLY = "REFUND"
_PENDING = "RETURN_OR_REFUND_REQUEST_PENDING"
_SENT_BACK = "BUYER_SHIPPED_ITEM"
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
_ARBITRATION = "IN_PROGRESS"
_REFUND, _RETURN = "SELLER_RESPOND_REFUND", "SELLER_RESPOND_RETURN"
_GOODS, _REPLACE = "SELLER_RESPOND_RECEIVE_PACKAGE", "SELLER_RESPOND_REPLACEMENT"
_BY_STATUS = {_SENT_BACK: _GOODS, REPLACEMENT_PENDING: _REPLACE}
_NO_CENTS = frozenset({"IDR", "VND", "JPY"})


def return_facts(told: Row, records: Sequence[Row] = ()) -> ReturnFacts:
    """A return, as TikTok Shop tells it. Raises Unreadable without its ids.

    ``records``: what happened to it, where the buyer's own words and pictures are.
    """
    return_id, order_id = text(told, "return_id"), text(told, "order_id")
    if not return_id or not order_id:
        raise Unreadable("TikTok Shop sent a return without its ids.")
    reading, amount = Reading(), child(told, "refund_amount")
    status, waits = text(told, "return_status"), _waits_for_us(told)
    created = reading.time(told, "create_time") or datetime.now(UTC).replace(microsecond=0)
    by_buyer = [row for row in records if text(row, "role") == "BUYER"]
    return ReturnFacts(
        return_id=return_id,
        order_id=order_id,
        status=status,
        goods_back=text(told, "return_type") != MONEY_ONLY,
        currency=text(amount, "currency"),
        amount=reading.money(amount, "refund_total"),
        created_at=created,
        updated_at=reading.time(told, "update_time") or created,
        is_open=status not in _OVER or _is_arbitrated(told),
        waits_for_us=waits,
        moves=moves_of(told),
        deadline=_deadline(reading, told) if waits else None,
        reason=text(told, "return_reason_text") or text(told, "return_reason"),
        comment=next((words for row in by_buyer if (words := text(row, "note"))), ""),
        line_ids=_once(text(row, "order_line_item_id") for row in rows(told, "return_line_items")),
        tracking_number=text(told, "return_tracking_number"),
        image_urls=_once(text(one, "url") for row in by_buyer for one in rows(row, "images")),
    )


def moves_of(told: Row) -> tuple[ReturnMove, ...]:
    """What the seller may do now, the mildest first: by the next action that TikTok Shop names, else by
    the status and the type. Nothing while TikTok Shop arbitrates."""
    action = _action(told)
    if action == _REFUND:
        return (ReturnMove.REFUND, *_offer(told), ReturnMove.REJECT)
    if action == _RETURN:
        keeps = (ReturnMove.REFUND,) if yes(told.get("can_buyer_keep_item")) else ()
        return (ReturnMove.TAKE_BACK, *keeps, *_offer(told), ReturnMove.REJECT)
    if action == _GOODS:
        refuse = () if yes(told.get("is_quick_refund")) else (ReturnMove.REFUSE_GOODS,)
        return (ReturnMove.RECEIVED, *refuse)
    if action == _REPLACE and text(told, "return_status") == REPLACEMENT_PENDING:
        return (ReturnMove.TAKE_BACK, ReturnMove.REFUND, ReturnMove.REJECT)
    return ()


def smallest(currency: str) -> Decimal:
    """The smallest amount of a currency. TikTok Shop: IDR has no decimals (VND, JPY: not sure)."""
    return Decimal(1) if currency in _NO_CENTS else Decimal("0.01")


def _waits_for_us(told: Row) -> bool:
    """Whether the next move is the seller's, also where it is one that we have no call for.

    Goods on their way back wait once the list of next actions asks for them; a list that is not there
    at all tells nothing, and a deadline that is missed costs money: they wait then.
    """
    if _is_arbitrated(told):
        return False
    asked = bool(_named_actions(told))
    if text(told, "return_status") == _SENT_BACK and "seller_next_action_response" in told:
        return asked
    return asked or bool(_action(told))


def _action(told: Row) -> str:
    """What the seller is asked; "" for nothing that is known."""
    if _is_arbitrated(told):
        return ""
    status = text(told, "return_status")
    by_status = _BY_STATUS.get(status, "")
    if status == _PENDING:
        by_status = _REFUND if text(told, "return_type") == MONEY_ONLY else _RETURN
    return next(iter(_named_actions(told)), by_status)


def _named_actions(told: Row) -> list[str]:
    named = (text(row, "action") for row in rows(told, "seller_next_action_response"))
    return list(filter(None, named))


def _deadline(reading: Reading, told: Row) -> datetime | None:
    ends = [reading.time(row, "deadline") for row in rows(told, "seller_next_action_response")]
    return min(filter(None, ends), default=None)


def _is_arbitrated(told: Row) -> bool:
    return text(told, "arbitration_status") == _ARBITRATION


def _offer(told: Row) -> tuple[ReturnMove, ...]:
    """A part of the money can be offered once: not after the buyer has refused it."""
    amount = child(told, "refund_amount")
    least = smallest(text(amount, "currency"))
    refused = yes(told.get("buyer_rejected_partial_refund"))
    enough = Reading().money(amount, "refund_total") > least
    return (ReturnMove.OFFER,) if enough and not refused else ()


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, words)))
