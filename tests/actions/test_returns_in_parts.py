"""Lazada takes refusals one part a call: what worked in part says so, and only the rest is sent again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crossdock.companies.scope import company_scope
from crossdock.orders.models import Return
from crossdock.rules.facts import ReturnMove, Tab
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
    for _ in range(20):
        (order,) = desk.orders(1, status="delivered", lines=2)
        desk.event(order, "request_return")
        (row,) = desk.read_returns(order)
        if ReturnMove.REJECT in row.moves and len(row.parts) == 2:
            return row
    raise AssertionError("no buyer wants to send two lines back")


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
