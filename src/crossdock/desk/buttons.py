"""Which buttons a tab and an order have, for whom: nothing that the channel or the order cannot do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from crossdock.channels.contract import Can
from crossdock.channels.registry import channel
from crossdock.companies.models import Membership
from crossdock.companies.rights import Deed, may
from crossdock.orders.facts import facts_of, marks_to_ship
from crossdock.orders.models import Order
from crossdock.rules.allowed import may_cancel, may_repack
from crossdock.rules.facts import POSTABLE, Tab
from crossdock.work.action import Action, action_named

ON_TAB: dict[Tab, tuple[str, ...]] = {
    Tab.NEW_ORDER: ("pack",),
    Tab.TO_PROCESS: ("ship",),
    Tab.TO_SHIP: ("print_awb",),
    Tab.SELF_DELIVER: ("deliver",),
    Tab.SHIPPED: ("post",),
    Tab.DELIVERED: ("post",),
    Tab.COMPLETED: ("post",),
    Tab.TO_CANCEL: ("answer_cancellation:accept", "answer_cancellation:reject"),
    Tab.TO_RETURN: ("answer_return:accept", "answer_return:reject"),
}
"""Actions by name, with the answer where a button stands for one; in the order of the buttons."""

ICONS = {
    "pack": "package",
    "ship": "truck-delivery",
    "print_awb": "printer",
    "deliver": "circle-check",
    "post": "send",
    "answer_cancellation:accept": "circle-check",
    "answer_cancellation:reject": "circle-x",
    "answer_return:accept": "circle-check",
    "answer_return:reject": "circle-x",
    "repack": "refresh",
    "cancel_order": "circle-x",
}
KEYS = {"pack": "p", "ship": "s", "print_awb": "a"}
_NEEDS: dict[str, Callable[[Can], bool]] = {
    "answer_cancellation:reject": lambda can: can.reject_cancellation,
}
"""What a channel must have a call for, that a button is there at all."""
ONE_BY_ONE = frozenset({Tab.TO_CANCEL, Tab.TO_RETURN})
"""Tabs whose buttons answer people: each order is ticked by hand, never "all that match"."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button of the bulk bar, or of an order's page."""

    action: Action
    value: str
    """What the form's field ``action`` says."""
    title: str
    icon: str
    key: str = ""
    is_primary: bool = True


def buttons(tab: Tab, person: Membership, channels: Iterable[str]) -> list[Button]:
    """The buttons of a tab that this person may press, where one of these channels can do it."""
    cans = [channel(name).can for name in channels]
    return [
        button
        for value in ON_TAB.get(tab, ())
        if may(person, (button := _button(value)).action.deed)
        and (value not in _NEEDS or any(_NEEDS[value](can) for can in cans))
    ]


def order_buttons(order: Order, person: Membership) -> list[Button]:
    """The buttons of its tab for one order, and Post Order wherever it stands where the books must follow
    what changed. Its returns have their own moves, one by one."""
    found = buttons(Tab(order.tab), person, [order.store.channel])
    shown = [button for button in found if button.action.name not in ("answer_return", "post")]
    post = _button("post")
    if _waits_to_be_posted(order) and may(person, post.action.deed):
        shown.append(post)
    return shown


def _waits_to_be_posted(order: Order) -> bool:
    return order.changed_since_posting or (Tab(order.tab) in POSTABLE and not order.archived)


def rare_buttons(order: Order, person: Membership) -> list[Button]:
    """What can be done to this one order besides its tab's buttons. Lines and packages are loaded."""
    can = channel(order.store.channel).can
    facts, marks = facts_of(order), marks_to_ship(order)
    verdicts = {
        "repack": may_repack(facts, marks, possible=can.repack),
        "cancel_order": may_cancel(facts, marks, possible=can.cancel),
    }
    return [
        button
        for value, verdict in verdicts.items()
        if verdict.ok and may(person, (button := _button(value)).action.deed)
    ]


def why_not(order: Order, person: Membership) -> list[str]:
    """Why what its tab offers to packers cannot be done to this order just now, in sentences."""
    found = []
    for button in order_buttons(order, person):
        if button.action.deed is not Deed.FULFIL:
            continue
        refusal = button.action.refusal(order, {})
        if refusal is not None:
            found.append(f"{button.title}: {refusal.words}")
    return found


def split(value: str) -> tuple[str, str]:
    """The action's name and the answer in a button's value."""
    name, _, answer = value.partition(":")
    return name, answer


def _button(value: str) -> Button:
    name, answer = split(value)
    action = action_named(name)
    title = answer.capitalize() if answer else action.title
    return Button(
        action,
        value,
        title,
        ICONS[value],
        KEYS.get(value, ""),
        is_primary=answer != "reject" and name not in ("repack", "cancel_order"),
    )
