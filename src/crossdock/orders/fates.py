"""What becomes of the parcels of the book, from our rows, in words for people."""

from __future__ import annotations

from dataclasses import dataclass

from crossdock.orders.facts import facts_of
from crossdock.orders.models import Order, Package
from crossdock.rules.facts import OrderFacts, Stage
from crossdock.rules.fate import Fate, fate_of, numbers_of


@dataclass(frozen=True, slots=True)
class Told:
    """What becomes of a parcel."""

    fate: Fate
    words: str
    """Such as ``cancelled``; of a void label what became of its order: ``was packed again as JT0012MY``.
    "" while it may go."""
    numbers: str = ""
    """Of a void label: what stands on the good ones; "" while there is none."""

    @property
    def is_dead(self) -> bool:
        """Whether it must stay here."""
        return self.fate.is_dead

    def __str__(self) -> str:
        if self.fate is not Fate.VOID:
            return self.words
        return f"void: {self.words.removeprefix('was ').removeprefix('is ')}"


def fate_told(order: Order, package: Package | None = None, *, is_void: bool = False) -> Told:
    """What becomes of a package of an order, or of the whole order. Lines and packages are loaded.

    ``is_void``: it is meant by a number that it has no more.
    """
    facts = facts_of(order)
    package_id = package.package_id if package else ""
    gone = is_void or bool(package and package.voided_at)
    fate = fate_of(facts, package_id, is_void=gone)
    return _void(facts, package_id) if fate is Fate.VOID else Told(fate, _WORDS[fate])


def _void(facts: OrderFacts, package_id: str) -> Told:
    """What there is in place of a void label."""
    numbers = numbers_of(facts)
    if any(one.package_id == package_id for one in facts.packages):
        return Told(Fate.VOID, f"has the number {numbers} now", numbers)
    if not numbers or any(line.stage is Stage.TO_PACK for line in facts.live_lines):
        return Told(Fate.VOID, "is to be packed again")
    return Told(Fate.VOID, f"was packed again as {numbers}", numbers)


_WORDS = {
    Fate.GOING: "",
    Fate.ASKS: "the buyer asks to cancel",
    Fate.STOPPED: "being stopped by the marketplace",
    Fate.CANCELLED: "cancelled",
}
