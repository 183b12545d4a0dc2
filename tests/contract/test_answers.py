"""What a seller answers: cancellations and returns, each to its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crossdock.channels.answers import CancelAnswer, Evidence, Form, ReturnAnswer
from crossdock.channels.contract import Shop
from crossdock.rules.facts import ReturnFacts, ReturnMove, Stage
from tests.contract.stage import OnStage, eventually, recently

_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154"
    "789c63382127070002b6010534a675aa0000000049454e44ae426082"
)


def asked_to_cancel(stage: OnStage, shop: Shop) -> str:
    """An order whose buyer asks to cancel, at a step where the seller is asked."""
    order_id = stage.orders(1)[0]
    if stage.known.can.pack:
        stage.packed(shop, order_id)
    stage.event(order_id, "request_cancel")
    return order_id


@pytest.mark.parametrize("accept", [True, False])
def test_a_buyers_cancellation_is_answered_once(stage: OnStage, accept: bool) -> None:
    shop = stage.shop()
    order_id = asked_to_cancel(stage, shop)
    facts = stage.read(shop, order_id)
    reason = ""
    if not accept:
        form = stage.known.cancellation_form(shop, order_id, facts.cancel_request_id)
        reason = form.reasons[0].code if form.reasons else ""
    answer = CancelAnswer(order_id, facts.cancel_request_id, accept, reason)
    told = stage.known.answer_cancellation(shop, answer)
    assert told.ok, told
    after = stage.read(shop, order_id)
    assert not after.cancel_requested
    gone = {line.stage for line in after.lines} == {Stage.CANCELLED}
    assert gone is accept
    effect = "accept_cancel" if accept else "reject_cancel"
    assert [row["accepted"] for row in stage.ledger(order_id, effect)] == [True]
    again = stage.known.answer_cancellation(shop, answer)
    assert again.ok or again.words
    assert taken(stage, order_id, effect) == 1


def test_a_seller_cancels_for_one_of_the_channels_reasons(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    parcel = stage.parcel(stage.read(shop, order_id))
    form = stage.known.cancel_form(shop, parcel)
    assert form.reasons
    assert all(reason.code and reason.words for reason in form.reasons)
    told = stage.known.cancel(shop, parcel, reason=form.reasons[0].code)
    assert told.ok, told
    assert {line.stage for line in stage.read(shop, order_id).lines} == {Stage.CANCELLED}


def returned(stage: OnStage, shop: Shop) -> str:
    """A delivered order whose buyer asks for a return."""
    order_id = stage.orders(1)[0]
    stage.shipped(shop, order_id)
    for event in ("pick_up", "deliver", "request_return"):
        stage.event(order_id, event)
    return order_id


def only(found: tuple[ReturnFacts, ...]) -> ReturnFacts:
    assert len(found) == 1, found
    return found[0]


def test_a_return_is_listed_with_what_can_be_done_about_it(stage: OnStage) -> None:
    shop = stage.shop()
    order_id = returned(stage, shop)
    since, until = recently()
    listed, cursor = [], None
    for _ in range(100):
        page = stage.known.returns(shop, since=since, until=until, cursor=cursor)
        listed += [one for one in page.returns if one.order_id == order_id]
        cursor = page.next
        if cursor is None:
            break
    facts = listed[0]
    assert facts.waits_for_us
    assert facts.is_open
    assert facts.moves
    assert facts.moves[0].gives_in
    assert facts.amount > 0
    assert facts.currency
    assert facts.deadline is None or facts.deadline > datetime.now(UTC)
    again = only(stage.known.returns_of(shop, order_id, [facts.return_id]))
    assert (again.return_id, again.status, again.moves) == (
        facts.return_id,
        facts.status,
        facts.moves,
    )
    assert only(stage.known.returns_of(shop, order_id)).return_id == facts.return_id


def test_an_order_without_returns_has_none(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    assert stage.known.returns_of(shop, order_id) == ()


def test_every_move_that_is_offered_can_be_made(stage: OnStage) -> None:
    """Both kinds of return come up within a few orders: by the buyer's number."""
    shop = stage.shop()
    tried: set[tuple[bool, ReturnMove]] = set()
    for _ in range(14):
        order_id = returned(stage, shop)
        facts = only(stage.known.returns_of(shop, order_id))
        left = [move for move in facts.moves if (facts.goods_back, move) not in tried]
        if not left:
            continue
        move = left[0]
        tried.add((facts.goods_back, move))
        form = stage.known.return_form(shop, facts, move)
        told = stage.known.answer_return(shop, filled(facts, move, form))
        assert told.ok, (move, told)
        after = eventually(
            lambda order_id=order_id, facts=facts: only(  # type: ignore[misc]
                stage.known.returns_of(shop, order_id, [facts.return_id])
            ),
            lambda one, facts=facts: (one.status, one.moves) != (facts.status, facts.moves),  # type: ignore[misc]
        )
        assert move not in after.moves, (move, after)
    assert {goods_back for goods_back, _ in tried} == {True, False}


def test_an_answer_to_a_return_that_is_over_changes_nothing(stage: OnStage) -> None:
    """The channel says no, or knows the answer again by its idempotency key."""
    shop = stage.shop()
    order_id = returned(stage, shop)
    facts = only(stage.known.returns_of(shop, order_id))
    move = ReturnMove.REFUND if ReturnMove.REFUND in facts.moves else facts.moves[0]
    answer = filled(facts, move, stage.known.return_form(shop, facts, move))
    assert stage.known.answer_return(shop, answer).ok
    first = taken(stage, order_id, "accept_return")
    assert first, "Lazada takes a refund line by line: as many as the order has"
    again = stage.known.answer_return(shop, replace(answer, comment="Once more."))
    assert again.ok or again.words
    assert taken(stage, order_id, "accept_return") == first


def taken(stage: OnStage, order_id: str, effect: str) -> int:
    """How often the channel has taken such an answer."""
    return [row["accepted"] for row in stage.ledger(order_id, effect)].count(True)


def filled(facts: ReturnFacts, move: ReturnMove, form: Form) -> ReturnAnswer:
    """A form filled in with the least that it asks for."""
    amount: Decimal | None = None
    if form.least_amount is not None:
        amount = form.least_amount or Decimal("0.01")
    return ReturnAnswer(
        known=facts,
        move=move,
        reason=form.reasons[0].code if form.reasons else "",
        comment="As shown in the picture." if form.wants_comment else "",
        email="desk@example.test" if form.wants_email else "",
        amount=amount,
        images=tuple(
            Evidence(f"photo-{place}.png", "image/png", _PIXEL)
            for place in range(min(form.most_images, max(form.least_images, 1)))
        ),
    )
