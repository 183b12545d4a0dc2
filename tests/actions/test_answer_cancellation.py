"""A buyer asks to cancel: the answer goes out once, and whatever happened out there is told as it is."""

from __future__ import annotations

import time

import pytest

from crossdock.orders.facts import facts_of
from crossdock.orders.models import Order
from crossdock.rules.facts import Tab
from crossdock.scanning.models import Answer
from crossdock.scanning.verdict import verdict_on
from crossdock.stores.calling import call as call_store
from crossdock.work.models import State
from tests.actions.stage import OnDesk, later, outcome, work

pytestmark = pytest.mark.django_db(transaction=True)

ANSWERING = {
    "lazada": "/order/reverse/cancel/seller/decide",
    "shopee": "/order/handle_buyer_cancellation",
    "tiktok": "/approve",
}
"""Where a channel takes an acceptance."""


@pytest.fixture
def asked(desk: OnDesk) -> Order:
    """An order whose buyer asks to cancel at a step where the seller is asked."""
    order = desk.packed(desk.orders()[0])
    if not desk.known.can.pack and desk.store.channel == "shopee":
        order = desk.shipped(order)
    desk.event(order, "request_cancel")
    order = desk.read(order)
    assert order.tab == Tab.TO_CANCEL
    return order


def rejection(desk: OnDesk, order: Order) -> dict[str, object]:
    form = call_store(
        desk.store,
        lambda known, shop: known.cancellation_form(
            shop, order.channel_order_id, order.cancel_request_id
        ),
    )
    return {"answer": "reject", **desk.form("reject", form)}


def history(order: Order, kind: str) -> list[str]:
    return list(order.history.filter(kind=kind).order_by("pk").values_list("text", flat=True))


def test_accepting_cancels_the_order_and_the_history_says_who_did_it(
    desk: OnDesk, asked: Order
) -> None:
    attempt = desk.act("answer_cancellation", asked, answer="accept")
    asked.refresh_from_db()
    assert (attempt.state, asked.tab) == (State.DONE, Tab.OTHERS)
    assert [row["accepted"] for row in desk.ledger(asked, "accept_cancel")] == [True]
    assert history(asked, "answer_cancellation") == ["Cancellation accepted."]
    assert asked.history.get(kind="answer_cancellation").person == desk.cast.mona


def test_a_cancelled_order_goes_on_telling_who_cancelled_it_and_why(
    desk: OnDesk, asked: Order
) -> None:
    before = asked.cancel_words
    desk.act("answer_cancellation", asked, answer="accept")
    cancelled = until_cancelled(desk, asked)
    assert before
    assert cancelled.cancel_words.startswith("cancelled by the buyer: ")


def test_every_number_of_its_label_says_at_the_scanner_that_the_parcel_stays_here(
    desk: OnDesk, asked: Order
) -> None:
    Order.objects.update(printed_count=1)
    numbers = {one.package_id for one in asked.packages.all()}
    numbers |= {one.tracking_number for one in asked.packages.all()} - {""}
    assert {verdict_on(one).answer for one in numbers} <= {Answer.CANCELLED}
    desk.act("answer_cancellation", asked, answer="accept")
    for order in (desk.read(asked), until_cancelled(desk, asked)):
        told = {one: verdict_on(one).answer for one in (*numbers, order.channel_order_id)}
        assert set(told.values()) == {Answer.CANCELLED}, told


def until_cancelled(desk: OnDesk, order: Order) -> Order:
    """The order, once the courier was stopped and nothing of it lives."""
    for _ in range(200):
        order = desk.read(order)
        if not facts_of(order).live_lines:
            return order
        time.sleep(0.1)
    raise AssertionError(f"{order} is {order.status}")


def test_rejecting_lets_the_order_go_on_where_it_was(desk: OnDesk, asked: Order) -> None:
    if not desk.known.can.reject_cancellation:
        pytest.skip(f"{desk.known.title} lets no cancellation be refused.")
    options = rejection(desk, asked)
    attempt = desk.act("answer_cancellation", asked, **options)
    asked.refresh_from_db()
    assert attempt.state == State.DONE, attempt.words
    assert asked.tab not in (Tab.TO_CANCEL, Tab.OTHERS)
    assert [row["accepted"] for row in desk.ledger(asked, "reject_cancel")] == [True]
    (words,) = history(asked, "answer_cancellation")
    assert words.startswith("Cancellation rejected")


def test_an_answer_whose_echo_was_lost_is_found_by_asking_and_not_sent_again(
    desk: OnDesk, asked: Order
) -> None:
    desk.fault("drop_after", ANSWERING[desk.store.channel])
    batch = desk.begin("answer_cancellation", asked, answer="accept")
    assert outcome(batch).state == State.ASKING
    later(10)
    work()
    asked.refresh_from_db()
    assert (outcome(batch).state, asked.tab) == (State.DONE, Tab.OTHERS)
    rows = desk.ledger(asked, "accept_cancel")
    assert [(row["accepted"], row["answered"]) for row in rows] == [(True, False)]


def test_an_answer_that_never_arrived_is_sent_once_more_after_asking(
    desk: OnDesk, asked: Order
) -> None:
    desk.fault("drop_before", ANSWERING[desk.store.channel])
    batch = desk.begin("answer_cancellation", asked, answer="accept")
    assert outcome(batch).state == State.ASKING
    later(10)
    assert outcome(batch).state == State.ASKING
    later(60)
    work()
    assert outcome(batch).state == State.DONE
    assert [row["accepted"] for row in desk.ledger(asked, "accept_cancel")] == [True]


def test_a_request_that_was_taken_back_meanwhile_is_refused_in_the_channels_words(
    desk: OnDesk, asked: Order
) -> None:
    desk.event(asked, "withdraw_cancel")
    attempt = desk.act("answer_cancellation", asked, answer="accept")
    asked.refresh_from_db()
    assert attempt.state == State.REFUSED
    assert attempt.words
    assert asked.tab not in (Tab.TO_CANCEL, Tab.OTHERS)
    assert [row["accepted"] for row in desk.ledger(asked, "accept_cancel")] in ([False], [])


def test_an_answer_that_was_lost_to_a_request_that_was_taken_back_is_no_success(
    desk: OnDesk, asked: Order
) -> None:
    desk.fault("drop_before", ANSWERING[desk.store.channel])
    batch = desk.begin("answer_cancellation", asked, answer="accept")
    work()
    desk.event(asked, "withdraw_cancel")
    later(10)
    attempt = outcome(batch)
    assert attempt.state == State.REFUSED
    assert attempt.words == (
        "The request is gone, and the order goes on: withdrawn, or answered elsewhere."
    )
    assert desk.ledger(asked, "accept_cancel") == []


def test_an_order_that_nobody_asks_to_cancel_is_not_answered(desk: OnDesk) -> None:
    (order,) = desk.orders()
    attempt = desk.act("answer_cancellation", order, answer="accept")
    assert attempt.state == State.REFUSED
    assert attempt.words == "No cancellation is asked for any more."
    assert desk.ledger(order, "accept_cancel") == []


def test_two_people_answering_at_once_make_one_answer(desk: OnDesk, asked: Order) -> None:
    first = desk.begin("answer_cancellation", asked, answer="accept")
    second = desk.begin("answer_cancellation", asked, answer="reject")
    work()
    assert outcome(first).state == State.DONE
    assert outcome(second).words == f"Already being done in batch {first.pk}."
    assert len(desk.ledger(asked, "accept_cancel")) == 1
