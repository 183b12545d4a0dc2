"""A clock that was wrong costs nothing but its own time."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate import periodic
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from crossdock.companies.scope import all_companies, company_scope
from crossdock.stores.models import Store
from crossdock.sync.jobs import defer_unread
from crossdock.sync.models import Named, Part, Pull, Unread
from crossdock.work import pace
from crossdock.work.ahead import bring_back
from crossdock.work.lane import drain
from crossdock.work.models import Lane, Turn
from crossdock.work.ticks import Ticks

pytestmark = pytest.mark.django_db(transaction=True)
AHEAD = timedelta(hours=1)


@pytest.fixture(autouse=True)
def no_other_jobs(transactional_db: None) -> None:
    """Jobs of other tests do not count here."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def ticks() -> Ticks:
    return Ticks(registry=app.periodic_registry)


def deferred_by(ours: Ticks, at: float) -> dict[str, list[int]]:
    """Task → the ticks that are deferred at this moment."""
    found: dict[str, list[int]] = {}
    for task, tick in ours.get_previous_tasks(at=at):
        found.setdefault(task.task.name, []).append(tick)
    return found


def test_workers_go_by_our_ticks() -> None:
    assert vars(periodic)["PeriodicDeferrer"] is Ticks


def test_a_clock_that_is_put_back_stops_no_periodic_task() -> None:
    ours, now = ticks(), time.time()
    deferred_by(ours, now + AHEAD.total_seconds())
    assert deferred_by(ours, now)["sync.schedule"] == [int(now // 60 * 60)]
    assert "sync.schedule" not in deferred_by(ours, now)
    assert deferred_by(ours, now + 60)["sync.schedule"] == [int(now // 60 * 60) + 60]


def test_ticks_that_a_clock_leapt_over_run_once() -> None:
    ours, now = ticks(), time.time()
    deferred_by(ours, now)
    after = deferred_by(ours, now + timedelta(days=40).total_seconds())
    assert {len(found) for found in after.values()} == {1}


def test_the_nights_work_of_a_computer_that_was_off_is_done_when_it_is_on() -> None:
    midnight = 1_790_000_000 // 86_400 * 86_400
    at_nine = deferred_by(ticks(), midnight + 9 * 3600)
    assert at_nine["ops.retention"] == [midnight - 5 * 3600 + 17 * 60]


def test_turns_that_lie_further_ahead_than_any_pause_count_as_now() -> None:
    limit = (("lazada:shop:my:clock", 5.0),)
    assert pace.take(limit) == 0.0
    Turn.objects.update(free_at=timezone.now() + AHEAD, wanted_until=timezone.now() + AHEAD)
    assert pace.take(limit) > 3000
    with all_companies():
        bring_back()
    assert pace.take(limit) < 1.0


def test_a_pause_that_a_marketplace_asked_for_stays() -> None:
    pace.hold("lazada:shop:my:clock", 60.0)
    with all_companies():
        bring_back()
    assert pace.take((("lazada:shop:my:clock", 5.0),)) > 50


def test_leases_of_a_wrong_clock_are_taken_over(store: Store) -> None:
    now = timezone.now()
    common = {"company_id": store.company_id, "held_until": now + AHEAD}
    with company_scope(store.company_id):
        lane = Lane.objects.create(name="clock", **common)
        pull = Pull.objects.create(
            store=store, part=Part.ORDERS, kind=Pull.Kind.REGULAR, since=now, until=now,
            reached=now, **common,
        )  # fmt: skip
    with all_companies():
        bring_back()
    with company_scope(store.company_id):
        pull.refresh_from_db()
        assert pull.held_until is not None
        assert pull.held_until <= timezone.now()
        drain(lane.pk)
        lane.refresh_from_db()
        assert lane.token == 1, "somebody else holds it now"


def test_what_sleeps_until_a_moment_of_a_wrong_clock_wakes(store: Store) -> None:
    later = timezone.now() + timedelta(days=40)
    common = {"company_id": store.company_id, "store": store}
    with company_scope(store.company_id):
        Named.objects.create(order_id="1", named_at=later, **common)
        Unread.objects.create(order_id="2", words="so", last_at=later, next_at=later, **common)
        defer_unread(store, seconds=AHEAD.total_seconds())
    with all_companies():
        assert bring_back() == 3
        assert bring_back() == 0
        now = timezone.now()
        assert Named.objects.get().named_at <= now
        assert Unread.objects.get().next_at <= now
    job = ProcrastinateJob.objects.get(task_name="sync.unread")
    assert job.scheduled_at is not None
    assert job.scheduled_at <= now
