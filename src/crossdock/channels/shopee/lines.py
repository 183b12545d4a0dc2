"""The lines of an order: their keys, and which package each unit travels in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crossdock.channels.reading import Reading, Row, rows, text
from crossdock.channels.shopee.statuses import is_dead
from crossdock.rules.facts import Touches


@dataclass(frozen=True, slots=True)
class Part:
    """Some units of an ordered item, in one package ("": none yet)."""

    line_id: str
    item: Row
    quantity: int
    package_id: str
    is_gone: bool = False
    """All its units were cancelled or came back."""


def parts_of(reading: Reading, order: Row) -> tuple[Part, ...]:
    """What an order's ``item_list`` holds, item by item; an item that is split over packages comes
    as one part a package.

    The first part has the item's own key; what repeats a key is told apart by a number, in the
    order of the package numbers, so that a line keeps its id from one reading to the next.
    """
    room = _Room(reading, order)
    found: list[Part] = []
    taken: dict[str, int] = {}
    for item in reading.all_rows(order, "item_list"):
        key = key_of(item)
        if not any(text(item, name).strip("0") for name in ("item_id", "line_item_id")):
            reading.note(Touches.LINES, "an item has no item_id")
        ordered = reading.units(item, "model_quantity_purchased")
        live = ordered - _gone(reading, item, ordered)
        for package_id, quantity in room.places(item, live or ordered):
            taken[key] = taken.get(key, 0) + 1
            line_id = key if taken[key] == 1 else f"{key}/{taken[key]}"
            found.append(Part(line_id, item, quantity, package_id, is_gone=not live))
    return tuple(found)


def key_of(item: Row) -> str:
    """What names a line: ``line_item_id`` (since 2026-07), else item, model and promotion group."""
    line_item = text(item, "line_item_id")
    if line_item not in ("", "0"):
        return line_item
    return "-".join(
        text(item, name) or "0" for name in ("item_id", "model_id", "promotion_group_id")
    )


def item_key(line_id: str) -> str:
    """The item's key of a line's id."""
    return line_id.partition("/")[0]


def packages_in_order(order: Row) -> list[Row]:
    """An order's packages: those that are alive first, then by their numbers."""
    found = [row for row in rows(order, "package_list") if text(row, "package_number")]
    return sorted(
        found,
        key=lambda row: (is_dead(text(row, "logistics_status")), text(row, "package_number")),
    )


def _gone(reading: Reading, item: Row, ordered: int) -> int:
    """How many units of an item no longer count. The quantity purchased stays what it was."""
    gone = reading.whole(item, "cancelled_qty") + reading.whole(item, "returned_qty")
    if gone > ordered:
        reading.note(Touches.LINES, f"{gone} units of {key_of(item)} are gone, of {ordered}")
    return min(gone, ordered)


class _Room:
    """What each package of an order holds, used up as items are placed."""

    def __init__(self, reading: Reading, order: Row) -> None:
        self.packages = packages_in_order(order)
        self.rows = [
            (text(package, "package_number"), row, [reading.whole(row, "model_quantity", 1)])
            for package in self.packages
            for row in reading.all_rows(package, "item_list")
        ]

    def places(self, item: Row, quantity: int) -> Sequence[tuple[str, int]]:
        """(package number, units) for so many units of an item."""
        placed: dict[str, int] = {}
        left = quantity
        for number, row, room in self.rows:
            units = min(room[0], left)
            if units and _is_same(row, item):
                room[0] -= units
                left -= units
                placed[number] = placed.get(number, 0) + units
        if not placed:
            return ((self._only(), quantity),)
        last = next(reversed(placed))
        placed[last] += left
        return tuple(placed.items())

    def _only(self) -> str:
        """The package of what no package names: the one that there is, if there is but one."""
        return text(self.packages[0], "package_number") if len(self.packages) == 1 else ""


def _is_same(row: Row, item: Row) -> bool:
    """Whether a package's row is about this item; what either does not tell counts as the same."""
    if text(row, "item_id") != text(item, "item_id"):
        return False
    return _agree(row, item, ("model_id", "order_item_id", "promotion_group_id", "line_item_id"))


def _agree(row: Row, item: Row, names: Iterable[str]) -> bool:
    pairs = ((text(row, name), text(item, name)) for name in names)
    return all(one == other or not one or not other for one, other in pairs)
