"""Orders in, against the real sandbox: complete, idempotent, in the right order of news."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from crossdock.companies.scope import company_scope
from crossdock.orders import record
from crossdock.orders.models import History, Line, Order
from crossdock.orders.record import Arrived
from crossdock.rules.facts import OrderFacts, Stage, Tab
from crossdock.stores.calling import call
from crossdock.stores.models import Store
from crossdock.sync.models import Pull
from crossdock.sync.pull import begin_asked, begin_first, go_on, look_at
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]


def pulled(store: Store, days: int = 3) -> Pull:
    with company_scope(store.company_id):
        pull = begin_asked(
            store, None, record.now() - timedelta(days=days), record.now(), by_creation=False
        )
        while go_on(pull.pk) is not None:
            continue
        return Pull.objects.get(pk=pull.pk)


def test_every_order_of_the_shop_arrives_as_the_truth_has_it(
    store: Store, sandbox: RunningSandbox
) -> None:
    sandbox.orders(3, status="shipped")
    sandbox.orders(130)
    pulled(store)
    truth = sandbox.truth()
    with company_scope(store.company_id):
        ours = {
            order.channel_order_id: order
            for order in Order.objects.prefetch_related("lines", "packages")
        }
        recent = {order_id for order_id, one in truth.items() if one["status"] != ""}
        assert set(ours) == recent
        for order_id, order in ours.items():
            told = truth[order_id]
            assert order.status == told["status"]
            assert order.billed_total == Decimal(told["total"])
            assert {line.line_id: line.sku for line in order.lines.all()} == {
                line["line_id"]: line["sku"] for line in told["lines"]
            }
            assert {one.tracking_number for one in order.packages.all()} == {
                one["tracking_number"] for one in told["packages"]
            }


def test_a_second_sync_makes_the_same_calls_and_changes_nothing(
    store: Store, sandbox: RunningSandbox
) -> None:
    sandbox.orders(120)
    counted = []
    for _ in range(2):
        before = sandbox.get("/stats")["calls"]
        pull = pulled(store)
        after = sandbox.get("/stats")["calls"]
        counted.append(
            {
                name: after[name] - before.get(name, 0)
                for name in after
                if after[name] != before.get(name)
            }
        )
        with company_scope(store.company_id):
            histories = History.objects.count(), Line.objects.count(), Order.objects.count()
    assert counted[0] == counted[1]
    assert pull.changed == 0
    assert histories[0] == histories[2]


def test_news_of_a_fetch_that_began_earlier_never_wins(
    store: Store, sandbox: RunningSandbox
) -> None:
    (order_id,) = sandbox.orders(1)
    with company_scope(store.company_id):
        early = record.now()
        old = call(store, lambda known, shop: known.fetch(shop, [order_id])).orders[0]
        sandbox.event(order_id, "request_cancel")
        look_at(store, [order_id])
        assert Order.objects.get(channel_order_id=order_id).tab == Tab.TO_CANCEL
        record.take_in(store, Arrived(old), fetched_at=early)
        assert Order.objects.get(channel_order_id=order_id).tab == Tab.TO_CANCEL


def test_an_order_without_lines_is_kept_and_completed_later(
    store: Store, sandbox: RunningSandbox
) -> None:
    (order_id,) = sandbox.orders(1)
    with company_scope(store.company_id):
        whole = call(store, lambda known, shop: known.fetch(shop, [order_id])).orders[0]
        head = Arrived(replace(whole, lines=(), packages=(), stage=Stage.TO_PACK))
        record.see(store, [head], fetched_at=record.now())
        assert not Order.objects.get(channel_order_id=order_id).lines_known
        look_at(store, [order_id])
        order = Order.objects.get(channel_order_id=order_id)
        assert order.lines_known
        assert order.lines.count() == len(whole.lines)


def test_a_line_that_is_gone_stays_cancelled(store: Store, sandbox: RunningSandbox) -> None:
    (order_id,) = sandbox.orders(1, lines=2)
    with company_scope(store.company_id):
        whole = call(store, lambda known, shop: known.fetch(shop, [order_id])).orders[0]
        record.take_in(store, Arrived(whole), fetched_at=record.now())
        less: OrderFacts = replace(whole, lines=whole.lines[:1])
        record.take_in(store, Arrived(less), fetched_at=record.now())
        stages = set(Line.objects.values_list("stage", flat=True))
        assert stages == {Stage.TO_PACK, Stage.CANCELLED}


def test_a_failure_is_kept_in_the_channels_words_and_the_next_try_goes_on(
    store: Store, sandbox: RunningSandbox
) -> None:
    sandbox.orders(3)
    with company_scope(store.company_id):
        pull = begin_first(store, 3)
        assert pull is not None
        sandbox.post(
            "/faults", system="lazada", path="/orders/items/get", kind="error_500", times=1
        )
        assert go_on(pull.pk) is None
        store.refresh_from_db()
        assert "HTTP 500" in store.sync_error
        assert Order.objects.filter(lines_known=False).count() == Order.objects.count() > 0
        assert go_on(pull.pk) is None
        store.refresh_from_db()
        assert (store.sync_error, Order.objects.filter(lines_known=False).count()) == ("", 0)
        assert store.synced_until == pull.until


def test_history_is_append_only_in_the_database_itself(
    store: Store, sandbox: RunningSandbox
) -> None:
    from django.db import DatabaseError

    sandbox.orders(1)
    pulled(store)
    with company_scope(store.company_id), pytest.raises(DatabaseError, match="append-only"):
        History.objects.update(text="Nothing happened.")
