"""What get_shipping_parameter offers for a package, and how a choice is said to ship_order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.channels.contract import Parcel, Shop
from crossdock.channels.errors import Refused
from crossdock.channels.reading import Row, child, rows, text, words_of
from crossdock.channels.shipping import HowToShip, Method, Place, WaysToShip
from crossdock.channels.shopee.api import answer_of, get
from crossdock.channels.shopee.packages import Package, packages_of
from crossdock.rules.from_outside import whole

_METHODS = {
    "pickup": Method.PICKUP,
    "dropoff": Method.DROPOFF,
    "non_integrated": Method.OWN_COURIER,
}
_KEYS = {method: key for key, method in _METHODS.items()}
_SLUG = "slug:"
"""Marks a drop-off partner (Taiwan), which a drop-off names in the place of a branch."""
_ADDRESS_PARTS = ("address", "town", "district", "city", "zipcode", "state")


@dataclass(frozen=True, slots=True)
class Offer:
    """What Shopee offers for one package."""

    needed: Mapping[Method, frozenset[str]]
    """Method → what ship_order must be told; a method that is not here is not offered."""
    addresses: tuple[Row, ...]
    branches: tuple[Place, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """The pick-up addresses as people see them."""
        slots_count = "pickup_time_id" in self.needed.get(Method.PICKUP, frozenset())
        default = _default(self.addresses)
        return tuple(
            Place(
                text(address, "address_id"),
                ", ".join(filter(None, (text(address, part) for part in _ADDRESS_PARTS))),
                is_default=address is default,
                has_free_slot=bool(rows(address, "time_slot_list")) or not slots_count,
            )
            for address in self.addresses
        )


def ways_to_ship(shop: Shop, parcel: Parcel) -> WaysToShip:
    """What is offered for an order: by its first package, since all go the same way."""
    package = packages_of(shop, parcel)[0]
    offered = offer(shop, package)
    return WaysToShip(
        logistics_id=package.logistics_id,
        logistics_name=package.carrier,
        methods=tuple(offered.needed),
        addresses=offered.places,
        branches=offered.branches,
        wants_tracking_number="tracking_no" in offered.needed.get(Method.OWN_COURIER, ()),
    )


def offer(shop: Shop, package: Package) -> Offer:
    """Ask what is offered for a package that waits to be shipped. Raises Refused when it does not.

    Shopee v2: a method is offered when its key is in ``info_needed``, even with an empty list.
    """
    told = answer_of(get(shop, "logistics/get_shipping_parameter", package.names))
    needed = child(told, "info_needed")
    of_dropoff = child(told, "dropoff")
    wants = {
        method: frozenset(words_of(needed, key))
        for key, method in _METHODS.items()
        if key in needed
    }
    return Offer(
        needed=wants,
        addresses=rows(child(told, "pickup"), "address_list"),
        branches=_branches(of_dropoff, wants.get(Method.DROPOFF, frozenset())),
    )


def the_only_way(offered: Offer) -> HowToShip:
    """The one way that leaves nothing to choose. Raises Refused with what must be chosen."""
    if not offered.needed:
        raise Refused("Shopee offers no way to ship this package now.")
    if len(offered.needed) > 1:
        names = " or ".join(method.value.replace("_", " ") for method in offered.needed)
        raise Refused(f"It must be chosen how this package is handed over: {names}.")
    (method,) = offered.needed
    if method is Method.PICKUP and len(offered.addresses) > 1:
        raise Refused("It must be chosen at which address the courier collects this package.")
    if method is Method.DROPOFF and len(offered.branches) > 1:
        raise Refused("It must be chosen at which branch this package is dropped off.")
    if method is Method.OWN_COURIER and "tracking_no" in offered.needed[method]:
        raise Refused("The tracking number of the seller's own courier is missing.")
    branch = offered.branches[0].place_id if offered.branches and method is Method.DROPOFF else ""
    return HowToShip(method, branch_id=branch)


def said(how: HowToShip, ask: Offer | None) -> dict[str, Any]:
    """A choice as ship_order takes it. ``ask``: what is offered; needed for a pick-up whose address
    or slot is not named. Raises Refused where there is no such address or no free slot."""
    if how.method is Method.PICKUP:
        return {"pickup": _pickup(how, ask)}
    own = {"tracking_number": how.tracking_number} if how.tracking_number else {}
    if how.method is Method.OWN_COURIER:
        return {"non_integrated": own}
    if how.branch_id.startswith(_SLUG):
        return {"dropoff": {"slug": how.branch_id.removeprefix(_SLUG), **own}}
    return {"dropoff": ({"branch_id": _number(how.branch_id)} if how.branch_id else {}) | own}


def leaves_open(how: HowToShip | None) -> bool:
    """Whether what is offered must be read before this choice can be said."""
    if how is None:
        return True
    return how.method is Method.PICKUP and not (how.address_id and how.slot_id)


def _pickup(how: HowToShip, offered: Offer | None) -> dict[str, Any]:
    own = {"tracking_number": how.tracking_number} if how.tracking_number else {}
    if offered is None:
        return {"address_id": _number(how.address_id), "pickup_time_id": how.slot_id, **own}
    needed = offered.needed.get(Method.PICKUP)
    if needed is None:
        raise Refused("Shopee does not offer a pick-up for this package.")
    address = _address(how, offered)
    if address is None:
        return own
    slot = how.slot_id or _first_slot(address)
    if not slot and "pickup_time_id" in needed:
        raise Refused("The courier has no free slot at this pick-up address.")
    chosen = {"address_id": _number(text(address, "address_id"))}
    return {**chosen, **({"pickup_time_id": slot} if slot else {}), **own}


def _address(how: HowToShip, offered: Offer) -> Row | None:
    """The address that is meant; None where Shopee names none. Raises Refused for a strange one."""
    if how.address_id:
        for address in offered.addresses:
            if text(address, "address_id") == how.address_id:
                return address
        raise Refused(f"Shopee no longer offers a pick-up at the address {how.address_id}.")
    return _default(offered.addresses)


def _default(addresses: Sequence[Row]) -> Row | None:
    """The address for pick-ups; the shop's default one, or the first, where none is marked so."""
    for flag in ("pickup_address", "default_address"):
        for address in addresses:
            if flag in words_of(address, "address_flag"):
                return address
    return addresses[0] if addresses else None


def _first_slot(address: Row) -> str:
    slots = sorted(rows(address, "time_slot_list"), key=lambda slot: text(slot, "date"))
    return text(slots[0], "pickup_time_id") if slots else ""


def _branches(dropoff: Row, needed: frozenset[str]) -> tuple[Place, ...]:
    """The places of which a drop-off must name one; () where it need not."""
    if "branch_id" in needed:
        return tuple(
            Place(
                text(branch, "branch_id"),
                ", ".join(filter(None, (text(branch, part) for part in _ADDRESS_PARTS))),
            )
            for branch in rows(dropoff, "branch_list")
        )
    if "slug" in needed:
        return tuple(
            Place(_SLUG + text(partner, "slug"), text(partner, "slug_name"))
            for partner in rows(dropoff, "slug_list")
        )
    return ()


def _number(text_of_id: str) -> int | str:
    """An id as Shopee's JSON has it: a number, where it is one."""
    number = whole(text_of_id)
    return text_of_id if number is None else number
