"""An order that cannot be read never stops the others, and is never forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from crossdock.channels.errors import NotSent, Refused, Throttled, Unreadable
from crossdock.orders.models import Order
from crossdock.rules.facts import Tab
from crossdock.sync.look import look, try_again
from crossdock.sync.models import Pull, Unread
from crossdock.sync.pull import begin_regular, go_on, look_at
from crossdock.sync.reading import ONE_BY_ONE_AFTER, SET_ASIDE_AFTER
from crossdock.sync.unread import pause_after
from tests.sync.playing import Played

pytestmark = pytest.mark.django_db(transaction=True)

UNKNOWN_WORDS = {
    "lazada": (b'"pending"', b'"teleported"'),
    "shopee": (b'"READY_TO_SHIP"', b'"TELEPORTED"'),
    "tiktok": (b'"AWAITING_SHIPMENT"', b'"TELEPORTED"'),
}
"""What orders are made in, and a word that no channel has, of the same place in the JSON."""
MOVED_FIELDS = {
    "lazada": (b'"item_price":', b'"price_of_item":'),
    "shopee": (b'"model_discounted_price":', b'"discounted_price":'),
    "tiktok": (b'"original_price":', b'"first_price":'),
}


def unread(played: Played) -> dict[str, Unread]:
    with played.company():
        return {row.order_id: row for row in Unread.objects.all()}


def rewritten(monkeypatch: pytest.MonkeyPatch, old: bytes, new: bytes) -> None:
    """Have every answer say something else in one place."""
    from crossdock.channels import wire

    plain = wire.send

    def send(*args: Any, **kwargs: Any) -> wire.Answer:
        answer = plain(*args, **kwargs)
        return replace(answer, body=answer.body.replace(old, new))

    monkeypatch.setattr(wire, "send", send)


@pytest.mark.parametrize(
    "error",
    [
        Refused("This order is under review (E77)", code="E77"),
        Unreadable("An order came in a form that nobody promised."),
        KeyError("a mistake of ours"),
    ],
    ids=["refused", "unreadable", "mistake"],
)
def test_one_poisoned_order_is_set_aside_and_all_others_arrive(
    everywhere: Played, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    made = everywhere.orders(12)
    bad = made[5]
    with monkeypatch.context() as poison:
        everywhere.poisoned(poison, {bad}, error)
        pull = everywhere.regular()
    assert pull.finished_at is not None
    assert pull.set_aside == 1
    assert set(made) - {bad} <= everywhere.here()
    assert set(unread(everywhere)) == {bad}
    words = unread(everywhere)[bad].words
    assert "KeyError" in words if isinstance(error, KeyError) else str(error) in words
    assert everywhere.fresh().synced_until == pull.until
    with everywhere.company():
        Unread.objects.update(next_at=timezone.now())
        assert try_again(everywhere.store) == 1
    assert bad in everywhere.here()
    assert unread(everywhere) == {}


def test_a_known_order_that_cannot_be_read_anew_says_so_and_forgets_it_when_it_can(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    (order_id,) = played.orders(1)
    with played.company():
        look_at(played.store, [order_id])
    with monkeypatch.context() as poison, played.company():
        played.poisoned(poison, {order_id}, Refused("Under review (E77)"))
        look(played.store, order_id)
        assert played.order(order_id).problem == "could not be read anew: Under review (E77)"
        texts = [one.text for one in played.order(order_id).history.order_by("-pk")]
        assert texts[0] == "Could not be read anew: Under review (E77)"
    with played.company():
        look(played.store, order_id)
        assert played.order(order_id).problem == ""
    assert unread(played) == {}


def test_a_broken_line_is_waited_for_and_only_then_taken_for_an_orders_fault(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = played.orders(6)
    bad = made[3]
    played.poisoned(monkeypatch, {bad}, NotSent("The gateway failed (HTTP 500)."))
    for _ in range(ONE_BY_ONE_AFTER):
        pull = played.regular()
        assert pull.finished_at is None
        assert pull.error == "The gateway failed (HTTP 500)."
        assert played.fresh().sync_error == "The gateway failed (HTTP 500)."
    pull = played.regular()
    assert pull.finished_at is not None
    assert played.fresh().sync_error == ""
    assert set(made) - {bad} <= played.here()
    assert set(unread(played)) == {bad}


def test_an_outage_sets_nothing_aside_until_it_has_lasted_long(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = set(played.orders(5))
    with monkeypatch.context() as outage:
        played.poisoned(outage, None, NotSent("The gateway failed (HTTP 500)."))
        for _ in range(SET_ASIDE_AFTER):
            assert played.regular().finished_at is None
        assert unread(played) == {}
        assert played.regular().finished_at is not None
        assert made <= set(unread(played))
    with played.company():
        Unread.objects.update(next_at=timezone.now())
        try_again(played.store)
    assert made <= played.here()


def test_a_pause_that_the_channel_asks_for_is_no_orders_fault(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    (order_id,) = played.orders(1)
    with monkeypatch.context() as pausing, played.company():
        played.poisoned(pausing, {order_id}, Throttled("Too many calls.", wait=7.0))
        pull = begin_regular(played.store)
        assert pull is not None
        assert go_on(pull.pk) == 7.0
        assert Pull.objects.get(pk=pull.pk).error == "Too many calls."
        assert 0 < (look(played.store, order_id) or 0) <= 7.0
    assert unread(played) == {}
    assert played.fresh().sync_error == ""


def test_an_order_that_the_book_cannot_keep_does_not_spoil_its_batch(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = played.orders(4)
    plain = type(played.known).fetch

    def fetch(known: Any, shop: Any, order_ids: Any, seen: Any = None) -> Any:
        got = plain(known, shop, order_ids, seen)
        orders = tuple(
            replace(one, buyer_total=Decimal(10) ** 30) if one.order_id == made[1] else one
            for one in got.orders
        )
        return replace(got, orders=orders)

    played._without_whole_lists(monkeypatch)
    monkeypatch.setattr(type(played.known), "fetch", fetch)
    pull = played.regular()
    assert pull.finished_at is not None
    assert {made[0], made[2], made[3]} <= played.here()
    assert set(unread(played)) == {made[1]}


def test_an_order_that_is_listed_but_never_given_stays_in_sight(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = played.orders(3)
    plain = type(played.known).fetch

    def fetch(known: Any, shop: Any, order_ids: Any, seen: Any = None) -> Any:
        got = plain(known, shop, order_ids, seen)
        orders = tuple(one for one in got.orders if one.order_id != made[0])
        return replace(got, orders=orders, missing=(made[0],))

    played._without_whole_lists(monkeypatch)
    monkeypatch.setattr(type(played.known), "fetch", fetch)
    played.regular()
    assert set(unread(played)) == {made[0]}
    assert "does not give" in unread(played)[made[0]].words


def test_after_two_quick_retries_they_become_rarer_but_never_end() -> None:
    assert [pause_after(tries).total_seconds() for tries in (1, 2)] == [2, 10]
    minutes = [pause_after(tries) / timedelta(minutes=1) for tries in range(3, 14)]
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert pause_after(10_000) == timedelta(hours=6)


def test_a_status_that_nobody_knows_lands_in_others_as_it_came(
    everywhere: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = everywhere.orders(2)
    rewritten(monkeypatch, *UNKNOWN_WORDS[everywhere.known.name])
    pull = everywhere.regular()
    assert pull.finished_at is not None
    order = everywhere.order(made[0])
    assert "teleported" in order.status.lower()
    assert order.tab == Tab.OTHERS


def test_a_field_that_moved_never_keeps_an_order_out(
    everywhere: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = everywhere.orders(2)
    rewritten(monkeypatch, *MOVED_FIELDS[everywhere.known.name])
    pull = everywhere.regular()
    assert pull.finished_at is not None
    assert set(made) <= everywhere.here()


def test_an_order_whose_items_are_not_there_yet_is_completed_by_itself(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    (order_id,) = played.orders(1)
    plain = type(played.known).fetch

    def bare(known: Any, shop: Any, order_ids: Any, seen: Any = None) -> Any:
        got = plain(known, shop, order_ids, seen)
        return replace(got, orders=tuple(replace(one, lines=(), packages=()) for one in got.orders))

    with monkeypatch.context() as early:
        played._without_whole_lists(early)
        early.setattr(type(played.known), "fetch", bare)
        with played.company():
            look(played.store, order_id)
    order = played.order(order_id)
    assert (order.lines_known, order.problem) == (False, "")
    with played.company():
        Unread.objects.update(next_at=timezone.now())
        try_again(played.store)
        assert Order.objects.get(channel_order_id=order_id).lines_known
    assert unread(played) == {}


def test_a_row_without_id_or_time_never_stops_a_list(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crossdock.channels.lazada import orders as lazada

    made = played.orders(130)
    plain = lazada.call

    def call(shop: Any, path: str, parameters: Any = None) -> Any:
        answer = plain(shop, path, parameters)
        if path == "/orders/get":
            rows = answer["data"]["orders"]
            rows[-1].pop("updated_at")
            for name in ("order_id", "order_number"):
                rows[0].pop(name)
        return answer

    monkeypatch.setattr(lazada, "call", call)
    pull = played.regular()
    assert pull.finished_at is not None
    assert len(set(made) - played.here()) <= 2
