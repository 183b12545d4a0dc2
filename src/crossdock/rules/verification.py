"""Stock Pick: what was scanned of an order's goods, against what belongs into the parcel."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from crossdock.rules.codes import readings
from crossdock.rules.facts import LineFacts

MOST_AT_ONCE = 9999

_COUNTED = re.compile(r"^(\d{1,4})[*x×](.+)$", re.IGNORECASE)


class Standing(StrEnum):
    """How an item, or a whole order, stands."""

    INCOMPLETE = "Incomplete"
    COMPLETE = "Complete"
    OVERSCAN = "Overscan"


@dataclass(frozen=True, slots=True)
class Target:
    """An item of the parcel, with its live units added up."""

    key: str
    """What it is known by here: its SKU, or the channel's own where the seller gave none."""
    name: str
    quantity: int
    variation: str = ""
    image_url: str = ""
    codes: frozenset[str] = frozenset()
    """Whatever a scan of it may say."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a scanned or typed code means: so many of that item."""

    key: str
    quantity: int = 1


def targets_of(
    lines: Iterable[LineFacts], more_codes: Mapping[str, frozenset[str]] | None = None
) -> tuple[Target, ...]:
    """What belongs into the parcel: live lines alone, added up by SKU, in the order of the lines.

    ``more_codes``: SKU → what else a scan of it may say, such as its barcode.
    """
    known = more_codes or {}
    found: dict[str, Target] = {}
    for line in lines:
        if not line.stage.is_live:
            continue
        key = line.sku or line.channel_sku or line.line_id
        before = found.get(key)
        found[key] = Target(
            key=key,
            name=before.name if before else line.name,
            variation=before.variation if before else line.variation,
            image_url=before.image_url if before else line.image_url,
            quantity=line.quantity + (before.quantity if before else 0),
            codes=(frozenset({key, line.channel_sku}) | known.get(line.sku, frozenset())) - {""}
            | (before.codes if before else frozenset()),
        )
    return tuple(found.values())


def meant(
    code: str, targets: Sequence[Target], scanned: Mapping[str, int] | None = None
) -> Meant | None:
    """Which item a code means, and how many: ``MUG``, or ``3*MUG`` for three. None: none of these.

    A code that is an item's whole is that item, also where it looks like a quantity. Of items that share
    a barcode it is the first that still lacks units (``scanned``: item → units so far).
    """
    if (whole := _item(code, targets, scanned or {})) is not None:
        return Meant(whole.key)
    counted = _COUNTED.match(code.strip())
    if counted is None or not int(counted[1]):
        return None
    item = _item(counted[2], targets, scanned or {})
    return Meant(item.key, int(counted[1])) if item else None


def standing_of(target: int, scanned: int) -> Standing:
    """How one item stands."""
    if scanned == target:
        return Standing.COMPLETE
    return Standing.OVERSCAN if scanned > target else Standing.INCOMPLETE


def standing_of_all(targets: Sequence[Target], scanned: Mapping[str, int]) -> Standing:
    """How the order stands: what was scanned too often is said before what is missing."""
    each = {standing_of(one.quantity, scanned.get(one.key, 0)) for one in targets}
    for worst in (Standing.OVERSCAN, Standing.INCOMPLETE):
        if worst in each:
            return worst
    return Standing.COMPLETE


def difference(targets: Sequence[Target], scanned: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Item → (target, scanned), for those that differ."""
    return {
        one.key: (one.quantity, scanned.get(one.key, 0))
        for one in targets
        if one.quantity != scanned.get(one.key, 0)
    }


def _item(code: str, targets: Sequence[Target], scanned: Mapping[str, int]) -> Target | None:
    """The item that a code names: as it is written, else in any case where that is unmistakable."""
    for reading in readings(code):
        if as_written := [one for one in targets if reading in one.codes]:
            lacking = (one for one in as_written if scanned.get(one.key, 0) < one.quantity)
            return next(lacking, as_written[-1])
        if len(in_any_case := _any_case(reading, targets)) == 1:
            return in_any_case[0]
    return None


def _any_case(reading: str, targets: Sequence[Target]) -> list[Target]:
    wanted = reading.casefold()
    return [one for one in targets if wanted in {_bare(code) for code in one.codes}]


def _bare(code: str) -> str:
    return "".join(code.split()).casefold()
