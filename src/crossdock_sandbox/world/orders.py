"""Orders of Lazada's kind: statuses sit on items, packages hold items, and things happen to them."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from crossdock_sandbox.world.buyers import Buyer

FINAL = frozenset(
    {
        "canceled",
        "returned",
        "lost_by_3pl",
        "damaged_by_3pl",
        "shipped_back_success",
        "shipped_back_failed",
        "package_scrapped",
    }
)
DEAD = FINAL | {"failed_delivery", "shipped_back"}
BEFORE_COURIER = ("pending", "repacked", "packed", "ready_to_ship_pending", "ready_to_ship")
WORDS = (
    "unpaid", "pending", "repacked", "packed", "ready_to_ship_pending", "ready_to_ship", "shipped",
    "delivered", "confirmed", "failed_delivery", "shipped_back", "shipped_back_success",
    "shipped_back_failed", "lost_by_3pl", "damaged_by_3pl", "package_scrapped", "returned", "canceled",
)  # fmt: skip


class NotPossible(Exception):
    """The state does not allow it; the message says what would."""


@dataclass
class Item:
    """One unit of an ordered product."""

    item_id: int
    sku: str
    name: str
    variation: str
    price: Decimal
    voucher_seller: Decimal
    voucher_platform: Decimal
    shipping: Decimal
    status: str
    updated_at: datetime
    sof: bool = False
    warehouse: str = "dropshipping"
    package_id: str = ""
    tracking: str = ""
    provider: str = ""
    reason: str = ""
    initiator: str = "null-null"


@dataclass
class Package:
    """A parcel."""

    package_id: str
    tracking: str
    provider: str
    label_at: float
    """Unix time from which the label can be had."""
    ready_at: float = 0.0
    """Unix time at which ready_to_ship_pending ends; 0: it does not run."""
    void: bool = False


@dataclass
class Order:
    """One order of one shop."""

    channel: str
    shop: str
    order_id: str
    currency: str
    created_at: datetime
    updated_at: datetime
    paid_at: datetime | None
    ship_by: datetime
    items: list[Item]
    buyer: Buyer
    note: str = ""
    payment_method: str = "MIXEDCARD"
    shipping_fee: Decimal = Decimal(0)
    packages: dict[str, Package] = field(default_factory=dict)
    cancel_asked: int = 0
    """The reverse order id of an open cancellation request; 0: none."""
    cancel_ends: datetime | None = None
    cancel_reason: str = ""
    return_open: int = 0

    @property
    def statuses(self) -> list[str]:
        """The distinct statuses of the items, in the order of their way."""
        here = {item.status for item in self.items}
        return [word for word in WORDS if word in here]

    @property
    def live(self) -> list[Item]:
        """The items that still count."""
        return [item for item in self.items if item.status not in DEAD]

    @property
    def billed_total(self) -> Decimal:
        """What the seller sells it for: prices minus the vouchers that the seller funds."""
        return sum((item.price - item.voucher_seller for item in self.live), Decimal(0))

    def touch(self, now: datetime) -> None:
        """Something changed now."""
        self.updated_at = max(now, self.updated_at)

    def move(self, items: list[Item], status: str, now: datetime) -> None:
        """Bring these items to a status."""
        for item in items:
            item.status, item.updated_at = status, now
        if items:
            self.touch(now)

    def settle(self, now: datetime, *, at_once: bool = False) -> bool:
        """Let asynchronous steps that are due happen; whether one did."""
        moved = False
        for package in self.packages.values():
            if package.ready_at and (at_once or package.ready_at <= time.time()):
                package.ready_at = 0.0
                waiting = [
                    item
                    for item in self.of_package(package)
                    if item.status == "ready_to_ship_pending"
                ]
                self.move(waiting, "ready_to_ship", now)
                moved = True
        return moved

    def of_package(self, package: Package) -> list[Item]:
        """The items in a package."""
        return [item for item in self.items if item.package_id == package.package_id]

    def happen(self, event: str, now: datetime, reverse_id: int) -> None:
        """One thing that a buyer, a courier or a deadline does. Raises NotPossible."""
        self.settle(now, at_once=True)
        deed = _EVENTS.get(event)
        if deed is None:
            raise NotPossible(f"there is no event {event!r}; known: {', '.join(sorted(_EVENTS))}")
        deed(self, now, reverse_id)

    def at(self, *statuses: str) -> list[Item]:
        """The items at one of these statuses. Raises NotPossible where there is none."""
        found = [item for item in self.items if item.status in statuses]
        if not found:
            raise NotPossible(
                f"order {self.order_id} is {','.join(self.statuses)}; this needs one of {', '.join(statuses)}"
            )
        return found

    def cancel(self, items: list[Item], now: datetime, *, who: str, reason: str) -> None:
        """Cancel items, and with them the others of their packages."""
        packages = {item.package_id for item in items if item.package_id}
        together = [item for item in self.items if item in items or item.package_id in packages]
        gone = [item for item in together if item.status in ("unpaid", *BEFORE_COURIER)]
        for item in gone:
            item.initiator, item.reason = who, reason
        for package_id in packages:
            self.packages[package_id].void = True
            self.packages[package_id].ready_at = 0.0
        self.move(gone, "canceled", now)
        self.end_request(now)

    def end_request(self, now: datetime) -> None:
        """No cancellation request is open any more."""
        if self.cancel_asked:
            self.cancel_asked, self.cancel_ends = 0, None
            self.touch(now)


def _pay(order: Order, now: datetime, _: int) -> None:
    order.move(order.at("unpaid"), "pending", now)
    order.paid_at = now


def _request_cancel(order: Order, now: datetime, reverse_id: int) -> None:
    order.at(*BEFORE_COURIER)
    if order.cancel_asked:
        raise NotPossible(f"order {order.order_id} has an open cancellation request already")
    order.cancel_asked, order.cancel_ends = reverse_id, now + timedelta(hours=48)
    order.cancel_reason = "Change of mind"
    order.touch(now)


def _withdraw_cancel(order: Order, now: datetime, _: int) -> None:
    if not order.cancel_asked:
        raise NotPossible(f"order {order.order_id} has no open cancellation request")
    order.end_request(now)


def _request_return(order: Order, now: datetime, reverse_id: int) -> None:
    order.at("delivered", "confirmed")
    if order.return_open:
        raise NotPossible(f"order {order.order_id} has an open return already")
    order.return_open = reverse_id
    order.touch(now)


def _pick_up(order: Order, now: datetime, _: int) -> None:
    order.move(order.at("ready_to_ship"), "shipped", now)
    order.end_request(now)


def _deliver(order: Order, now: datetime, _: int) -> None:
    order.move(order.at("shipped"), "delivered", now)


def _complete(order: Order, now: datetime, _: int) -> None:
    order.move(order.at("delivered"), "confirmed", now)


def _lose(order: Order, now: datetime, _: int) -> None:
    order.move(order.at("shipped"), "lost_by_3pl", now)


def _send_back(order: Order, now: datetime, _: int) -> None:
    failed = [item for item in order.items if item.status == "failed_delivery"]
    if failed:
        order.move(failed, "shipped_back", now)
    else:
        order.move(order.at("shipped"), "failed_delivery", now)


def _change_address(order: Order, now: datetime, _: int) -> None:
    order.at("unpaid", *BEFORE_COURIER)
    order.buyer = Buyer(
        **{**asdict(order.buyer), "street": f"{order.buyer.number % 97 + 1}, Jalan Baru"}
    )
    order.touch(now)


def _update_price(order: Order, now: datetime, _: int) -> None:
    items = order.live
    if not items:
        raise NotPossible(f"order {order.order_id} has no item left whose price could change")
    items[0].price += Decimal("1.00")
    items[0].updated_at = now
    order.touch(now)


_EVENTS = {
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
EVENTS = tuple(_EVENTS)


def to_json(order: Order) -> dict[str, Any]:
    """An order as it is kept."""
    return {name: _plain(value) for name, value in asdict(order).items()}


def from_json(kept: dict[str, Any]) -> Order:
    """A kept order again."""
    moments = ("created_at", "updated_at", "paid_at", "ship_by", "cancel_ends")
    times = {name: _moment(kept[name]) for name in moments}
    return Order(
        **{
            **kept,
            **times,
            "shipping_fee": Decimal(kept["shipping_fee"]),
            "items": [_item(item) for item in kept["items"]],
            "buyer": Buyer(**kept["buyer"]),
            "packages": {key: Package(**package) for key, package in kept["packages"].items()},
        }
    )


def _item(kept: dict[str, Any]) -> Item:
    money = {
        name: Decimal(kept[name])
        for name in ("price", "voucher_seller", "voucher_platform", "shipping")
    }
    return Item(**{**kept, **money, "updated_at": datetime.fromisoformat(kept["updated_at"])})


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
