"""Orders of Shopee's and TikTok Shop's kind: the order has one step, its goods travel in one parcel.

Steps are ours; each face says them in its platform's words.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from crossdock_sandbox.world.buyers import Buyer
from crossdock_sandbox.world.orders import NotPossible


class Step(StrEnum):
    """Where an order stands."""

    UNPAID = "unpaid"
    HELD = "held"
    TO_SHIP = "to_ship"
    ARRANGED = "arranged"
    RETRY = "retry"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


BEFORE_COURIER = (Step.HELD, Step.TO_SHIP, Step.ARRANGED, Step.RETRY)


@dataclass
class Line:
    """An ordered product. Amounts are for one unit."""

    line_id: str
    sku: str
    name: str
    variation: str
    product_id: int
    sku_id: int
    quantity: int
    price: Decimal
    seller_discount: Decimal = Decimal(0)
    platform_discount: Decimal = Decimal(0)


@dataclass
class Parcel:
    """The parcel of an order."""

    parcel_id: str
    provider: str
    tracking: str = ""
    arranging_ends: float = 0.0
    """Unix time at which the courier has answered; 0: nobody was asked, or it is done."""
    label_at: float = 0.0
    """Unix time from which the label can be had."""
    document_at: float = 0.0
    """Unix time from which an ordered document is ready; 0: none was ordered."""
    fate: str = ""
    """``lost`` or ``sent_back``, where it did not reach the buyer."""


@dataclass
class Refund:
    """A buyer's return or refund request."""

    refund_id: str
    goods_back: bool
    reason: str
    text: str
    created_at: datetime
    due: datetime
    state: str = "requested"
    """requested, offered, awaiting_buyer, buyer_shipped, refused_goods, accepted, paid, rejected,
    disputed, cancelled."""
    offer: Decimal | None = None
    updated_at: datetime | None = None
    more: dict[str, Any] = field(default_factory=dict)
    """What only one platform tells of it, as JSON."""

    @property
    def open(self) -> bool:
        """Whether it has not come to an end yet."""
        return self.state not in ("accepted", "paid", "rejected", "cancelled")

    @property
    def waits_for_seller(self) -> bool:
        """Whether the next move is the seller's."""
        return self.state in ("requested", "buyer_shipped")


