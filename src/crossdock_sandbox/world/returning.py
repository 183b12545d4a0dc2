"""What happens to requests of Lazada's kind: buyers ask, sellers answer, goods travel, time decides.

``at`` is the moment from which the next step is counted, ``now`` the one that is stamped: they differ
when hours are let pass at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from crossdock_sandbox.world import reversals as words
from crossdock_sandbox.world.catalogue import PRODUCTS
from crossdock_sandbox.world.orders import BEFORE_COURIER, Item, NotPossible, Order
from crossdock_sandbox.world.reversals import CANCEL, ONLY_REFUND, RETURN, Reverse, ReverseLine

NewId = Callable[[], int]

SELLER_ANSWERS = timedelta(hours=48)
_BUYER_SENDS = timedelta(hours=24)
_TRAVELS = timedelta(hours=72)
_JUDGES = timedelta(hours=72)
_CHANGED_MIND = (10_000_101, "Change of mind")
_COMPLAINTS = (
    (10_000_201, "Item is damaged"),
    (10_000_202, "Wrong item was sent"),
    (10_000_203, "Parts are missing"),
)


def ask_to_cancel(order: Order, now: datetime, new_id: NewId) -> Reverse:
    """The buyer asks to cancel what the courier does not have yet. Raises NotPossible."""
    items = order.at(*BEFORE_COURIER)
    if order.cancel_request:
        raise NotPossible(f"order {order.order_id} has an open cancellation request already")
    return _opened(order, CANCEL, items, _CHANGED_MIND, now, new_id)


def ask_to_return(order: Order, now: datetime, new_id: NewId) -> Reverse:
    """The buyer complains about every unit that was delivered: goods back, or the money only.

    Which of the two follows from the buyer. Raises NotPossible.
    """
    items = [item for item in order.at("delivered", "confirmed") if order.open_line(item) is None]
    if not items:
        raise NotPossible(f"order {order.order_id} has an open return already")
    number = order.buyer.number
    kind = RETURN if number % 2 == 0 else ONLY_REFUND
    made = _opened(order, kind, items, _COMPLAINTS[number % len(_COMPLAINTS)], now, new_id)
    made.shipping_type = "PICK_UP" if number % 3 else "DROP_OFF"
    return made


def cancelled_by_seller(
    order: Order, items: Sequence[Item], reason: tuple[int, str], now: datetime, new_id: NewId
) -> None:
    """The seller cancels these items, and with them the others of their packages."""
    asked = {item.item_id for item in order.items if order.is_asked(item)}
    gone = order.cancel(list(items), now, who="cancellation-seller", reason=reason[1])
    unasked = [item for item in gone if item.item_id not in asked]
    if unasked:
        for line in _opened(order, CANCEL, unasked, reason, now, new_id).lines:
            line.move(words.CANCELLED, now, "SELLER")


def agree_to_cancel(order: Order, reverse: Reverse, now: datetime, done_at: float) -> None:
    """The seller agrees. What the courier was called for already must be stopped first."""
    lines = {line.item_id: line for line in reverse.lines if line.status == words.INITIATED}
    asked = [item for item in order.items if item.item_id in lines]
    called = [item for item in asked if item.status.startswith("ready_to_ship")]
    for item in called:
        item.cancel_pending = True
        lines[item.item_id].move(words.CANCEL_AGREED, now, "SELLER")
        lines[item.item_id].done_at = done_at
    order.touch(now)
    _cancel(order, reverse, [item for item in asked if item not in called], now)


def close_cancellation(order: Order, now: datetime, who: str, status: str) -> None:
    """An open cancellation request ends, and the order goes on."""
    for reverse in order.reversals:
        if reverse.kind == CANCEL:
            for line in reverse.lines:
                if line.is_open:
                    line.move(status, now, who)
                    line.done_at = 0.0
                    order.touch(now)
    for item in order.items:
        item.cancel_pending = False


def agree_to_return(line: ReverseLine, now: datetime, who: str, at: datetime | None = None) -> None:
    """The buyer may send the goods back."""
    line.move(words.RETURN_AGREED, now, who)
    line.next_at = (at or now) + _BUYER_SENDS


def pay_back(line: ReverseLine, now: datetime, who: str, done_at: float) -> None:
    """The money is paid back; it is done at ``done_at``."""
    line.move(words.PAYING, now, who)
    line.done_at = done_at


def send_back(line: ReverseLine, now: datetime, at: datetime | None = None) -> None:
    """The buyer hands the goods over."""
    line.move(words.SENT_BACK, now, "BUYER")
    line.tracking = f"LEXRT{line.line_id % 10**10:010d}MY"
    line.next_at = (at or now) + _TRAVELS


def come_back(line: ReverseLine, now: datetime, at: datetime | None = None) -> None:
    """The goods are delivered to the seller, who is to look at them."""
    line.ofc_status = words.ARRIVED
    line.note(now, "COURIER")
    line.sla = line.next_at = (at or now) + SELLER_ANSWERS


def confirm_delivery(line: ReverseLine, now: datetime) -> None:
    """The seller has the goods and looks at them; the deadline stays."""
    deadline = line.next_at
    line.ofc_status = words.ARRIVED
    line.move(words.INSPECTING, now, "SELLER")
    line.sla = line.next_at = deadline or now + SELLER_ANSWERS


def start_dispute(line: ReverseLine, now: datetime, pictures: list[str]) -> None:
    """The platform is to decide."""
    line.move(words.DISPUTED, now, "SELLER", pictures=pictures)
    line.is_dispute, line.next_at = True, now + _JUDGES


def settle(order: Order, now: datetime, *, at_once: bool) -> bool:
    """Let what is due happen: agreed things are done, deadlines decide; whether something did.

    ``at_once``: agreed things do not wait for their time.
    """
    moved = False
    for reverse in order.reversals:
        for line in reverse.lines:
            while _step(order, reverse, line, now, at_once=at_once):
                moved = True
    return moved


def _step(
    order: Order, reverse: Reverse, line: ReverseLine, now: datetime, *, at_once: bool
) -> bool:
    if line.done_at and (at_once or line.done_at <= time.time()):
        line.done_at = 0.0
        _done(order, reverse, line, now)
        return True
    if line.next_at is not None and line.next_at <= now:
        _time_decides(order, reverse, line, now, line.next_at)
        return True
    return False


def _done(order: Order, reverse: Reverse, line: ReverseLine, now: datetime) -> None:
    """What was agreed comes true: the parcel is stopped, or the money is paid."""
    if reverse.kind == CANCEL:
        _cancel(order, reverse, [item for item in order.items if item.cancel_pending], now)
        return
    line.move(words.PAID, now, "SYSTEM")
    for item in order.items:
        if item.item_id == line.item_id:
            item.initiator, item.reason = "return-customer", line.reason
            order.move([item], "returned", now)


def _time_decides(
    order: Order, reverse: Reverse, line: ReverseLine, now: datetime, at: datetime
) -> None:
    """Whoever had to act did, or did not: the platform decides for the buyer."""
    if reverse.kind == CANCEL:
        line.next_at = None
        _cancel(order, reverse, [item for item in order.items if order.is_asked(item)], now)
    elif line.status == words.INITIATED and reverse.kind == RETURN:
        agree_to_return(line, now, "SYSTEM", at)
    elif line.status == words.RETURN_AGREED and reverse.reverse_id % 10 == 9:
        line.ofc_status = words.NEVER_SENT
        line.move(words.WITHDRAWN, now, "SYSTEM")
    elif line.status == words.RETURN_AGREED:
        send_back(line, now, at)
    elif line.status == words.SENT_BACK and line.ofc_status != words.ARRIVED:
        come_back(line, now, at)
    elif line.status == words.DISPUTED and line.line_id % 2:
        line.move(words.NOT_PAID, now, "SYSTEM")
    else:
        pay_back(line, now, "SYSTEM", time.time())
    order.touch(now)


def _cancel(order: Order, reverse: Reverse, items: list[Item], now: datetime) -> None:
    """These items are cancelled as their buyer asked, with the others of their packages."""
    if items:
        reason = reverse.lines[0].reason
        order.cancel(items, now, who="cancellation-customer", reason=reason)


def _opened(
    order: Order,
    kind: str,
    items: Sequence[Item],
    reason: tuple[int, str],
    now: datetime,
    new_id: NewId,
) -> Reverse:
    made = Reverse(new_id(), kind, [_line(item, kind, reason, now, new_id()) for item in items])
    order.reversals.append(made)
    order.touch(now)
    return made


def _line(
    item: Item, kind: str, reason: tuple[int, str], now: datetime, line_id: int
) -> ReverseLine:
    evidence = [item.sku] if kind != CANCEL and item.sku in PRODUCTS else []
    line = ReverseLine(
        line_id=line_id,
        item_id=item.item_id,
        reason_id=reason[0],
        reason=reason[1],
        refund=item.price - item.voucher_seller - item.voucher_platform,
        created_at=now,
        updated_at=now,
        sla=now + SELLER_ANSWERS,
        next_at=now + SELLER_ANSWERS,
    )
    line.note(now, "BUYER", evidence)
    return line
