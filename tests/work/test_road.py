"""The one road, with a toy action on a toy outside system: whatever goes wrong, everything is done once.

Time does not pass here by waiting: ``later`` moves what is scheduled into the past instead.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F

from crossdock.channels.errors import Unclear
from crossdock.companies.rights import Deed
from crossdock.companies.scope import company_scope
from crossdock.orders import history, record
from crossdock.orders.models import Order
from crossdock.rules.facts import LineFacts, OrderFacts, Stage
from crossdock.stores.models import Store
from crossdock.work import action as actions
from crossdock.work import attempt as road
from crossdock.work import batch as batches
from crossdock.work import recover, single
from crossdock.work.action import Ended, LanePlan, NotThere, Outcome, Refusal
from crossdock.work.lane import drain, lane_for
from crossdock.work.models import Attempt, Batch, Lane, Priority, State
from tests.cast import Cast
from tests.work.waiting import await_waiting

pytestmark = pytest.mark.django_db(transaction=True)


class Stamp:
    """Stamps an order in an outside system that keeps a list of its stamps."""

    name, title, deed = "stamp", "Stamp", Deed.FULFIL
    settle_after = timedelta(seconds=60)

    def __init__(self) -> None:
        self.stamped: list[int] = []
        self.faults: list[str] = []
        """What happens to the next calls: ``""`` well, ``lost before``, ``lost after``, ``no``,
        ``again``, ``dead``."""
        self.sight: list[str] = []
        """What happens to the next askings: ``""`` well, ``blind``."""
        self.finished: list[int] = []
        self.before_call = lambda: None

    def lane(self, order: Order, priority: int) -> LanePlan:
        return LanePlan(name="toy", pace=(), in_flight=1, per_call=1)

    def refusal(self, order: Order, options: Mapping[str, Any]) -> Refusal | None:
        return None

    def sending(self, order: Order, attempt: Attempt) -> Mapping[str, Any]:
        return {"order": order.pk}

    def call(self, attempts: Sequence[Attempt]) -> Mapping[int, Outcome]:
        assert not connection.in_atomic_block
        self.before_call()
        (one,) = attempts
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "lost before":
            raise Unclear("cut before")
        if fault == "no":
            return {one.pk: Outcome(State.REFUSED, "We do not stamp this.", "E-17")}
        if fault == "again":
            return {one.pk: Outcome(State.QUEUED, "Too busy.", wait=3.0)}
        if fault == "dead":
            return {one.pk: Outcome(State.WAITING, "Link the store again.")}
        self.stamped.append(one.order_id)
        if fault == "lost after":
            raise Unclear("cut after")
        return {one.pk: Outcome(State.DONE)}

    def ask(self, attempts: Sequence[Attempt]) -> Mapping[int, Outcome | NotThere]:
        if self.sight and self.sight.pop(0) == "blind":
            raise Unclear("no answer to the question")
        return {
            one.pk: Outcome(State.DONE) if one.order_id in self.stamped else NotThere()
            for one in attempts
        }

    def record(self, ended: Sequence[Ended]) -> None:
        for one in ended:
            history.note(one.order, "stamp", f"Stamp: {one.attempt.state}.")

    def finish(self, batch: Batch) -> None:
        self.finished.append(batch.pk)


@pytest.fixture
def stamp(monkeypatch: pytest.MonkeyPatch) -> Stamp:
    made = Stamp()
    monkeypatch.setitem(actions._actions, "stamp", made)
    return made


@pytest.fixture
def orders(cast: Cast) -> Iterator[list[int]]:
    """Twenty orders of Acme, in its scope."""
    with company_scope(cast.acme):
        store = Store.objects.create(
            company=cast.acme, channel="lazada", region="MY", shop_id="1", name="One"
        )
        moment = datetime(2026, 3, 1, tzinfo=UTC)
        line = LineFacts("1", "SKU", "Thing", 1, Decimal(5), Decimal(0), "pending", Stage.TO_PACK)
        arrived = [
            record.Arrived(
                facts=OrderFacts(
                    order_id=str(number), status="pending", stage=Stage.TO_PACK, currency="MYR",
                    created_at=moment, updated_at=moment, lines=(line,),
                ),
                raw=b"",
            )
            for number in range(20)
        ]  # fmt: skip
        record.take_in_many(store, arrived, fetched_at=record.now())
        yield list(Order.objects.order_by("pk").values_list("pk", flat=True))


def begin(cast: Cast, ids: list[int], key: str = "key", **more: Any) -> Batch:
    return batches.start(cast.acme, cast.pat, "stamp", form_key=key, order_ids=ids, **more)


def work() -> None:
    """Drain as the jobs would, while anything is due."""
    for lane in Lane.objects.all():
        while drain(lane.pk) == 0:
            continue


def later(seconds: float) -> None:
    """Let this much time go by for everything that is open."""
    gone = timedelta(seconds=seconds)
    Attempt.objects.filter(settled_at__isnull=True).update(
        due_at=F("due_at") - gone, sent_at=F("sent_at") - gone
    )


def states(batch: Batch) -> Counter[str]:
    return Counter(Attempt.objects.filter(batch=batch).values_list("state", flat=True))


def test_every_order_is_done_once_and_the_batch_is_closed_once(
    cast: Cast, orders: list[int], stamp: Stamp
) -> None:
    batch = begin(cast, orders)
    work()
    batches.finish(batch.pk)
    batches.finish(batch.pk)
    assert stamp.stamped == orders
    assert states(batch) == {State.DONE: 20}
    assert stamp.finished == [batch.pk]
    assert batches.progress(batch).settled == 20


def test_a_double_click_is_one_batch_also_when_both_come_at_the_same_moment(
    cast: Cast, orders: list[int], stamp: Stamp
) -> None:
    gate = threading.Barrier(4)

    def click() -> int:
        try:
            gate.wait(timeout=20)
            return begin(cast, orders, "same form").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = {one.result() for one in [pool.submit(copy_context().run, click) for _ in range(4)]}
    work()
    assert len(made) == 1
    assert stamp.stamped == orders


def test_what_another_batch_is_doing_already_is_not_begun_again(
    cast: Cast, orders: list[int], stamp: Stamp
) -> None:
    first = begin(cast, orders[:3], "one")
    second = begin(cast, orders[:4], "two")
    work()
    assert states(second) == {State.ALREADY: 3, State.DONE: 1}
    assert Attempt.objects.filter(batch=second, state=State.ALREADY)[0].words == (
        f"Already being done in batch {first.pk}."
    )
    assert stamp.stamped == orders[:4]


def test_a_cancelled_batch_sends_nothing_more(cast: Cast, orders: list[int], stamp: Stamp) -> None:
    batch = begin(cast, orders[:5])
    assert batches.cancel(batch) == 5
    work()
    assert (stamp.stamped, states(batch)) == ([], {State.CANCELLED: 5})


def test_an_answer_that_was_lost_after_the_deed_is_found_by_asking(
    cast: Cast, orders: list[int], stamp: Stamp
) -> None:
    stamp.faults = ["lost after"]
    batch = begin(cast, orders[:1])
    work()
    assert states(batch) == {State.ASKING: 1}
    later(10)
    work()
    assert (stamp.stamped, states(batch)) == (orders[:1], {State.DONE: 1})


def test_not_there_counts_only_after_the_outside_system_had_time_to_show_it(
    cast: Cast, orders: list[int], stamp: Stamp
) -> None:
    stamp.faults = ["lost before"]
    batch = begin(cast, orders[:1])
    work()
    later(10)
    work()
    assert (stamp.stamped, states(batch)) == ([], {State.ASKING: 1})
    later(60)
    work()
    assert (stamp.stamped, states(batch)) == (orders[:1], {State.DONE: 1})


def test_what_cannot_be_told_is_left_to_a_person_and_never_sent_again(
    cast: Cast, orders: list[int], stamp: Stamp
) -> None:
    stamp.faults, stamp.sight = ["lost after"], ["blind"] * 50
    batch = begin(cast, orders[:1])
    for _ in range(16):
        work()
        later(600)
    assert (stamp.stamped, states(batch)) == (orders[:1], {State.UNCLEAR: 1})
    stamp.sight = []
    batches.ask_again(Attempt.objects.get(batch=batch))
    work()
    assert (stamp.stamped, states(batch)) == (orders[:1], {State.DONE: 1})


def test_a_refusal_keeps_the_outside_systems_words_and_can_be_tried_again(
    cast: Cast, orders: list[int], stamp: Stamp
) -> None:
    stamp.faults = ["no"]
    batch = begin(cast, orders[:2])
    work()
    refused = Attempt.objects.get(batch=batch, state=State.REFUSED)
    assert (refused.words, refused.code) == ("We do not stamp this.", "E-17")
    again = batches.retry_failed(batch, cast.pat, form_key="again")
    work()
    assert states(again) == {State.DONE: 1}
    assert sorted(stamp.stamped) == orders[:2]


def test_a_busy_outside_system_is_tried_again_when_it_said(
    cast: Cast, orders: list[int], stamp: Stamp
) -> None:
    stamp.faults = ["again"]
    batch = begin(cast, orders[:1])
    work()
    assert states(batch) == {State.QUEUED: 1}
    later(3)
    work()
    assert states(batch) == {State.DONE: 1}


def test_work_for_a_dead_store_waits_and_goes_on_when_it_lives_again(
    cast: Cast, orders: list[int], stamp: Stamp
) -> None:
    stamp.faults = ["dead"]
    Store.objects.update(token_dead_words="The token has died.")
    batch = begin(cast, orders[:1])
    work()
    later(100)
    assert (recover.wake_waiting(), states(batch)) == (0, {State.WAITING: 1})
    Store.objects.update(token_dead_words="")
    assert recover.wake_waiting() == 1
    work()
    assert states(batch) == {State.DONE: 1}


def test_a_scan_is_served_before_a_batch_that_came_earlier(
    cast: Cast, orders: list[int], stamp: Stamp
) -> None:
    begin(cast, orders[:10], "bulk")
    begin(cast, orders[15:16], "scan", priority=Priority.SCAN)
    work()
    assert stamp.stamped[0] == orders[15]


def test_a_scan_while_a_batch_takes_up_the_same_order_waits_and_is_already_being_done(
    cast: Cast, orders: list[int], stamp: Stamp
) -> None:
    scanned: list[tuple[int, bool]] = []

    def scan() -> None:
        with company_scope(cast.acme):
            order = Order.objects.select_related("store").get(pk=orders[0])
            attempt, is_new = single.begin(cast.pat, stamp.name, order)
            scanned.append((attempt.pk, is_new))
        connection.close()

    scanner = threading.Thread(target=scan)
    with company_scope(cast.acme):
        with transaction.atomic():
            (locked,) = record.locked(orders[:1])
            scanner.start()
            await_waiting()
            lane = lane_for(cast.acme.pk, stamp.lane(locked, 3))
            taken = Attempt.objects.create(
                company=cast.acme, order=locked, action=stamp.name, lane=lane
            )
        scanner.join(20)
    assert scanned == [(taken.pk, False)]


def test_a_holder_that_was_overtaken_can_neither_send_nor_record(
    cast: Cast, orders: list[int], stamp: Stamp
) -> None:
    batch = begin(cast, orders[:2])
    lane = Lane.objects.get()
    Lane.objects.update(token=F("token") + 1)
    lane.refresh_from_db()
    first, second = Attempt.objects.order_by("pk").values_list("pk", flat=True)
    ready = road.prepare(lane, stamp, [first])
    Lane.objects.update(token=F("token") + 1)  # another worker takes the lane
    with pytest.raises(road.Overtaken):
        road.prepare(lane, stamp, [second])
    road.carry_out(lane, stamp, ready, time.monotonic() + 10)
    assert states(batch) == {State.SENDING: 1, State.QUEUED: 1}
    Lane.objects.update(held_until=None)  # the lease runs out
    work()
    later(10)
    work()
    assert sorted(stamp.stamped) == orders[:2]
    assert states(batch) == {State.DONE: 2}


def test_an_order_that_cannot_be_recorded_never_spoils_those_of_the_same_call(
    cast: Cast, orders: list[int], stamp: Stamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Many(Stamp):
        def lane(self, order: Order, priority: int) -> LanePlan:
            return LanePlan(name="toy", pace=(), in_flight=1, per_call=5)

        def call(self, attempts: Sequence[Attempt]) -> Mapping[int, Outcome]:
            return {one.pk: Outcome(State.DONE) for one in attempts}

        def record(self, ended: Sequence[Ended]) -> None:
            super().record(ended)
            if any(one.order.pk == orders[2] for one in ended):
                raise ValueError("this order cannot be recorded")

    monkeypatch.setitem(actions._actions, "stamp", Many())
    batch = begin(cast, orders[:5])
    work()
    assert states(batch) == {State.DONE: 4, State.ASKING: 1}
    assert Order.objects.get(pk=orders[0]).history.filter(kind="stamp").count() == 1
    assert not Order.objects.get(pk=orders[2]).history.filter(kind="stamp").exists()


def test_a_holder_that_slept_past_its_lease_does_not_call(
    cast: Cast, orders: list[int], stamp: Stamp
) -> None:
    begin(cast, orders[:1])
    lane = Lane.objects.get()
    ready = road.prepare(lane, stamp, [Attempt.objects.get().pk])
    road.carry_out(lane, stamp, ready, deadline=time.monotonic() - 1)
    assert stamp.stamped == []


def test_a_second_worker_leaves_a_held_lane_alone(
    cast: Cast, orders: list[int], stamp: Stamp
) -> None:
    begin(cast, orders[:3])
    lane = Lane.objects.get()
    seen: list[float | None] = []

    def try_to_drain() -> None:
        with ThreadPoolExecutor(1) as pool:
            seen.append(pool.submit(copy_context().run, _drain_and_close, lane.pk).result())

    stamp.before_call = try_to_drain
    work()
    assert seen == [None] * 3
    assert stamp.stamped == orders[:3]


def _drain_and_close(lane_id: int) -> float | None:
    try:
        return drain(lane_id)
    finally:
        connection.close()


def test_a_sweep_finds_lanes_whose_wake_up_was_lost(
    cast: Cast, orders: list[int], stamp: Stamp
) -> None:
    begin(cast, orders[:1])
    lane = Lane.objects.get()
    assert [one.pk for one in recover.idle_lanes_with_work()] == [lane.pk]
    work()
    assert recover.idle_lanes_with_work() == []


@pytest.mark.parametrize("seed", range(8))
def test_whatever_goes_wrong_nothing_is_done_twice_and_nothing_is_left(
    cast: Cast, orders: list[int], stamp: Stamp, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same again for the same seed
    kinds = ["", "", "lost before", "lost after", "again"]
    stamp.faults = [chance.choice(kinds) for _ in range(60)]
    stamp.sight = [chance.choice(["", "blind"]) for _ in range(20)]
    batch = begin(cast, orders)
    for _ in range(60):
        work()
        if not Attempt.objects.exclude(state__in=(State.DONE, State.REFUSED)).exists():
            break
        if chance.random() < 0.3:  # a kill: somebody else takes the lane over
            Lane.objects.update(token=F("token") + 1)
        for unclear in Attempt.objects.filter(state=State.UNCLEAR):
            batches.ask_again(unclear)
        later(chance.choice([4, 20, 70]))
    stamp.faults = []
    batches.retry_failed(batch, cast.pat, form_key="what was lost three times in a row")
    work()
    done = Attempt.objects.filter(state=State.DONE).order_by("order_id")
    assert list(done.values_list("order_id", flat=True)) == orders
    assert sorted(stamp.stamped) == orders
