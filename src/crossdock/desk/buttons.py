"""Which buttons a tab has, for whom."""

from __future__ import annotations

from dataclasses import dataclass

from crossdock.companies.models import Membership
from crossdock.companies.rights import may
from crossdock.rules.facts import Tab
from crossdock.work.action import Action, action_named

ON_TAB: dict[Tab, tuple[str, ...]] = {
    Tab.NEW_ORDER: ("pack",),
    Tab.TO_PROCESS: ("ship",),
    Tab.TO_SHIP: ("print_awb",),
    Tab.SELF_DELIVER: ("deliver",),
    Tab.SHIPPED: ("post",),
    Tab.DELIVERED: ("post",),
    Tab.COMPLETED: ("post",),
}
"""Actions by name, in the order in which the buttons stand."""

ICONS = {
    "pack": "package",
    "ship": "truck-delivery",
    "print_awb": "printer",
    "deliver": "circle-check",
    "post": "send",
}
KEYS = {"pack": "p", "ship": "s", "print_awb": "a"}


@dataclass(frozen=True, slots=True)
class Button:
    """A button of the bulk bar."""

    action: Action
    icon: str
    key: str


def buttons(tab: Tab, person: Membership) -> list[Button]:
    """The buttons of a tab that this person may press."""
    found = (action_named(name) for name in ON_TAB.get(tab, ()))
    return [
        Button(action, ICONS[action.name], KEYS.get(action.name, ""))
        for action in found
        if may(person, action.deed)
    ]
