"""Lazada's JSON → facts. Strict on what we need, tolerant of everything else.

A field that cannot be read is left at its default and named in ``problems``: the order arrives all
the same. Lines are units: Lazada has no quantity.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock.channels.errors import Unreadable
from crossdock.channels.lazada.statuses import WORDS
from crossdock.rules.facts import AddressFacts, LineFacts, OrderFacts, PackageFacts, Stage

_BLANK_BEFORE_OFFSET = re.compile(r"\s+([+-]\d{2}):?(\d{2})$")
_NO_PARCEL = frozenset({"digital", "pickup_in_store"})


@dataclass
class Reading:
    """One order being read, and what could not be."""

    problems: list[str] = field(default_factory=list)

    def money(self, source: Mapping[str, Any], name: str) -> Decimal:
        """An amount, sent as a number or as text; 0 where it is absent or blank."""
        value = source.get(name)
        if value is None or value == "":
            return Decimal(0)
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite():
            self.problems.append(f"{name} is no amount: {str(value)[:40]!r}")
            return Decimal(0)
        return amount

    def time(self, source: Mapping[str, Any], name: str) -> datetime | None:
        """A moment in any of Lazada's three forms; None where it is absent or blank."""
        value = source.get(name)
        if value is None or value == "":
            return None
        try:
            return moment(value)
        except ValueError:
            self.problems.append(f"{name} is no time: {str(value)[:40]!r}")
            return None


def moment(value: Any) -> datetime:
    """``2026-03-02 10:15:42 +0800``, ISO 8601, or a number of (milli)seconds. Raises ValueError."""
    if isinstance(value, int | Decimal):
        seconds = float(value) / (1000 if value > 10**11 else 1)
        return datetime.fromtimestamp(seconds, UTC)
    text = _BLANK_BEFORE_OFFSET.sub(r"\1:\2", str(value).strip())
    if text.isdigit():
        return moment(int(text))
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"{value!r} has no offset")
    return parsed.astimezone(UTC)


def order_id_of(order: Mapping[str, Any]) -> str:
    """The id of an order object. Raises Unreadable: without an id nothing can be kept."""
    value = order.get("order_id") or order.get("order_number")
    if value in (None, ""):
        raise Unreadable("Lazada sent an order without an order_id.")
    return str(value)


def order_facts(
    order: Mapping[str, Any], items: Iterable[Mapping[str, Any]]
) -> tuple[OrderFacts, tuple[str, ...]]:
    """The facts of an order with its items (none: they could not be read yet), and what was unreadable."""
    reading = Reading()
    units = [item for item in items if isinstance(item, Mapping)]
    lines = tuple(_line(reading, unit) for unit in units)
    words = tuple(dict.fromkeys(line.status for line in lines)) or _statuses(order)
    shipping = reading.money(order, "shipping_fee")
    now_known = reading.time(order, "created_at") or reading.time(order, "updated_at")
    if now_known is None:
        reading.problems.append("created_at is missing")
        now_known = datetime.now(UTC).replace(microsecond=0)
    facts = OrderFacts(
        order_id=order_id_of(order),
        status=",".join(words)[:200],
        stage=WORDS.get(words[0], Stage.UNKNOWN) if words else Stage.UNKNOWN,
        currency=next((str(unit["currency"]) for unit in units if unit.get("currency")), ""),
        created_at=now_known,
        updated_at=reading.time(order, "updated_at") or now_known,
        lines=lines,
        packages=_packages(units),
        buyer_total=reading.money(order, "price") - reading.money(order, "voucher") + shipping,
        shipping_fee=shipping,
        voucher_seller=reading.money(order, "voucher_seller"),
        voucher_platform=reading.money(order, "voucher_platform"),
        payment_method=_text(order, "payment_method")[:80],
        address=_address(order),
        buyer_note=_text(order, "buyer_note") or _text(order, "remarks"),
        ship_by=min(
            (line.ship_by for line in lines if line.ship_by and line.stage.is_live), default=None
        ),
        paid_at=min(
            (paid for unit in units if (paid := reading.time(unit, "payment_time"))), default=None
        ),
        cancel_requested=any(_yes(part.get("need_cancel_confirm")) for part in [order, *units]),
        cancel_deadline=min(
            (end for unit in units if (end := reading.time(unit, "cancel_trigger_time"))),
            default=None,
        ),
        seller_delivers=any(_yes(unit.get("delivery_option_sof")) for unit in units),
        fulfilled_by_channel=bool(units) and all(_yes(unit.get("is_fbl")) for unit in units),
        no_parcel=bool(units) and all(_without_parcel(unit) for unit in units),
    )
    return facts, tuple(dict.fromkeys(reading.problems))


def _line(reading: Reading, item: Mapping[str, Any]) -> LineFacts:
    status = _text(item, "status")
    price = reading.money(item, "item_price")
    return LineFacts(
        line_id=_text(item, "order_item_id"),
        sku=_text(item, "sku"),
        name=_text(item, "name")[:500],
        quantity=1,
        unit_price=price,
        seller_discount=Decimal(0),
        seller_voucher=reading.money(item, "voucher_seller"),
        platform_discount=reading.money(item, "voucher_platform"),
        status=status,
        stage=WORDS.get(status.lower(), Stage.UNKNOWN),
        variation=_text(item, "variation")[:300],
        image_url=_text(item, "product_main_image")[:1000],
        product_id=_text(item, "product_id"),
        channel_sku=_text(item, "shop_sku"),
        package_id=_text(item, "package_id"),
        ship_by=reading.time(item, "sla_time_stamp"),
    )


def _packages(items: Iterable[Mapping[str, Any]]) -> tuple[PackageFacts, ...]:
    """A package per ``package_id`` of live items; a dead package is nobody's."""
    found: dict[str, PackageFacts] = {}
    for item in items:
        package_id = _text(item, "package_id")
        stage = WORDS.get(_text(item, "status").lower(), Stage.UNKNOWN)
        if not package_id or package_id in found or stage in (Stage.TO_PACK, Stage.CANCELLED):
            continue
        found[package_id] = PackageFacts(
            package_id=package_id,
            shipment_provider=_text(item, "shipment_provider")[:120],
            tracking_number=_text(item, "tracking_code")[:80],
            status=_text(item, "status")[:60],
        )
    return tuple(found.values())


def _address(order: Mapping[str, Any]) -> AddressFacts:
    address = order.get("address_shipping")
    if not isinstance(address, Mapping):
        return AddressFacts()
    name = f"{_text(address, 'first_name')} {_text(address, 'last_name')}".strip()
    post_code = _text(address, "post_code")
    parts = (_text(address, part) for part in ("address1", "address2", "address5"))
    lines = tuple(text for text in parts if text and text != post_code)
    return AddressFacts(
        name=name[:200],
        phone=_text(address, "phone"),
        lines=lines,
        city=_text(address, "city") or _text(address, "address4"),
        state=_text(address, "address3"),
        post_code=post_code,
        country=_text(address, "country"),
    )


def _statuses(order: Mapping[str, Any]) -> tuple[str, ...]:
    words = order.get("statuses")
    return tuple(map(str, words)) if isinstance(words, list) else ()


def _without_parcel(item: Mapping[str, Any]) -> bool:
    return (
        _yes(item.get("is_digital")) or _text(item, "shipping_provider_type").lower() in _NO_PARCEL
    )


def _yes(value: Any) -> bool:
    return value is True or str(value).lower() in ("1", "true")


def _text(source: Mapping[str, Any], name: str) -> str:
    value = source.get(name)
    return "" if value is None else str(value).replace("\x00", "")
