"""To Ship: To Process → To Ship. Tells the channel that the packages are ready for the courier.

How a parcel gets to its courier is chosen, where the channel lets the seller choose: in the batch
(the seller's own courier and its number), or by the store's rule for that kind of delivery. Where
there is neither, the channel takes the only way that it offers, or says what must be chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.buttons.channel_action import ChannelAction
from crossdock.buttons.parcels import lines_at, packages_at
from crossdock.channels.contract import Channel, Parcel, Shop, Told
from crossdock.channels.registry import channel
from crossdock.channels.shipping import HowToShip, Method, WaysToShip
from crossdock.orders.facts import facts_of, marks_to_ship
from crossdock.orders.models import Order
from crossdock.rules.allowed import Verdict, may_ship
from crossdock.rules.facts import OrderFacts, Stage
from crossdock.stores.ways import how_of, json_of, way_of
from crossdock.work.models import Attempt


class ToShip(ChannelAction):
    """The button To Ship."""

    name = "ship"
    title = "To Ship"
    done_words = "Ready to ship"
    rule = staticmethod(may_ship)

    def per_call(self, known: Channel) -> int:
        # An order may have several packages: half the limit leaves room, and ``send_parcels`` splits the rest.
        return max(known.limits.ship_packages // 2, 1)

    def verdict(self, order: Order, options: Mapping[str, Any]) -> Verdict:
        return may_ship(facts_of(order), marks_to_ship(order))

    def parcel(self, order: Order, facts: OrderFacts) -> Parcel:
        def waits(stage: Stage) -> bool:
            return stage is Stage.PACKED or (stage is Stage.TO_PACK and is_packed_here)

        is_packed_here = order.packed_here_at is not None
        return Parcel(facts.order_id, packages_at(facts, waits), lines_at(facts, waits))

    def sending(self, order: Order, attempt: Attempt) -> Mapping[str, Any]:
        sent = dict(super().sending(order, attempt))
        if package_id := attempt.options.get("package_id", ""):
            sent |= _one_package(order, sent, package_id)
        if channel(order.store.channel).can.choose_how_to_ship:
            how = chosen(order, attempt.options)
            sent["how"] = json_of(how) if how else None
        return sent

    def send_parcels(
        self, known: Channel, shop: Shop, parcels: Sequence[Parcel]
    ) -> tuple[Told, ...]:
        return known.ship(shop, parcels)

    def is_done(self, stage: Stage) -> bool:
        return stage in (Stage.READY, Stage.SHIPPED, Stage.DELIVERED, Stage.COMPLETED)


def _one_package(order: Order, sent: Mapping[str, Any], package_id: str) -> dict[str, Any]:
    """What is left of what would be sent when only this package was named."""
    inside = {line.line_id for line in order.lines.all() if line.package_id == package_id}
    return {
        "package_ids": [one for one in sent["package_ids"] if one == package_id],
        "line_ids": [one for one in sent["line_ids"] if one in inside],
    }


def logistics_of(facts: OrderFacts) -> str:
    """The kind of delivery that the order's parcels go by; "" where the channel does not say."""
    return next((one.logistics_id for one in facts.packages if one.logistics_id), "")


def chosen(order: Order, options: Mapping[str, Any]) -> HowToShip | None:
    """What was chosen for this order: in the batch, or by the store's rule; None: nothing yet.

    A rule that says "the seller's own courier" is none for a parcel: its number is missing.
    """
    given = options.get("how", {}).get(str(order.pk))
    if given:
        return how_of(given)
    rule = way_of(order.store, logistics_of(facts_of(order)))
    return rule if rule and rule.method is not Method.OWN_COURIER else None


def only_way(ways: WaysToShip) -> HowToShip | None:
    """The one way that leaves nothing to choose; None where a person has to say."""
    if len(ways.methods) != 1:
        return None
    method = ways.methods[0]
    if method is Method.PICKUP and len(ways.addresses) <= 1:
        return HowToShip(method, address_id=ways.addresses[0].place_id if ways.addresses else "")
    if method is Method.DROPOFF and len(ways.branches) <= 1:
        return HowToShip(method, branch_id=ways.branches[0].place_id if ways.branches else "")
    needs_nothing = not ways.wants_tracking_number and not ways.couriers
    return HowToShip(method) if method is Method.OWN_COURIER and needs_nothing else None
