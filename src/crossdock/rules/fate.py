"""Whether a parcel may still go to its buyer, and what stops it: one rule for the list, the papers and the
scanner."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from crossdock.rules.facts import LineFacts, OrderFacts, Stage
from crossdock.rules.tabs import asks_to_cancel


class Fate(StrEnum):
    """What becomes of a parcel, or of the label that was printed for it."""

    GOING = "going"
    ASKS = "asks"
    """Its buyer asks to cancel, and nobody has answered."""
    STOPPED = "stopped"
    """The marketplace holds all of it: a cancellation is agreed, and the courier is being told."""
    CANCELLED = "cancelled"
    VOID = "void"
    """The label names a package or a number that is not the order's any more: it was packed again."""

    @property
    def is_dead(self) -> bool:
        """Whether the parcel must stay here as it is."""
        return self is not Fate.GOING


def fate_of(facts: OrderFacts, package_id: str = "", *, is_void: bool = False) -> Fate:
    """What becomes of one package of an order, or of the whole order where none is named.

    ``is_void``: the package, or the number by which it is meant, is not the order's any more. What is
    cancelled stays cancelled, also where it was packed again before.
    """
    inside = _inside(facts, package_id)
    if inside and all(line.stage is Stage.CANCELLED for line in inside):
        return Fate.CANCELLED
    if not facts.lines and facts.stage is Stage.CANCELLED:
        return Fate.CANCELLED
    if asks_to_cancel(facts):
        return Fate.ASKS
    if is_void:
        return Fate.VOID
    live = [line.stage for line in inside if line.stage.is_live]
    held = bool(live) and all(stage is Stage.HELD for stage in live)
    return Fate.STOPPED if held and facts.packages else Fate.GOING


def numbers_of(facts: OrderFacts) -> str:
    """What stands on the labels of an order's packages now: tracking numbers, or package ids while
    there are none; "" for no package."""
    return ", ".join(one.tracking_number or one.package_id for one in facts.packages)


def _inside(facts: OrderFacts, package_id: str) -> Sequence[LineFacts]:
    """The lines of a package; all of the order where the channel does not say which are in it."""
    mine = [line for line in facts.lines if package_id and line.package_id == package_id]
    return mine or facts.lines
