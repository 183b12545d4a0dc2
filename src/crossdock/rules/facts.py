"""What a channel tells us about an order, in words that are the same for every channel.

These records are made by ``channels.<name>.translate`` and by nobody else; everything that decides
(tabs, news, allowed, invoice) reads them. They are frozen: a fact is replaced, never edited.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Stage(StrEnum):
    """Where one line (a unit, an item) stands, translated from the channel's own word."""

    UNPAID = "unpaid"
    TO_PACK = "to_pack"
    PACKED = "packed"
    READY = "ready"
    """Shipment is arranged; the parcel waits for the courier."""
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCEL_REQUESTED = "cancel_requested"
    HELD = "held"
    """Paid, but the channel does not let us touch it yet."""
    CANCELLED = "cancelled"
    RETURNED = "returned"
    FAILED = "failed"
    """Lost, damaged, scrapped, or on its way back: it will not reach the buyer."""
    UNKNOWN = "unknown"

    @property
    def is_live(self) -> bool:
        """Whether a line at this stage still counts in lists, targets and invoices."""
        return self not in (Stage.CANCELLED, Stage.RETURNED, Stage.FAILED)


class Tab(StrEnum):
    """The tabs of the orders page, in the order in which they are shown."""

    UNPAID = "unpaid"
    NEW_ORDER = "new-order"
    TO_PROCESS = "to-process"
    TO_SHIP = "to-ship"
    SELF_DELIVER = "self-deliver"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    TO_CANCEL = "to-cancel"
    TO_RETURN = "to-return"
    OTHERS = "others"

    @property
    def heading(self) -> str:
        """The tab's name on the screen."""
        return " ".join(word.capitalize() for word in self.value.split("-"))


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One ordered item. Lazada and TikTok Shop tell one line per unit (quantity 1)."""

    line_id: str
    sku: str
    name: str
    quantity: int
    unit_price: Decimal
    """What one unit sells for before any voucher, in the order's currency."""
    seller_discount: Decimal
    """The discount on ONE unit that the seller funds."""
    status: str
    """The channel's own word."""
    stage: Stage
    seller_voucher: Decimal = Decimal(0)
    """The share of a voucher on ONE unit that the seller funds."""
    variation: str = ""
    platform_discount: Decimal = Decimal(0)
    image_url: str = ""
    product_id: str = ""
    channel_sku: str = ""
    package_id: str = ""
    ship_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class PackageFacts:
    """A parcel. ``tracking_number`` is "" until the channel allots it."""

    package_id: str
    shipment_provider: str = ""
    tracking_number: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class AddressFacts:
    """Where the parcel goes. Personal data: shown only with the right to see buyers."""

    name: str = ""
    phone: str = ""
    lines: tuple[str, ...] = ()
    city: str = ""
    state: str = ""
    post_code: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """One order of one shop, as the channel tells it at one moment."""

    order_id: str
    """The channel order id: unique in one shop only (two Lazada shops can share one)."""
    status: str
    """The channel's own words, joined by "," where items differ."""
    stage: Stage
    """Order-level stage; decides only while ``lines`` is empty."""
    currency: str
    created_at: datetime
    updated_at: datetime
    lines: tuple[LineFacts, ...] = ()
    """Empty means that the items could not be read yet, never an order without goods."""
    packages: tuple[PackageFacts, ...] = ()
    buyer_total: Decimal | None = None
    """What the buyer pays, shipping included; None where the channel does not say."""
    shipping_fee: Decimal = Decimal(0)
    voucher_seller: Decimal = Decimal(0)
    """The order's vouchers that the seller funds, as the channel adds them up: for people to read."""
    voucher_platform: Decimal = Decimal(0)
    voucher_beyond_lines: Decimal = Decimal(0)
    """Seller-funded vouchers that no line carries (Shopee): the invoice takes them off as well."""
    payment_method: str = ""
    address: AddressFacts = field(default_factory=AddressFacts)
    buyer_note: str = ""
    ship_by: datetime | None = None
    paid_at: datetime | None = None
    cancel_requested: bool = False
    cancel_deadline: datetime | None = None
    return_waits_for_us: bool = False
    seller_delivers: bool = False
    fulfilled_by_channel: bool = False
    """The marketplace's own warehouse ships it (Lazada FBL): we must not pack."""
    no_parcel: bool = False
    """Digital goods or a pick-up in the store: packing does not apply."""

    @property
    def live_lines(self) -> tuple[LineFacts, ...]:
        """The lines that still count."""
        return tuple(line for line in self.lines if line.stage.is_live)


@dataclass(frozen=True, slots=True)
class Marks:
    """What we ourselves did to an order and must not lose; never stronger than the channel."""

    packed_here: bool = False
    delivered_here: bool = False
