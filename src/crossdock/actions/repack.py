"""Repack: To Process → New Order. The channel voids the packages; their numbers are dead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.buttons.channel_action import ChannelAction
from crossdock.buttons.parcels import lines_at, packages_at
from crossdock.channels.contract import Channel, Parcel, Shop, Told
from crossdock.channels.registry import channel
from crossdock.orders.facts import facts_of, marks_of
from crossdock.orders.models import Order
from crossdock.rules.allowed import Verdict, may_repack
from crossdock.rules.facts import OrderFacts, Stage


class Repack(ChannelAction):
    """The button Repack."""

    name = "repack"
    title = "Repack"
    done_words = "To be packed again: its packages are void"

    def verdict(self, order: Order, options: Mapping[str, Any]) -> Verdict:
        possible = channel(order.store.channel).can.repack
        return may_repack(facts_of(order), marks_of(order), possible=possible)

    def per_call(self, known: Channel) -> int:
        return max(known.limits.ship_packages // 2, 1)

    def parcel(self, order: Order, facts: OrderFacts) -> Parcel:
        """The packages, and their lines: after it the lines are known by no package any more."""

        def is_packed(stage: Stage) -> bool:
            return stage is Stage.PACKED

        return Parcel(facts.order_id, packages_at(facts, is_packed), lines_at(facts, is_packed))

    def send_parcels(
        self, known: Channel, shop: Shop, parcels: Sequence[Parcel]
    ) -> tuple[Told, ...]:
        return known.repack(shop, parcels)

    def is_done(self, stage: Stage) -> bool:
        return stage is Stage.TO_PACK
