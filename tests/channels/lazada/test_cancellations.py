"""Cancellations at Lazada: by the seller, by the line and by the package; and asked for by buyers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crossdock.channels.answers import CancelAnswer
from crossdock.channels.contract import Parcel, Shop
from crossdock.channels.errors import Refused, Unclear
from crossdock.rules.facts import Stage
from tests.contract.stage import OnStage


def reason(stage: OnStage, shop: Shop, parcel: Parcel) -> str:
    return stage.known.cancel_form(shop, parcel).reasons[0].code


def test_one_line_is_cancelled_and_the_others_go_on(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1, lines=3)[0]
    first = stage.read(shop, order_id).lines[0].line_id
    parcel = Parcel(order_id, line_ids=(first,))
    told = stage.known.cancel(shop, parcel, reason=reason(stage, shop, parcel))
    assert (told.ok, told.done) == (True, (first,))
    lines = {line.line_id: line.stage for line in stage.read(shop, order_id).lines}
    assert lines.pop(first) is Stage.CANCELLED
    assert set(lines.values()) == {Stage.TO_PACK}


def test_a_parcel_without_lines_means_all_that_are_alive(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1, lines=2)[0]
    parcel = Parcel(order_id)
    assert stage.known.cancel(shop, parcel, reason=reason(stage, shop, parcel)).ok
    assert stage.read(shop, order_id).live_lines == ()


def test_what_the_courier_has_is_not_cancelled_and_lazada_says_so(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1, status="shipped")[0]
    parcel = stage.parcel(stage.read(shop, order_id))
    with pytest.raises(Refused, match="cannot be cancelled"):
        stage.known.cancel_form(shop, parcel)
    told = stage.known.cancel(shop, parcel, reason="10000021")
    assert (told.ok, told.words) == (False, "These items cannot be cancelled any more.")


def test_a_reason_that_lazada_does_not_know_is_refused_in_its_words(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    told = stage.known.cancel(shop, stage.parcel(stage.read(shop, order_id)), reason="7")
    assert (told.ok, told.code) == (False, "104")
    assert {line.stage for line in stage.read(shop, order_id).lines} == {Stage.TO_PACK}


def test_a_cancellation_whose_answer_is_lost_is_unclear_though_it_is_a_get(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    parcel = stage.parcel(stage.read(shop, order_id))
    code = reason(stage, shop, parcel)
    stage.fault("drop_after", path="/order/reverse/cancel/create", times=1)
    with pytest.raises(Unclear):
        stage.known.cancel(shop, parcel, reason=code)
    assert stage.read(shop, order_id).live_lines == ()


def test_a_cancellation_that_worked_counts_though_it_cannot_be_looked_at(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    parcel = stage.parcel(stage.read(shop, order_id))
    code = reason(stage, shop, parcel)
    stage.fault("error_500", path="/orders/items/get", times=1)
    assert stage.known.cancel(shop, parcel, reason=code).ok


def test_what_a_buyer_asks_for_is_told_with_reason_and_deadline(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    stage.event(order_id, "request_cancel")
    facts = stage.read(shop, order_id)
    assert facts.cancel_requested
    assert facts.cancel_request_id.isdigit()
    assert facts.cancel_words == "Change of mind"
    assert facts.cancel_deadline is not None
    left = facts.cancel_deadline - datetime.now(UTC)
    assert timedelta(hours=47) < left <= timedelta(hours=48)


def test_a_request_is_forgotten_once_the_items_say_so_though_the_kept_head_still_asks(
    stage: OnStage,
) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    stage.event(order_id, "request_cancel")
    kept = stage.known.fetch(shop, [order_id]).raw
    stage.event(order_id, "withdraw_cancel")
    (facts,) = stage.known.fetch(shop, [order_id], kept).orders
    assert not facts.cancel_requested
    assert (facts.cancel_request_id, facts.cancel_deadline) == ("", None)


def test_a_parcel_that_is_being_stopped_is_held_until_it_is_cancelled(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1, status="ready_to_ship")[0]
    stage.event(order_id, "request_cancel")
    asked = stage.read(shop, order_id)
    stage.sandbox.post("/latency", system="lazada", async_ms=3_600_000)
    try:
        answer = CancelAnswer(order_id, asked.cancel_request_id, accept=True)
        assert stage.known.answer_cancellation(shop, answer).ok
    finally:
        stage.sandbox.post("/latency", system="lazada", async_ms=0)
    held = stage.read(shop, order_id)
    assert not held.cancel_requested
    assert {line.stage for line in held.lines} == {Stage.HELD}
    stage.sandbox.post("/advance", hours=1)
    assert {line.stage for line in stage.read(shop, order_id).lines} == {Stage.CANCELLED}


def test_a_refusal_has_reasons_while_the_request_is_open_and_none_afterwards(
    stage: OnStage,
) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    stage.event(order_id, "request_cancel")
    request = stage.read(shop, order_id).cancel_request_id
    form = stage.known.cancellation_form(shop, order_id, request)
    assert all(one.code and one.words for one in form.reasons)
    answer = CancelAnswer(order_id, request, accept=False, reason=form.reasons[0].code)
    assert stage.known.answer_cancellation(shop, answer).ok
    assert stage.known.cancellation_form(shop, order_id, request).reasons == ()
    again = stage.known.answer_cancellation(shop, answer)
    assert (again.ok, again.code) == (False, "131")


def test_a_lost_answer_to_a_buyer_is_unclear(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    stage.event(order_id, "request_cancel")
    request = stage.read(shop, order_id).cancel_request_id
    stage.fault("drop_after", path="/order/reverse/cancel/seller/decide", times=1)
    with pytest.raises(Unclear):
        stage.known.answer_cancellation(shop, CancelAnswer(order_id, request, accept=True))
    assert stage.read(shop, order_id).live_lines == ()
