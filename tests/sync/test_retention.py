"""What sync leaves behind is deleted in time, and what is still needed stays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from crossdock.companies.scope import company_scope
from crossdock.ops.retention import old_jobs, old_messages, old_runs
from crossdock.stores.models import Store
from crossdock.sync.jobs import read_named
from crossdock.sync.models import Counter, DayCheck, Message, Pull

pytestmark = pytest.mark.django_db(transaction=True)


def test_runs_proofs_and_counts_go_when_nobody_needs_them(store: Store) -> None:
    now = timezone.now()

    def pull(kind: str, days: int, **more: object) -> int:
        ended = now - timedelta(days=days)
        told = {"since": ended, "until": ended, "reached": ended, "finished_at": ended, **more}
        return Pull.objects.create(company=store.company, store=store, kind=kind, **told).pk

    with company_scope(store.company_id):
        kept = {
            pull("regular", 6),
            pull("regular", 60, finished_at=None),
            pull("first", 900),
            pull("asked", 80),
        }
        pull("regular", 8)
        pull("asked", 91)
        for days in (399, 401):
            at = now - timedelta(days=days)
            DayCheck.objects.create(
                company=store.company, store=store, why="nightly", since=at, until=at,
                day=date(2025, 1, 1), finished_at=at,
            )  # fmt: skip
            row = Counter.objects.create(name="webhook taken", store=store)
            Counter.objects.filter(pk=row.pk).update(at=at)
    assert old_runs() == 4
    assert old_runs() == 0
    with company_scope(store.company_id):
        assert set(Pull.objects.values_list("pk", flat=True)) == kept
        assert (DayCheck.objects.count(), Counter.objects.count()) == (1, 1)


def test_messages_are_kept_for_a_week(db: None) -> None:
    for name, days in (("old", 8), ("new", 6)):
        row = Message.objects.create(channel="lazada", event_id=name, body=b"{}")
        at = timezone.now() - timedelta(days=days)
        Message.objects.filter(pk=row.pk).update(received_at=at)
    assert old_messages() == 1
    assert Message.objects.get().event_id == "new"


def test_jobs_that_failed_are_kept_for_two_weeks(transactional_db: None) -> None:
    def failed(days: int) -> int:
        job = int(read_named.configure(queue="fast").defer(company_id=1, store_id=days))
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [job])
            cursor.execute(
                "UPDATE procrastinate_events SET at = now() - make_interval(days => %s)"
                " WHERE job_id = %s",
                [days, job],
            )
        return job

    new, _ = failed(13), failed(15)
    waiting = int(read_named.configure(queue="fast").defer(company_id=1, store_id=1))
    old_jobs()
    assert set(ProcrastinateJob.objects.values_list("pk", flat=True)) >= {new, waiting}
    assert not ProcrastinateJob.objects.filter(args__store_id=15).exists()
