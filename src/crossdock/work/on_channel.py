"""What the actions on a channel have in common: the lane, the refusals, the channel's answers.

A button's own file says what it sends, which of the channel's calls it makes, and how one sees
afterwards that it was done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from crossdock.channels.contract import Channel, Fetched, Parcel, Shop, Told
from crossdock.channels.errors import (
    ChannelError,
    NoSeat,
    NotSent,
    Refused,
    Throttled,
    TokenDead,
)
from crossdock.channels.registry import channel
from crossdock.companies.rights import Deed
from crossdock.orders import history, record
from crossdock.orders.facts import facts_of, marks_of
from crossdock.orders.models import Order
from crossdock.orders.raw import raws_of
from crossdock.rules.allowed import Answer, Rule, Verdict
from crossdock.rules.facts import LineFacts, OrderFacts, Stage
from crossdock.stores.calling import call as call_store
from crossdock.stores.models import Store
from crossdock.stores.ways import how_of
from crossdock.work import pace
from crossdock.work.action import Ended, LanePlan, NotThere, Outcome, Refusal, Seen
from crossdock.work.models import Attempt, Batch, Priority, State


@dataclass(frozen=True, slots=True)
class Read:
    """An order as read after the call."""

    arrived: record.Arrived
    fetched_at: datetime


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

    def tell(self, known: Channel, shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
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

    def said(self, order: Order, attempt: Attempt) -> str:
        """What the history says when it worked."""
        return self.done_words

    def not_said(self, order: Order, attempt: Attempt) -> str:
        """What the history says when it did not, or had been done before."""
        return f"{self.title_of(attempt.options)}: {attempt.words}"

    def lane(self, order: Order, priority: int) -> LanePlan:
        """One a store and kind of call; scans have one beside it, so that they are served by a
        worker that does nothing else, at the same pace."""
        known = channel(order.store.channel)
        limits = pace.limits_of(known, order.store.region, order.store.shop_id)
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
            told = call_store(
                store,
                lambda known, shop: self.told(known, shop, attempts),
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
        by_order = {one.order_id: one for one in told}
        read = self._read(store, attempts) if len(attempts) > 1 else {}
        return {
            attempt.pk: _outcome(
                by_order[attempt.order.channel_order_id], read.get(attempt.order_id)
            )
            for attempt in attempts
            if attempt.order.channel_order_id in by_order
        }

    def told(self, known: Channel, shop: Shop, attempts: Sequence[Attempt]) -> tuple[Told, ...]:
        """What the channel answers to what was written down for these attempts."""
        return self.tell(known, shop, [parcel_sent(attempt) for attempt in attempts])

    def ask(self, attempts: Sequence[Attempt]) -> Mapping[int, Seen]:
        read = self._reread(attempts[0].order.store, attempts, turns_taken=1)
        return {
            attempt.pk: self.seen(attempt, read[attempt.order_id])
            for attempt in attempts
            if attempt.order_id in read
        }

    def record(self, ended: Sequence[Ended]) -> None:
        told = [(one.order, read) for one in ended if isinstance(read := _news(one), Read)]
        if told:
            record.take_in_locked(
                [order for order, _ in told],
                [read.arrived for _, read in told],
                fetched_at=told[0][1].fetched_at,
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
        told = self.said if attempt.state is State.DONE else self.not_said
        return history.Entry(
            ended.order,
            self.name if good else f"{self.name} failed",
            told(ended.order, attempt).rstrip(".") + ".",
            person=attempt.person,
            batch_id=attempt.batch_id,
        )

    def finish(self, batch: Batch) -> None:
        """Nothing is made of a batch of these."""

    def look(self, attempts: Sequence[Attempt]) -> None:
        """Take in these orders as they are now. Where the channel takes one order a call, this
        reads many at once what would otherwise cost a reading for every writing call."""
        by_store: dict[int, list[Attempt]] = {}
        for attempt in attempts:
            by_store.setdefault(attempt.order.store_id, []).append(attempt)
        for of_store in by_store.values():
            store = of_store[0].order.store
            most = channel(store.channel).limits.fetch_orders
            for start in range(0, len(of_store), most):
                reads = list(self._reread(store, of_store[start : start + most]).values())
                if reads:
                    arrived = [read.arrived for read in reads]
                    record.take_in_many(store, arrived, fetched_at=reads[0].fetched_at)

    def _read(self, store: Store, attempts: Sequence[Attempt]) -> dict[int, Read]:
        """The orders as they are now; {} where that fails: the next sync will tell."""
        try:
            return self._reread(store, attempts)
        except ChannelError:
            return {}

    def _reread(
        self, store: Store, attempts: Sequence[Attempt], *, turns_taken: int = 0
    ) -> dict[int, Read]:
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
            by_id[facts.order_id].pk: Read(
                record.Arrived(facts, fetched.raw.get(facts.order_id, b"")),
                fetched_at,
            )
            for facts in fetched.orders
        }

    def seen(self, attempt: Attempt, read: Read) -> Outcome | NotThere:
        """What the re-read order says about an attempt whose answer never came."""
        lines = lines_sent(attempt, read.arrived.facts)
        live = [line for line in lines if line.stage.is_live]
        if not live:
            return Outcome(State.REFUSED, "Cancelled meanwhile.", news=read)
        done = [line for line in live if self.is_done(line.stage)]
        if not done:
            return NotThere()
        state = State.DONE if len(done) == len(live) else State.PARTLY
        return Outcome(state, self.done_words, news=read)


def done_since_read(attempts: Sequence[Attempt]) -> dict[int, Outcome]:
    """Those of these attempts (of one action) that another has carried out since their orders were last
    read: our book does not show it yet, and would have it done twice."""
    earlier = Attempt.objects.filter(
        order__in=[one.order_id for one in attempts],
        action=attempts[0].action,
        state=State.DONE,
        settled_at__gte=F("order__fetched_at"),
    )
    sent: dict[int, list[Mapping[str, Any]]] = {}
    for order_id, told in earlier.values_list("order_id", "sent"):
        sent.setdefault(order_id, []).append(told)
    return {
        one.pk: Outcome(State.ALREADY, "Done a moment ago.", unread=True)
        for one in attempts
        if any(_is_part_of(one.sent, told) for told in sent.get(one.order_id, ()))
    }


def _is_part_of(meant: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    """Whether all that is meant was told: the same, of these packages and lines or of more."""
    parts = ("package_ids", "line_ids")
    others = (meant.keys() | told.keys()) - {*parts, "how"}
    return all(set(meant.get(one, ())) <= set(told.get(one, ())) for one in parts) and all(
        meant.get(one) == told.get(one) for one in others
    )


def _news(ended: Ended) -> Any:
    """What was read after the call, or for the question: one reading for all of it."""
    return ended.outcome.news if isinstance(ended.outcome, Outcome) else None


def outcome_of(error: ChannelError) -> Outcome | None:
    """The outcome that an error means for every order of a call; None: it is unclear."""
    if isinstance(error, TokenDead):
        return Outcome(State.WAITING, error.words, error.code)
    if isinstance(error, NoSeat):
        return Outcome(State.WAITING, error.words, error.code, wait=error.wait)
    if isinstance(error, Throttled):
        return Outcome(State.QUEUED, error.words, error.code, wait=error.wait, counts=False)
    if isinstance(error, NotSent):
        counts = not error.turned_away
        return Outcome(State.QUEUED, error.words, error.code, wait=None, counts=counts)
    if isinstance(error, Refused):
        return Outcome(State.REFUSED, error.words, error.code)
    return None


def lines_at(facts: OrderFacts, stages: Callable[[Stage], bool]) -> tuple[str, ...]:
    """The ids of the live lines at such a stage."""
    return tuple(line.line_id for line in facts.live_lines if stages(line.stage))


def packages_at(facts: OrderFacts, stages: Callable[[Stage], bool]) -> tuple[str, ...]:
    """The ids of the packages that hold live lines at such a stage."""
    here = {line.package_id for line in facts.live_lines if stages(line.stage)}
    return tuple(package.package_id for package in facts.packages if package.package_id in here)


def parcel_sent(attempt: Attempt) -> Parcel:
    """What was written down as meant of the attempt's order."""
    sent = attempt.sent
    return Parcel(
        sent["order_id"],
        tuple(sent["package_ids"]),
        tuple(sent["line_ids"]),
        how_of(sent["how"]) if sent.get("how") else None,
    )


def lines_sent(attempt: Attempt, facts: OrderFacts) -> list[LineFacts]:
    """The lines, as they are now, that the attempt was about."""
    sent = parcel_sent(attempt)
    return [
        line
        for line in facts.lines
        if line.line_id in sent.line_ids or line.package_id in sent.package_ids
    ]


def _outcome(told: Told, read: Read | None) -> Outcome:
    """What the channel's answer about one order means."""
    news = read if read is not None and read.arrived.facts.lines else None
    unread = news is None
    if told.ok:
        return Outcome(State.DONE, news=news, unread=unread)
    if told.already:
        return Outcome(State.ALREADY, told.words, told.code, news=news, unread=unread)
    if told.done:
        left = {"left": list(told.left)}
        return Outcome(State.PARTLY, told.words, told.code, left, news=news, unread=unread)
    if told.again:
        return Outcome(State.QUEUED, told.words, told.code, wait=None)
    return Outcome(State.REFUSED, told.words, told.code, news=news, unread=unread)
