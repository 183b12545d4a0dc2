"""THE tab rule: under which tab an order is shown.

Each channel's folder translates its words into stages; this one function turns the stages, and our
own marks, into a tab. ``docs/tabs.md`` prints the joined table.
"""

from __future__ import annotations

from collections.abc import Iterable

from crossdock.rules.facts import Marks, OrderFacts, Stage, Tab

_WAY = (
    Stage.UNPAID,
    Stage.TO_PACK,
    Stage.PACKED,
    Stage.READY,
    Stage.SHIPPED,
    Stage.DELIVERED,
    Stage.COMPLETED,
)
"""The stages that an item walks through, in order."""

_TAB = {
    Stage.UNPAID: Tab.UNPAID,
    Stage.TO_PACK: Tab.NEW_ORDER,
    Stage.PACKED: Tab.TO_PROCESS,
    Stage.READY: Tab.TO_SHIP,
    Stage.SHIPPED: Tab.SHIPPED,
    Stage.DELIVERED: Tab.DELIVERED,
    Stage.COMPLETED: Tab.COMPLETED,
}

_OUT_FOR_DELIVERY = frozenset({Stage.READY, Stage.SHIPPED})


def tab_of(facts: OrderFacts, marks: Marks) -> Tab:
    """The tab for what the channel says and what we did.

    An open cancellation request wins, then a return that waits for us, then Self Deliver for orders
    that the seller delivers, then the least advanced item that is still alive. Dead items count
    only when all are dead; an unknown word lands in Others, unless other items are known.
    """
    live = [stage for stage in stages(facts) if stage.is_live]
    if asks_to_cancel(facts):
        return Tab.TO_CANCEL
    if facts.return_waits_for_us:
        return Tab.TO_RETURN
    if facts.seller_delivers and not _OUT_FOR_DELIVERY.isdisjoint(live):
        return Tab.DELIVERED if marks.delivered_here else Tab.SELF_DELIVER
    stage = least_advanced(live)
    if stage is Stage.TO_PACK and marks.packed_here:
        return Tab.TO_PROCESS
    return _TAB.get(stage, Tab.OTHERS) if stage else Tab.OTHERS


def asks_to_cancel(facts: OrderFacts) -> bool:
    """Whether a cancellation is asked for while something of the order is still alive."""
    live = [stage for stage in stages(facts) if stage.is_live]
    return bool(live) and (facts.cancel_requested or Stage.CANCEL_REQUESTED in live)


def stages(facts: OrderFacts) -> tuple[Stage, ...]:
    """The stage of every line; the order's own while its lines are not known."""
    return tuple(line.stage for line in facts.lines) or (facts.stage,)


def least_advanced(stages_at_hand: Iterable[Stage]) -> Stage | None:
    """The earliest of these stages on an item's way; None where none is on it."""
    here = set(stages_at_hand)
    return next((stage for stage in _WAY if stage in here), None)


def went_back(known: OrderFacts, arrived: OrderFacts) -> bool:
    """Whether the channel undid a step: a package cancelled (repacked), a pick-up that failed."""
    before, after = (
        least_advanced(stage for stage in stages(facts) if stage.is_live)
        for facts in (known, arrived)
    )
    if before is None or after is None:
        return False
    return _WAY.index(after) < _WAY.index(before)
