"""Mark as Delivered: for orders that the seller delivers."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.channels.contract import Channel, Parcel, Shop, Told
from crossdock.orders.models import Order
from crossdock.rules.allowed import may_deliver
from crossdock.rules.facts import OrderFacts, Stage
from crossdock.work.on_channel import ChannelAction, packages_at


class Deliver(ChannelAction):
    """The button Mark as Delivered."""

    name = "deliver"
    title = "Mark as Delivered"
    done_words = "Delivered by the seller"
    rule = staticmethod(may_deliver)

    def per_call(self, known: Channel) -> int:
        return max(known.limits.ship_packages // 2, 1)

    def parcel(self, order: Order, facts: OrderFacts) -> Parcel:
        return Parcel(
            facts.order_id, packages_at(facts, lambda stage: stage in (Stage.READY, Stage.SHIPPED))
        )

    def tell(self, known: Channel, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
        return known.deliver(shop, parcels)

    def is_done(self, stage: Stage) -> bool:
        return stage in (Stage.DELIVERED, Stage.COMPLETED)
