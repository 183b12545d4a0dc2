"""Lazada takes refusals one part a call: what worked in part says so, and only the rest is sent again."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from crossdock.companies.scope import company_scope
from crossdock.orders.models import Return
from crossdock.rules.facts import ReturnMove, Tab
from crossdock.work.batch import retry_failed
from crossdock.work.models import State
from tests.actions.stage import OnDesk, later, outcome, work
from tests.actions.test_answer_return import options, settled
from tests.cast import Cast, linked_store
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]
UPDATE = "/order/reverse/return/update"


@pytest.fixture
def desk(cast: Cast, sandbox: RunningSandbox) -> Iterator[OnDesk]:
    with company_scope(cast.acme):
        yield OnDesk(sandbox, cast, linked_store(cast.acme, sandbox))


@pytest.fixture
def in_two_parts(desk: OnDesk) -> Return:
    """A return of two lines that can be refused."""
    return in_parts(desk, 2)


def in_parts(desk: OnDesk, number: int) -> Return:
    """A return of so many lines that can be refused."""
    for _ in range(20):
        (order,) = desk.orders(1, status="delivered", lines=number)
        desk.event(order, "request_return")
        (row,) = desk.read_returns(order)
        if ReturnMove.REJECT in row.moves and len(row.parts) == number:
            return row
    raise AssertionError("no buyer wants to send all lines back")


def test_an_answer_that_was_cut_between_two_parts_is_partly_done_and_the_rest_goes_out_alone(
    desk: OnDesk, in_two_parts: Return
) -> None:
    filled = options(desk, in_two_parts, ReturnMove.REJECT)
    desk.sandbox.post("/faults", system="lazada", kind="slow", path=UPDATE, times=1, delay_ms=1)
    desk.fault("error_500", UPDATE)
    batch = desk.begin("answer_return", in_two_parts.order, **filled)
    assert outcome(batch).state == State.ASKING
    later(10)
    work()
    partly = outcome(batch)
    assert (partly.state, partly.words) == (
        State.PARTLY,
        "The return is now REQUEST_REJECT,REQUEST_INITIATE.",
    )
    again = desk.retry(batch)
    assert again.state == State.DONE, again.words
    rows = desk.ledger(in_two_parts.order, "reject_return")
    assert sum(row["accepted"] for row in rows) == 2
    assert not settled(desk, in_two_parts).waits_for_us
    in_two_parts.order.refresh_from_db()
    assert in_two_parts.order.tab == Tab.DELIVERED


def test_an_answer_that_is_cut_again_and_again_comes_to_its_end_and_no_part_is_answered_twice(
    desk: OnDesk,
) -> None:
    row = in_parts(desk, 4)
    filled = options(desk, row, ReturnMove.REJECT)
    cut_after_one_part(desk)
    batch = desk.begin("answer_return", row.order, **filled)
    for _ in range(3):
        time.sleep(1.1)  # Lazada's times are whole seconds: this answer must be told from the last
        outcome(batch)
        later(10)
        work()
        assert outcome(batch).state == State.PARTLY
        cut_after_one_part(desk)
        batch = retry_failed(batch, desk.cast.mona, form_key=f"again-{batch.pk}")
    assert outcome(batch).state == State.DONE
    rows = desk.ledger(row.order, "reject_return")
    assert sum(one["accepted"] for one in rows) == 4
    assert not settled(desk, row).waits_for_us


def cut_after_one_part(desk: OnDesk) -> None:
    """Have the answer to the second part of the next answer be lost."""
    desk.sandbox.control.delete("/faults").raise_for_status()
    desk.sandbox.post("/faults", system="lazada", kind="slow", path=UPDATE, times=1, delay_ms=1)
    desk.fault("error_500", UPDATE)
