"""Returns, each move to its end: sent once, and told in the channel's own words."""

from __future__ import annotations

import time
from typing import Any

import pytest

from crossdock.buttons import evidence
from crossdock.channels.answers import Form, ReturnAnswer
from crossdock.orders.facts import return_facts
from crossdock.orders.models import Order, Return
from crossdock.rules.facts import ReturnMove, Tab
from crossdock.stores.calling import call as call_store
from crossdock.work.models import Attempt, State
from tests.actions.stage import PATIENCE, OnDesk, later, outcome, work

pytestmark = pytest.mark.django_db(transaction=True)

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154"
    "08d763f8cfc0000000030001a2d5b8a20000000049454e44ae426082"
)
ACCEPTING = {
    "lazada": ("/order/reverse/return/update", "/order/reverse/onlyrefund/seller/decide"),
    "shopee": ("/returns/confirm",),
    "tiktok": ("/approve",),
}
"""Where a channel takes a move that gives in."""


def returned(desk: OnDesk, **more: Any) -> Return:
    """A return that waits for the seller, of a delivered order."""
    order = desk.delivered(desk.orders(**more)[0])
    desk.event(order, "request_return")
    (row,) = desk.read_returns(desk.read(order))
    order.refresh_from_db()
    assert row.waits_for_us
    assert order.tab == Tab.TO_RETURN
    return row


def form_of(desk: OnDesk, row: Return, move: ReturnMove) -> Form:
    facts = return_facts(row)
    return call_store(desk.store, lambda known, shop: known.return_form(shop, facts, move))


def options(desk: OnDesk, row: Return, move: ReturnMove) -> dict[str, Any]:
    form = form_of(desk, row, move)
    pictures = evidence.keep(desk.cast.acme.pk, [PIXEL] * form.least_images)
    filled = desk.form(move.value, form, images=pictures)
    return {"moves": {str(row.order_id): [row.return_id, move.value]}, **filled}


def answer(desk: OnDesk, row: Return, move: ReturnMove) -> Attempt:
    return desk.act("answer_return", row.order, **options(desk, row, move))


def settled(desk: OnDesk, row: Return) -> Return:
    """The return, once it is seen to have moved: some channels take a moment."""
    deadline = time.monotonic() + PATIENCE
    while True:
        (now,) = desk.read_returns(row.order)
        if (now.status, now.moves) != (row.status, row.moves):
            return now
        assert time.monotonic() < deadline, now.status
        time.sleep(0.1)


def giving_in(row: Return) -> ReturnMove:
    return next(move for one in row.moves if (move := ReturnMove(one)).gives_in)


def test_every_move_that_is_offered_can_be_made_and_leaves_its_words(desk: OnDesk) -> None:
    """Both kinds of return come up within a few orders; each move is made in a return of its own."""
    made: set[tuple[bool, str]] = set()
    for _ in range(12):
        row = returned(desk)
        left = [move for move in row.moves if (row.goods_back, move) not in made]
        if not left:
            continue
        made.add((row.goods_back, left[0]))
        attempt = answer(desk, row, ReturnMove(left[0]))
        assert attempt.state == State.DONE, (left[0], attempt.words)
        now = settled(desk, row)
        assert left[0] not in now.moves
        words = row.order.history.get(kind="answer_return").text
        assert words.startswith(f"Return {row.return_id}: {ReturnMove(left[0]).heading.lower()}")
    assert {goods_back for goods_back, _ in made} == {True, False}


def test_giving_in_brings_the_order_out_of_its_tab(desk: OnDesk) -> None:
    row = returned(desk)
    assert answer(desk, row, giving_in(row)).state == State.DONE
    settled(desk, row)
    order = Order.objects.get(pk=row.order_id)
    assert order.tab != Tab.TO_RETURN
    effects = [*desk.ledger(order, "accept_return"), *desk.ledger(order, "reject_return")]
    assert {row["accepted"] for row in effects} == {True}


def test_a_move_whose_echo_was_lost_is_found_by_asking_and_not_made_again(desk: OnDesk) -> None:
    row = returned(desk, lines=1)
    move = giving_in(row)
    filled = options(desk, row, move)
    for path in ACCEPTING[desk.store.channel]:
        desk.fault("drop_after", path)
    batch = desk.begin("answer_return", row.order, **filled)
    assert outcome(batch).state == State.ASKING
    desk.sandbox.control.delete("/faults")
    deadline = time.monotonic() + PATIENCE
    while outcome(batch).state != State.DONE:
        later(10)
        work()
        assert time.monotonic() < deadline, outcome(batch).words
    rows = desk.ledger(row.order, "accept_return")
    assert [one["accepted"] for one in rows] == [True] * len(rows)
    assert len({one["answered"] for one in rows}) == 1


def test_a_return_that_was_answered_elsewhere_is_refused_in_the_channels_words(
    desk: OnDesk,
) -> None:
    row = returned(desk)
    move = giving_in(row)
    filled = options(desk, row, move)
    facts = return_facts(row)
    elsewhere = ReturnAnswer(facts, move, comment="Said in the seller centre.")
    told = call_store(desk.store, lambda known, shop: known.answer_return(shop, elsewhere))
    assert told.ok
    attempt = desk.act("answer_return", row.order, **filled)
    assert attempt.state in (State.REFUSED, State.ALREADY)
    assert attempt.words
    assert Return.objects.get(pk=row.pk).status != row.status


def test_a_move_that_the_return_does_not_offer_is_not_sent(desk: OnDesk) -> None:
    row = returned(desk)
    move = next(move for move in ReturnMove if move.value not in row.moves)
    attempt = desk.act(
        "answer_return", row.order, moves={str(row.order_id): [row.return_id, move.value]}
    )
    assert attempt.state == State.REFUSED
    assert row.status in attempt.words


def test_evidence_that_is_no_longer_kept_stops_the_answer_before_it_is_sent(desk: OnDesk) -> None:
    row = returned(desk)
    filled = options(desk, row, giving_in(row))
    for form in filled["forms"].values():
        form["images"] = [f"evidence/{desk.cast.acme.pk}/{'0' * 32}/0.png"]
    attempt = desk.act("answer_return", row.order, **filled)
    assert attempt.state == State.REFUSED
    assert "no longer kept" in attempt.words
    assert desk.ledger(row.order, "accept_return") == []
