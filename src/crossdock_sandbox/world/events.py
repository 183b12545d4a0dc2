"""What buyers, couriers and time do to orders of Lazada's kind when the control says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from crossdock_sandbox.world import ageing, returning
from crossdock_sandbox.world import reversals as words
from crossdock_sandbox.world.buyers import Buyer
from crossdock_sandbox.world.orders import BEFORE_COURIER, NotPossible, Order
from crossdock_sandbox.world.reversals import ReverseLine

NewId = Callable[[], int]
_Deed = Callable[[Order, datetime, NewId], None]


def happen(order: Order, event: str, now: datetime, new_id: NewId) -> None:
    """One thing happens. What runs already is finished first. Raises NotPossible."""
    ageing.settle(order, now, at_once=True)
    deed = _EVENTS.get(event)
    if deed is None:
        raise NotPossible(f"there is no event {event!r}; known: {', '.join(sorted(_EVENTS))}")
    deed(order, now, new_id)


def _pay(order: Order, now: datetime, _: NewId) -> None:
    order.move(order.at("unpaid"), "pending", now)
    order.paid_at = now


def _request_cancel(order: Order, now: datetime, new_id: NewId) -> None:
    returning.ask_to_cancel(order, now, new_id)


def _withdraw_cancel(order: Order, now: datetime, _: NewId) -> None:
    if not order.cancel_request:
        raise NotPossible(f"order {order.order_id} has no open cancellation request")
    returning.close_cancellation(order, now, "BUYER", words.WITHDRAWN)


def _request_return(order: Order, now: datetime, new_id: NewId) -> None:
    returning.ask_to_return(order, now, new_id)


def _pick_up(order: Order, now: datetime, _: NewId) -> None:
    order.move(order.at("ready_to_ship"), "shipped", now)
    returning.close_cancellation(order, now, "SYSTEM", words.CANCEL_REJECTED)


def _deliver(order: Order, now: datetime, _: NewId) -> None:
    """To the buyer; or, where goods are on their way back, to the seller."""
    travelling = [line for line in _returned(order, words.SENT_BACK) if not line.is_back]
    if travelling and not any(item.status == "shipped" for item in order.items):
        for line in travelling:
            returning.come_back(line, now)
        order.touch(now)
    else:
        order.move(order.at("shipped"), "delivered", now)


def _complete(order: Order, now: datetime, _: NewId) -> None:
    order.move(order.at("delivered"), "confirmed", now)


def _lose(order: Order, now: datetime, _: NewId) -> None:
    order.move(order.at("shipped"), "lost_by_3pl", now)


def _send_back(order: Order, now: datetime, _: NewId) -> None:
    """The buyer hands over goods whose return was agreed; or the courier brings back, step by step,
    what could not be delivered."""
    agreed = _returned(order, words.RETURN_AGREED)
    for line in agreed:
        returning.send_back(line, now)
        order.touch(now)
    if agreed:
        return
    for here, there in _BACK:
        failed = [item for item in order.items if item.status == here]
        if failed:
            order.move(failed, there, now)
            return
    order.at(*(here for here, _ in _BACK))


def _change_address(order: Order, now: datetime, _: NewId) -> None:
    order.at("unpaid", *BEFORE_COURIER)
    street = f"{order.buyer.number % 97 + 1}, Jalan Baru"
    order.buyer = Buyer(**{**asdict(order.buyer), "street": street})
    order.address_at = now
    order.touch(now)


def _update_price(order: Order, now: datetime, _: NewId) -> None:
    items = order.live
    if not items:
        raise NotPossible(f"order {order.order_id} has no item left whose price could change")
    items[0].price += Decimal("1.00")
    items[0].updated_at = now
    order.touch(now)


def _returned(order: Order, status: str) -> list[ReverseLine]:
    return [line for one in order.reversals for line in one.lines if line.status == status]


_BACK = (
    ("shipped_back", "shipped_back_success"),
    ("failed_delivery", "shipped_back"),
    ("shipped", "failed_delivery"),
)
_EVENTS: dict[str, _Deed] = {
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
