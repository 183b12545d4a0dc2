"""Packages of orders: the unit of shipment, each with a status and a tracking number of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crossdock.channels.contract import Parcel, Shop
from crossdock.channels.errors import NotFound, Refused
from crossdock.channels.reading import Row, rows, text, yes
from crossdock.channels.shopee.api import answer_of, get
from crossdock.channels.shopee.batches import apart

_MOST_PACKAGES = 50


@dataclass(frozen=True, slots=True)
class Package:
    """One package as it stands now."""

    order_sn: str
    number: str
    status: str
    """``fulfillment_status``, such as LOGISTICS_READY."""
    is_arranged: bool
    """With READY: Shopee has taken the shipment already, and is making the tracking number."""
    is_split: bool
    """One of several of its order: then, and only then, calls must name the package."""
    tracking_number: str
    logistics_id: str
    carrier: str

    @property
    def names(self) -> dict[str, str]:
        """What a logistics call names it by."""
        whole = {"order_sn": self.order_sn}
        return {**whole, "package_number": self.number} if self.is_split else whole


def packages_of(shop: Shop, parcel: Parcel) -> tuple[Package, ...]:
    """The packages that a parcel means, as they stand now. Raises NotFound."""
    numbers = list(parcel.package_ids) or _numbers_of(shop, parcel.order_id)
    found, refused = details(shop, numbers)
    for number in numbers:
        if number not in found:
            raise refused.get(number) or NotFound(f"Shopee does not know package {number}.")
    return tuple(
        _package(parcel.order_id, found[number], several=len(numbers) > 1) for number in numbers
    )


def details(shop: Shop, numbers: Sequence[str]) -> tuple[dict[str, Row], dict[str, Refused]]:
    """Package number → what get_package_detail tells, and the refusals of those it does not know.

    Shopee v2: at most 50 a call.
    """
    found: dict[str, Row] = {}
    refused: dict[str, Refused] = {}
    for start in range(0, len(numbers), _MOST_PACKAGES):
        listed, more = apart(
            lambda part: _details(shop, part), numbers[start : start + _MOST_PACKAGES]
        )
        found |= {text(row, "package_number"): row for row in listed}
        refused |= more
    return found, refused


def _details(shop: Shop, numbers: Sequence[str]) -> Sequence[Row]:
    told = get(shop, "order/get_package_detail", {"package_number_list": ",".join(numbers)})
    return rows(answer_of(told), "package_list")


def _numbers_of(shop: Shop, order_sn: str) -> list[str]:
    told = get(
        shop,
        "order/get_order_detail",
        {"order_sn_list": order_sn, "response_optional_fields": "package_list"},
    )
    orders = rows(answer_of(told), "order_list")
    numbers = [
        text(row, "package_number") for order in orders for row in rows(order, "package_list")
    ]
    if not any(numbers):
        raise NotFound(f"Order {order_sn} has no package yet.")
    return [number for number in numbers if number]


def _package(order_sn: str, told: Mapping[str, object], *, several: bool) -> Package:
    return Package(
        order_sn=order_sn,
        number=text(told, "package_number"),
        status=text(told, "fulfillment_status") or text(told, "logistics_status"),
        is_arranged=yes(told.get("is_shipment_arranged")),
        is_split=several or yes(told.get("is_split_up")),
        tracking_number=text(told, "tracking_number"),
        logistics_id=text(told, "logistics_channel_id"),
        carrier=text(told, "shipping_carrier"),
    )
