"""TikTok Shop's JSON → facts. Strict on what we need, tolerant of everything else.

A line is a unit: there is no quantity. What cannot be read is left at its default and named in the
order's ``problems``: it arrives all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crossdock.channels.cancelled import BUYER, MARKETPLACE, SELLER, cancelled_words
from crossdock.channels.errors import Unreadable
from crossdock.channels.reading import Reading, Row, child, rows, text, yes
from crossdock.channels.tiktok.cancel_reasons import reason_of
from crossdock.channels.tiktok.cancellation_facts import Request
from crossdock.channels.tiktok.parcels import package_facts, package_id_of
from crossdock.channels.tiktok.statuses import WORDS
from crossdock.rules.facts import AddressFacts, LineFacts, OrderFacts, Stage, Touches

_OURS = ("", "FULFILLMENT_BY_SELLER")
_NO_PARCEL = frozenset({"TIKTOK_DIGITAL", "IN-STORE PICKUP"})
_VIRTUAL = "VIRTUAL_ORDER"
_CANCELLED_BY = {"BUYER": BUYER, "SELLER": SELLER, "SYSTEM": MARKETPLACE, "OPERATOR": MARKETPLACE}


def order_id_of(order: Row) -> str:
    """The id of an order. Raises Unreadable: without an id nothing can be kept."""
    found = text(order, "id")
    if not found:
        raise Unreadable("TikTok Shop sent an order without an id.")
    return found


def asks_to_cancel(order: Row) -> bool:
    """Whether the order's buyer waits for an answer to a cancellation."""
    dead = WORDS.get(text(order, "status")) is Stage.CANCELLED
    return yes(order.get("is_buyer_request_cancel")) and not dead


def order_facts(order: Row, request: Request | None = None) -> OrderFacts:
    """The facts of an order.

    ``request``: the buyer's open cancellation, which a call of its own tells. Raises Unreadable
    without an id.
    """
    reading = Reading()
    payment, status = _payment(reading, order), text(order, "status")
    ship_by = _ship_by(reading, order)
    lines = _lines(reading, order, ship_by)
    reading.all_rows(order, "packages")
    created = reading.created(order, "create_time", updated="update_time")
    asks = asks_to_cancel(order)
    if asks and request is None:
        words = "the buyer's cancellation request is not listed yet"
        reading.note(Touches.NOTHING, words)
    if status not in WORDS:
        words = f"TikTok Shop's word {status!r} is not known"
        reading.note(Touches.LINES, words if status else "TikTok Shop tells no status")
    return OrderFacts(
        order_id=order_id_of(order),
        status=status,
        stage=WORDS.get(status, Stage.UNKNOWN),
        currency=reading.currency(
            text(row, "currency") for row in (payment, *rows(order, "line_items"))
        ),
        created_at=created,
        updated_at=reading.time(order, "update_time") or created,
        lines=lines,
        packages=package_facts(order),
        buyer_total=reading.money(payment, "total_amount") if payment else None,
        shipping_fee=reading.money(payment, "shipping_fee"),
        voucher_seller=reading.money(payment, "seller_discount"),
        voucher_platform=reading.money(payment, "platform_discount"),
        payment_method=text(order, "payment_method_name"),
        address=_address(reading.address(order, "recipient_address")),
        buyer_note=text(order, "buyer_message"),
        ship_by=ship_by,
        paid_at=reading.time(order, "paid_time", Touches.MONEY),
        cancel_requested=asks,
        cancel_request_id=request.cancel_id if asks and request else "",
        cancel_words=request.words if asks and request else _cancelled(order),
        cancel_deadline=request.deadline if asks and request else None,
        seller_delivers=text(order, "shipping_type") == "SELLER",
        fulfilled_by_channel=text(order, "fulfillment_type") not in _OURS,
        no_parcel=text(order, "shipping_type") in _NO_PARCEL
        or text(order, "order_type") == _VIRTUAL,
        problems=reading.problems,
    )


