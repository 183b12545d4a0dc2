"""Cancel order: the seller cancels, for one of the channel's own reasons.

Options: ``forms`` with a filled form for each channel.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.buttons.call_outcome import OrderRead
from crossdock.buttons.channel_action import ChannelAction
from crossdock.buttons.filled_form import filled_form_for
from crossdock.buttons.parcels import lines_at, lines_sent, parcel_sent
from crossdock.channels.contract import Channel, Parcel, Shop, Told
from crossdock.channels.registry import channel
from crossdock.companies.rights import Deed
from crossdock.orders.facts import facts_of, marks_of
from crossdock.orders.models import Order
from crossdock.rules.allowed import Verdict, may_cancel
from crossdock.rules.facts import OrderFacts, Stage
from crossdock.work.action import NotThere, Outcome
from crossdock.work.models import Attempt, State

WHAT = "cancel"


class CancelOrder(ChannelAction):
    """The button Cancel order."""

    name = "cancel_order"
    title = "Cancel order"
    deed = Deed.ANSWER
    changes_head = True

    def success_text(self, order: Order, attempt: Attempt) -> str:
        words = filled_form_for(attempt.options, order.store.channel, WHAT).reason_words
        return f"Cancelled by the seller: {words}" if words else "Cancelled by the seller"

    def per_call(self, known: Channel) -> int:
        return 1

    def verdict(self, order: Order, options: Mapping[str, Any]) -> Verdict:
        possible = channel(order.store.channel).can.cancel
        return may_cancel(facts_of(order), marks_of(order), possible=possible)

    def parcel(self, order: Order, facts: OrderFacts) -> Parcel:
        """Every line that is alive, with its packages: what a cancellation takes with it."""
        packages = tuple(package.package_id for package in facts.packages)
        return Parcel(facts.order_id, packages, lines_at(facts, lambda stage: stage.is_live))

    def sending(self, order: Order, attempt: Attempt) -> Mapping[str, Any]:
        filled = filled_form_for(attempt.options, order.store.channel, WHAT)
        sent = dict(super().sending(order, attempt))
        return {**sent, "reason": filled.reason, "comment": filled.comment}

    def send(self, known: Channel, shop: Shop, attempts: Sequence[Attempt]) -> tuple[Told, ...]:
        return tuple(
            known.cancel(
                shop,
                parcel_sent(attempt),
                reason=attempt.sent["reason"],
                comment=attempt.sent["comment"],
            )
            for attempt in attempts
        )

    def outcome_from(self, attempt: Attempt, read: OrderRead) -> Outcome | NotThere:
        wanted = set(attempt.sent["line_ids"])
        lines = [one for one in lines_sent(attempt, read.arrived.facts) if one.line_id in wanted]
        gone = (Stage.CANCELLED, Stage.HELD)  # held: its courier is being stopped
        left = [line.line_id for line in lines if line.stage not in gone]
        if not left:
            return Outcome(State.DONE, evidence=read)
        if len(left) == len(lines):
            return NotThere()
        return Outcome(State.PARTLY, "Cancelled in part.", result={"left": left}, evidence=read)
