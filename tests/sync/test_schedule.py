"""The schedule always comes back: after failures, kills, pauses and mistakes of ours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from crossdock.companies.scope import all_companies, company_scope
from crossdock.orders import record
from crossdock.orders.models import Order
from crossdock.orders.record import Arrived
from crossdock.stores.calling import call
from crossdock.stores.models import Store
from crossdock.sync import named
from crossdock.sync import schedule as module
from crossdock.sync.begin import begin_asked, begin_regular
from crossdock.sync.models import Counter, Health, Part, Pull, Unread
from crossdock.sync.pull import go_on
from crossdock.sync.schedule import fold_counters, schedule
from tests.cast import Cast, linked_store
from tests.sandbox.running import RunningSandbox
from tests.sync.listening import work
from tests.sync.playing import Played

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]


def waiting(task: str) -> int:
    return ProcrastinateJob.objects.filter(task_name=task, status="todo").count()


def test_every_minute_begins_one_pull_and_never_a_second_beside_it(store: Store) -> None:
    schedule(0)
    schedule(0)
    with company_scope(store.company_id):
        assert Pull.objects.filter(part=Part.ORDERS, finished_at__isnull=True).count() == 1
    assert waiting("sync.pull") == 1


def test_a_pull_that_fails_is_shown_and_tried_again_every_minute(
    store: Store, sandbox: RunningSandbox
) -> None:
    sandbox.orders(2)
    sandbox.post("/faults", system="lazada", path="/orders/get", kind="error_500", times=5)
    for number in range(1, 6):
        schedule(0)
        with company_scope(store.company_id):
            pull = Pull.objects.get(part=Part.ORDERS)
            assert go_on(pull.pk) is None
            pull.refresh_from_db()
            store.refresh_from_db()
            assert pull.failures == number
            assert "HTTP 500" in store.sync_error
            assert Health.objects.get(part=Part.ORDERS).failures == number
    with company_scope(store.company_id):
        assert go_on(pull.pk) is None
        store.refresh_from_db()
        assert store.sync_error == ""
        assert store.synced_until is not None


def test_a_mistake_of_ours_is_shown_and_does_not_end_the_import(
    store: Store, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crossdock.channels.lazada.channel import Lazada

    made = sandbox.orders(2)
    with monkeypatch.context() as broken, company_scope(store.company_id):

        def stumble(*_: Any, **__: Any) -> None:
            raise ZeroDivisionError("secret of an order")

        broken.setattr(Lazada, "changed", stumble)
        pull = begin_regular(store)
        assert pull is not None
        assert go_on(pull.pk) is None
        store.refresh_from_db()
        assert "ZeroDivisionError" in store.sync_error
        assert "secret" not in store.sync_error
    schedule(0)
    with company_scope(store.company_id):
        go_on(pull.pk)
        assert set(made) <= set(Order.objects.values_list("channel_order_id", flat=True))


def test_a_pull_whose_worker_was_killed_is_gone_on_with(
    store: Store, sandbox: RunningSandbox
) -> None:
    sandbox.orders(2)
    with company_scope(store.company_id):
        pull = begin_regular(store)
        assert pull is not None
        held = Pull.objects.filter(pk=pull.pk)
        held.update(held_until=timezone.now() + timedelta(seconds=30))
        assert go_on(pull.pk) is None
        assert Pull.objects.get(pk=pull.pk).finished_at is None
        held.update(held_until=timezone.now() - timedelta(seconds=1))
    schedule(0)
    assert waiting("sync.pull") == 1
    with company_scope(store.company_id):
        go_on(pull.pk)
        assert Pull.objects.get(pk=pull.pk).finished_at is not None


def test_a_worker_that_was_overtaken_writes_nothing_more(
    store: Store, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crossdock.channels.lazada.channel import Lazada

    sandbox.orders(2)
    plain = Lazada.changed
    with company_scope(store.company_id):
        pull = begin_regular(store)
        assert pull is not None
        theirs = timezone.now() + timedelta(seconds=45)

        def frozen(self: Any, shop: Any, **window: Any) -> Any:
            Pull.objects.filter(pk=pull.pk).update(held_until=theirs)
            return plain(self, shop, **window)

        monkeypatch.setattr(Lazada, "changed", frozen)
        assert go_on(pull.pk) is None
        now = Pull.objects.get(pk=pull.pk)
        assert (now.held_until, now.listed, now.finished_at) == (theirs, 0, None)


def test_one_stores_trouble_never_reaches_the_others(
    store: Store, cast: Cast, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = linked_store(cast.acme, sandbox, "lazada-sg")
    plain = module.come_back

    def come_back(one: Store) -> None:
        if one.pk == store.pk:
            raise RuntimeError("a store that nobody understands")
        plain(one)

    monkeypatch.setattr(module, "come_back", come_back)
    schedule(0)
    with company_scope(cast.acme):
        assert list(Pull.objects.values_list("store", flat=True)) == [other.pk]


@pytest.mark.parametrize("state", ["paused_at", "unlinked_at", "token_dead_words"])
def test_a_store_that_may_not_run_is_left_alone(store: Store, state: str) -> None:
    value = "link again" if state == "token_dead_words" else timezone.now()
    with company_scope(store.company_id):
        Store.objects.update(**{state: value})
    schedule(0)
    with company_scope(store.company_id):
        assert not Pull.objects.exists()
    assert waiting("sync.pull") == 0


def test_what_a_person_asked_for_is_tried_for_a_day_and_then_given_up_in_words(
    store: Store,
) -> None:
    with company_scope(store.company_id):
        now = record.now()
        run = begin_asked(store, None, now - timedelta(days=1), now, by_creation=False)
        Pull.objects.filter(pk=run.pk).update(error="The channel is closed for repairs.")
    schedule(0)
    with company_scope(store.company_id):
        assert Pull.objects.get(pk=run.pk).finished_at is None
        Pull.objects.filter(pk=run.pk).update(started_at=now - timedelta(hours=25))
    schedule(0)
    with company_scope(store.company_id):
        run = Pull.objects.get(pk=run.pk)
        assert run.finished_at is not None
        assert run.error == "The channel is closed for repairs."


def test_orders_without_lines_are_found_and_read(store: Store, sandbox: RunningSandbox) -> None:
    from dataclasses import replace

    (order_id,) = sandbox.orders(1)
    with company_scope(store.company_id):
        whole = call(store, lambda known, shop: known.fetch(shop, [order_id])).orders[0]
        head = Arrived(replace(whole, lines=(), packages=()))
        record.see(store, [head], fetched_at=record.now())
    schedule(0)
    assert waiting("sync.unread") == 1
    with company_scope(store.company_id):
        assert Unread.objects.get().order_id == order_id


def test_messages_are_counted_by_the_hour_and_none_is_lost(store: Store) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for minutes in (5, 10, 65):
        for owner in (store, None):
            row = Counter.objects.create(name="webhook taken", store=owner)
            Counter.objects.filter(pk=row.pk).update(at=hour - timedelta(minutes=minutes))
    Counter.objects.create(name="webhook taken", store=store)
    fold_counters(0)
    fold_counters(0)
    rows = sorted(Counter.objects.values_list("store", "number"), key=str)
    assert sorted(number for owner, number in rows if owner) == [1, 1, 2]
    assert sorted(number for owner, number in rows if not owner) == [1, 2]


def test_the_job_of_a_pull_comes_back_until_it_is_done(everywhere: Played) -> None:
    made = everywhere.orders(3)
    schedule(0)
    work()
    assert set(made) <= everywhere.here()
    with all_companies():
        first = Pull.objects.filter(part=Part.ORDERS, kind=Pull.Kind.FIRST).get()
    assert first.finished_at is not None


def test_a_pull_that_was_made_by_a_clock_an_hour_ahead_hides_no_order(
    store: Store, sandbox: RunningSandbox
) -> None:
    ahead = timezone.now() + timedelta(hours=1)
    with company_scope(store.company_id):
        pull = begin_regular(store)
        assert pull is not None
        go_on(pull.pk)
        last = Pull.objects.get(pk=pull.pk).until
        Store.objects.filter(pk=store.pk).update(synced_until=ahead, returns_synced_until=ahead)
        store.refresh_from_db()
        made = sandbox.orders(1)
        after = begin_regular(store)
        assert after is not None
        assert after.since < last
        assert after.until < ahead
        go_on(after.pk)
        assert Order.objects.filter(channel_order_id__in=made).exists()
        assert begin_returns(store)


def begin_returns(store: Store) -> bool:
    """Whether the schedule has the store's returns read now."""
    Pull.objects.filter(store=store, part=Part.RETURNS).delete()
    module.come_back(store)
    return Pull.objects.filter(store=store, part=Part.RETURNS).exists()


def test_news_are_taken_though_a_clock_that_was_ahead_stamped_what_is_known(
    store: Store, sandbox: RunningSandbox
) -> None:
    (order_id,) = sandbox.orders(1)
    with company_scope(store.company_id):
        named.note(store, [order_id])
        named.read(store)
        Order.objects.update(fetched_at=timezone.now() + timedelta(hours=1))
        sandbox.event(order_id, "request_cancel")
        named.note(store, [order_id])
        named.read(store)
        order = Order.objects.get()
        assert order.cancel_requested
        assert order.fetched_at <= timezone.now()
