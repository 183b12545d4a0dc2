"""The proof that nothing is missing finds exactly what is, and fetches it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from crossdock.channels.errors import NotSent, Refused, Throttled
from crossdock.companies.models import Company
from crossdock.orders.models import Order
from crossdock.sync import completeness
from crossdock.sync.completeness import begin_checks, go_on
from crossdock.sync.days import beginning, days, today
from crossdock.sync.models import DayCheck, Pull, Unread
from crossdock.sync.nightly import WEEKLY_DAYS, begin_nightly
from crossdock.sync.outcome import of_check
from crossdock.sync.schedule import schedule
from tests.cast import Cast
from tests.sync.losing import lose
from tests.sync.playing import Played

pytestmark = pytest.mark.django_db(transaction=True)


def checked(played: Played, *chosen: date) -> list[DayCheck]:
    """Check these days of the company's, to the end."""
    with played.company():
        begun = begin_checks(played.store, chosen, DayCheck.Why.ASKED)
        worked(played)
        return list(DayCheck.objects.filter(pk__in=[one.pk for one in begun]).order_by("day"))


def worked(played: Played) -> None:
    while go_on(played.store) is not None:
        continue


def on(day: date, company: Company, hour: int = 10) -> str:
    """A moment of a day of the company's, as the sandbox takes it."""
    return (beginning(day, company.zone) + timedelta(hours=hour)).isoformat()


@pytest.fixture
def yesterday(cast: Cast) -> date:
    return today(cast.acme.zone) - timedelta(days=1)


def test_orders_deleted_by_sql_are_found_and_fetched_and_no_others(
    everywhere: Played, cast: Cast, yesterday: date
) -> None:
    made = everywhere.orders(40, created_at=on(yesterday, cast.acme))
    everywhere.regular()
    lost = set(made[1::3][:12])
    assert lose(everywhere.store, lost) == len(lost)
    everywhere.regular()
    assert not lost & everywhere.here()
    (check,) = checked(everywhere, yesterday)
    assert set(check.gap_ids) == lost
    assert check.fetched == len(lost)
    assert check.listed == check.known_before + len(lost)
    assert lost <= everywhere.here()
    assert of_check(check).words == "12 orders were missing: fetched."
    (again,) = checked(everywhere, yesterday)
    assert (again.gap_ids, again.listed) == ([], check.listed)
    assert of_check(again).words == "Nothing was missing."


def test_a_day_is_the_companys_and_not_the_channels(
    everywhere: Played, cast: Cast, yesterday: date
) -> None:
    before = beginning(yesterday, cast.acme.zone)
    inside = everywhere.orders(1, created_at=before.isoformat())
    outside = everywhere.orders(1, created_at=(before - timedelta(minutes=1)).isoformat())
    after = beginning(yesterday + timedelta(days=1), cast.acme.zone)
    inside += everywhere.orders(1, created_at=(after - timedelta(seconds=1)).isoformat())
    outside += everywhere.orders(1, created_at=(after + timedelta(minutes=1)).isoformat())
    (check,) = checked(everywhere, yesterday)
    assert set(inside) <= set(check.gap_ids)
    assert not set(outside) & set(check.gap_ids)


def test_of_a_running_day_all_is_checked_that_sync_says_is_here_and_no_more(
    played: Played, cast: Cast
) -> None:
    lost, kept = played.orders(2)
    (early,) = checked(played, today(cast.acme.zone))
    assert not {lost, kept} & set(early.gap_ids)
    played.regular()
    assert lose(played.store, {lost}) == 1
    with played.company():
        played.fresh()
    (check,) = checked(played, today(cast.acme.zone))
    assert (lost in check.gap_ids, kept in check.gap_ids) == (True, False)
    assert check.until == played.store.synced_until


def test_an_order_that_only_we_have_is_told_and_kept(
    played: Played, cast: Cast, yesterday: date
) -> None:
    (order_id,) = played.orders(1, created_at=on(yesterday, cast.acme))
    played.regular()
    with played.company():
        Order.objects.filter(channel_order_id=order_id).update(channel_order_id="440099999999999")
    (check,) = checked(played, yesterday)
    assert check.only_here == 1
    assert "440099999999999" in played.here()


