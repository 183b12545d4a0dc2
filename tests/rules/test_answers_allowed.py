"""Whether a seller may cancel, repack and answer: for any mixture of items, in words."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.rules.allowed import (
    Answer,
    Verdict,
    may_answer_cancellation,
    may_answer_return,
    may_cancel,
    may_pack,
    may_repack,
    may_ship,
    move_for,
)
from crossdock.rules.facts import (
    LineFacts,
    Marks,
    OrderFacts,
    PackageFacts,
    ReturnFacts,
    ReturnMove,
    Stage,
    Tab,
)
from crossdock.rules.tabs import tab_of

WHEN = datetime(2026, 3, 2, tzinfo=UTC)
UNTOUCHED = Marks()
BEFORE_COURIER = {Stage.TO_PACK, Stage.PACKED, Stage.READY}


def order(*stages: Stage, **more: object) -> OrderFacts:
    lines = tuple(
        LineFacts(
            str(number), "SKU", "Thing", 1, Decimal("9.90"), Decimal(0), stage.value, stage,
            package_id="P1",
        )
        for number, stage in enumerate(stages)
    )  # fmt: skip
    return OrderFacts(
        "1", "", Stage.UNKNOWN, "MYR", WHEN, WHEN, lines=lines, packages=(PackageFacts("P1"),), **more
    )  # type: ignore[arg-type]  # fmt: skip


def a_return(moves: tuple[ReturnMove, ...], *, is_open: bool = True) -> ReturnFacts:
    return ReturnFacts(
        "7", "1", "REQUESTED", True, "MYR", Decimal("9.90"), WHEN, WHEN, is_open, bool(moves), moves
    )


mixtures = st.lists(st.sampled_from(Stage), min_size=0, max_size=5)
marks = st.builds(Marks, packed_here=st.booleans(), delivered_here=st.booleans())
orders = st.builds(
    lambda stages, cancel, waits, ours, theirs: order(
        *stages,
        cancel_requested=cancel,
        return_waits_for_us=waits,
        seller_delivers=ours,
        fulfilled_by_channel=theirs,
    ),
    mixtures,
    *[st.booleans()] * 4,
)
moves = st.lists(st.sampled_from(ReturnMove), unique=True).map(tuple)


@given(orders, marks, st.booleans())
def test_a_no_always_has_words_and_a_yes_none(
    facts: OrderFacts, ours: Marks, possible: bool
) -> None:
    verdicts = [
        may_cancel(facts, ours, possible=possible),
        may_repack(facts, ours, possible=possible),
        may_answer_cancellation(facts, ours, accept=True, possible=possible),
        may_answer_cancellation(facts, ours, accept=False, possible=possible),
    ]
    for verdict in verdicts:
        assert bool(verdict.why) is not verdict.ok


@given(orders, marks)
def test_a_cancellation_is_answered_exactly_where_the_tab_asks_for_it(
    facts: OrderFacts, ours: Marks
) -> None:
    is_asked = bool(facts.lines) and tab_of(facts, ours) is Tab.TO_CANCEL
    for accept in (True, False):
        assert may_answer_cancellation(facts, ours, accept=accept).ok is is_asked


@given(orders, marks)
def test_where_a_channel_lets_none_be_refused_accepting_stays_possible(
    facts: OrderFacts, ours: Marks
) -> None:
    assert not may_answer_cancellation(facts, ours, accept=False, possible=False).ok
    accepting = may_answer_cancellation(facts, ours, accept=True, possible=False)
    assert accepting == may_answer_cancellation(facts, ours, accept=True)


@given(orders, marks)
def test_a_seller_cancels_only_what_no_courier_has_and_nobody_asks_about(
    facts: OrderFacts, ours: Marks
) -> None:
    if may_cancel(facts, ours).ok:
        assert {line.stage for line in facts.live_lines} <= BEFORE_COURIER
        assert not facts.cancel_requested
        assert not facts.return_waits_for_us
        assert not facts.fulfilled_by_channel


@given(st.lists(st.sampled_from(sorted(BEFORE_COURIER)), min_size=1, max_size=4), marks)
def test_whatever_waits_at_the_sellers_can_be_cancelled(stages: list[Stage], ours: Marks) -> None:
    assert may_cancel(order(*stages), ours).ok


@given(orders, marks)
def test_what_is_packed_is_shipped_or_repacked_and_never_packed_again(
    facts: OrderFacts, ours: Marks
) -> None:
    if may_repack(facts, ours).ok:
        assert may_ship(facts, ours).ok
        assert not may_pack(facts, ours).ok


@pytest.mark.parametrize("rule", [may_cancel, may_repack])
def test_what_a_channel_has_no_call_for_is_refused_whatever_the_order(rule: object) -> None:
    verdict: Verdict = rule(order(Stage.PACKED), UNTOUCHED, possible=False)  # type: ignore[operator]
    assert verdict.answer is Answer.NO
    assert "this marketplace" in verdict.why


def test_an_order_that_is_cancelled_already_needs_no_cancelling() -> None:
    facts = order(Stage.CANCELLED, Stage.CANCELLED)
    assert may_cancel(facts, UNTOUCHED).answer is Answer.ALREADY
    assert may_answer_cancellation(facts, UNTOUCHED).answer is Answer.ALREADY
    assert may_answer_cancellation(facts, UNTOUCHED, accept=False).answer is Answer.NO


@given(moves, st.sampled_from(ReturnMove), st.booleans())
def test_a_return_takes_the_moves_that_the_channel_named_and_no_other(
    offered: tuple[ReturnMove, ...], move: ReturnMove, is_open: bool
) -> None:
    known = a_return(offered, is_open=is_open)
    verdict = may_answer_return(known, move)
    assert verdict.ok is (move in offered)
    assert verdict.ok or known.status in verdict.why


@given(moves)
def test_accept_gives_in_and_reject_refuses_with_the_first_move_that_does(
    offered: tuple[ReturnMove, ...],
) -> None:
    accept, reject = move_for(offered, accept=True), move_for(offered, accept=False)
    refusing = {ReturnMove.REJECT, ReturnMove.REFUSE_GOODS, ReturnMove.DISPUTE}
    assert accept == next((move for move in offered if move.gives_in), None)
    assert reject == next((move for move in offered if move in refusing), None)
    assert accept is None or accept != reject