@dataclass
class Purchase:
    """One order of one shop."""

    channel: str
    shop: str
    order_id: str
    currency: str
    step: Step
    created_at: datetime
    updated_at: datetime
    paid_at: datetime | None
    ship_by: datetime
    lines: list[Line]
    parcel: Parcel
    buyer: Buyer
    note: str = ""
    cod: bool = False
    shipping_fee: Decimal = Decimal(0)
    voucher_seller: Decimal = Decimal(0)
    voucher_platform: Decimal = Decimal(0)
    seller_delivers: bool = False
    cancel_id: str = ""
    """The open cancellation request of the buyer; "": none."""
    cancel_ends: datetime | None = None
    cancel_reason: str = ""
    cancelled_by: str = ""
    cancels: list[dict[str, Any]] = field(default_factory=list)
    """Every cancellation so far: id, by, reason, state (pending, approved, paid, rejected, withdrawn),
    and at, updated, due in Unix seconds."""
    refund: Refund | None = None
    earlier_refunds: list[Refund] = field(default_factory=list)
    """Requests that came to an end before the present one."""
    times: dict[str, int] = field(default_factory=dict)
    """Unix seconds at which it was held, arranged, not collected, collected, delivered, completed,
    cancelled, and at which its address was changed."""
    more: dict[str, Any] = field(default_factory=dict)
    """What only one platform keeps of it, as JSON."""

    @property
    def live(self) -> bool:
        """Whether the goods still count."""
        return self.step is not Step.CANCELLED

    @property
    def requests(self) -> list[str]:
        """The ids of its cancellations and returns so far."""
        refunds = [one.refund_id for one in (*self.earlier_refunds, self.refund) if one]
        return [*(str(one["id"]) for one in self.cancels), *refunds]

    @property
    def arranging(self) -> bool:
        """Whether the courier was asked and has not answered yet."""
        return bool(self.parcel.arranging_ends)

    @property
    def goods(self) -> Decimal:
        """What the seller sells the goods for, before vouchers."""
        return sum(
            ((line.price - line.seller_discount) * line.quantity for line in self.lines), Decimal(0)
        )

    @property
    def billed_total(self) -> Decimal:
        """What the seller sells it for: goods minus the vouchers that the seller funds."""
        return self.goods - self.voucher_seller if self.live else Decimal(0)

    @property
    def buyer_total(self) -> Decimal:
        """What the buyer pays."""
        platform = sum((line.platform_discount * line.quantity for line in self.lines), Decimal(0))
        return (
            self.goods - self.voucher_seller - self.voucher_platform - platform + self.shipping_fee
        )

    def move(self, step: Step, now: datetime) -> None:
        """Bring it to a step."""
        self.step = step
        if name := _TIMES.get(step):
            self.times[name] = int(now.timestamp())
        self.touch(now)

    def touch(self, now: datetime) -> None:
        """Something changed now."""
        self.updated_at = max(now, self.updated_at)

    def need(self, *steps: Step) -> None:
        """Raises NotPossible unless it stands at one of these steps."""
        if self.step not in steps:
            raise NotPossible(
                f"order {self.order_id} is {self.step}; this needs one of {', '.join(steps)}"
            )

    def settle(self, now: datetime, *, at_once: bool = False) -> bool:
        """Let the courier's answer come if it is due; whether it did."""
        ends = self.parcel.arranging_ends
        if not ends or not (at_once or ends <= time.time()):
            return False
        self.parcel.arranging_ends = 0.0
        if self.step in (Step.TO_SHIP, Step.RETRY):
            self.move(Step.ARRANGED, now)
        return True

    def cancel(self, now: datetime, *, who: str, reason: str) -> None:
        """End it before it reached the buyer."""
        self.cancelled_by, self.cancel_reason = who, reason
        self.parcel.arranging_ends = 0.0
        if who != "BUYER":
            self.end_request(now)
        if not self.cancel_id:
            self.cancel_id = f"4{self.order_id}"
            self.cancels.append(_cancellation(self.cancel_id, who, reason, now, now))
        self.end_request(now, "approved")
        if self.refund is not None and self.refund.open:
            self.refund.state, self.refund.updated_at = "cancelled", now
        self.move(Step.CANCELLED, now)

    def request_cancel(self, cancel_id: str, reason: str, now: datetime, ends: datetime) -> None:
        """The buyer asks to cancel; the platform agrees by itself at ``ends``."""
        self.cancel_id, self.cancel_ends, self.cancel_reason = cancel_id, ends, reason
        self.cancels.append(_cancellation(cancel_id, "BUYER", reason, now, ends))
        self.touch(now)

    def end_request(self, now: datetime, state: str = "withdrawn") -> None:
        """No cancellation request is open any more; how it ended."""
        for one in self.cancels:
            if one["id"] == self.cancel_id:
                one |= {"state": state, "updated": int(now.timestamp())}
        if self.cancel_id:
            self.cancel_id, self.cancel_ends = "", None
            self.touch(now)

    def happen(self, event: str, now: datetime, new_id: Callable[[], str]) -> None:
        """One thing that a buyer, a courier or a deadline does. Raises NotPossible."""
        self.settle(now, at_once=True)
        _EVENTS[event](self, now, new_id)

    def age(self, present: datetime, gone: timedelta) -> None:
        """Let time pass: deadlines come nearer; couriers pick up and deliver, buyers confirm."""
        self.ship_by -= gone
        self.settle(present, at_once=True)
        if self.cancel_ends is not None:
            self.cancel_ends -= gone
            if self.cancel_ends <= present:
                self.cancel(present, who="BUYER", reason=self.cancel_reason)
        if self.refund is not None:
            self.refund.due -= gone
        hours = gone.total_seconds() / 3600
        for here, there, takes in _BY_ITSELF:
            if self.step is here and hours >= takes and not self._stays():
                self.move(there, present)
                hours -= takes
        if self.step is Step.UNPAID and gone >= timedelta(hours=24):
            self.cancel(present, who="SYSTEM", reason="Payment time-out")

    def _stays(self) -> bool:
        """Whether time alone does not bring it on: nobody collects it, or a return is open."""
        if self.step is Step.ARRANGED:
            return self.seller_delivers
        return self.step is Step.DELIVERED and self.refund is not None and self.refund.open


def _cancellation(
    cancel_id: str, by: str, reason: str, at: datetime, due: datetime
) -> dict[str, Any]:
    second = int(at.timestamp())
    return {
        "id": cancel_id,
        "by": by,
        "reason": reason,
        "state": "pending",
        "at": second,
        "updated": second,
        "due": int(due.timestamp()),
    }


_TIMES = {
    Step.ARRANGED: "arranged",
    Step.SHIPPED: "collected",
    Step.DELIVERED: "delivered",
    Step.COMPLETED: "completed",
    Step.CANCELLED: "cancelled",
}
_BY_ITSELF = (
    (Step.HELD, Step.TO_SHIP, 1),
    (Step.ARRANGED, Step.SHIPPED, 12),
    (Step.SHIPPED, Step.DELIVERED, 48),
    (Step.DELIVERED, Step.COMPLETED, 168),
)