def test_a_check_that_was_killed_goes_on_where_it_was(
    played: Played, cast: Cast, yesterday: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = played.orders(150, created_at=on(yesterday, cast.acme, hour=3))
    made += played.orders(60, created_at=on(yesterday, cast.acme, hour=4))
    cursors = []
    monkeypatch.setattr(completeness, "_slice", _a_page_a_slice)
    with played.company():
        begin_checks(played.store, [yesterday], DayCheck.Why.ASKED)
        while go_on(played.store) is not None:
            cursors.append(DayCheck.objects.get().cursor)
        check = DayCheck.objects.get()
    assert len([cursor for cursor in cursors if cursor]) >= 2
    assert set(made) <= set(check.gap_ids)
    assert check.listed == len(set(check.gap_ids))


def _a_page_a_slice(run: completeness.Run) -> float:
    if run.check.compared_at is None:
        if completeness._read_page(run):
            completeness._compare(run)
        completeness._write_down(run)
        return 0.0
    completeness._fetch_gaps(run.check)
    return 0.0


def test_gaps_stay_known_when_the_fetching_breaks_off(
    played: Played, cast: Cast, yesterday: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = played.orders(4, created_at=on(yesterday, cast.acme))
    with monkeypatch.context() as broken, played.company():
        played.poisoned(broken, None, NotSent("The line broke."))
        begin_checks(played.store, [yesterday], DayCheck.Why.ASKED)
        assert go_on(played.store) is None
        check = DayCheck.objects.get()
        assert (check.finished_at, check.error) == (None, "The line broke.")
        assert set(made) <= set(check.gap_ids)
        assert "tried again every minute" in of_check(check).words
    with played.company():
        worked(played)
        check.refresh_from_db()
    assert check.fetched == len(check.gap_ids)
    assert set(made) <= played.here()


def test_a_gap_that_cannot_be_read_is_told_and_tried_by_itself(
    played: Played, cast: Cast, yesterday: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = played.orders(3, created_at=on(yesterday, cast.acme))
    played.poisoned(monkeypatch, {made[0]}, Refused("Under review (E77)"))
    (check,) = checked(played, yesterday)
    assert check.fetched == len(check.gap_ids) - 1
    assert "Under review (E77)" in of_check(check).words
    with played.company():
        assert Unread.objects.get().order_id == made[0]


def test_a_pause_of_the_channel_loses_nothing_that_was_listed(
    played: Played, cast: Cast, yesterday: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = played.orders(250, created_at=on(yesterday, cast.acme))
    plain, calls = type(played.known).changed, []

    def changed(known: Any, shop: Any, **window: Any) -> Any:
        calls.append(window["cursor"])
        if len(calls) == 2:
            raise Throttled("Slowly.", wait=0.01, is_ours=True)
        return plain(known, shop, **window)

    monkeypatch.setattr(type(played.known), "changed", changed)
    (check,) = checked(played, yesterday)
    assert set(made) <= set(check.gap_ids)
    assert calls.count(None) == 1
    assert calls[1] == calls[2]


def test_a_check_waits_while_a_pull_of_its_store_is_at_work(
    played: Played, yesterday: date
) -> None:
    with played.company():
        begin_checks(played.store, [yesterday], DayCheck.Why.ASKED)
        now = timezone.now()
        pull = Pull.objects.create(
            company_id=played.store.company_id, store=played.store, kind="regular", since=now,
            until=now, reached=now, held_until=now + timedelta(seconds=30),
        )  # fmt: skip
        before = played.calls()
        assert go_on(played.store) == completeness._BEHIND_PULLS
        assert played.calls() == before
        pull.delete()
        worked(played)
        assert DayCheck.objects.get().finished_at is not None


def test_yesterday_is_checked_once_a_night_and_fifteen_days_on_sundays(
    played: Played, cast: Cast
) -> None:
    played.regular()
    zone = cast.acme.zone
    sunday = date(2026, 3, 8)
    with played.company():
        store = played.fresh()
        early = datetime(2026, 3, 9, 1, 59, tzinfo=zone)
        assert begin_nightly(store, early) == []
        monday = begin_nightly(store, early + timedelta(minutes=1))
        assert [(one.day, one.why) for one in monday] == [(sunday, "nightly")]
        assert begin_nightly(store, early + timedelta(hours=9)) == []
        DayCheck.objects.update(finished_at=timezone.now())
        sundays = begin_nightly(store, datetime(2026, 3, 15, 3, 0, tzinfo=zone))
        assert [one.day for one in sorted(sundays, key=lambda one: one.day)] == list(
            days(date(2026, 2, 28), date(2026, 3, 14))
        )
        assert len(sundays) == WEEKLY_DAYS
        assert {one.why for one in sundays} == {"weekly"}


def test_the_schedule_works_off_open_checks_and_leaves_dead_stores_alone(
    played: Played, cast: Cast, yesterday: date
) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    with played.company():
        begin_checks(played.store, [yesterday], DayCheck.Why.ASKED)
        type(played.store).objects.update(token_dead_words="link again")
    schedule(0)
    jobs = ProcrastinateJob.objects.filter(task_name="sync.check")
    assert jobs.count() == 0
    with played.company():
        type(played.store).objects.update(token_dead_words="")
    schedule(0)
    schedule(0)
    assert jobs.count() == 1


def test_the_same_day_is_not_checked_twice_at_once(played: Played, yesterday: date) -> None:
    with played.company():
        first = begin_checks(played.store, [yesterday], DayCheck.Why.ASKED)
        second = begin_checks(played.store, [yesterday], DayCheck.Why.NIGHTLY)
        assert [one.pk for one in first] == [one.pk for one in second]


def test_a_day_to_come_has_nothing_to_check(played: Played) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=2)
    with played.company():
        assert begin_checks(played.store, [tomorrow], DayCheck.Why.ASKED) == []
