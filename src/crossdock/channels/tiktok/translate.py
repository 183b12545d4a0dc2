"""TikTok Shop's JSON → facts. Strict on what we need, tolerant of everything else.

A line is a unit: there is no quantity. What cannot be read is left at its default and named; the
order arrives all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from crossdock.channels.errors import Unreadable
from crossdock.channels.reading import Reading, Row, child, rows, text, yes
from crossdock.channels.tiktok.cancellation_facts import Request
from crossdock.channels.tiktok.statuses import WORDS
from crossdock.rules.facts import AddressFacts, LineFacts, OrderFacts, PackageFacts, Stage

_OURS = ("", "FULFILLMENT_BY_SELLER")
_NO_PARCEL = frozenset({"TIKTOK_DIGITAL", "IN-STORE PICKUP"})
_DEAD = frozenset({"CANCELLED", "CANCEL"})


def order_id_of(order: Row) -> str:
    """The id of an order. Raises Unreadable: without an id nothing can be kept."""
    found = text(order, "id")
    if not found:
        raise Unreadable("TikTok Shop sent an order without an id.")
    return found


def order_facts(order: Row, request: Request | None = None) -> tuple[OrderFacts, str]:
    """The facts of an order, and what could not be read, in words.

    ``request``: the buyer's open cancellation, where one is known.
    """
    reading = Reading()
    payment = child(order, "payment")
    status = text(order, "status")
    ship_by = reading.time(order, "rts_sla_time") or reading.time(order, "tts_sla_time")
    lines = tuple(_line(reading, row, order, ship_by) for row in rows(order, "line_items"))
    created = reading.time(order, "create_time")
    if created is None:
        reading.problems.append("create_time is missing")
        created = datetime.now(UTC).replace(microsecond=0)
    facts = OrderFacts(
        order_id=order_id_of(order),
        status=status,
        stage=WORDS.get(status, Stage.UNKNOWN),
        currency=text(payment, "currency"),
        created_at=created,
        updated_at=reading.time(order, "update_time") or created,
        lines=lines,
        packages=_packages(order, lines),
        buyer_total=reading.money(payment, "total_amount") if payment else None,
        shipping_fee=reading.money(payment, "shipping_fee"),
        voucher_seller=reading.money(payment, "seller_discount"),
        voucher_platform=reading.money(payment, "platform_discount"),
        payment_method=text(order, "payment_method_name"),
        address=_address(child(order, "recipient_address")),
        buyer_note=text(order, "buyer_message"),
        ship_by=ship_by,
        paid_at=reading.time(order, "paid_time"),
        cancel_requested=yes(order.get("is_buyer_request_cancel")),
        cancel_request_id=request.cancel_id if request else "",
        cancel_words=request.words if request else "",
        cancel_deadline=request.deadline if request else None,
        seller_delivers=text(order, "shipping_type") == "SELLER",
        fulfilled_by_channel=text(order, "fulfillment_type") not in _OURS,
        no_parcel=text(order, "shipping_type") in _NO_PARCEL,
    )
    return facts, reading.words


def _line(reading: Reading, row: Row, order: Row, ship_by: datetime | None) -> LineFacts:
    status = text(row, "display_status") or text(order, "status")
    return LineFacts(
        line_id=text(row, "id"),
        sku=text(row, "seller_sku"),
        name=text(row, "product_name"),
        quantity=1,
        unit_price=reading.money(row, "original_price"),
        seller_discount=reading.money(row, "seller_discount"),
        platform_discount=reading.money(row, "platform_discount"),
        status=status,
        stage=WORDS.get(status, Stage.UNKNOWN),
        variation=text(row, "sku_name"),
        image_url=text(row, "sku_image"),
        product_id=text(row, "product_id"),
        channel_sku=text(row, "sku_id"),
        package_id=text(row, "package_id"),
        ship_by=ship_by,
    )


def _packages(order: Row, lines: Iterable[LineFacts]) -> tuple[PackageFacts, ...]:
    """The order's packages; what the order does not tell of one is told by its lines."""
    by_package = {text(row, "package_id"): row for row in rows(order, "line_items")}
    named = [text(row, "id") for row in rows(order, "packages")]
    named += [line.package_id for line in lines]
    found = []
    for package_id in dict.fromkeys(filter(None, named)):
        row = by_package.get(package_id, {})
        found.append(
            PackageFacts(
                package_id=package_id,
                shipment_provider=text(row, "shipping_provider_name")
                or text(order, "shipping_provider"),
                tracking_number=text(row, "tracking_number") or text(order, "tracking_number"),
                status=text(row, "package_status"),
                logistics_id=text(order, "delivery_option_id"),
                logistics_name=text(order, "delivery_option_name"),
            )
        )
    return tuple(found)


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
