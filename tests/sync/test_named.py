"""Orders that messages named are read many at once, and none is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from crossdock.channels.registry import channel
from crossdock.companies.scope import company_scope
from crossdock.orders.models import Order
from crossdock.orders.record import now
from crossdock.stores.models import Store
from crossdock.sync import named
from crossdock.sync.jobs import defer_named, read_named
from crossdock.sync.models import Named, Unread
from crossdock.sync.reading import read_orders
from crossdock.sync.schedule import come_back
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]
ITEMS = "/orders/items/get"


@pytest.fixture
def mine(store: Store) -> Iterator[Store]:
    with company_scope(store.company_id):
        yield store


def calls(sandbox: RunningSandbox) -> int:
    return sum(
        number
        for name, number in sandbox.get("/stats")["calls"].items()
        if name.startswith("lazada ")
    )


def test_thirty_orders_cost_no_more_calls_than_the_channel_takes_for_many(
    mine: Store, sandbox: RunningSandbox
) -> None:
    ids = sandbox.orders(30)
    for order_id in ids:
        named.note(mine, [order_id])
    before = calls(sandbox)
    assert named.read(mine) is None
    assert calls(sandbox) - before < 40, "one by one it would be sixty"
    assert Order.objects.filter(channel_order_id__in=ids, lines_known=True).count() == 30
    assert not Named.objects.exists()


def test_one_that_cannot_be_read_is_set_aside_and_spoils_none_beside_it(
    mine: Store, sandbox: RunningSandbox
) -> None:
    ids = sandbox.orders(5)
    named.note(mine, [*ids, "440000000000001"])
    sandbox.post("/faults", system="lazada", path=ITEMS, kind="error_500", times=1)
    assert named.read(mine) is None
    assert Order.objects.filter(channel_order_id__in=ids).count() == 5
    assert [one.order_id for one in Unread.objects.all()] == ["440000000000001"]


def test_news_that_come_while_it_is_read_have_it_read_once_more(
    mine: Store, sandbox: RunningSandbox
) -> None:
    (order_id,) = sandbox.orders(1)
    named.note(mine, [order_id])
    Named.objects.update(named_at=now() + timedelta(seconds=30))
    assert named.read(mine) == 0.0
    assert Named.objects.count() == 1


def test_a_pause_that_the_channel_asks_for_keeps_them(mine: Store, sandbox: RunningSandbox) -> None:
    ids = sandbox.orders(3)
    named.note(mine, ids)
    sandbox.post("/faults", system="lazada", kind="error_429", times=3)
    pause = named.read(mine)
    assert pause is not None
    assert pause > 0
    assert Named.objects.count() == 3
    sandbox.control.delete("/faults").raise_for_status()


def test_a_paused_store_is_left_to_its_next_pull(mine: Store, sandbox: RunningSandbox) -> None:
    named.note(mine, sandbox.orders(1))
    mine.paused_at = now()
    mine.save(update_fields=["paused_at"])
    before = calls(sandbox)
    assert named.read(mine) is None
    assert (Named.objects.count(), calls(sandbox)) == (0, before)


def test_what_a_lost_job_left_is_found_by_the_schedule(
    mine: Store, sandbox: RunningSandbox
) -> None:
    named.note(mine, sandbox.orders(1))
    assert not waiting_jobs()
    come_back(mine)
    assert waiting_jobs() == 1
    defer_named(mine)
    assert waiting_jobs() == 1, "one job waits for a store, however many messages come"


def waiting_jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name="sync.named", status="todo").count()


def test_orders_that_the_book_does_not_have_go_before_thousands_that_are_named_again(
    mine: Store, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, new = sandbox.orders(3), sandbox.orders(1)
    named.note(mine, known)
    assert named.read(mine) is None
    named.note(mine, known)
    named.note(mine, new)
    limits = replace(channel(mine.channel).limits, fetch_orders=1)
    monkeypatch.setattr(type(channel(mine.channel)), "limits", limits)
    assert named.read(mine) == 0.0
    assert Order.objects.filter(channel_order_id__in=new).exists()
    assert Named.objects.count() == 3


def test_what_was_read_after_it_was_named_is_not_read_again(
    mine: Store, sandbox: RunningSandbox
) -> None:
    ids = sandbox.orders(3)
    named.note(mine, ids)
    read_orders(mine, ids)
    before = calls(sandbox)
    assert named.read(mine) is None
    assert calls(sandbox) == before
    assert not Named.objects.exists()


def test_a_hiccup_delays_an_order_by_seconds(mine: Store, sandbox: RunningSandbox) -> None:
    ids = sandbox.orders(2)
    sandbox.post("/faults", system="lazada", path=ITEMS, kind="error_500", times=4)
    named.note(mine, ids)
    read_named(mine.company_id, mine.pk)
    assert Unread.objects.count() > 0
    job = ProcrastinateJob.objects.get(task_name="sync.unread", status="todo")
    assert job.scheduled_at is not None
    assert job.scheduled_at <= timezone.now() + timedelta(seconds=3)
