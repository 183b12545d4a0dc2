"""Lazada's JSON → facts. Strict on what we need, tolerant of everything else.

A field that cannot be read is left at its default and named in the order's ``problems``: it arrives all
the same. Lines are units: Lazada has no quantity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from crossdock.channels.cancelled import BUYER, MARKETPLACE, SELLER, cancelled_words
from crossdock.channels.errors import Unreadable
from crossdock.channels.lazada.reading import Reading, Row, text, yes
from crossdock.channels.lazada.statuses import stage_of
from crossdock.rules.facts import (
    AddressFacts,
    LineFacts,
    OrderFacts,
    PackageFacts,
    Stage,
    Touches,
)

_NO_PARCEL = frozenset({"digital", "pickup_in_store"})
_WITHOUT_PACKAGE = frozenset({Stage.TO_PACK, Stage.CANCELLED})
_INITIATORS = {
    "customer": BUYER,
    "buyer": BUYER,
    "seller": SELLER,
    "internal": MARKETPLACE,
    "system": MARKETPLACE,
}
"""What a word of ``cancel_return_initiator`` stands for (docs/reference/lazada.md)."""
_BEFORE_COURIER = frozenset({Stage.TO_PACK, Stage.PACKED, Stage.READY})


def order_id_of(order: Mapping[str, Any]) -> str:
    """The id of an order object. Raises Unreadable: without an id nothing can be kept."""
    value = order.get("order_id") or order.get("order_number")
    if value in (None, ""):
        raise Unreadable("Lazada sent an order without an order_id.")
    return str(value)


def order_facts(order: Mapping[str, Any], items: Iterable[Any], currency: str = "") -> OrderFacts:
    """The facts of an order with its items (none: they could not be read yet).

    ``currency``: the country's, shown where no item tells one.
    """
    reading = Reading()
    units = _units(reading, items)
    lines = tuple(
        _line(reading, unit, line_id)
        for unit, line_id in zip(units, _line_ids(reading, units), strict=True)
    )
    words = tuple(dict.fromkeys(line.status for line in lines)) or _statuses(order)
    shipping = reading.money(order, "shipping_fee")
    created = reading.created(order, "created_at", updated="updated_at")
    told = reading.currency(text(unit, "currency") for unit in units) if units else ""
    asked = _asked_to_cancel(order, units)
    return OrderFacts(
        order_id=order_id_of(order),
        status=",".join(words)[:200],
        stage=stage_of(words[0]) if words else Stage.UNKNOWN,
        currency=told or currency,
        created_at=created,
        updated_at=reading.time(order, "updated_at") or created,
        lines=lines,
        packages=_packages(units),
        buyer_total=_buyer_total(reading, order, shipping),
        shipping_fee=shipping,
        voucher_seller=reading.money(order, "voucher_seller"),
        voucher_platform=reading.money(order, "voucher_platform"),
        payment_method=text(order, "payment_method")[:80],
        address=_address(reading.address(order, "address_shipping")),
        buyer_note=text(order, "buyer_note") or text(order, "remarks"),
        ship_by=min(
            (line.ship_by for line in lines if line.ship_by and line.stage.is_live), default=None
        ),
        paid_at=min(
            (paid for unit in units if (paid := reading.time(unit, "payment_time", Touches.MONEY))),
            default=None,
        ),
        cancel_requested=bool(asked),
        cancel_request_id=next(filter(None, (text(one, "reverse_order_id") for one in asked)), ""),
        cancel_words=_reason(asked)[:300] if asked else _cancelled(units),
        cancel_deadline=min(
            (end for one in asked if (end := reading.time(one, "cancel_trigger_time"))),
            default=None,
        ),
        seller_delivers=any(yes(unit.get("delivery_option_sof")) for unit in units),
        fulfilled_by_channel=bool(units) and all(yes(unit.get("is_fbl")) for unit in units),
        no_parcel=bool(units) and all(_without_parcel(unit) for unit in units),
        problems=reading.problems,
    )


def _units(reading: Reading, items: Iterable[Any]) -> list[Row]:
    """The items that are objects; one that is none is a unit that nobody knows."""
    listed = list(items)
    units = [item for item in listed if isinstance(item, Mapping)]
    if len(units) < len(listed):
        reading.note(Touches.LINES, "an item cannot be read")
    return units


def _line_ids(reading: Reading, units: Sequence[Row]) -> list[str]:
    """The units' own ids. Two that cannot be told apart stay two: each gets a number of ours."""
    found: list[str] = []
    for place, unit in enumerate(units, start=1):
        line_id = text(unit, "order_item_id")
        if not line_id:
            reading.note(Touches.LINES, f"item {place} has no order_item_id")
        elif line_id in found:
            reading.note(Touches.LINES, f"two items have the order_item_id {line_id}")
        found.append(line_id if line_id and line_id not in found else f"{line_id}?{place}")
    return found


