"""Orders in: lists that miss nothing, and orders as they really are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from crossdock.rules.facts import OrderFacts, Stage
from crossdock.rules.invoice import billed_total
from tests.contract.stage import OnStage, ids, recently


def compare(facts: OrderFacts, truth: dict) -> None:  # type: ignore[type-arg]
    """The facts tell what is true."""
    assert facts.order_id == truth["order_id"]
    assert facts.currency == truth["currency"]
    assert billed_total(facts) == Decimal(truth["total"])
    assert sorted(_of_facts(facts)) == sorted(_of_truth(truth))
    assert sorted((package.package_id, package.tracking_number) for package in facts.packages) == (
        sorted((package["package_id"], package["tracking_number"]) for package in truth["packages"])
    )


def _of_facts(facts: OrderFacts) -> list[tuple[str, str, int]]:
    return [(line.line_id, line.sku, line.quantity) for line in facts.lines]


def _of_truth(truth: dict) -> list[tuple[str, str, int]]:  # type: ignore[type-arg]
    return [(line["line_id"], line["sku"], line["quantity"]) for line in truth["lines"]]


def test_a_list_by_update_time_names_every_order(stage: OnStage) -> None:
    made = stage.orders(230)
    since, until = recently()
    assert set(made) <= set(ids(stage.pages(stage.shop(), since, until)))


def test_a_list_by_creation_names_every_order_of_its_days_and_no_other(stage: OnStage) -> None:
    day = datetime.now(UTC) - timedelta(days=9)
    inside = stage.orders(3, created_at=day.isoformat())
    outside = stage.orders(2, created_at=(day - timedelta(days=2)).isoformat())
    found = ids(
        stage.pages(
            stage.shop(),
            day - timedelta(hours=1),
            day + timedelta(hours=1),
            by_creation=True,
        )
    )
    assert set(inside) <= set(found)
    assert not set(outside) & set(found)


def test_a_list_goes_on_from_its_cursor_after_a_restart(stage: OnStage) -> None:
    made = stage.orders(150)
    since, until = recently()
    first = stage.known.changed(stage.shop(), since=since, until=until, cursor=None)
    assert first.next
    rest = stage.known.changed(stage.shop(), since=since, until=until, cursor=first.next)
    seen = ids([first, rest])
    while rest.next:
        rest = stage.known.changed(stage.shop(), since=since, until=until, cursor=rest.next)
        seen += ids([rest])
    assert set(made) <= set(seen)


def test_an_order_is_told_as_it_is(stage: OnStage) -> None:
    shop = stage.shop()
    for order_id in stage.orders(12) + stage.orders(1, lines=5):
        facts = stage.read(shop, order_id)
        compare(facts, stage.truth(order_id))
        assert {line.stage for line in facts.lines} == {Stage.TO_PACK}
        assert facts.ship_by is not None
        assert facts.paid_at is not None


def test_all_that_a_list_tells_of_an_order_is_true_as_well(stage: OnStage) -> None:
    order_id = stage.orders(1)[0]
    since, until = recently()
    for page in stage.pages(stage.shop(), since, until):
        for glimpse in page.glimpses:
            if glimpse.order_id == order_id and glimpse.facts and glimpse.facts.lines:
                compare(glimpse.facts, stage.truth(order_id))


def test_many_orders_are_read_in_one_call_of_the_contract(stage: OnStage) -> None:
    made = stage.orders(stage.known.limits.fetch_orders)
    fetched = stage.known.fetch(stage.shop(), made)
    assert sorted(facts.order_id for facts in fetched.orders) == sorted(made)
    assert set(fetched.raw) == set(made)
    assert fetched.missing == ()


def test_an_id_that_the_channel_does_not_know_never_hides_the_others(stage: OnStage) -> None:
    made = stage.orders(3)
    stranger = made[0][:-1] + ("1" if made[0][-1] != "1" else "2")
    fetched = stage.known.fetch(stage.shop(), [made[0], stranger, *made[1:]])
    assert sorted(facts.order_id for facts in fetched.orders) == sorted(made)
    assert fetched.missing == (stranger,)


def test_an_unpaid_order_is_unpaid(stage: OnStage) -> None:
    word = next(word for word, where in stage.known.words.items() if where is Stage.UNPAID)
    shop, order_id = stage.shop(), stage.orders(1, status=word)[0]
    assert {line.stage for line in stage.read(shop, order_id).lines} == {Stage.UNPAID}
    stage.event(order_id, "pay")
    assert {line.stage for line in stage.read(shop, order_id).lines} == {Stage.TO_PACK}


def test_a_buyer_who_asks_to_cancel_is_heard_and_may_think_again(stage: OnStage) -> None:
    shop = stage.shop()
    order_id = stage.orders(1)[0]
    if stage.known.can.pack:
        stage.packed(shop, order_id)
    stage.event(order_id, "request_cancel")
    asked = stage.read(shop, order_id)
    assert asked.cancel_requested or {line.stage for line in asked.lines} == {
        Stage.CANCEL_REQUESTED
    }
    stage.event(order_id, "withdraw_cancel")
    again = stage.read(shop, order_id)
    assert not again.cancel_requested
    assert Stage.CANCEL_REQUESTED not in {line.stage for line in again.lines}


def test_a_changed_price_shows(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    before = billed_total(stage.read(shop, order_id))
    stage.event(order_id, "update_price")
    after = stage.read(shop, order_id)
    assert billed_total(after) > before
    compare(after, stage.truth(order_id))


def test_every_request_waits_for_its_turn(stage: OnStage) -> None:
    order_id, shop = stage.orders(1)[0], stage.shop()
    since, until = recently()
    for ask in (
        lambda: stage.known.shop_name(shop),
        lambda: stage.known.fetch(shop, [order_id]),
        lambda: stage.known.changed(shop, since=since, until=until, cursor=None),
        lambda: stage.known.listings(shop, None),
        lambda: stage.known.returns(shop, since=since, until=until, cursor=None),
    ):
        turns, calls = stage.turns.taken, stage.calls()
        ask()
        assert stage.turns.taken - turns == stage.calls() - calls
