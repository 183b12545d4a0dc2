"""Orders of Shopee's and TikTok Shop's kind as they are kept: JSON, and back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from crossdock_sandbox.world.buyers import Buyer
from crossdock_sandbox.world.purchases import Line, Parcel, Purchase, Refund, Step


def to_json(order: Purchase) -> dict[str, Any]:
    """An order as it is kept."""
    plain: dict[str, Any] = _plain(asdict(order))
    return plain


def from_json(kept: dict[str, Any]) -> Purchase:
    """A kept order again."""
    moments = ("created_at", "updated_at", "paid_at", "ship_by", "cancel_ends")
    refund = kept["refund"]
    return Purchase(
        **{
            **kept,
            **{name: _moment(kept[name]) for name in moments},
            **{
                name: Decimal(kept[name])
                for name in ("shipping_fee", "voucher_seller", "voucher_platform")
            },
            "step": Step(kept["step"]),
            "lines": [_line(line) for line in kept["lines"]],
            "parcel": Parcel(**kept["parcel"]),
            "buyer": Buyer(**kept["buyer"]),
            "refund": _refund(refund) if refund else None,
            "earlier_refunds": [_refund(one) for one in kept.get("earlier_refunds", [])],
        }
    )


def _line(kept: dict[str, Any]) -> Line:
    money = ("price", "seller_discount", "platform_discount")
    return Line(**{**kept, **{name: Decimal(kept[name]) for name in money}})


def _refund(kept: dict[str, Any]) -> Refund:
    moments = {name: _moment(kept[name]) for name in ("created_at", "due", "updated_at")}
    offer = Decimal(kept["offer"]) if kept["offer"] is not None else None
    return Refund(**{**kept, **moments, "offer": offer})


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
