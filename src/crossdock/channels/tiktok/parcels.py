"""An order's packages, as its lines tell them: there is no list of packages with all that we need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crossdock.channels.reading import Row, rows, text
from crossdock.rules.facts import PackageFacts

_DEAD = "CANCELLED"


def package_id_of(line: Row) -> str:
    """The package that a line is in; a bundle tells it of its units."""
    return next((found for unit in _units(line) if (found := text(unit, "package_id"))), "")


def package_facts(order: Row) -> tuple[PackageFacts, ...]:
    """The packages of an order, in the order in which they are told."""
    units = [unit for line in rows(order, "line_items") for unit in _units(line)]
    named = [text(row, "id") for row in rows(order, "packages")]
    named += [text(unit, "package_id") for unit in units]
    ids = list(dict.fromkeys(filter(None, named)))
    # What the order says of "its" number and courier is about one package only.
    whole = order if len(ids) == 1 else {}
    return tuple(
        _package(order, whole, one, [unit for unit in units if text(unit, "package_id") == one])
        for one in ids
    )


def _units(line: Row) -> Iterator[Row]:
    yield line
    yield from rows(line, "sub_item_info")


def _package(order: Row, whole: Row, package_id: str, inside: Sequence[Row]) -> PackageFacts:
    living = [unit for unit in inside if text(unit, "package_status") != _DEAD] or inside
    return PackageFacts(
        package_id=package_id,
        shipment_provider=_first(living, "shipping_provider_name")
        or text(whole, "shipping_provider"),
        tracking_number=_first(living, "tracking_number") or text(whole, "tracking_number"),
        status=_first(living, "package_status"),
        logistics_id=text(order, "delivery_option_id"),
        logistics_name=text(order, "delivery_option_name"),
    )


def _first(units: Sequence[Row], name: str) -> str:
    return next((found for unit in units if (found := text(unit, name))), "")
