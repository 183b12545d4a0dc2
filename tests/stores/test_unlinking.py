"""Unlinking: orders stay, what is open ends first, nothing in the air is left unknown."""

from __future__ import annotations

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from crossdock.channels.errors import TokenDead
from crossdock.companies.scope import company_scope
from crossdock.orders.models import Order
from crossdock.stores.calling import call
from crossdock.stores.jobs import finish
from crossdock.stores.models import Store
from crossdock.sync.begin import begin_regular
from crossdock.sync.pull import look_at
from crossdock.work.action import action_named
from crossdock.work.attempt import prepare
from crossdock.work.batch import start
from crossdock.work.models import Attempt, Batch, Lane, State
from crossdock.work.recover import sweep
from tests.cast import Cast
from tests.sandbox.running import RunningSandbox
from tests.stores.conftest import Desk, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unhurried")]


@pytest.fixture
def batch(cast: Cast, store: Store, sandbox: RunningSandbox) -> Batch:
    """Three orders of Acme's that are to be packed."""
    ids = sandbox.orders(3)
    with company_scope(cast.acme):
        look_at(store, ids)
        pks = list(Order.objects.values_list("pk", flat=True))
        return start(cast.acme, cast.alice, "pack", form_key="unlink", order_ids=pks)


def states(batch: Batch) -> list[str]:
    with company_scope(batch.company_id):
        return list(
            Attempt.objects.filter(batch=batch).order_by("pk").values_list("state", flat=True)
        )


def put_in_the_air(batch: Batch) -> None:
    """The first of the attempts is written down as being sent."""
    with company_scope(batch.company_id):
        first = Attempt.objects.filter(batch=batch).order_by("pk")[0]
        lane = Lane.objects.get(pk=first.lane_id)
        assert prepare(lane, action_named("pack"), [first.pk])


def unlink(desk: Desk, store: Store) -> str:
    return said(desk.client.post(f"/c/acme/stores/{store.pk}/unlink/"))


def test_the_page_says_what_will_happen(desk: Desk, store: Store, batch: Batch) -> None:
    put_in_the_air(batch)
    page = desk.client.get(f"/c/acme/stores/{store.pk}/unlink/").content.decode()
    assert "2 actions</strong> that were not sent yet will be cancelled" in page
    assert "1 action</strong> is with Lazada" in page
    assert states(batch) == [State.SENDING, State.QUEUED, State.QUEUED], "looking changes nothing"


def test_what_was_not_sent_is_cancelled_and_the_tokens_are_wiped(
    desk: Desk, store: Store, batch: Batch
) -> None:
    assert "is unlinked. Its orders stay here." in unlink(desk, store)
    assert states(batch) == [State.CANCELLED] * 3
    with company_scope(desk.company):
        gone = Store.objects.get(pk=store.pk)
        assert gone.unlinked_at is not None
        assert (bytes(gone.access_token_sealed), bytes(gone.refresh_token_sealed)) == (b"", b"")
        assert begin_regular(gone) is None
        with pytest.raises(TokenDead, match="not linked any more"):
            call(gone, lambda known, shop: known.shop_name(shop))
        assert Order.objects.count() == 3


def test_what_is_in_the_air_is_awaited(desk: Desk, store: Store, batch: Batch) -> None:
    put_in_the_air(batch)
    assert "as soon as the marketplace has answered for 1 order." in unlink(desk, store)
    with company_scope(desk.company):
        waiting = Store.objects.get(pk=store.pk)
        assert waiting.unlinked_at is None
        assert bytes(waiting.access_token_sealed), "asking needs a token"
    assert states(batch) == [State.SENDING, State.CANCELLED, State.CANCELLED]
    (job,) = ProcrastinateJob.objects.filter(task_name="stores.unlink")
    finish(**job.args)
    assert ProcrastinateJob.objects.filter(task_name="stores.unlink").count() == 2, "looks again"
    with company_scope(desk.company):
        Attempt.objects.filter(state=State.SENDING).update(
            state=State.DONE, settled_at=timezone.now()
        )
    finish(**job.args)
    with company_scope(desk.company):
        assert Store.objects.get(pk=store.pk).unlinked_at is not None


def test_nothing_new_begins_while_a_store_is_being_unlinked(
    desk: Desk, cast: Cast, store: Store, batch: Batch
) -> None:
    put_in_the_air(batch)
    unlink(desk, store)
    with company_scope(desk.company):
        order = Order.objects.order_by("-pk")[0]
        action, attempt = action_named("pack"), Attempt.objects.get(order=order)
        refusal = action.refusal(Order.objects.select_related("store").get(pk=order.pk), {})
        assert refusal is not None
        assert refusal.state is State.REFUSED
        assert "not linked any more" in refusal.words
        assert attempt.state == State.CANCELLED


def test_linking_again_while_it_is_being_unlinked_keeps_the_store(
    desk: Desk, store: Store, batch: Batch
) -> None:
    put_in_the_air(batch)
    unlink(desk, store)
    assert "Linked again: Kedai Harian MY" in said(desk.link("lazada-my", store=store.pk))
    finish(desk.company.pk, store.pk)
    with company_scope(desk.company):
        kept = Store.objects.get(pk=store.pk)
        assert kept.serves
        assert kept.paused_at is None


def test_an_unlinked_store_is_folded_away_and_its_orders_are_found(
    desk: Desk, store: Store, batch: Batch
) -> None:
    unlink(desk, store)
    page = desk.client.get("/c/acme/stores/").content.decode()
    assert "Unlinked stores" in page
    assert f"/c/acme/orders/?store={store.pk}" in page
    with company_scope(desk.company):
        order_id = Order.objects.all()[0].channel_order_id
    found = desk.client.get(f"/c/acme/orders/?store={store.pk}&q={order_id}").content.decode()
    assert f'data-order-id="{order_id}"' in found


def test_the_same_company_gets_its_store_back_with_its_orders(
    desk: Desk, store: Store, batch: Batch
) -> None:
    unlink(desk, store)
    assert "Linked: Kedai Harian MY" in said(desk.link("lazada-my"))
    with company_scope(desk.company):
        back = Store.objects.get()
        assert back.pk == store.pk
        assert back.serves
        assert Order.objects.filter(store=back).count() == 3


@pytest.mark.django_db(transaction=True)
def test_work_that_waited_goes_on_as_soon_as_the_store_is_linked_again(
    desk: Desk, cast: Cast, store: Store, sandbox: RunningSandbox
) -> None:
    from crossdock.work.jobs import drain_lane

    (order_id,) = sandbox.orders(1)
    with company_scope(cast.acme):
        look_at(store, [order_id])
        order = Order.objects.get()
        Store.objects.update(token_dead_words="The store must be linked again: revoked")
        batch = start(cast.acme, cast.alice, "pack", form_key="wait", order_ids=[order.pk])
        attempt = Attempt.objects.get()
        drain_lane(cast.acme.pk, attempt.lane_id)
    assert states(batch) == [State.WAITING]
    sweep()
    assert states(batch) == [State.WAITING], "the store is still dead"
    ProcrastinateJob.objects.all()._raw_delete("default")
    desk.link("lazada-my", store=store.pk)
    assert states(batch) == [State.QUEUED]
    job = ProcrastinateJob.objects.filter(task_name="work.drain").get()
    assert job.queue_name == "fast"
    drain_lane(**job.args)
    assert states(batch) == [State.DONE]
    assert len([row for row in sandbox.ledger("pack") if row["order_id"] == order_id]) == 1
