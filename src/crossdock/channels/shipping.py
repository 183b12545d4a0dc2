"""How a parcel gets to its courier: what a channel offers, and what was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    """The ways of handing a parcel over."""

    PICKUP = "pickup"
    DROPOFF = "dropoff"
    OWN_COURIER = "own_courier"
    """The seller's own courier or fleet."""


@dataclass(frozen=True, slots=True)
class HowToShip:
    """What was chosen for one parcel: a rule of the store, or a person's own words."""

    method: Method
    address_id: str = ""
    """Where the courier collects; "" is the shop's default pick-up address."""
    slot_id: str = ""
    """When; "" is the first free slot at that address."""
    branch_id: str = ""
    """Where it is dropped off, where the channel wants to know."""
    courier_id: str = ""
    """One of ``WaysToShip.couriers``, for OWN_COURIER."""
    tracking_number: str = ""
    """For OWN_COURIER."""


@dataclass(frozen=True, slots=True)
class Place:
    """A pick-up address or a drop-off branch."""

    place_id: str
    text: str
    """As people read it."""
    is_default: bool = False
    has_free_slot: bool = True


@dataclass(frozen=True, slots=True)
class Courier:
    """A courier that a seller's own parcels can go with."""

    courier_id: str
    name: str


@dataclass(frozen=True, slots=True)
class WaysToShip:
    """What the channel offers for one order that waits to be shipped."""

    logistics_id: str
    """Names the kind of delivery that a store's rule is about; orders of the same kind have the same ways."""
    logistics_name: str
    methods: tuple[Method, ...]
    addresses: tuple[Place, ...] = ()
    branches: tuple[Place, ...] = ()
    """Not empty: a drop-off must name one."""
    couriers: tuple[Courier, ...] = ()
    wants_tracking_number: bool = False
    """OWN_COURIER needs a courier's number for every order."""
