"""To Ship: To Process → To Ship. Tells the channel that the packages are ready for the courier."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.channels.contract import Channel, Parcel, Shop, Told
from crossdock.orders.models import Order
from crossdock.rules.allowed import may_ship
from crossdock.rules.facts import OrderFacts, Stage
from crossdock.work.on_channel import ChannelAction, packages_at


class ToShip(ChannelAction):
    """The button To Ship."""

    name = "ship"
    title = "To Ship"
    done_words = "Ready to ship"
    rule = staticmethod(may_ship)

    def per_call(self, known: Channel) -> int:
        # An order may have several packages: half the limit leaves room, and ``tell`` splits the rest.
        return max(known.limits.ship_packages // 2, 1)

    def parcel(self, order: Order, facts: OrderFacts) -> Parcel:
        return Parcel(facts.order_id, packages_at(facts, lambda stage: stage is Stage.PACKED))

    def tell(self, known: Channel, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
        return known.ship(shop, parcels)

    def is_done(self, stage: Stage) -> bool:
        return stage in (Stage.READY, Stage.SHIPPED, Stage.DELIVERED, Stage.COMPLETED)
