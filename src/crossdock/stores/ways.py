"""How a store ships each kind of delivery: asked once, remembered here.

``Store.ways_to_ship`` holds the rules: logistics id → name, method, and the place with its words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from crossdock.channels.shipping import HowToShip, Method, Place, WaysToShip
from crossdock.stores.models import Store


def way_of(store: Store, logistics_id: str) -> HowToShip | None:
    """The store's rule for this kind of delivery; None where nobody has said yet."""
    kept = store.ways_to_ship.get(logistics_id)
    if not kept or kept.get("method") not in set(Method):
        return None
    return how_of(kept)


def remember(store: Store, ways: WaysToShip, how: HowToShip) -> None:
    """Keep what was chosen as the rule for this kind of delivery: the method and the place.

    What belongs to one parcel (a slot, a courier, a tracking number) is no rule and is not kept.
    """
    rule = {
        "name": ways.logistics_name,
        "method": how.method.value,
        "address_id": how.address_id,
        "address": _text(ways.addresses, how.address_id),
        "branch_id": how.branch_id,
        "branch": _text(ways.branches, how.branch_id),
    }
    _change(store, lambda rules: {**rules, ways.logistics_id: rule})


def forget(store: Store, logistics_id: str) -> bool:
    """Have it asked again the next time; False where there was no rule."""
    known = logistics_id in store.ways_to_ship
    _change(
        store, lambda rules: {name: rule for name, rule in rules.items() if name != logistics_id}
    )
    return known


@dataclass(frozen=True, slots=True)
class Rule:
    """A remembered rule, in words."""

    logistics_id: str
    name: str
    words: str


def rules_of(store: Store) -> list[Rule]:
    """The store's rules, by the name of the delivery."""
    rules = [
        Rule(logistics_id, str(kept.get("name") or logistics_id), _words(kept))
        for logistics_id, kept in store.ways_to_ship.items()
    ]
    return sorted(rules, key=lambda rule: (rule.name, rule.logistics_id))


_METHODS = {
    Method.PICKUP: "Pick-up",
    Method.DROPOFF: "Drop-off",
    Method.OWN_COURIER: "Own courier: courier and tracking number are asked for each order",
}


def _words(kept: Mapping[str, Any]) -> str:
    how = kept.get("method", "")
    if how not in set(Method):
        return f"{how or 'nothing'}: unknown, and asked again"
    words = _METHODS[Method(how)]
    if how == Method.PICKUP:
        place = kept.get("address") or kept.get("address_id") or "the shop's default address"
        return f"{words} at {place}, first free slot"
    if how == Method.DROPOFF:
        place = kept.get("branch") or kept.get("branch_id")
        return f"{words} at {place}" if place else words
    return words


def _text(places: Sequence[Place], place_id: str) -> str:
    return next((place.text for place in places if place.place_id == place_id), "")


def _change(store: Store, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Change the rules as they are now: two people may answer for two kinds at once."""
    with transaction.atomic():
        kept = Store.objects.select_for_update().get(pk=store.pk)
        kept.ways_to_ship = change(kept.ways_to_ship)
        kept.save(update_fields=["ways_to_ship"])
    store.ways_to_ship = kept.ways_to_ship


def how_of(kept: Mapping[str, Any]) -> HowToShip:
    """A choice from its JSON."""
    names = ("address_id", "slot_id", "branch_id", "courier_id", "tracking_number")
    return HowToShip(Method(kept["method"]), **{name: str(kept.get(name, "")) for name in names})


def json_of(how: HowToShip) -> dict[str, str]:
    """A choice as JSON."""
    return {name: str(value) for name, value in asdict(how).items() if value}
