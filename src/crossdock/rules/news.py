"""What an arrived order changes: known facts and arrived facts in, changes out. No I/O.

``orders.record`` only obeys. Whether the arrived facts are newer is not asked here: the record
compares when the fetches began.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from crossdock.rules.facts import AddressFacts, LineFacts, OrderFacts, PackageFacts, Stage
from crossdock.rules.tabs import went_back

PERSONAL = frozenset({"address", "buyer_note"})
"""Fields that hold a buyer's data: a history may say that they changed, never what they hold."""

_OUR_TIMES = frozenset({"updated_at"})
"""The channel's update time moves without anything else moving: no news by itself."""

_PARTS = frozenset({"lines", "packages"})
_MASK = "*"


@dataclass(frozen=True, slots=True)
class News:
    """What is different in the arrived facts."""

    is_new: bool
    facts: OrderFacts
    """The facts as they are to be kept: the arrived ones, with lines that are gone kept as cancelled."""
    fields: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Changed field → (before, after) as text; personal fields without their values."""
    lines: Mapping[str, LineFacts] = field(default_factory=dict)
    """Lines that are new or changed, by id."""
    packages: Mapping[str, PackageFacts] = field(default_factory=dict)
    """Packages that are new or changed, by id."""
    voided: tuple[str, ...] = ()
    """Packages that are no longer the order's."""
    clears_packed: bool = False
    """The channel undid the packing: our own mark must go with it."""
    moves_address: bool = False
    """The parcel goes to another place than the one that was known."""

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to write down."""
        return not (self.is_new or self.fields or self.lines or self.packages or self.voided)


def news(known: OrderFacts | None, arrived: OrderFacts) -> News:
    """What the arrived facts change. ``known`` is None for an order that we never saw.

    Arrived facts without lines (the channel lists the order before its items can be read) never
    take known lines away, nor what could not be read of them.
    """
    if known is None:
        return News(
            is_new=True,
            facts=arrived,
            lines={line.line_id: line for line in arrived.lines},
            packages={package.package_id: package for package in arrived.packages},
        )
    arrived = _with_what_stays(known, arrived)
    before_lines = {line.line_id: line for line in known.lines}
    before_packages = {package.package_id: package for package in known.packages}
    after_packages = {package.package_id: package for package in arrived.packages}
    return News(
        is_new=False,
        facts=arrived,
        fields=_changed_fields(known, arrived),
        lines={
            line.line_id: line for line in arrived.lines if before_lines.get(line.line_id) != line
        },
        packages={
            package_id: package
            for package_id, package in after_packages.items()
            if before_packages.get(package_id) != package
        },
        voided=tuple(
            package_id for package_id in before_packages if package_id not in after_packages
        ),
        clears_packed=went_back(known, arrived),
        moves_address=_moves(known.address, arrived.address),
    )


def _with_what_stays(known: OrderFacts, arrived: OrderFacts) -> OrderFacts:
    arrived = replace(arrived, return_waits_for_us=known.return_waits_for_us)
    if not arrived.lines:
        problems = tuple(dict.fromkeys((*known.problems, *arrived.problems)))
        return replace(arrived, lines=known.lines, packages=known.packages, problems=problems)
    here = {line.line_id for line in arrived.lines}
    gone = tuple(
        replace(line, stage=Stage.CANCELLED) if line.stage.is_live else line
        for line in known.lines
        if line.line_id not in here
    )
    return replace(arrived, lines=arrived.lines + gone)


def _changed_fields(known: OrderFacts, arrived: OrderFacts) -> dict[str, tuple[str, str]]:
    changed = {}
    for part in fields(OrderFacts):
        if part.name in _OUR_TIMES or part.name in _PARTS:
            continue
        before, after = getattr(known, part.name), getattr(arrived, part.name)
        if before != after:
            personal = part.name in PERSONAL
            changed[part.name] = ("", "") if personal else (_text(before), _text(after))
    return changed


def _moves(known: AddressFacts, arrived: AddressFacts) -> bool:
    """Whether both are told in full, and are not the same place. Channels mask addresses when the
    parcel has gone, or for an app without the right: that is no move."""
    before, after = _place(known), _place(arrived)
    told = bool(known.lines) and bool(arrived.lines) and _MASK not in "".join((*before, *after))
    return told and before != after


def _place(address: AddressFacts) -> tuple[str, ...]:
    return (*address.lines, address.city, address.state, address.post_code, address.country)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple):
        return "; ".join(one.words for one in value)
    return str(value)