def _payment(reading: Reading, order: Row) -> Row:
    """What the order tells of its money as a whole; {} where it tells nothing."""
    if order.get("payment") is not None and not isinstance(order["payment"], Mapping):
        reading.note(Touches.MONEY, "payment cannot be read")
    return child(order, "payment")


def _cancelled(order: Row) -> str:
    """Who cancelled the order and why; "" while it lives."""
    if WORDS.get(text(order, "status")) is not Stage.CANCELLED:
        return ""
    reason = text(order, "cancel_reason")
    by = _CANCELLED_BY.get(text(order, "cancellation_initiator"), "")
    return cancelled_words(by, _reason(reason))


def _reason(told: str) -> str:
    """A reason in words: it comes as text, or as a key (``ecom_order_to_ship_canceled_reason_no_need``)."""
    if " " in told or not told:
        return told
    known = reason_of(told).words
    return known if told.startswith("seller_cancel_") else _ending(told)


def _ending(key: str) -> str:
    return key.rpartition("_reason_")[2].replace("_", " ").capitalize()


def _ship_by(reading: Reading, order: Row) -> datetime | None:
    """Until when the seller must have arranged the shipment (rts), which is what To Ship does; where
    that is not told, until when the courier must have the parcel (tts)."""
    return reading.time(order, "rts_sla_time") or reading.time(order, "tts_sla_time")


def _lines(reading: Reading, order: Row, ship_by: datetime | None) -> tuple[LineFacts, ...]:
    """The units. Two that cannot be told apart stay two: each gets a number of ours."""
    found: dict[str, LineFacts] = {}
    for place, row in enumerate(reading.all_rows(order, "line_items"), start=1):
        line_id = text(row, "id")
        if not line_id:
            reading.note(Touches.LINES, f"item {place} has no id")
        elif line_id in found:
            reading.note(Touches.LINES, f"two items have the id {line_id}")
        if not line_id or line_id in found:
            line_id = f"{line_id}?{place}"
        found[line_id] = _line(reading, row, order, line_id, ship_by)
    return tuple(found.values())


def _line(
    reading: Reading, row: Row, order: Row, line_id: str, ship_by: datetime | None
) -> LineFacts:
    status = text(row, "display_status") or text(order, "status")
    stage = _stage(status, text(order, "status"))
    if stage is Stage.UNKNOWN and status:
        words = f"TikTok Shop's word {status!r} for item {line_id} is not known"
        reading.note(Touches.LINES, words)
    return LineFacts(
        line_id=line_id,
        sku=reading.code(row, "seller_sku"),
        name=text(row, "product_name"),
        quantity=1,
        unit_price=reading.price(row, "original_price"),
        seller_discount=reading.price(row, "seller_discount"),
        platform_discount=reading.money(row, "platform_discount"),
        status=status,
        stage=stage,
        variation=text(row, "sku_name"),
        image_url=text(row, "sku_image"),
        product_id=text(row, "product_id"),
        channel_sku=text(row, "sku_id"),
        package_id=package_id_of(row),
        ship_by=ship_by,
    )


def _stage(status: str, of_order: str) -> Stage:
    """Where a line stands: by its own word, unless the order as a whole is held or cancelled, which
    the words of lines (ON_HOLD is none of them) need not tell."""
    stage, whole = WORDS.get(status, Stage.UNKNOWN), WORDS.get(of_order, Stage.UNKNOWN)
    return whole if whole in (Stage.HELD, Stage.CANCELLED) and stage.is_live else stage


def _address(told: Row) -> AddressFacts:
    """The address; absent while the order is unpaid or on hold, and masked where TikTok ships."""
    places = {
        text(row, "address_level_name").lower(): text(row, "address_name")
        for row in rows(told, "district_info")
    }
    lines = [text(told, f"address_line{number}") for number in range(1, 5)]
    return AddressFacts(
        name=text(told, "name"),
        phone=text(told, "phone_number"),
        lines=tuple(filter(None, lines)) or tuple(filter(None, [text(told, "full_address")])),
        city=places.get("city", "") or places.get("district", ""),
        state=places.get("state", "") or places.get("province", ""),
        post_code=text(told, "postal_code"),
        country=places.get("country", "") or text(told, "region_code"),
    )
