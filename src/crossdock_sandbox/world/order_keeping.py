"""Orders of Lazada's kind as they are kept: JSON, and back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from crossdock_sandbox.world.buyers import Buyer
from crossdock_sandbox.world.orders import Item, Order, Package
from crossdock_sandbox.world.reversals import Reverse, ReverseLine


def to_json(order: Order) -> dict[str, Any]:
    """An order as it is kept."""
    plain: dict[str, Any] = _plain(asdict(order))
    return plain


def from_json(kept: dict[str, Any]) -> Order:
    """A kept order again."""
    moments = ("created_at", "updated_at", "paid_at", "ship_by", "address_at")
    return Order(
        **{
            **kept,
            **{name: _moment(kept[name]) for name in moments},
            "shipping_fee": Decimal(kept["shipping_fee"]),
            "items": [_item(item) for item in kept["items"]],
            "buyer": Buyer(**kept["buyer"]),
            "packages": {key: Package(**package) for key, package in kept["packages"].items()},
            "reversals": [_reverse(one) for one in kept["reversals"]],
        }
    )


def _item(kept: dict[str, Any]) -> Item:
    names = ("price", "voucher_seller", "voucher_platform", "shipping")
    money = {name: Decimal(kept[name]) for name in names}
    return Item(**{**kept, **money, "updated_at": datetime.fromisoformat(kept["updated_at"])})


def _reverse(kept: dict[str, Any]) -> Reverse:
    return Reverse(**{**kept, "lines": [_line(line) for line in kept["lines"]]})


def _line(kept: dict[str, Any]) -> ReverseLine:
    moments = ("created_at", "updated_at", "sla", "next_at")
    times = {name: _moment(kept[name]) for name in moments}
    return ReverseLine(**{**kept, **times, "refund": Decimal(kept["refund"])})


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
