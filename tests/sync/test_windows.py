"""Windows, cursors and clocks: whatever they do, no order falls between two pulls."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from crossdock.channels.errors import Refused
from crossdock.orders import record
from crossdock.sync.begin import OVERLAP, SLOWEST_CLOCK, begin_asked, begin_regular
from crossdock.sync.health import note_success
from crossdock.sync.models import Health, Pull
from crossdock.sync.pull import go_on
from tests.sync.playing import Played

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_regular_pull_reaches_back_behind_the_last_one(everywhere: Played) -> None:
    everywhere.orders(2)
    first = everywhere.regular()
    assert first.kind == Pull.Kind.FIRST
    second = everywhere.regular()
    assert second.kind == Pull.Kind.REGULAR
    assert second.since <= first.until - OVERLAP
    assert second.listed >= 2
    assert second.changed == 0
    assert everywhere.fresh().synced_until == second.until


@pytest.mark.parametrize("minutes", [-90, -20, -6, 6, 20])
def test_a_channel_whose_clock_is_wrong_hides_no_order(
    played: Played, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    ahead = timedelta(minutes=minutes)
    played.skewed(monkeypatch, ahead)
    played.orders(3)
    played.regular()
    made = [order_id for _ in range(3) for order_id in _made_between_two_pulls(played)]
    if minutes > 0:  # its stamps lie in our future: the pull of that moment brings them
        _begun_later(played, ahead, monkeypatch)
        played.regular()
    assert set(made) <= played.here()


def _made_between_two_pulls(played: Played) -> list[str]:
    made = played.orders(1)
    played.regular()
    return made


def _begun_later(played: Played, gone: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pull that begins when our clock shows so much more."""
    now = record.now
    with monkeypatch.context() as later, played.company():
        later.setattr(record, "now", lambda: now() + gone)
        assert begin_regular(played.fresh()) is not None


def test_a_shop_whose_clock_is_right_is_not_read_again_for_longer_than_the_overlap(
    played: Played,
) -> None:
    played.orders(1)
    played.regular()
    until = played.fresh().synced_until
    assert until is not None
    assert until - played.regular().since < OVERLAP + timedelta(minutes=1)


def test_what_is_known_of_a_clock_is_slowly_forgotten_but_never_beyond_what_can_be(
    played: Played,
) -> None:
    with played.company():
        store = played.fresh()
        store.synced_until = record.now()
        pull = begin_regular(store)
        assert pull is not None
        assert pull.since == store.synced_until - SLOWEST_CLOCK - OVERLAP
        pull.seen_until = None
        Health.objects.create(
            company=store.company, store=store, part="orders", behind=timedelta(1)
        )
        note_success(pull)
        assert Health.objects.get().behind == timedelta(days=1, seconds=1)
        Pull.objects.update(finished_at=record.now())
        again = begin_regular(store)
        assert again is not None
        assert again.since == store.synced_until - SLOWEST_CLOCK - OVERLAP


def test_a_range_that_is_longer_than_the_channel_allows_is_read_window_by_window(
    everywhere: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows: list[tuple[datetime, datetime]] = []
    plain = type(everywhere.known).changed

    def changed(known: Any, shop: Any, *, since: datetime, until: datetime, **more: Any) -> Any:
        windows.append((since, until))
        return plain(known, shop, since=since, until=until, **more)

    monkeypatch.setattr(type(everywhere.known), "changed", changed)
    old = datetime.now(UTC) - timedelta(days=34)
    made = everywhere.orders(2, created_at=old.isoformat()) + everywhere.orders(1)
    days = everywhere.known.limits.window_days
    pull = everywhere.asked(days=days * 2 + 5, by_creation=True)
    assert set(made) <= everywhere.here()
    edges = sorted(set(windows))
    assert len(edges) == 3
    assert edges[0][0] == pull.since
    assert edges[-1][1] == pull.until
    assert all(ends == begins for (_, ends), (begins, _) in pairwise(edges))
    assert all(ends - begins <= timedelta(days=days) for begins, ends in edges)


def test_many_orders_of_one_second_all_arrive(everywhere: Played) -> None:
    second = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=30)
    made = everywhere.orders(200, created_at=second.isoformat())
    everywhere.asked()
    assert set(made) <= everywhere.here()
    everywhere.asked(by_creation=True)
    assert set(made) <= everywhere.here()


