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


class Touches(StrEnum):
    """What a part of an order that could not be read touches."""

    MONEY = "money"
    """What is billed, in which currency, or on which day: it is not posted."""
    LINES = "lines"
    """Which goods, how many, or where they stand: it is neither packed, picked, verified nor posted."""
    ADDRESS = "address"
    NOTHING = "nothing"
    """Nothing that matters: it is shown, and stops nothing."""

    @property
    def heading(self) -> str:
        """Its name on the screen."""
        return {
            Touches.MONEY: "Money",
            Touches.LINES: "Items",
            Touches.ADDRESS: "Address",
            Touches.NOTHING: "Nothing that matters",
        }[self]

    @property
    def stops(self) -> str:
        """What is not done meanwhile, for people; "" where nothing is stopped."""
        return {
            Touches.MONEY: "not posted until it can be read",
            Touches.LINES: "neither packed, picked, verified nor posted until it can be read",
        }.get(self, "")


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of an order that could not be read."""

    touches: Touches
    words: str
    """For people; never holds a buyer's data."""


POSTABLE = frozenset({Tab.SHIPPED, Tab.DELIVERED, Tab.COMPLETED})
"""The tabs whose orders can be posted, and that hide posted ones."""
ENDS = frozenset({Tab.DELIVERED, Tab.COMPLETED, Tab.OTHERS})
"""The tabs that an order stays on when it is over."""


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
    logistics_id: str = ""
    """The channel's kind of delivery, which a store's rule on how to ship is about."""
    logistics_name: str = ""


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
    cancel_request_id: str = ""
    """What the channel calls the buyer's request, where answering needs it."""
    cancel_words: str = ""
    """The buyer's reason, in the channel's words; of a cancelled order who cancelled it and why, as far
    as the channel tells (``cancelled by the buyer: Change of mind``)."""
    cancel_deadline: datetime | None = None
    return_waits_for_us: bool = False
    """Follows from the order's returns, which come by a call of their own: an order's own fetch
    leaves it False, and what is known stays."""
    seller_delivers: bool = False
    fulfilled_by_channel: bool = False
    """The marketplace's own warehouse ships it (Lazada FBL): we must not pack."""
    no_parcel: bool = False
    """Digital goods or a pick-up in the store: packing does not apply."""
    problems: tuple[Problem, ...] = ()
    """What of it could not be read; () where it was read whole."""

    @property
    def live_lines(self) -> tuple[LineFacts, ...]:
        """The lines that still count."""
        return tuple(line for line in self.lines if line.stage.is_live)

    def unread(self, *touching: Touches) -> tuple[str, ...]:
        """What could not be read of such parts, in words."""
        return tuple(one.words for one in self.problems if one.touches in touching)


@dataclass(frozen=True, slots=True)
class Marks:
    """What we ourselves did to an order and must not lose; never stronger than the channel."""

    packed_here: bool = False
    delivered_here: bool = False
    verified: bool = False
    """Its items were checked at the packing bench."""
    must_be_verified: bool = False
    """The company ships nothing that was not verified."""


class ReturnMove(StrEnum):
    """What a seller can do about a return. Which of them are open is told by the channel."""

    REFUND = "refund"
    """Pay the money back; the buyer keeps the goods."""
    TAKE_BACK = "take_back"
    """Agree that the buyer sends the goods back; the money follows."""
    RECEIVED = "received"
    """The goods came back in order: pay."""
    OFFER = "offer"
    """Offer another solution, or a part of the money."""
    ACCEPT_OFFER = "accept_offer"
    """Take what the buyer proposes."""
    REJECT = "reject"
    """Refuse the request."""
    REFUSE_GOODS = "refuse_goods"
    """Refuse what was sent back."""
    DISPUTE = "dispute"
    """Have the channel decide."""
    WITHDRAW_DISPUTE = "withdraw_dispute"
    """Take the dispute back."""

    @property
    def heading(self) -> str:
        """The move's name on the screen."""
        return self.value.replace("_", " ").capitalize()

    @property
    def gives_in(self) -> bool:
        """Whether it is one of the ways to accept; the others refuse or bargain."""
        return self in (self.REFUND, self.TAKE_BACK, self.RECEIVED, self.ACCEPT_OFFER)


@dataclass(frozen=True, slots=True)
class ReturnFacts:
    """A buyer's return or refund request, as the channel tells it at one moment."""

    return_id: str
    order_id: str
    status: str
    """The channel's own word."""
    goods_back: bool
    """False: the buyer asks for the money only."""
    currency: str
    amount: Decimal
    """What the buyer is to be paid back."""
    created_at: datetime
    updated_at: datetime
    is_open: bool
    """Whether it has not come to an end yet."""
    waits_for_us: bool
    """Whether the next move is the seller's."""
    moves: tuple[ReturnMove, ...] = ()
    """What the seller may do now, the mildest first; may hold moves though nothing waits for us."""
    deadline: datetime | None = None
    """Until when the seller must have answered."""
    reason: str = ""
    comment: str = ""
    """The buyer's own words."""
    line_ids: tuple[str, ...] = ()
    """The lines that it is about; () where the channel does not say: all."""
    parts: tuple[str, ...] = ()
    """The channel's own ids of its parts, where answering needs them (Lazada's reverse lines)."""
    tracking_number: str = ""
    image_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fee:
    """One amount that the channel adds (positive) or keeps (negative), under its own name."""

    name: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the channel pays the seller for an order, as far as it is known."""

    order_id: str
    currency: str
    amount: Decimal
    """What the seller gets, after all fees."""
    is_final: bool
    """False: the channel's estimate, which moves until the order is completed."""
    shipping: Decimal = Decimal(0)
    """What shipping adds to (or takes from) the seller's money."""
    fees: tuple[Fee, ...] = ()
    """Everything else between the billed total and ``amount``, signed."""