def _buyer_total(reading: Reading, order: Row, shipping: Decimal) -> Decimal | None:
    """What the buyer pays, by Lazada's sum; None where it tells no price."""
    price = reading.money(order, "price") - reading.money(order, "voucher")
    return price + shipping if text(order, "price") else None


def _line(reading: Reading, item: Row, line_id: str) -> LineFacts:
    status, stage = text(item, "status"), _stage(item)
    if stage is Stage.UNKNOWN:
        reading.note(
            Touches.LINES,
            f"Lazada's word {status!r} for item {line_id} is not known"
            if status
            else f"Lazada tells no status of item {line_id}",
        )
    return LineFacts(
        line_id=line_id,
        sku=reading.code(item, "sku"),
        name=text(item, "name")[:500],
        quantity=1,
        unit_price=reading.price(item, "item_price"),
        seller_discount=Decimal(0),
        seller_voucher=reading.price(item, "voucher_seller"),
        platform_discount=reading.money(item, "voucher_platform"),
        status=status,
        stage=stage,
        variation=text(item, "variation")[:300],
        image_url=text(item, "product_main_image")[:1000],
        product_id=text(item, "product_id"),
        channel_sku=text(item, "shop_sku"),
        package_id=text(item, "package_id"),
        ship_by=reading.time(item, "sla_time_stamp"),
    )


def _stage(item: Mapping[str, Any]) -> Stage:
    """Where a unit stands. Its cancellation was agreed and its parcel is being stopped: nobody may
    touch it any more."""
    stage = stage_of(text(item, "status"))
    stopping = yes(item.get("is_cancel_pending")) and stage in _BEFORE_COURIER
    return Stage.HELD if stopping else stage


def _asked_to_cancel(
    order: Mapping[str, Any], units: Iterable[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The units that the buyer asks to cancel; the order itself where its units do not say.

    The order's own word may be an older one than its units'.
    """
    saying = [unit for unit in units if unit.get("need_cancel_confirm") is not None]
    return [one for one in saying or [order] if yes(one.get("need_cancel_confirm"))]


def _reason(asked: Iterable[Mapping[str, Any]]) -> str:
    """The buyer's reason, in Lazada's words."""
    words = (text(one, name) for one in asked for name in ("reason", "reason_detail"))
    return ", ".join(dict.fromkeys(filter(None, words)))


def _cancelled(units: Sequence[Mapping[str, Any]]) -> str:
    """Who cancelled the units and why, once all of them are."""
    if not units or any(_stage(unit) is not Stage.CANCELLED for unit in units):
        return ""
    told = text(units[0], "cancel_return_initiator").lower()
    by = next((who for word, who in _INITIATORS.items() if word in told), "")
    return cancelled_words(by, _reason(units))


def _packages(items: Iterable[Mapping[str, Any]]) -> tuple[PackageFacts, ...]:
    """A package per ``package_id`` of live items; a dead package is nobody's."""
    found: dict[str, PackageFacts] = {}
    for item in items:
        package_id = text(item, "package_id")
        if not package_id or package_id in found or _stage(item) in _WITHOUT_PACKAGE:
            continue
        found[package_id] = PackageFacts(
            package_id=package_id,
            shipment_provider=text(item, "shipment_provider")[:120],
            tracking_number=text(item, "tracking_code")[:80],
            status=text(item, "status")[:60],
        )
    return tuple(found.values())


def _address(address: Row) -> AddressFacts:
    name = f"{text(address, 'first_name')} {text(address, 'last_name')}".strip()
    post_code = text(address, "post_code")
    parts = (text(address, part) for part in ("address1", "address2", "address5"))
    lines = tuple(text for text in parts if text and text != post_code)
    return AddressFacts(
        name=name[:200],
        phone=text(address, "phone"),
        lines=lines,
        city=text(address, "city") or text(address, "address4"),
        state=text(address, "address3"),
        post_code=post_code,
        country=text(address, "country"),
    )


def _statuses(order: Mapping[str, Any]) -> tuple[str, ...]:
    words = order.get("statuses")
    return tuple(map(str, words)) if isinstance(words, list) else ()


def _without_parcel(item: Mapping[str, Any]) -> bool:
    return yes(item.get("is_digital")) or text(item, "shipping_provider_type").lower() in _NO_PARCEL
