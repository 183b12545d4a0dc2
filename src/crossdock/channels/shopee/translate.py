"""Shopee's JSON → facts. Strict on what we need, tolerant of everything else.

A field that cannot be read is left at its default and named in the order's ``problems``: it arrives all
the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from decimal import Decimal

from crossdock.channels.cancelled import BUYER, MARKETPLACE, SELLER, cancelled_words
from crossdock.channels.errors import Unreadable
from crossdock.channels.reading import Reading, Row, child, text, yes
from crossdock.channels.shopee.lines import Part, packages_in_order, parts_of
from crossdock.channels.shopee.prices import unit_prices, vouchers
from crossdock.channels.shopee.statuses import is_dead, stage_in, stage_of
from crossdock.rules.facts import (
    AddressFacts,
    LineFacts,
    OrderFacts,
    PackageFacts,
    Stage,
    Touches,
)

_UNPAID, _CANCELLED = "UNPAID", "CANCELLED"
_CANCELLED_BY = {"buyer": BUYER, "seller": SELLER, "system": MARKETPLACE, "ops": MARKETPLACE}


def order_sn_of(order: Row) -> str:
    """The id of an order object. Raises Unreadable: without an id nothing can be kept."""
    found = text(order, "order_sn")
    if not found:
        raise Unreadable("Shopee sent an order without an order_sn.")
    return found


def may_have_escrow(order: Row) -> bool:
    """Whether an order's escrow may say anything: it is alive."""
    return text(order, "order_status") != _CANCELLED


def has_escrow(order: Row) -> bool:
    """Whether an order must have an escrow: it is paid, or will be at the door, and alive."""
    return text(order, "order_status") not in (_UNPAID, _CANCELLED)


def order_facts(
    order: Row,
    details: Mapping[str, Row],
    escrow: Row | None,
    own_couriers: Set[str] = frozenset(),
) -> OrderFacts:
    """The facts of an order.

    ``details``: package number → what get_package_detail says; ``escrow``: what get_escrow_detail
    says, None where it was not asked; ``own_couriers``: the logistics channels of the seller's own.
    """
    reading = Reading()
    status = text(order, "order_status")
    packages = {
        text(row, "package_number"): {**row, **details.get(text(row, "package_number"), {})}
        for row in packages_in_order(order)
    }
    reading.all_rows(order, "package_list")
    parts = parts_of(reading, order)
    prices, rest = unit_prices(reading, parts, escrow)
    of_seller, of_platform = vouchers(reading, escrow)
    stages = {
        number: stage_in(
            status,
            package_status(package),
            arranged=is_arranged(package),
            is_split=len(packages) > 1,
        )
        for number, package in packages.items()
    }
    of_order = _stage(status, packages)
    if of_order is Stage.UNKNOWN:
        words = f"Shopee's word {status!r} is not known" if status else "Shopee tells no status"
        reading.note(Touches.LINES, words)
    created = reading.created(order, "create_time", updated="update_time")
    return OrderFacts(
        order_id=order_sn_of(order),
        status=status,
        stage=of_order,
        currency=reading.currency([text(order, "currency")]),
        created_at=created,
        updated_at=reading.time(order, "update_time") or created,
        lines=tuple(
            _line(reading, part, price, status, stages.get(part.package_id, of_order), packages)
            for part, price in zip(parts, prices, strict=True)
        ),
        packages=tuple(_package(number, package) for number, package in packages.items()),
        buyer_total=reading.money(order, "total_amount") or None,
        shipping_fee=_shipping(reading, order, escrow),
        voucher_seller=of_seller,
        voucher_platform=of_platform,
        voucher_beyond_lines=of_seller + rest,
        payment_method=(text(order, "payment_method") or ("COD" if yes(order.get("cod")) else ""))[
            :80
        ],
        address=_address(reading.address(order, "recipient_address")),
        buyer_note=text(order, "message_to_seller"),
        ship_by=reading.time(order, "ship_by_date"),
        paid_at=reading.time(order, "pay_time", Touches.MONEY),
        cancel_requested=status == "IN_CANCEL",
        cancel_words=_cancel_words(order),
        seller_delivers=any(
            text(package, "logistics_channel_id") in own_couriers for package in packages.values()
        ),
        fulfilled_by_channel=text(order, "fulfillment_flag") == "fulfilled_by_shopee",
        problems=reading.problems,
    )


def package_status(package: Row) -> str:
    """A package's status: its own detail calls it otherwise than the order does."""
    return text(package, "fulfillment_status") or text(package, "logistics_status")


def is_arranged(package: Row) -> bool:
    """Whether Shopee has taken a package's shipment, though its status may still say READY."""
    return yes(package.get("is_shipment_arranged"))


def _stage(status: str, packages: Mapping[str, Row]) -> Stage:
    live = [one for one in packages.values() if not is_dead(package_status(one))]
    arranged = bool(live) and all(is_arranged(package) for package in live)
    return stage_of(status, map(package_status, live), arranged=arranged)


def _line(
    reading: Reading,
    part: Part,
    price: Decimal,
    status: str,
    stage: Stage,
    packages: Mapping[str, Row],
) -> LineFacts:
    item = part.item
    if part.is_gone and stage.is_live:
        stage = Stage.RETURNED if reading.whole(item, "returned_qty") else Stage.CANCELLED
    return LineFacts(
        line_id=part.line_id,
        sku=reading.code(item, "model_sku") or reading.code(item, "item_sku"),
        name=text(item, "item_name")[:500],
        quantity=part.quantity,
        unit_price=price,
        seller_discount=Decimal(0),
        status=status,
        stage=stage,
        variation=text(item, "model_name")[:300],
        image_url=text(child(item, "image_info"), "image_url")[:1000],
        product_id=text(item, "item_id"),
        channel_sku="-".join(text(item, name) or "0" for name in ("item_id", "model_id")),
        package_id=part.package_id,
        ship_by=reading.time(packages.get(part.package_id, {}), "ship_by_date"),
    )


def _package(number: str, package: Row) -> PackageFacts:
    carrier = text(package, "shipping_carrier")[:120]
    return PackageFacts(
        package_id=number,
        shipment_provider=carrier,
        tracking_number=text(package, "tracking_number")[:80],
        status=package_status(package)[:60],
        logistics_id=text(package, "logistics_channel_id"),
        logistics_name=carrier,
    )


def _shipping(reading: Reading, order: Row, escrow: Row | None) -> Decimal:
    """What the buyer pays for shipping: an estimate until the escrow tells."""
    income = child(escrow or {}, "order_income")
    if "buyer_paid_shipping_fee" in income:
        return reading.money(income, "buyer_paid_shipping_fee")
    return reading.money(order, "estimated_shipping_fee")


def _cancel_words(order: Row) -> str:
    reason = text(order, "buyer_cancel_reason") or text(order, "cancel_reason")
    if text(order, "order_status") != _CANCELLED:
        return reason[:300]
    return cancelled_words(_CANCELLED_BY.get(text(order, "cancel_by").lower(), ""), reason)


def _address(address: Row) -> AddressFacts:
    """Masked fields ("****") stay as they come: only the label tells the real ones."""
    full = text(address, "full_address")
    return AddressFacts(
        name=text(address, "name")[:200],
        phone=text(address, "phone"),
        lines=(full,) if full else (),
        city=text(address, "city") or text(address, "district") or text(address, "town"),
        state=text(address, "state"),
        post_code=text(address, "zipcode"),
        country=text(address, "region"),
    )
