"""Returns in: by their own pulls and messages, with their orders, and never lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from crossdock.channels.answers import ReturnsPage
from crossdock.channels.errors import NotSent, Refused
from crossdock.orders import record
from crossdock.orders.models import History, Return
from crossdock.rules.facts import ReturnFacts
from crossdock.stores.health import RETURNS_EVERY
from crossdock.sync import schedule as module
from crossdock.sync.begin import OVERLAP, begin_asked, begin_regular
from crossdock.sync.look import look, try_again
from crossdock.sync.models import Health, Part, Pull, Unread
from crossdock.sync.pull import go_on
from crossdock.sync.schedule import schedule
from tests.sync.playing import Played

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
Told = Callable[..., ReturnFacts]


def asked_back(order_id: str, return_id: str = "70001", **more: Any) -> ReturnFacts:
    """A return of this order, as a channel tells it."""
    facts = ReturnFacts(
        return_id=return_id, order_id=order_id, status="REQUESTED", goods_back=True, currency="MYR",
        amount=Decimal("9.90"), created_at=NOW, updated_at=NOW, is_open=True, waits_for_us=True,
    )  # fmt: skip
    return replace(facts, **more)


def telling(
    monkeypatch: pytest.MonkeyPatch, played: Played, pages: Sequence[Sequence[ReturnFacts]]
) -> list[dict[str, Any]]:
    """Have the channel tell these pages of returns; how it was asked."""
    asked: list[dict[str, Any]] = []

    def returns(known: Any, shop: Any, *, cursor: str | None, **window: Any) -> ReturnsPage:
        asked.append({"cursor": cursor, **window})
        at = int(cursor or 0)
        following = str(at + 1) if at + 1 < len(pages) else None
        return ReturnsPage(tuple(pages[at]), following)

    def returns_of(
        known: Any, shop: Any, order_id: str, return_ids: Sequence[str] = ()
    ) -> tuple[ReturnFacts, ...]:
        asked.append({"order_id": order_id, "return_ids": list(return_ids)})
        return tuple(one for page in pages for one in page if one.order_id == order_id)

    monkeypatch.setattr(type(played.known), "returns", returns, raising=False)
    monkeypatch.setattr(type(played.known), "returns_of", returns_of, raising=False)
    return asked


def returns_here(played: Played) -> set[str]:
    with played.company():
        return set(Return.objects.values_list("return_id", flat=True))


def test_returns_are_taken_in_page_by_page_and_twice_is_once(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = played.orders(2)
    played.regular()
    pages = [[asked_back(first, "1")], [asked_back(second, "2"), asked_back(second, "3")]]
    asked = telling(monkeypatch, played, pages)
    pull = played.regular(Part.RETURNS)
    assert (pull.listed, pull.changed) == (3, 3)
    assert [one["cursor"] for one in asked] == [None, "1"]
    assert returns_here(played) == {"1", "2", "3"}
    assert played.order(first).return_waits_for_us
    with played.company():
        written = History.objects.count()
    again = played.regular(Part.RETURNS)
    assert (again.listed, again.changed) == (3, 0)
    with played.company():
        assert History.objects.count() == written


def test_an_order_that_is_not_here_is_fetched_before_its_returns(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = (datetime.now(UTC) - timedelta(days=20)).isoformat()
    (order_id,) = played.orders(1, created_at=old, status="delivered")
    assert order_id not in played.here()
    telling(monkeypatch, played, [[asked_back(order_id)]])
    played.regular(Part.RETURNS)
    assert order_id in played.here()
    assert returns_here(played) == {"70001"}


def test_a_return_whose_order_cannot_be_read_waits_for_it_and_stops_no_other(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = played.orders(2)
    telling(monkeypatch, played, [[asked_back(bad, "1"), asked_back(good, "2")]])
    with monkeypatch.context() as poison:
        played.poisoned(poison, {bad}, Refused("Under review (E77)"))
        pull = played.regular(Part.RETURNS)
        assert pull.finished_at is not None
        assert returns_here(played) == {"2"}
    with played.company():
        row = Unread.objects.get(with_returns=True)
        assert (row.order_id, row.with_returns, row.tries) == (bad, True, 1)
        Unread.objects.update(next_at=timezone.now())
        try_again(played.store)
        assert not Unread.objects.filter(order_id=bad).exists()
    assert returns_here(played) == {"1", "2"}


def test_a_return_that_the_book_cannot_keep_stops_no_other(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = played.orders(2)
    played.regular()
    broken = asked_back(bad, "1", amount=Decimal(10) ** 30)
    telling(monkeypatch, played, [[broken, asked_back(good, "2")]])
    assert played.regular(Part.RETURNS).finished_at is not None
    assert returns_here(played) == {"2"}
    with played.company():
        told = set(Unread.objects.values_list("order_id", flat=True))
        assert told & {bad, good} == {bad}


def test_a_failure_of_returns_is_told_beside_the_orders_and_mends_by_itself(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    played.orders(1)
    played.regular()
    telling(monkeypatch, played, [[]])
    with monkeypatch.context() as broken:

        def fail(*_: Any, **__: Any) -> None:
            raise NotSent("The gateway failed (HTTP 500).")

        broken.setattr(type(played.known), "returns", fail)
        assert played.regular(Part.RETURNS).error == "The gateway failed (HTTP 500)."
    assert played.fresh().sync_error == "Returns: The gateway failed (HTTP 500)."
    played.regular()
    assert played.fresh().sync_error == "Returns: The gateway failed (HTTP 500)."
    played.regular(Part.RETURNS)
    assert played.fresh().sync_error == ""


def test_the_first_pull_of_returns_covers_the_days_of_the_first_sync(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crossdock.sync.begin import begin_first

    telling(monkeypatch, played, [[]])
    with played.company():
        orders = begin_first(played.store, 30)
        assert orders is not None
        played.worked(orders)
    pull = played.regular(Part.RETURNS)
    assert (pull.kind, pull.since) == (Pull.Kind.FIRST, orders.since)
    assert played.fresh().returns_synced_until == pull.until
    assert played.regular(Part.RETURNS).since <= pull.until - OVERLAP


def test_returns_are_asked_for_every_few_minutes_once_the_orders_are_in(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling(monkeypatch, played, [[]])
    schedule(0)
    with played.company():
        assert not Pull.objects.filter(part=Part.RETURNS).exists()
    played.regular()
    schedule(0)
    with played.company():
        pull = Pull.objects.get(part=Part.RETURNS)
    played.worked(pull)
    schedule(0)
    with played.company():
        assert Pull.objects.filter(part=Part.RETURNS).count() == 1
        old = timezone.now() - RETURNS_EVERY
        type(played.store).objects.update(returns_synced_until=old)
    schedule(0)
    with played.company():
        assert Pull.objects.filter(part=Part.RETURNS).count() == 2


def test_a_message_about_a_return_reads_the_order_and_what_is_known_of_its_returns(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    (order_id,) = played.orders(1)
    asked = telling(monkeypatch, played, [[asked_back(order_id, "8")]])
    with played.company():
        look(played.store, order_id, with_returns=True, return_ids=["8"])
        look(played.store, order_id, with_returns=True, return_ids=["9"])
    assert [one["return_ids"] for one in asked] == [["8"], ["8", "9"]]
    assert returns_here(played) == {"8"}


def test_returns_that_cannot_be_asked_for_are_set_aside_with_their_order(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    (order_id,) = played.orders(1)
    telling(monkeypatch, played, [[asked_back(order_id, "8")]])
    with monkeypatch.context() as broken, played.company():

        def fail(*_: Any, **__: Any) -> None:
            raise NotSent("The gateway failed (HTTP 500).")

        broken.setattr(type(played.known), "returns_of", fail)
        look(played.store, order_id, with_returns=True)
        assert Unread.objects.get().with_returns
    with played.company():
        look(played.store, order_id)  # the order alone is no reason to forget its returns
        Unread.objects.update(next_at=timezone.now())
        try_again(played.store)
        assert not Unread.objects.exists()
    assert returns_here(played) == {"8"}


def test_a_clock_that_is_behind_hides_no_return(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    (order_id,) = played.orders(1)
    behind = timezone.now() - timedelta(minutes=40)
    asked = telling(monkeypatch, played, [[asked_back(order_id, updated_at=behind)]])
    played.regular(Part.RETURNS)
    with played.company():
        known = Health.objects.get(part=Part.RETURNS).behind
        assert known is not None
        assert timedelta(minutes=40) <= known < timedelta(minutes=41)
    played.regular(Part.RETURNS)
    assert [one for one in asked if "since" in one][-1]["since"] < behind


def test_a_run_over_chosen_days_takes_returns_too(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    (order_id,) = played.orders(1)
    asked = telling(monkeypatch, played, [[asked_back(order_id)]])
    with played.company():
        until = record.now()
        since = until - timedelta(days=40)
        pull = begin_asked(played.store, None, since, until, by_creation=True, part=Part.RETURNS)
        assert not pull.by_creation
        while go_on(pull.pk) is not None:
            continue
    windows = [(one["since"], one["until"]) for one in asked if "since" in one]
    assert len(windows) == 3
    assert returns_here(played) == {"70001"}
    assert played.fresh().returns_synced_until is None


def test_returns_are_never_pulled_for_a_store_that_may_not_run(played: Played) -> None:
    with played.company():
        played.store.paused_at = timezone.now()
        assert begin_regular(played.store, Part.RETURNS) is None
        assert module.Pull.objects.count() == 0


def test_a_buyer_who_asks_to_return_is_seen_by_the_next_pull(everywhere: Played) -> None:
    word = _delivered(everywhere)
    (order_id,) = everywhere.orders(1, status=word)
    everywhere.event(order_id, "request_return")
    everywhere.regular(Part.RETURNS)
    order = everywhere.order(order_id)
    with everywhere.company():
        (told,) = Return.objects.filter(order=order)
        assert told.is_open
    assert order.return_open


def _delivered(played: Played) -> str:
    from crossdock.rules.facts import Stage

    words = played.known.words
    return next(word for word, stage in words.items() if stage is Stage.DELIVERED)
