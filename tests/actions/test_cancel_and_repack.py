"""The seller cancels for the channel's reasons, and undoes a packing where the channel can."""

from __future__ import annotations

import pytest

from crossdock.channels.answers import Form
from crossdock.orders.facts import facts_of
from crossdock.orders.models import Order
from crossdock.rules.facts import Tab
from crossdock.scanning.models import Answer
from crossdock.scanning.verdict import verdict_on
from crossdock.stores.calling import call as call_store
from crossdock.work.models import State
from tests.actions.stage import OnDesk, later, outcome, work

pytestmark = pytest.mark.django_db(transaction=True)

CANCELLING = {
    "lazada": "/order/reverse/cancel/create",
    "shopee": "/order/cancel_order",
    "tiktok": "/cancellations",
}


def reasons(desk: OnDesk, order: Order) -> Form:
    parcel = desk.parcel(facts_of(order))
    return call_store(desk.store, lambda known, shop: known.cancel_form(shop, parcel))


@pytest.fixture
def order(desk: OnDesk) -> Order:
    """A new order of a channel that lets the seller cancel."""
    if not desk.known.can.cancel:
        pytest.skip(f"{desk.known.title} lets no seller cancel.")
    return desk.orders()[0]


def test_a_seller_cancels_for_one_of_the_channels_reasons(desk: OnDesk, order: Order) -> None:
    form = reasons(desk, order)
    attempt = desk.act("cancel_order", order, **desk.form("cancel", form))
    order.refresh_from_db()
    assert (attempt.state, order.tab) == (State.DONE, Tab.OTHERS), attempt.words
    assert [row["accepted"] for row in desk.ledger(order, "cancel")] == [True]
    words = order.history.get(kind="cancel_order").text
    assert words == f"Cancelled by the seller: {form.reasons[0].words.rstrip('.')}."


def test_a_cancellation_whose_echo_was_lost_is_found_and_not_sent_again(
    desk: OnDesk, order: Order
) -> None:
    options = desk.form("cancel", reasons(desk, order))
    desk.fault("drop_after", CANCELLING[desk.store.channel])
    batch = desk.begin("cancel_order", order, **options)
    assert outcome(batch).state == State.ASKING
    later(10)
    work()
    assert outcome(batch).state == State.DONE
    assert len(desk.ledger(order, "cancel")) == 1


def test_an_order_that_the_courier_has_meanwhile_is_refused_in_the_channels_words(
    desk: OnDesk, order: Order
) -> None:
    order = desk.shipped(order)
    options = desk.form("cancel", Form())
    desk.event(order, "pick_up")
    attempt = desk.act("cancel_order", order, **options)
    assert attempt.state == State.REFUSED
    assert attempt.words
    assert [row["accepted"] for row in desk.ledger(order, "cancel")] in ([False], [])


@pytest.fixture
def packed(desk: OnDesk) -> Order:
    """A packed order of a channel that can undo it."""
    if not desk.known.can.repack:
        pytest.skip(f"{desk.known.title} cannot undo a packing.")
    return desk.packed(desk.orders()[0])


def test_repack_voids_the_package_and_brings_the_order_back_to_new(
    desk: OnDesk, packed: Order
) -> None:
    (package,) = packed.packages.all()
    attempt = desk.act("repack", packed)
    packed.refresh_from_db()
    package.refresh_from_db()
    assert (attempt.state, packed.tab) == (State.DONE, Tab.NEW_ORDER), attempt.words
    assert package.voided_at is not None
    assert len(desk.ledger(packed, "repack")) == 1


def test_the_old_label_of_a_repacked_order_is_void_and_names_the_new_one(
    desk: OnDesk, packed: Order
) -> None:
    (package,) = packed.packages.all()
    desk.act("repack", packed)
    again = desk.packed(desk.read(packed))
    new = again.packages.get(voided_at__isnull=True)
    assert new.tracking_number not in ("", package.tracking_number)
    for code in (package.package_id, package.tracking_number):
        told = verdict_on(code)
        assert told.answer is Answer.VOID
        assert told.words == (
            f"Void label: order {packed} was packed again as {new.tracking_number}."
        )


def test_a_repacking_whose_echo_was_lost_is_found_and_not_sent_again(
    desk: OnDesk, packed: Order
) -> None:
    desk.fault("drop_after", "/order/package/repack")
    batch = desk.begin("repack", packed)
    assert outcome(batch).state == State.ASKING
    later(10)
    work()
    assert outcome(batch).state == State.DONE
    assert len(desk.ledger(packed, "repack")) == 1


def test_a_channel_without_a_call_for_it_is_not_asked_to_repack(desk: OnDesk) -> None:
    if desk.known.can.repack:
        pytest.skip(f"{desk.known.title} can undo a packing.")
    order = desk.packed(desk.orders()[0])
    attempt = desk.act("repack", order)
    assert attempt.state == State.REFUSED
    assert attempt.words == "This marketplace cannot undo a packing."
