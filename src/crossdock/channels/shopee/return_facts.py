"""A return as Shopee tells it → what it is, whose move it is, and what the seller can do.

The flow of returns is published as a picture only: which move is open in which state is decided
here, and Shopee says no where it sees it otherwise.
"""

from __future__ import annotations

from datetime import UTC, datetime

from crossdock.channels.errors import Unreadable
from crossdock.channels.reading import Reading, Row, child, text, words_of
from crossdock.rules.facts import ReturnFacts, ReturnMove

_OVER = frozenset({"CANCELLED", "CLOSED"})
_BY_WAREHOUSE = "warehouse_validation"
"""Shopee's warehouse looks at the goods: the shop can make no move."""
_CLAIM_OPEN = frozenset({"PENDING_REQUEST", "REQUESTED"})


def return_facts(told: Row, line_ids: tuple[str, ...] = ()) -> ReturnFacts:
    """The facts of a return, from its row in a list or its detail. Raises Unreadable without an id.

    What cannot be read of it is left at its default: a return always arrives.
    """
    return_sn, order_sn = text(told, "return_sn"), text(told, "order_sn")
    if not return_sn or not order_sn:
        raise Unreadable("Shopee sent a return without its return_sn or order_sn.")
    reading = Reading()
    created = reading.time(told, "create_time") or reading.time(told, "update_time")
    created = created or datetime.now(UTC).replace(microsecond=0)
    return ReturnFacts(
        return_id=return_sn,
        order_id=order_sn,
        status=text(told, "status"),
        goods_back=_goods_back(told),
        currency=text(told, "currency")[:3],
        amount=reading.money(told, "refund_amount"),
        created_at=created,
        updated_at=reading.time(told, "update_time") or created,
        is_open=is_open(told),
        waits_for_us=waits_for_us(told),
        moves=moves(told),
        deadline=_deadline(reading, told),
        reason=text(told, "reason"),
        comment=text(told, "text_reason"),
        line_ids=line_ids,
        tracking_number=text(told, "tracking_number"),
        image_urls=words_of(told, "image"),
    )


def moves(told: Row) -> tuple[ReturnMove, ...]:
    """What the seller may do now, the mildest first.

    Shopee v2: confirm and offer while it is REQUESTED; dispute while it is REQUESTED or PROCESSING,
    and while a compensation may be asked for; cancel_dispute while one is asked for.
    """
    if text(told, "validation_type") == _BY_WAREHOUSE:
        return ()
    status, claim = text(told, "status"), _claim(told)
    if status == "REQUESTED":
        return _answers_to_request(told)
    if status == "PROCESSING":
        return (ReturnMove.DISPUTE,)
    if status == "ACCEPTED" and claim == "PENDING_REQUEST":
        return (ReturnMove.DISPUTE,)
    if status == "ACCEPTED" and claim == "REQUESTED":
        return (ReturnMove.WITHDRAW_DISPUTE,)
    return ()


def is_open(told: Row) -> bool:
    """Whether it has not come to an end: an accepted one lives on while a compensation is open."""
    status = text(told, "status")
    if status == "ACCEPTED":
        return _claim(told) in _CLAIM_OPEN
    return status not in _OVER


def waits_for_us(told: Row) -> bool:
    """Whether the next move is the seller's: not while Shopee judges, or the buyer thinks about an
    offer; of a parcel that comes back, once it has arrived."""
    status = text(told, "status")
    if status == "REQUESTED":
        return bool(moves(told)) and _negotiation(told) != "PENDING_BUYER_RESPOND"
    if status == "PROCESSING":
        return bool(moves(told)) and _has_arrived(told)
    return False


def _answers_to_request(told: Row) -> tuple[ReturnMove, ...]:
    talks = _negotiation(told)
    found = [ReturnMove.REFUND]
    if talks == "PENDING_RESPOND" and _buyers_offer(told):
        found.insert(0, ReturnMove.ACCEPT_OFFER)
    if talks not in ("PENDING_BUYER_RESPOND", "TERMINATED"):
        found.append(ReturnMove.OFFER)
    return (*found, ReturnMove.DISPUTE)


def _buyers_offer(told: Row) -> bool:
    """Whether the buyer proposes something; only the detail tells what."""
    talks = child(told, "negotiation")
    return bool(text(talks, "latest_solution") or text(talks, "latest_offer_amount"))


def _negotiation(told: Row) -> str:
    """A list tells it at the top, a detail inside."""
    return text(child(told, "negotiation"), "negotiation_status") or text(
        told, "negotiation_status"
    )


def _claim(told: Row) -> str:
    """The state of the seller's claim for compensation; some samples leave out its prefix."""
    name = "seller_compensation_status"
    status = text(child(told, "seller_compensation"), name) or text(told, name)
    return status.removeprefix("COMPENSATION_")


def _goods_back(told: Row) -> bool:
    """``return_solution``: 0 is return and refund, 1 refund only."""
    solution = text(told, "return_solution")
    if solution in ("0", "1"):
        return solution == "0"
    return told.get("needs_logistics") is True


def _has_arrived(told: Row) -> bool:
    names = ("reverse_logistics_status", "reverse_logistic_status", "logistics_status")
    status = next((found for name in names if (found := text(told, name))), "")
    return status in ("LOGISTICS_DELIVERY_DONE", "Delivered")


def _deadline(reading: Reading, told: Row) -> datetime | None:
    """Until when the seller must act, by the state that it is in; None where nothing is asked."""
    if not moves(told):
        return None
    status = text(told, "status")
    if status == "REQUESTED":
        ends = [reading.time(told, "due_date")]
        if _negotiation(told) == "PENDING_RESPOND":
            ends.append(reading.time(child(told, "negotiation"), "offer_due_date"))
        return min((end for end in ends if end), default=None)
    if status == "PROCESSING":
        return reading.time(told, "return_seller_due_date")
    return reading.time(child(told, "seller_compensation"), "seller_compensation_due_date")
