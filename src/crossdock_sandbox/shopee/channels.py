"""The logistics channels of the shops, and what each asks for when a shipment is arranged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crossdock_sandbox.shopee.book import OWN_FLEET
from crossdock_sandbox.shopee.gateway import Call
from crossdock_sandbox.world.purchases import Purchase


@dataclass(frozen=True)
class LogisticsChannel:
    """A way in which parcels go. Each method holds what it asks for; None: it is not offered."""

    channel_id: int
    name: str
    pickup: tuple[str, ...] | None = None
    dropoff: tuple[str, ...] | None = None
    non_integrated: tuple[str, ...] | None = None

    @property
    def info_needed(self) -> dict[str, list[str]]:
        """A key that is there is offered, even with an empty list."""
        methods = {
            "pickup": self.pickup, "dropoff": self.dropoff, "non_integrated": self.non_integrated,
        }  # fmt: skip
        return {name: list(asked) for name, asked in methods.items() if asked is not None}


MASK = LogisticsChannel(20000, "Doorstep Delivery")
STANDARD = LogisticsChannel(20021, "Standard Delivery", ("address_id", "pickup_time_id"), ())
DROP_OFF = LogisticsChannel(20022, "Self Drop-off Delivery", None, ("branch_id",))
OWN = LogisticsChannel(20099, OWN_FLEET, None, None, ("tracking_no",))
_ALL = (MASK, STANDARD, DROP_OFF, OWN)


def channel_of(order: Purchase) -> LogisticsChannel:
    """The channel of an order: one in five goes to a drop-off point, where nobody has to come."""
    if order.seller_delivers:
        return OWN
    if "not_collected" in order.times:
        return STANDARD
    return DROP_OFF if int(order.parcel.parcel_id[3:]) % 5 == 0 else STANDARD


def listed(call: Call) -> dict[str, Any]:
    """/api/v2/logistics/get_channel_list"""
    return {"logistics_channel_list": [_row(call, channel) for channel in _ALL]}


def _row(call: Call, channel: LogisticsChannel) -> dict[str, Any]:
    own = channel is OWN
    return {
        "logistics_channel_id": channel.channel_id,
        "logistics_channel_name": channel.name,
        "cod_enabled": not own,
        "enabled": not own or call.seller.seller_delivers,
        "fee_type": "CUSTOM_PRICE" if own else "SIZE_INPUT",
        "size_list": [],
        "weight_limit": {"item_max_weight": 30.0, "item_min_weight": 0.01},
        "item_max_dimension": {
            "height": 100, "width": 100, "length": 100, "unit": "cm", "dimension_sum": 300,
        },
        "volume_limit": {"item_max_volume": 0, "item_min_volume": 0},
        "logistics_description": "",
        "force_enable": channel is MASK,
        "mask_channel_id": MASK.channel_id if channel in (STANDARD, DROP_OFF) else 0,
        "block_seller_cover_shipping_fee": False,
        "support_cross_border": False,
        "seller_logistic_has_configuration": own,
        "logistics_capability": {"seller_logistics": own, "preprint": False},
        "preprint": False,
    }  # fmt: skip