def test_orders_that_change_while_they_are_paged_all_arrive(
    everywhere: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = everywhere.orders(220)
    plain, moved = type(everywhere.known).changed, iter(made[:30])

    def changed(known: Any, shop: Any, **window: Any) -> Any:
        page = plain(known, shop, **window)
        for order_id in [next(moved, None) for _ in range(10)]:
            if order_id:
                everywhere.event(order_id, "update_price")
        return page

    monkeypatch.setattr(type(everywhere.known), "changed", changed)
    everywhere.regular()
    everywhere.regular()
    assert set(made) <= everywhere.here()


def test_a_pull_goes_on_from_its_cursor_in_another_process(
    everywhere: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = everywhere.orders(150)
    monkeypatch.setattr("crossdock.sync.pull._SLICE_SECONDS", 0.0)
    pages = _one_page_a_slice(everywhere, monkeypatch)
    pull = _begun(everywhere)
    with everywhere.company():
        while go_on(pull.pk) is not None:
            pages.append(Pull.objects.get(pk=pull.pk).cursor)
    assert len([cursor for cursor in pages if cursor]) >= 1
    assert set(made) <= everywhere.here()


def test_a_cursor_that_the_channel_no_longer_takes_has_the_window_begun_anew(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = played.orders(150)
    pull = _begun(played)
    with played.company():
        Pull.objects.filter(pk=pull.pk).update(cursor="from before the channel's upgrade")
    plain = type(played.known).changed

    def changed(known: Any, shop: Any, *, cursor: str | None, **window: Any) -> Any:
        if cursor == "from before the channel's upgrade":
            raise Refused("invalid cursor", code="1")
        return plain(known, shop, cursor=cursor, **window)

    monkeypatch.setattr(type(played.known), "changed", changed)
    done = played.worked(pull)
    assert done.finished_at is not None
    assert done.error == ""
    assert set(made) <= played.here()


def test_a_cursor_that_is_refused_at_once_is_a_failure_and_no_endless_round(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    played.orders(150)
    plain, asked = type(played.known).changed, []

    def changed(known: Any, shop: Any, *, cursor: str | None, **window: Any) -> Any:
        asked.append(cursor)
        if cursor:
            raise Refused("invalid cursor", code="1")
        return plain(known, shop, cursor=cursor, **window)

    monkeypatch.setattr(type(played.known), "changed", changed)
    pull = played.worked(_begun(played))
    assert pull.finished_at is None
    assert "invalid cursor" in pull.error
    assert len(asked) <= 3


def test_a_list_that_does_not_move_on_is_a_failure(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = type(played.known).changed

    def changed(known: Any, shop: Any, *, cursor: str | None, **window: Any) -> Any:
        page = plain(known, shop, cursor=None, **window)
        return replace(page, next="the same again")

    monkeypatch.setattr(type(played.known), "changed", changed)
    pull = played.worked(_begun(played))
    assert "does not move on" in pull.error
    assert pull.finished_at is None


def _begun(played: Played) -> Pull:
    with played.company():
        now = record.now()
        return begin_asked(played.store, None, now - timedelta(days=3), now, by_creation=False)


def _one_page_a_slice(played: Played, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A slice ends after its first page, as if the worker were killed there."""
    from crossdock.sync import pull as module

    monkeypatch.setattr(module, "_slice", lambda run: None if _finished(module, run) else 0.0)
    return []


def _finished(module: Any, run: Any) -> bool:
    if module._read_page(run):
        module._finish(run.pull)
        return True
    return False
