"""How a store ships each kind of delivery: asked once, remembered here.

``Store.ways_to_ship`` holds the rules: logistics id → name, method, and the place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction

from crossdock.channels.shipping import HowToShip, Method, WaysToShip
from crossdock.stores.models import Store


def way_of(store: Store, logistics_id: str) -> HowToShip | None:
    """The store's rule for this kind of delivery; None where nobody has said yet."""
    kept = store.ways_to_ship.get(logistics_id)
    return how_of(kept) if kept else None


def remember(store: Store, ways: WaysToShip, how: HowToShip) -> None:
    """Keep what was chosen as the rule for this kind of delivery: the method and the place.

    What belongs to one parcel (a slot, a courier, a tracking number) is no rule and is not kept.
    """
    rule = {
        "name": ways.logistics_name,
        "method": how.method.value,
        "address_id": how.address_id,
        "branch_id": how.branch_id,
    }
    with transaction.atomic():
        kept = Store.objects.select_for_update().get(pk=store.pk)
        kept.ways_to_ship = {**kept.ways_to_ship, ways.logistics_id: rule}
        kept.save(update_fields=["ways_to_ship"])
    store.ways_to_ship = kept.ways_to_ship


def how_of(kept: Mapping[str, Any]) -> HowToShip:
    """A choice from its JSON."""
    names = ("address_id", "slot_id", "branch_id", "courier_id", "tracking_number")
    return HowToShip(Method(kept["method"]), **{name: str(kept.get(name, "")) for name in names})


def json_of(how: HowToShip) -> dict[str, str]:
    """A choice as JSON."""
    return {name: str(value) for name, value in asdict(how).items() if value}
