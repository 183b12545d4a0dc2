"""A job that waits already is not deferred again, and PostgreSQL has nothing to complain about."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

from crossdock.companies.scope import company_scope
from crossdock.orders.models import Order
from crossdock.posting.jobs import read_changed_codes
from crossdock.posting.models import SqlAccount
from crossdock.stores.models import Store
from crossdock.sync.pull import look_at
from crossdock.sync.schedule import schedule
from crossdock.work import recover
from crossdock.work.batch import finish_done
from crossdock.work.jobs import SLOW, drain_lane
from crossdock.work.models import Attempt, Batch, Lane, Priority, State
from crossdock.work.once import defer_once
from crossdock.work.ticks import Ticks
from tests.cast import Cast
from tests.sandbox.running import RunningSandbox
from tests.work.waiting import refused_statements

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_other_jobs(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def waiting() -> list[tuple[str, dict[str, Any]]]:
    return list(ProcrastinateJob.objects.filter(status="todo").values_list("queueing_lock", "args"))


def drain_once(lane: int) -> None:
    defer_once(drain_lane, f"drain {lane}", queue=SLOW, company_id=1, lane_id=lane)


def test_a_job_that_waits_is_not_deferred_again_and_no_statement_is_refused() -> None:
    with refused_statements() as refused:
        for _ in range(3):
            drain_once(7)
        drain_once(8)
    assert waiting() == [
        ("drain 7", {"company_id": 1, "lane_id": 7}),
        ("drain 8", {"company_id": 1, "lane_id": 8}),
    ]
    assert refused == []


def test_a_job_that_runs_already_does_not_count_as_one_that_waits() -> None:
    drain_once(7)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    drain_once(7)
    assert len(waiting()) == 1


def test_what_the_caller_rolls_back_leaves_no_job() -> None:
    with transaction.atomic():
        drain_once(7)
        transaction.set_rollback(True)
    assert waiting() == []


def test_a_job_for_later_has_its_time_its_priority_and_its_lock() -> None:
    defer_once(
        drain_lane, "later", queue=SLOW, seconds=60, priority=-5, lock="one at a time", lane_id=1
    )
    (job,) = ProcrastinateJob.objects.all()
    assert (job.queue_name, job.priority, job.lock) == (SLOW, -5, "one at a time")
    assert job.scheduled_at is not None
    assert job.status == "todo"


def test_many_that_defer_the_same_at_once_leave_one_job_and_no_refused_statement() -> None:
    refusals: list[list[str]] = []
    together = threading.Barrier(8)

    def defer() -> None:
        with refused_statements() as refused:
            together.wait(10)
            drain_once(7)
            refusals.append(refused)
        connection.close()

    threads = [threading.Thread(target=defer) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert len(waiting()) == 1
    assert refusals == [[]] * 8


def test_sweeps_and_schedules_that_find_their_work_still_waiting_are_silent(
    cast: Cast, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What runs by itself all day long, beside a queue that is behind."""
    with company_scope(cast.acme):
        lane = Lane.objects.create(company=cast.acme, name="a lane")
        SqlAccount.objects.create(company=cast.acme, codes_read_at=timezone.now())
    monkeypatch.setattr(recover, "idle_lanes_with_work", lambda: [lane])
    with refused_statements() as refused:
        for minute in range(3):
            schedule(timestamp=minute)
            recover.sweep()
            read_changed_codes(timestamp=minute)
    names = [name.split()[0] for name, _ in waiting() if name]
    assert sorted(names) == ["drain", f"posting.codes.{cast.acme.pk}", "sync.pull"]
    assert refused == []


def test_a_batch_that_waits_to_be_closed_is_deferred_once_however_often_its_lane_is_drained(
    cast: Cast, store: Store, sandbox: RunningSandbox
) -> None:
    """A queue that was behind grew by every done batch at every drain: 170,000 jobs in half an hour."""
    with company_scope(cast.acme):
        lane = Lane.objects.create(company=cast.acme, name="a lane")
        batches = [settled_batch(cast, store, sandbox, lane) for _ in range(3)]
        for _ in range(4):
            finish_done(lane.pk)
        recover.sweep()
    finishing = [name for name, _ in waiting() if name and name.startswith("finish")]
    assert sorted(finishing) == [f"finish {pk}" for pk in batches]


def settled_batch(cast: Cast, store: Store, sandbox: RunningSandbox, lane: Lane) -> int:
    """A batch whose only attempt is done, and which nobody closed yet."""
    batch = Batch.objects.create(
        company=cast.acme, person=cast.pat, action="pack", form_key=f"{time.time_ns()}",
        filled_at=timezone.now(),
    )  # fmt: skip
    (order_id,) = sandbox.orders(1)
    look_at(store, [order_id])
    order = Order.objects.get(channel_order_id=order_id)
    Attempt.objects.create(
        company=cast.acme, batch=batch, order=order, lane=lane, action="pack", state=State.DONE,
        priority=Priority.BATCH,
    )  # fmt: skip
    return batch.pk


def test_a_tick_whose_job_still_waits_defers_none_and_no_statement_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused: list[str] = []
    plain = JobManager.defer_periodic_job

    async def watched(manager: JobManager, job: Job, **more: Any) -> int | None:
        try:
            return await plain(manager, job, **more)
        except Exception:
            refused.append(job.task_name)
            raise

    monkeypatch.setattr(JobManager, "defer_periodic_job", watched)
    asyncio.run(_tick_each_minute(3))
    assert refused == []
    assert [name for name, _ in waiting()].count("sync.schedule") == 1


async def _tick_each_minute(minutes: int) -> None:
    """As a worker does, beside a queue from which nobody takes."""
    ours = Ticks(registry=app.periodic_registry)
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        async with worker.open_async():
            for minute in range(minutes):
                await ours.defer_jobs(ours.get_previous_tasks(at=1_790_000_000 + 60 * minute))


def test_nobody_else_defers_by_an_insert_that_is_meant_to_fail() -> None:
    source = Path(__file__).parents[2] / "src/crossdock"
    assert [path for path in source.rglob("*.py") if "AlreadyEnqueued" in path.read_text()] == []
