"""What is different between the platforms whose orders travel in one parcel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crossdock_sandbox.grants import Lifetimes
from crossdock_sandbox.world.making import Numbers
from crossdock_sandbox.world.purchases import Purchase, Step


def _nothing(order: Purchase, present: datetime, gone: timedelta) -> None:
    """A platform without deadlines of its own."""


@dataclass(frozen=True)
class Platform:
    """What is different between the platforms of this kind."""

    channel: str
    words: Mapping[str, Step]
    """Status words in which orders can be made."""
    default: str
    word: Callable[[Purchase], str]
    """An order's status in the platform's words."""
    parcel_word: Callable[[Purchase], str]
    lifetimes: Lifetimes
    new_token: Callable[[], tuple[str, str]]
    new_code: Callable[[], str]
    order_id: Callable[[Numbers, datetime], str]
    is_order_id: Callable[[str], bool]
    parcel_id: Callable[[Numbers], str]
    tracking: Callable[[Numbers], str]
    providers: tuple[str, ...]
    line_per_unit: bool
    has_vouchers: bool
    """Whether vouchers are told apart from discounts (Shopee)."""
    line_id: Callable[[Numbers], str] = field(default=lambda numbers: str(numbers.item_id()))
    case_id: Callable[[Numbers], str] = field(default=lambda numbers: str(numbers.reverse_id()))
    """Of a cancellation or return request."""
    courier_known_early: bool = True
    """Whether the courier is told before the seller has arranged the shipment."""
    parcel_known_early: bool = False
    """Whether the parcel is told before the buyer has paid."""
    combines: bool = False
    """Whether a parcel may hold several orders."""
    own_fleet: str = ""
    """What the platform calls a seller's own courier, where such orders never wait for a collection:
    they are shipped as soon as the seller says so."""
    deadlines: Callable[[Purchase, datetime, timedelta], None] = field(default=_nothing)
    """What the platform itself decides for an order when so much time has passed until now."""
    goods_sent_back: Callable[[Purchase, datetime], bool] = field(
        default=lambda _order, _now: False
    )
    """The buyer hands the goods of a return over; False where no return waits for that."""
