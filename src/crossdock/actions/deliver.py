"""Mark as Delivered, and Delivery Failed: for orders that the seller delivers.

Where the channel has no call for a delivery, it is a mark of ours, which stands until the channel says
more. That a parcel comes back for good is told only where the channel has a call for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from crossdock.buttons.channel_action import ChannelAction
from crossdock.buttons.parcels import packages_at
from crossdock.channels.contract import Channel, Parcel, Shop, Told
from crossdock.channels.registry import channel
from crossdock.orders import marks
from crossdock.orders.models import Order
from crossdock.rules.allowed import Answer, Verdict, may_deliver
from crossdock.rules.facts import OrderFacts, Stage
from crossdock.work.action import Ended
from crossdock.work.models import Attempt


class Deliver(ChannelAction):
    """The button Mark as Delivered."""

    name = "deliver"
    title = "Mark as Delivered"
    done_words = "Delivered by the seller"
    rule = staticmethod(may_deliver)

    def calls(self, known: Channel) -> bool:
        return known.can.deliver

    def success_text(self, order: Order, attempt: Attempt) -> str:
        known = channel(order.store.channel)
        if self.calls(known):
            return self.done_words
        return f"Delivered. Marked here: {known.title} has no call for it"

    def per_call(self, known: Channel) -> int:
        return max(known.limits.ship_packages // 2, 1)

    def parcel(self, order: Order, facts: OrderFacts) -> Parcel:
        return Parcel(
            facts.order_id, packages_at(facts, lambda stage: stage in (Stage.READY, Stage.SHIPPED))
        )

    def send_parcels(
        self, known: Channel, shop: Shop, parcels: Sequence[Parcel]
    ) -> tuple[Told, ...]:
        return known.deliver(shop, parcels)

    def is_done(self, stage: Stage) -> bool:
        return stage in (Stage.DELIVERED, Stage.COMPLETED)

    def record(self, ended: Sequence[Ended]) -> None:
        super().record(ended)
        marks.mark_delivered(self.marked_here(ended), timezone.now())


class FailDelivery(Deliver):
    """Tell the channel that a parcel will not be delivered: it comes back."""

    name = "fail_delivery"
    title = "Delivery Failed"
    done_words = "The marketplace was told that the parcel comes back"

    def calls(self, known: Channel) -> bool:
        return True

    def verdict(self, order: Order, options: Mapping[str, Any]) -> Verdict:
        known = channel(order.store.channel)
        if not known.can.fail_delivery:
            return Verdict(Answer.NO, f"{known.title} has no call for it")
        return super().verdict(order, options)

    def success_text(self, order: Order, attempt: Attempt) -> str:
        return self.done_words

    def send_parcels(
        self, known: Channel, shop: Shop, parcels: Sequence[Parcel]
    ) -> tuple[Told, ...]:
        return known.fail_delivery(shop, parcels)

    def is_done(self, stage: Stage) -> bool:
        return stage is Stage.FAILED

    def record(self, ended: Sequence[Ended]) -> None:
        ChannelAction.record(self, ended)
