"""Our rows as facts again, for the rules to read, and facts as rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from crossdock.orders.models import Line, Order, Package, Return
from crossdock.orders.problems import problem_columns, problems_of
from crossdock.rules.facts import (
    AddressFacts,
    LineFacts,
    Marks,
    OrderFacts,
    PackageFacts,
    ReturnFacts,
    ReturnMove,
    Stage,
)

_SAME_NAME = (
    "status",
    "currency",
    "created_at",
    "updated_at",
    "buyer_total",
    "shipping_fee",
    "voucher_seller",
    "voucher_platform",
    "voucher_beyond_lines",
    "payment_method",
    "buyer_note",
    "ship_by",
    "paid_at",
    "cancel_requested",
    "cancel_request_id",
    "cancel_words",
    "cancel_deadline",
    "return_waits_for_us",
    "seller_delivers",
    "fulfilled_by_channel",
    "no_parcel",
)
ORDER_COLUMNS = (
    *_SAME_NAME,
    "stage",
    "buyer_name",
    "address",
    "units",
    "lines_known",
    "shipment_provider",
    "problem",
    "problems",
)
"""The columns that ``order_columns`` fills."""
_OF_LINE = (
    "line_id",
    "sku",
    "name",
    "quantity",
    "unit_price",
    "seller_discount",
    "seller_voucher",
    "platform_discount",
    "status",
    "variation",
    "image_url",
    "product_id",
    "channel_sku",
    "package_id",
    "ship_by",
)
_OF_PACKAGE = (
    "package_id",
    "shipment_provider",
    "tracking_number",
    "status",
    "logistics_id",
    "logistics_name",
)
PACKAGE_COLUMNS = (*_OF_PACKAGE[1:], "voided_at")
"""The columns of a package that news change; what people did to its label is no news."""
_OF_RETURN = (
    "return_id",
    "status",
    "goods_back",
    "currency",
    "amount",
    "created_at",
    "updated_at",
    "is_open",
    "waits_for_us",
    "deadline",
    "reason",
    "comment",
    "tracking_number",
)
_LISTS_OF_RETURN = ("line_ids", "parts", "image_urls")


def facts_of(
    order: Order,
    lines: Iterable[Line] | None = None,
    packages: Iterable[Package] | None = None,
) -> OrderFacts:
    """What the channel told about this order last, from our rows. Lines and packages are read unless
    the caller has them."""
    lines = order.lines.all() if lines is None else lines
    packages = order.packages.all() if packages is None else packages
    address = dict(order.address)
    address["lines"] = tuple(address.get("lines", ()))
    return OrderFacts(
        order_id=order.channel_order_id,
        stage=Stage(order.stage),
        lines=tuple(_line_facts(line) for line in lines),
        packages=tuple(
            PackageFacts(**{name: getattr(package, name) for name in _OF_PACKAGE})
            for package in packages
            if package.voided_at is None
        ),
        address=AddressFacts(**address),
        problems=problems_of(order),
        **{name: getattr(order, name) for name in _SAME_NAME},
    )


def marks_of(order: Order) -> Marks:
    """What we ourselves did to this order."""
    return Marks(
        packed_here=order.packed_here_at is not None,
        delivered_here=order.delivered_here_at is not None,
        verified=order.verified_at is not None,
    )


def marks_to_ship(order: Order) -> Marks:
    """The same, with the company's rule on what may be shipped. Store and company are loaded."""
    return replace(marks_of(order), must_be_verified=order.store.company.ship_needs_verification)


def order_columns(facts: OrderFacts) -> dict[str, Any]:
    """The columns of an order that hold facts."""
    return {
        **{name: getattr(facts, name) for name in _SAME_NAME},
        "stage": facts.stage.value,
        "buyer_name": facts.address.name,
        "address": asdict(facts.address),
        "units": sum(line.quantity for line in facts.live_lines),
        "lines_known": bool(facts.lines),
        "shipment_provider": next((one.shipment_provider for one in facts.packages), ""),
        **problem_columns(facts.problems),
    }


def line_columns(line: LineFacts) -> dict[str, Any]:
    """The columns of a line."""
    columns = {name: getattr(line, name) for name in _OF_LINE}
    return {**columns, "stage": line.stage.value, "live": line.stage.is_live}


def package_columns(package: PackageFacts) -> dict[str, Any]:
    """The columns of a package; a package that comes back is no longer void."""
    return {**{name: getattr(package, name) for name in _OF_PACKAGE}, "voided_at": None}


def return_facts(row: Return) -> ReturnFacts:
    """What the channel told about this return last. ``row.order`` is loaded."""
    columns: dict[str, Any] = {
        **{name: getattr(row, name) for name in _OF_RETURN},
        **{name: tuple(getattr(row, name)) for name in _LISTS_OF_RETURN},
    }
    return ReturnFacts(
        order_id=row.order.channel_order_id,
        moves=tuple(ReturnMove(move) for move in row.moves),
        **columns,
    )


def return_columns(facts: ReturnFacts) -> dict[str, Any]:
    """The columns of a return, every text cut to its column."""
    return {
        **{name: _cut(Return, name, getattr(facts, name)) for name in _OF_RETURN},
        **{name: list(getattr(facts, name)) for name in _LISTS_OF_RETURN},
        "moves": [move.value for move in facts.moves],
    }


def fitted(facts: OrderFacts) -> OrderFacts:
    """The facts with every text cut to its column, so that what is kept equals what arrived."""
    cut = {
        name: _cut(Order, name, getattr(facts, name))
        for name in ("status", "payment_method", "currency", "cancel_request_id", "cancel_words")
    }
    return replace(
        facts,
        **cut,
        lines=tuple(
            replace(line, **{name: _cut(Line, name, getattr(line, name)) for name in _OF_LINE})
            for line in facts.lines
        ),
        packages=tuple(
            PackageFacts(
                **{name: _cut(Package, name, getattr(package, name)) for name in _OF_PACKAGE}
            )
            for package in facts.packages
        ),
        address=replace(facts.address, name=_cut(Order, "buyer_name", facts.address.name)),
    )


def _line_facts(line: Line) -> LineFacts:
    return LineFacts(stage=Stage(line.stage), **{name: getattr(line, name) for name in _OF_LINE})


def _cut(model: type[Order | Line | Package | Return], name: str, value: Any) -> Any:
    longest = getattr(model._meta.get_field(name), "max_length", None)
    return value[:longest] if longest and isinstance(value, str) else value
