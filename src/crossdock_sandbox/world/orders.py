"""Orders of Lazada's kind: statuses sit on items, packages hold items, requests are about items."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from crossdock_sandbox.world import reversals
from crossdock_sandbox.world.buyers import Buyer
from crossdock_sandbox.world.reversals import CANCEL, Reverse, ReverseLine

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
    cancel_pending: bool = False
    """The seller agreed to cancel it, and the parcel is being stopped."""
    invoice_number: str = ""


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
    reversals: list[Reverse] = field(default_factory=list)
    """Every cancellation and return so far."""
    address_at: datetime | None = None
    """When the address was changed; None: never."""
    fields: dict[str, Any] = field(default_factory=dict)
    """What Lazada tells of it otherwise, by name or dotted path."""

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

    @property
    def cancel_request(self) -> Reverse | None:
        """The buyer's request to cancel that waits for the seller."""
        for reverse in self.reversals:
            if reverse.kind == CANCEL and any(
                line.status == reversals.INITIATED for line in reverse.lines
            ):
                return reverse
        return None

    @property
    def return_waits_for_seller(self) -> bool:
        """Whether the next move in one of its returns is the seller's."""
        return any(
            line.status == reversals.INITIATED or line.is_back
            for reverse in self.reversals
            if reverse.kind != CANCEL and reverse.is_rtm
            for line in reverse.lines
        )

    def is_asked(self, item: Item) -> bool:
        """Whether the buyer asks to cancel this item, and the seller is to answer."""
        found = self.open_line(item)
        return bool(found and found[0].kind == CANCEL and found[1].status == reversals.INITIATED)

    def open_line(self, item: Item) -> tuple[Reverse, ReverseLine] | None:
        """The request about an item that has not come to an end, and its line."""
        found = self.last_line(item)
        return found if found and found[1].is_open else None

    def last_line(self, item: Item) -> tuple[Reverse, ReverseLine] | None:
        """The newest request about an item, and its line."""
        for reverse in reversed(self.reversals):
            for line in reverse.lines:
                if line.item_id == item.item_id:
                    return reverse, line
        return None

    def touch(self, now: datetime) -> None:
        """Something changed now."""
        self.updated_at = max(now, self.updated_at)

    def move(self, items: list[Item], status: str, now: datetime) -> None:
        """Bring these items to a status."""
        for item in items:
            item.status, item.updated_at = status, now
        if items:
            self.touch(now)

    def book_couriers(self, now: datetime, *, at_once: bool = False) -> bool:
        """Let couriers that were called answer, where that is due; whether one did."""
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

    def at(self, *statuses: str) -> list[Item]:
        """The items at one of these statuses. Raises NotPossible where there is none."""
        found = [item for item in self.items if item.status in statuses]
        if not found:
            raise NotPossible(
                f"order {self.order_id} is {','.join(self.statuses)}; this needs one of {', '.join(statuses)}"
            )
        return found

    def cancel(self, items: list[Item], now: datetime, *, who: str, reason: str) -> list[Item]:
        """Cancel items, and with them the others of their packages; what was cancelled.

        Requests to cancel them are granted by that.
        """
        packages = {item.package_id for item in items if item.package_id}
        together = [item for item in self.items if item in items or item.package_id in packages]
        gone = [item for item in together if item.status in ("unpaid", *BEFORE_COURIER)]
        for item in gone:
            item.initiator, item.reason, item.cancel_pending = who, reason, False
            if (found := self.open_line(item)) and found[0].kind == CANCEL:
                found[1].move(reversals.CANCELLED, now, "SYSTEM")
                found[1].done_at = 0.0
        for package_id in packages:
            self.packages[package_id].void = True
            self.packages[package_id].ready_at = 0.0
        self.move(gone, "canceled", now)
        return gone
