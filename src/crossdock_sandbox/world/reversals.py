"""Reverse orders of Lazada's kind: requests to cancel, to send goods back, to get money back.

A request has a line for every unit, and each line goes its own way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

CANCEL, RETURN, ONLY_REFUND = "CANCEL", "RETURN", "ONLY_REFUND"
KINDS = (CANCEL, RETURN, ONLY_REFUND)

INITIATED = "REQUEST_INITIATE"
CANCEL_AGREED, CANCEL_REJECTED = "AGREE_CANCEL_ORDER", "REJECT_CANCEL_ORDER"
CANCELLED, WITHDRAWN = "CANCEL_SUCCESS", "REQUEST_CANCEL"
RETURN_AGREED, SENT_BACK, REFUSED = "SELLER_AGREE_RETURN", "BUYER_RETURN_ITEM", "REQUEST_REJECT"
INSPECTING, PAYING, PAID = "REFUND_PENDING", "REFUND_AUTHORIZED", "REFUND_SUCCESS"
NOT_PAID, DISPUTED = "REFUND_REJECT", "CS_APPROVING"
"""``reverse_status`` of a line."""

ARRIVED, NEVER_SENT = "RETURN_RTM_DELIVERED", "RETURN_CANCELED"
"""``ofc_status``: how the goods travel."""

_OPEN = frozenset(
    {INITIATED, CANCEL_AGREED, RETURN_AGREED, SENT_BACK, INSPECTING, PAYING, DISPUTED}
)


@dataclass
class ReverseLine:
    """One unit of a request."""

    line_id: int
    item_id: int
    reason_id: int
    reason: str
    refund: Decimal
    created_at: datetime
    updated_at: datetime
    sla: datetime
    """Until when the seller must answer, or had to."""
    status: str = INITIATED
    next_at: datetime | None = None
    """When the next thing happens by itself: the buyer sends the goods, the platform decides."""
    done_at: float = 0.0
    """Unix time at which what was agreed is done (the parcel stopped, the money paid); 0: nothing runs."""
    ofc_status: str = ""
    tracking: str = ""
    is_dispute: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)
    """operator, picture, time (ms); a picture is a SKU of the catalogue or an address."""

    @property
    def is_open(self) -> bool:
        """Whether it has not come to an end yet."""
        return self.status in _OPEN

    @property
    def is_back(self) -> bool:
        """Whether the goods reached the seller, who has not decided about the money yet."""
        return self.ofc_status == ARRIVED and self.status in (SENT_BACK, INSPECTING)

    def move(
        self, status: str, now: datetime, who: str, *, pictures: list[str] | None = None
    ) -> None:
        """Somebody (BUYER, SELLER, SYSTEM, COURIER) brings it to a status."""
        self.status, self.updated_at, self.next_at = status, now, None
        self.note(now, who, pictures)

    def note(self, now: datetime, who: str, pictures: list[str] | None = None) -> None:
        """Write down who did something, with what pictures."""
        self.updated_at = now
        self.history.append(
            {"operator": who, "picture": pictures or [], "time": int(now.timestamp() * 1000)}
        )


@dataclass
class Reverse:
    """A request."""

    reverse_id: int
    kind: str
    lines: list[ReverseLine]
    shipping_type: str = "PICK_UP"
    is_rtm: bool = True
    """Goods go back to the merchant, who decides; False: to the platform's warehouse."""

    @property
    def is_open(self) -> bool:
        """Whether any line has not come to an end yet."""
        return any(line.is_open for line in self.lines)

    def line(self, line_id: int) -> ReverseLine | None:
        """The line of this id."""
        return next((line for line in self.lines if line.line_id == line_id), None)
