"""What the actions on a channel have in common: the lane, the refusals, the channel's answers.

A button's own file says what it sends, which of the channel's calls it makes, and how one sees
afterwards that it was done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from crossdock.buttons.call_outcome import (
    OrderRead,
    done_since_read,
    outcome_from_result,
    outcome_of,
)
from crossdock.buttons.parcels import lines_sent, parcel_sent
from crossdock.buttons.turns import limits_of
from crossdock.channels.contract import Channel, Fetched, Parcel, Shop, Told
from crossdock.channels.errors import ChannelError
from crossdock.channels.registry import channel
from crossdock.companies.rights import Deed
from crossdock.orders import history, record
from crossdock.orders.facts import facts_of, marks_of
from crossdock.orders.models import Order
from crossdock.orders.raw import raws_of
from crossdock.rules.allowed import Answer, Rule, Verdict
from crossdock.rules.facts import OrderFacts, Stage
from crossdock.stores.calling import call as call_store
from crossdock.stores.models import Store
from crossdock.work.action import Ended, Evidence, LanePlan, NotThere, Outcome, Refusal, Seen
from crossdock.work.models import Attempt, Batch, Priority, State


class ChannelAction:
    """An action that is one call to a channel, for one or many orders."""

    name: str
    title: str
    done_words: str
    """What the history says when it worked: "Packed"."""
    deed = Deed.FULFIL
    settle_after = timedelta(seconds=60)
    rule: Rule
    changes_head = False
    """Whether it changes more than items and packages: the order's head must be read anew as well."""

    def per_call(self, known: Channel) -> int:
        """How many orders go into one call."""
        raise AssertionError(f"{self.name} does not say how many orders go into a call")

    def parcel(self, order: Order, facts: OrderFacts) -> Parcel:
        """What is meant of this order."""
        raise AssertionError(f"{self.name} does not say what it sends")

    def send_parcels(
        self, known: Channel, shop: Shop, parcels: Sequence[Parcel]
    ) -> tuple[Told, ...]:
        """Make the call."""
        raise AssertionError(f"{self.name} does not say what it calls")

    def is_done(self, stage: Stage) -> bool:
        """Whether a line at this stage shows that it was done."""
        raise AssertionError(f"{self.name} does not say how one sees that it was done")

    def calls(self, known: Channel) -> bool:
        """Whether the channel has a call for it; else it is a mark of ours."""
        return True

    def verdict(self, order: Order, options: Mapping[str, Any]) -> Verdict:
        """What the rules say. ``order`` is locked, with store loaded."""
        return type(self).rule(facts_of(order), marks_of(order))

    def title_of(self, options: Mapping[str, Any]) -> str:
        """The title where the options say more than the action's name."""
        return self.title

    def success_text(self, order: Order, attempt: Attempt) -> str:
        """What the history says when it worked."""
        return self.done_words

    def failure_text(self, order: Order, attempt: Attempt) -> str:
        """What the history says when it did not, or had been done before."""
        return f"{self.title_of(attempt.options)}: {attempt.words}"

    def lane(self, order: Order, priority: int) -> LanePlan:
        """One a store and kind of call; scans have one beside it, so that they are served by a
        worker that does nothing else, at the same pace."""
        known = channel(order.store.channel)
        limits = limits_of(known, order.store.region, order.store.shop_id)
        return LanePlan(
            name=f"store:{order.store_id}:{self.name}"
            + (":scan" if priority == Priority.SCAN else ""),
            pace=limits if self.calls(known) else (),
            in_flight=known.limits.in_flight,
            per_call=self.per_call(known),
        )

    def refusal(self, order: Order, options: Mapping[str, Any]) -> Refusal | None:
        if self.calls(channel(order.store.channel)):
            if not order.store.serves:
                return Refusal(State.REFUSED, f"{order.store} is not linked any more.")
            if order.store.needs_relink:
                return Refusal(State.WAITING, order.store.token_dead_words)
        verdict = self.verdict(order, options)
        if verdict.ok:
            return None
        state = State.ALREADY if verdict.answer is Answer.ALREADY else State.REFUSED
        return Refusal(state, f"{verdict.why[:1].upper()}{verdict.why[1:]}.")

    def sending(self, order: Order, attempt: Attempt) -> Mapping[str, Any]:
        parcel = self.parcel(order, facts_of(order))
        return {
            "order_id": parcel.order_id,
            "package_ids": list(parcel.package_ids),
            "line_ids": list(parcel.line_ids),
        }

    def call(self, attempts: Sequence[Attempt]) -> Mapping[int, Outcome]:
        store = attempts[0].order.store
        if not self.calls(channel(store.channel)):
            return {attempt.pk: Outcome(State.DONE) for attempt in attempts}
        done = done_since_read(attempts)
        fresh = [attempt for attempt in attempts if attempt.pk not in done]
        return {**done, **(self._call(store, fresh) if fresh else {})}

    def _call(self, store: Store, attempts: Sequence[Attempt]) -> Mapping[int, Outcome]:
        try:
            results = call_store(
                store,
                lambda known, shop: self.send(known, shop, attempts),
                turns_taken=1,
                urgent=attempts[0].priority == Priority.SCAN,
            )
        except ChannelError as error:
            outcome = outcome_of(error)
            if outcome is None:
                raise
            if outcome.state is State.REFUSED:
                outcome = replace(outcome, unread=True)
            return {attempt.pk: outcome for attempt in attempts}
        by_order = {one.order_id: one for one in results}
        read = self._read(store, attempts) if len(attempts) > 1 else {}
        return {
            attempt.pk: outcome_from_result(
                by_order[attempt.order.channel_order_id], read.get(attempt.order_id)
            )
            for attempt in attempts
            if attempt.order.channel_order_id in by_order
        }

    def send(self, known: Channel, shop: Shop, attempts: Sequence[Attempt]) -> tuple[Told, ...]:
        """What the channel answers to what was written down for these attempts."""
        return self.send_parcels(known, shop, [parcel_sent(attempt) for attempt in attempts])

    def ask(self, attempts: Sequence[Attempt]) -> Mapping[int, Seen]:
        read = self._orders_now(attempts[0].order.store, attempts, turns_taken=1)
        return {
            attempt.pk: self.outcome_from(attempt, read[attempt.order_id])
            for attempt in attempts
            if attempt.order_id in read
        }

    def record(self, ended: Sequence[Ended]) -> None:
        reads = [
            (one.order, read) for one in ended if isinstance(read := _evidence(one), OrderRead)
        ]
        if reads:
            record.take_in_locked(
                [order for order, _ in reads],
                [read.arrived for _, read in reads],
                fetched_at=reads[0][1].fetched_at,
            )
        history.note_all(
            self._entry(one)
            for one in ended
            if one.attempt.state not in (State.WAITING, State.CANCELLED)
        )

    def marked_here(self, ended: Sequence[Ended]) -> list[Order]:
        """The orders to which it was done here, since their channel has no call for it."""
        return [
            one.order
            for one in ended
            if one.attempt.state is State.DONE and not self.calls(channel(one.order.store.channel))
        ]

    def _entry(self, ended: Ended) -> history.Entry:
        """What the history says of it."""
        attempt = ended.attempt
        good = attempt.state in (State.DONE, State.ALREADY)
        text_of = self.success_text if attempt.state is State.DONE else self.failure_text
        return history.Entry(
            ended.order,
            self.name if good else f"{self.name} failed",
            text_of(ended.order, attempt).rstrip(".") + ".",
            person=attempt.person,
            batch_id=attempt.batch_id,
        )

    def finish(self, batch: Batch) -> None:
        """Nothing is made of a batch of these."""

    def reread(self, attempts: Sequence[Attempt]) -> None:
        """Take in these orders as they are now. Where the channel takes one order a call, this
        reads many at once what would otherwise cost a reading for every writing call."""
        by_store: dict[int, list[Attempt]] = {}
        for attempt in attempts:
            by_store.setdefault(attempt.order.store_id, []).append(attempt)
        for of_store in by_store.values():
            store = of_store[0].order.store
            most = channel(store.channel).limits.fetch_orders
            for start in range(0, len(of_store), most):
                reads = list(self._orders_now(store, of_store[start : start + most]).values())
                if reads:
                    arrived = [read.arrived for read in reads]
                    record.take_in_many(store, arrived, fetched_at=reads[0].fetched_at)

    def _read(self, store: Store, attempts: Sequence[Attempt]) -> dict[int, OrderRead]:
        """The orders as they are now; {} where that fails: the next sync will tell."""
        try:
            return self._orders_now(store, attempts)
        except ChannelError:
            return {}

    def _orders_now(
        self, store: Store, attempts: Sequence[Attempt], *, turns_taken: int = 0
    ) -> dict[int, OrderRead]:
        """Order pk → the order as the channel tells it now."""
        by_id = {attempt.order.channel_order_id: attempt.order for attempt in attempts}
        kept = {} if self.changes_head else raws_of(by_id.values())
        heads = {order_id: kept[order.pk] for order_id, order in by_id.items() if order.pk in kept}
        fetched_at = record.now()
        fetched: Fetched = call_store(
            store,
            lambda known, shop: known.fetch(shop, list(by_id), heads),
            turns_taken=turns_taken,
        )
        return {
            by_id[facts.order_id].pk: OrderRead(
                record.Arrived(facts, fetched.raw.get(facts.order_id, b"")),
                fetched_at,
            )
            for facts in fetched.orders
        }

    def outcome_from(self, attempt: Attempt, read: OrderRead) -> Outcome | NotThere:
        """What the re-read order says about an attempt whose answer never came."""
        lines = lines_sent(attempt, read.arrived.facts)
        live = [line for line in lines if line.stage.is_live]
        if not live:
            return Outcome(State.REFUSED, "Cancelled meanwhile.", evidence=read)
        done = [line for line in live if self.is_done(line.stage)]
        if not done:
            return NotThere()
        state = State.DONE if len(done) == len(live) else State.PARTLY
        return Outcome(state, self.done_words, evidence=read)


def _evidence(ended: Ended) -> Evidence | None:
    """What was read after the call, or for the question: one reading for all of it."""
    return ended.outcome.evidence if isinstance(ended.outcome, Outcome) else None