Event = Callable[[Purchase, datetime, Callable[[], str]], None]


def _pay(order: Purchase, now: datetime, _: Callable[[], str]) -> None:
    order.need(Step.UNPAID)
    order.paid_at = now
    order.move(Step.TO_SHIP, now)


def _request_cancel(order: Purchase, now: datetime, new_id: Callable[[], str]) -> None:
    tiktok = order.channel == "tiktok"
    if order.step is Step.UNPAID or (tiktok and order.step is Step.HELD):
        order.cancel(now, who="BUYER", reason="Change of mind")
        return
    order.need(Step.TO_SHIP, *(() if tiktok else (Step.ARRANGED,)))
    if order.cancel_id:
        raise NotPossible(f"order {order.order_id} has an open cancellation request already")
    if not tiktok and any(one["state"] == "rejected" for one in order.cancels):
        raise NotPossible(f"the buyer of {order.order_id} was refused, and cannot ask again")
    order.request_cancel(new_id(), "Change of mind", now, now + timedelta(hours=24))


def _withdraw_cancel(order: Purchase, now: datetime, _: Callable[[], str]) -> None:
    if not order.cancel_id:
        raise NotPossible(f"order {order.order_id} has no open cancellation request")
    order.end_request(now)


def _request_return(order: Purchase, now: datetime, new_id: Callable[[], str]) -> None:
    shopee = order.channel == "shopee"
    order.need(Step.DELIVERED, *((Step.SHIPPED, Step.COMPLETED) if shopee else ()))
    if order.refund is not None and order.refund.state not in ("rejected", "cancelled"):
        raise NotPossible(f"order {order.order_id} has a return already")
    if order.refund is not None:
        order.earlier_refunds.append(order.refund)
    order.refund = Refund(
        refund_id=new_id(),
        goods_back=order.buyer.number % 2 == 0,
        reason="ITEM_DAMAGED",
        text="The item came damaged.",
        created_at=now,
        due=now + timedelta(hours=48),
        updated_at=now,
    )
    if shopee:
        order.refund.more["after_completion"] = order.step is Step.COMPLETED
    if order.step is Step.SHIPPED:
        order.refund.goods_back, order.refund.reason = False, "NOT_RECEIPT"
        order.refund.text = "I have not received the parcel."
    order.touch(now)


def _change_address(order: Purchase, now: datetime, _: Callable[[], str]) -> None:
    order.need(Step.UNPAID, *BEFORE_COURIER)
    street = f"{order.buyer.number % 97 + 1}, Jalan Baru"
    order.buyer = Buyer(**{**asdict(order.buyer), "street": street})
    order.times["address"] = int(now.timestamp())
    order.touch(now)


def _pick_up(order: Purchase, now: datetime, _: Callable[[], str]) -> None:
    order.need(Step.ARRANGED)
    order.end_request(now)
    order.move(Step.SHIPPED, now)


def _deliver(order: Purchase, now: datetime, _: Callable[[], str]) -> None:
    order.need(Step.SHIPPED)
    order.move(Step.DELIVERED, now)


def _complete(order: Purchase, now: datetime, _: Callable[[], str]) -> None:
    order.need(Step.DELIVERED)
    order.move(Step.COMPLETED, now)


def _lose(order: Purchase, now: datetime, _: Callable[[], str]) -> None:
    order.need(Step.SHIPPED)
    order.parcel.fate = "lost"
    order.cancel(now, who="SYSTEM", reason="package_lost")


def _send_back(order: Purchase, now: datetime, _: Callable[[], str]) -> None:
    order.need(Step.SHIPPED)
    order.parcel.fate = "sent_back"
    order.cancel(now, who="SYSTEM", reason="Failed Delivery")


def _update_price(order: Purchase, now: datetime, _: Callable[[], str]) -> None:
    if not order.live:
        raise NotPossible(f"order {order.order_id} has no item left whose price could change")
    order.lines[0].price += Decimal("1.00")
    order.touch(now)


_EVENTS: dict[str, Event] = {
    "pay": _pay,
    "request_cancel": _request_cancel,
    "withdraw_cancel": _withdraw_cancel,
    "request_return": _request_return,
    "change_address": _change_address,
    "pick_up": _pick_up,
    "deliver": _deliver,
    "complete": _complete,
    "lose": _lose,
    "send_back": _send_back,
    "update_price": _update_price,
}
