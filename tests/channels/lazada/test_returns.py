"""Lazada's returns, answered part by part, each once, whatever breaks on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crossdock.channels.answers import Evidence, ReturnAnswer
from crossdock.channels.contract import Shop, Told
from crossdock.channels.errors import NotSent, Refused, Unclear
from crossdock.rules.facts import ReturnFacts, ReturnMove, Stage
from crossdock_sandbox.world.product_picture import picture
from tests.contract.stage import OnStage, recently

EVIDENCE = (Evidence("mug.png", "image/png", picture("MUG-BLUE")),)


def asked(stage: OnStage, shop: Shop, *, goods_back: bool, lines: int = 1) -> ReturnFacts:
    """A return of this kind that waits for the first answer."""
    for _ in range(40):
        order_id = stage.orders(1, status="delivered", lines=lines)[0]
        stage.event(order_id, "request_return")
        facts = now(stage, shop, order_id)
        if facts.goods_back is goods_back:
            return facts
    raise AssertionError("no buyer asks for it")


def now(stage: OnStage, shop: Shop, order_id: str) -> ReturnFacts:
    (facts,) = stage.known.returns_of(shop, order_id)
    return facts


def made(stage: OnStage, shop: Shop, known: ReturnFacts, move: ReturnMove) -> Told:
    """Make a move with all that its form asks for."""
    form = stage.known.return_form(shop, known, move)
    answer = ReturnAnswer(
        known,
        move,
        reason=form.reasons[0].code if form.reasons else "",
        comment="As the picture shows." if form.wants_comment else "",
        images=EVIDENCE if form.most_images else (),
    )
    return stage.known.answer_return(shop, answer)


def came_back(stage: OnStage, shop: Shop, *, lines: int = 1) -> ReturnFacts:
    """A return whose goods are there."""
    facts = asked(stage, shop, goods_back=True, lines=lines)
    assert made(stage, shop, facts, ReturnMove.TAKE_BACK).ok
    for event in ("send_back", "deliver"):
        stage.event(facts.order_id, event)
    return now(stage, shop, facts.order_id)


def stages(stage: OnStage, shop: Shop, order_id: str) -> set[Stage]:
    return {line.stage for line in stage.read(shop, order_id).lines}


def test_the_buyers_pictures_and_reason_are_there_to_decide_about(stage: OnStage) -> None:
    facts = asked(stage, stage.shop(), goods_back=True)
    assert facts.reason
    assert facts.image_urls
    assert facts.deadline is not None
    assert timedelta(hours=47) < facts.deadline - datetime.now(UTC) <= timedelta(hours=48)


def test_goods_come_back_are_found_good_and_paid(stage: OnStage) -> None:
    shop = stage.shop()
    facts = asked(stage, shop, goods_back=True, lines=2)
    assert made(stage, shop, facts, ReturnMove.TAKE_BACK).done == facts.parts
    waiting = now(stage, shop, facts.order_id)
    assert (waiting.moves, waiting.waits_for_us, waiting.is_open) == ((), False, True)
    for event in ("send_back", "deliver"):
        stage.event(facts.order_id, event)
    back = now(stage, shop, facts.order_id)
    assert back.moves == (ReturnMove.RECEIVED, ReturnMove.REFUSE_GOODS)
    assert back.tracking_number
    told = made(stage, shop, back, ReturnMove.RECEIVED)
    assert (told.ok, told.done) == (True, facts.parts)
    after = now(stage, shop, facts.order_id)
    assert (after.is_open, after.moves) == (False, ())
    assert stages(stage, shop, facts.order_id) == {Stage.RETURNED}


def test_goods_that_are_not_as_they_were_are_refused_with_pictures(stage: OnStage) -> None:
    shop = stage.shop()
    facts = came_back(stage, shop, lines=2)
    form = stage.known.return_form(shop, facts, ReturnMove.REFUSE_GOODS)
    assert (form.least_images, form.wants_comment, bool(form.reasons)) == (1, True, True)
    told = made(stage, shop, facts, ReturnMove.REFUSE_GOODS)
    assert (told.ok, set(told.done)) == (True, set(facts.parts))
    assert now(stage, shop, facts.order_id).status == "REFUND_REJECT"
    assert stages(stage, shop, facts.order_id) == {Stage.DELIVERED}
    accepted = [row["accepted"] for row in stage.ledger(facts.order_id, "reject_return")]
    assert accepted.count(True) == 2


def test_refusing_without_a_picture_is_refused_in_lazadas_words(stage: OnStage) -> None:
    shop = stage.shop()
    facts = came_back(stage, shop)
    form = stage.known.return_form(shop, facts, ReturnMove.REFUSE_GOODS)
    bare = ReturnAnswer(facts, ReturnMove.REFUSE_GOODS, form.reasons[0].code, "No.")
    told = stage.known.answer_return(shop, bare)
    assert (told.ok, told.code, told.left) == (False, "110", facts.parts)
    assert "image" in told.words


def test_a_refusal_is_sent_for_each_part_by_itself(stage: OnStage) -> None:
    shop = stage.shop()
    facts = asked(stage, shop, goods_back=True, lines=3)
    told = made(stage, shop, facts, ReturnMove.REJECT)
    assert (told.ok, told.done) == (True, facts.parts)
    rows = stage.ledger(facts.order_id, "reject_return")
    assert [row["accepted"] for row in rows] == [True] * 3
    assert not now(stage, shop, facts.order_id).is_open


def test_a_part_can_be_answered_and_the_rest_later(stage: OnStage) -> None:
    shop = stage.shop()
    facts = asked(stage, shop, goods_back=False, lines=3)
    stage.fault("error_500", path="/order/reverse/onlyrefund/seller/decide", times=1)
    with pytest.raises(Unclear):
        made(stage, shop, facts, ReturnMove.REFUND)
    told = made(stage, shop, replace(facts, parts=facts.parts[:1]), ReturnMove.REFUND)
    assert (told.ok, told.done) == (True, facts.parts[:1])
    rest = now(stage, shop, facts.order_id)
    assert rest.moves == (ReturnMove.REFUND, ReturnMove.DISPUTE)
    told = made(stage, shop, rest, ReturnMove.DISPUTE)
    assert (told.ok, told.done) == (True, facts.parts[1:])
    assert now(stage, shop, facts.order_id).status == "REFUND_SUCCESS,CS_APPROVING"


def test_an_answer_that_was_lost_is_not_given_twice(stage: OnStage) -> None:
    shop = stage.shop()
    facts = asked(stage, shop, goods_back=True)
    stage.fault("drop_after", path="/order/reverse/return/update", times=1)
    with pytest.raises(Unclear):
        made(stage, shop, facts, ReturnMove.TAKE_BACK)
    again = made(stage, shop, facts, ReturnMove.TAKE_BACK)
    assert (again.ok, again.already) == (False, True)
    assert "SELLER_AGREE_RETURN" in again.words
    assert len(stage.ledger(facts.order_id, "accept_return")) == 1


def test_a_move_that_the_return_no_longer_allows_is_not_sent(stage: OnStage) -> None:
    shop = stage.shop()
    facts = asked(stage, shop, goods_back=True)
    assert made(stage, shop, facts, ReturnMove.REFUND).ok
    told = made_bare(stage, shop, facts, ReturnMove.TAKE_BACK)
    assert (told.ok, told.already) == (False, False)
    assert "REFUND_SUCCESS" in told.words
    assert len(stage.ledger(facts.order_id, "accept_return")) == 1


def made_bare(stage: OnStage, shop: Shop, facts: ReturnFacts, move: ReturnMove) -> Told:
    return stage.known.answer_return(shop, ReturnAnswer(facts, move))


def test_a_picture_whose_upload_breaks_leaves_the_return_alone(stage: OnStage) -> None:
    shop = stage.shop()
    facts = asked(stage, shop, goods_back=False)
    stage.fault("drop_after", path="/image/upload", times=1)
    with pytest.raises(NotSent):
        made(stage, shop, facts, ReturnMove.DISPUTE)
    assert stage.ledger(facts.order_id, "reject_return") == []
    assert made(stage, shop, facts, ReturnMove.DISPUTE).ok


def test_there_is_no_form_for_refusing_what_is_over(stage: OnStage) -> None:
    shop = stage.shop()
    facts = asked(stage, shop, goods_back=True)
    assert made(stage, shop, facts, ReturnMove.REFUND).ok
    with pytest.raises(Refused):
        stage.known.return_form(shop, facts, ReturnMove.REJECT)


def test_many_returns_are_all_listed_also_while_they_change(stage: OnStage) -> None:
    shop = stage.shop()
    orders = stage.orders(45, status="delivered", lines=1)
    for order_id in orders:
        stage.event(order_id, "request_return")
    since, until = recently()
    seen: set[str] = set()
    cursor, step = None, 0
    while True:
        page = stage.known.returns(shop, since=since, until=until, cursor=cursor)
        seen |= {one.order_id for one in page.returns}
        if step < 3:
            facts = now(stage, shop, orders[step * 7])
            made_bare(stage, shop, facts, ReturnMove.REFUND)
        cursor, step = page.next, step + 1
        if cursor is None:
            break
        assert step < 500
    assert set(orders) <= seen


def test_a_buyers_cancellation_is_not_listed_as_a_return(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    stage.event(order_id, "request_cancel")
    assert stage.known.returns_of(shop, order_id) == ()
    request = stage.read(shop, order_id).cancel_request_id
    assert stage.known.returns_of(shop, order_id, [request]) == ()


def test_a_return_of_another_shop_is_nobodys(stage: OnStage, singapore: OnStage) -> None:
    facts = asked(stage, stage.shop(), goods_back=True)
    stranger = singapore.shop()
    assert singapore.known.returns_of(stranger, facts.order_id, [facts.return_id]) == ()
    told = made_bare(singapore, stranger, facts, ReturnMove.REFUND)
    assert (told.ok, bool(told.words)) == (False, True)
