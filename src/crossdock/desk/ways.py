"""Which of the chosen orders wait for somebody to say how they are handed over, by kind of delivery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.core.cache import caches
from django.db.models import Count, Min, QuerySet

from crossdock.actions.to_ship import only_way
from crossdock.buttons.ask_channel import ask_channel
from crossdock.buttons.parcels import lines_at
from crossdock.channels.contract import Parcel
from crossdock.channels.registry import channels
from crossdock.channels.shipping import Courier, HowToShip, Method, Place, WaysToShip
from crossdock.orders.facts import facts_of
from crossdock.orders.models import Order, Package
from crossdock.rules.facts import Tab
from crossdock.stores.models import Store
from crossdock.stores.ways import way_of

_SALT = "desk.ways"
_NOTHING_SECONDS = 900
"""So long nobody asks again about a kind of which the channel said that there is nothing to choose."""
MOST_BY_HAND = 200
"""So many parcels can get their own courier's number in one go."""


@dataclass
class Choice:
    """One way of handing over, as a radio button."""

    value: str
    text: str
    how: HowToShip
    is_default: bool = False


@dataclass
class Kind:
    """One kind of delivery of a store, of which it is not known how its parcels go."""

    store: Store
    logistics_id: str
    logistics_name: str
    number: int
    example: int
    """The pk of one of its orders."""
    ways: WaysToShip | None = None
    words: str = ""
    """Why the channel did not tell."""
    orders: list[Order] = field(default_factory=list)
    """Those that need a number of their own: the seller's courier."""

    @property
    def name(self) -> str:
        """What it is called in a form."""
        return f"{self.store.pk}-{self.logistics_id}"

    @property
    def only(self) -> HowToShip | None:
        """The one way that leaves nothing to choose."""
        return only_way(self.ways) if self.ways else None

    @property
    def is_settled(self) -> bool:
        """Whether nobody has to be asked."""
        return self.ways is not None and (self.only is not None or not self.ways.methods)

    @property
    def by_hand(self) -> bool:
        """Whether every order needs its own courier and number."""
        return bool(self.ways and self.ways.methods == (Method.OWN_COURIER,) and not self.only)

    @property
    def choices(self) -> list[Choice]:
        """The ways that the channel offers, one by one."""
        return choices(self.ways) if self.ways else []

    @property
    def couriers(self) -> dict[str, str]:
        """Courier id → name, for the seller's own."""
        found = self.ways.couriers if self.ways else ()
        return {one.courier_id: one.name for one in found}

    @property
    def sealed(self) -> str:
        """What the channel told, for the way to the browser and back."""
        return seal(self.ways) if self.ways else ""


def unsaid(orders: QuerySet[Order]) -> list[Kind]:
    """The kinds of delivery among these orders of which nobody has said how they go.

    One query, however many orders there are. Kinds that go by the seller's own courier are here
    always, since every parcel has its own number.
    """
    choosing = [known.name for known in channels() if known.can.choose_how_to_ship]
    waiting = orders.filter(store__channel__in=choosing, tab=Tab.TO_PROCESS)
    rows = (
        Package.objects.filter(order__in=waiting.order_by().values("pk"), voided_at__isnull=True)
        .values("order__store", "logistics_id")
        .annotate(
            number=Count("order", distinct=True), example=Min("order"), name=Min("logistics_name")
        )
        .order_by("order__store", "logistics_id")
    )
    stores = Store.objects.in_bulk({row["order__store"] for row in rows})
    kinds = [
        Kind(
            stores[row["order__store"]],
            row["logistics_id"],
            row["name"],
            row["number"],
            row["example"],
        )
        for row in rows
    ]
    return [kind for kind in kinds if not _is_said(kind)]


def orders_of(kind: Kind, orders: QuerySet[Order]) -> list[Order]:
    """The chosen orders of a kind, newest first."""
    packages = Package.objects.filter(logistics_id=kind.logistics_id, voided_at__isnull=True)
    rows = orders.filter(
        store=kind.store, tab=Tab.TO_PROCESS, pk__in=packages.values("order_id")
    ).select_related("store")
    return list(rows.order_by("-created_at", "-pk")[:MOST_BY_HAND])


def read(kind: Kind, sealed: str) -> None:
    """Fill in what the channel offers: as it came back with the page, or as it is told now."""
    if sealed:
        kind.ways = opened(sealed)
        return
    order = Order.objects.prefetch_related("lines", "packages").get(pk=kind.example)
    facts = facts_of(order)
    parcel = Parcel(
        facts.order_id,
        tuple(package.package_id for package in facts.packages),
        lines_at(facts, lambda stage: stage.is_live),
    )
    heard = ask_channel(kind.store, lambda known, shop: known.ways_to_ship(shop, parcel))
    kind.ways, kind.words = heard.answer, heard.words
    if kind.ways and not kind.ways.methods:
        caches["near"].set(_nothing(kind), True, _NOTHING_SECONDS)


def choices(ways: WaysToShip) -> list[Choice]:
    """Every method with every place that it can be done at."""
    made: list[Choice] = []
    for method in ways.methods:
        if method is Method.PICKUP:
            made += _at(method, "Pick-up", ways.addresses)
        elif method is Method.DROPOFF:
            made += _at(method, "Drop-off", ways.branches)
    if made and not any(choice.is_default for choice in made):
        made[0].is_default = True
    return made


def seal(ways: WaysToShip) -> str:
    """What a channel offers, as signed text."""
    kept = {
        "logistics": [ways.logistics_id, ways.logistics_name],
        "methods": [method.value for method in ways.methods],
        "addresses": [_place(place) for place in ways.addresses],
        "branches": [_place(place) for place in ways.branches],
        "couriers": [[courier.courier_id, courier.name] for courier in ways.couriers],
        "numbers": ways.wants_tracking_number,
    }
    return signing.dumps(kept, salt=_SALT, compress=True)


def opened(text: str) -> WaysToShip | None:
    """What was signed; None where it is not ours."""
    try:
        kept: Mapping[str, Any] = signing.loads(text, salt=_SALT)
    except signing.BadSignature:
        return None
    logistics_id, logistics_name = kept["logistics"]
    return WaysToShip(
        logistics_id,
        logistics_name,
        methods=tuple(Method(one) for one in kept["methods"]),
        addresses=tuple(Place(*one) for one in kept["addresses"]),
        branches=tuple(Place(*one) for one in kept["branches"]),
        couriers=tuple(Courier(*one) for one in kept["couriers"]),
        wants_tracking_number=kept["numbers"],
    )


def _is_said(kind: Kind) -> bool:
    if caches["near"].get(_nothing(kind)):
        return True
    rule = way_of(kind.store, kind.logistics_id)
    return rule is not None and rule.method is not Method.OWN_COURIER


def _nothing(kind: Kind) -> str:
    """Where it is noted that there is nothing to choose for a kind."""
    return f"nothing-to-choose:{kind.name}"


def _at(method: Method, text: str, places: tuple[Place, ...]) -> list[Choice]:
    if not places:
        return [Choice(method.value, text, HowToShip(method))]
    made = []
    for place in places:
        how = (
            HowToShip(method, address_id=place.place_id)
            if method is Method.PICKUP
            else HowToShip(method, branch_id=place.place_id)
        )
        full = "" if place.has_free_slot else " (no free time now)"
        where = f"{text} at {place.text}{full}"
        made.append(Choice(f"{method.value}:{place.place_id}", where, how, place.is_default))
    return made


def _place(place: Place) -> list[Any]:
    return [place.place_id, place.text, place.is_default, place.has_free_slot]
