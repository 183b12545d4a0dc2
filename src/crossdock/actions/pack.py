"""Pack: New Order → To Process.

Lazada allots provider, package and tracking number at this call; elsewhere packing is our own mark.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from crossdock.buttons.channel_action import ChannelAction
from crossdock.buttons.parcels import lines_at
from crossdock.channels.contract import Channel, Parcel, Shop, Told
from crossdock.orders import marks
from crossdock.orders.models import Order
from crossdock.rules.allowed import may_pack
from crossdock.rules.facts import OrderFacts, Stage
from crossdock.work.action import Ended


class Pack(ChannelAction):
    """The button Pack."""

    name = "pack"
    title = "Pack"
    done_words = "Packed"
    rule = staticmethod(may_pack)

    def calls(self, known: Channel) -> bool:
        return known.can.pack

    def per_call(self, known: Channel) -> int:
        return known.limits.pack_orders

    def parcel(self, order: Order, facts: OrderFacts) -> Parcel:
        return Parcel(
            facts.order_id, line_ids=lines_at(facts, lambda stage: stage is Stage.TO_PACK)
        )

    def send_parcels(
        self, known: Channel, shop: Shop, parcels: Sequence[Parcel]
    ) -> tuple[Told, ...]:
        return known.pack(shop, parcels)

    def is_done(self, stage: Stage) -> bool:
        return stage not in (Stage.TO_PACK, Stage.UNPAID, Stage.UNKNOWN)

    def record(self, ended: Sequence[Ended]) -> None:
        super().record(ended)
        marks.mark_packed(self.marked_here(ended), timezone.now())
