"""Orders that the seller delivers: shipped with the seller's own courier, and marked as delivered."""

from __future__ import annotations

import pytest

from crossdock.orders.models import Order
from crossdock.rules.facts import Tab
from crossdock.work.models import State
from tests.actions.stage import OnDesk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def out(delivering: OnDesk) -> Order:
    """An order that the seller delivers, on its way."""
    order = delivering.shipped(delivering.orders(self_delivery=True)[0])
    assert order.seller_delivers
    assert order.tab == Tab.SELF_DELIVER
    return order


def test_a_self_delivered_order_is_marked_as_delivered_once(delivering: OnDesk, out: Order) -> None:
    attempt = delivering.act("deliver", out)
    out.refresh_from_db()
    assert (attempt.state, out.tab) == (State.DONE, Tab.DELIVERED), attempt.words
    told = delivering.known.can.deliver
    assert len(delivering.ledger(out, "deliver")) == (1 if told else 0)
    again = delivering.act("deliver", out)
    assert (again.state, again.words) == (State.ALREADY, "Already delivered.")


def test_where_the_channel_has_no_call_the_mark_is_ours_and_says_so(
    delivering: OnDesk, out: Order
) -> None:
    if delivering.known.can.deliver:
        pytest.skip(f"{delivering.known.title} has a call for it.")
    delivering.act("deliver", out)
    words = out.history.get(kind="deliver").text
    assert words == f"Delivered. Marked here: {delivering.known.title} has no call for it."
    out.refresh_from_db()
    assert out.delivered_here_at is not None
    after = delivering.read(out)
    assert after.tab == Tab.DELIVERED


def test_that_a_parcel_comes_back_is_told_where_the_channel_has_a_call(
    delivering: OnDesk, out: Order
) -> None:
    attempt = delivering.act("fail_delivery", out)
    out.refresh_from_db()
    if not delivering.known.can.fail_delivery:
        words = f"{delivering.known.title} has no call for it."
        assert (attempt.state, attempt.words) == (State.REFUSED, words)
        assert (out.tab, delivering.ledger(out, "deliver")) == (Tab.SELF_DELIVER, [])
        return
    assert attempt.state == State.DONE, attempt.words
    assert out.tab != Tab.SELF_DELIVER
    assert out.delivered_here_at is None
    assert out.history.get(kind="fail_delivery").text == (
        "The marketplace was told that the parcel comes back."
    )
    assert len(delivering.ledger(out, "deliver")) == 1
