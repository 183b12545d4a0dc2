"""What a dead worker left is done by the others."""

from __future__ import annotations

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from crossdock.sync.jobs import read_named
from crossdock.work.recover import put_back_stalled_jobs
from crossdock.work.times import times

LOCK = "sync.named 77"


@pytest.fixture(autouse=True)
def no_other_jobs(transactional_db: None) -> None:
    """Jobs of other tests hold no lock here."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def deferred(queueing_lock: str, lock: str = LOCK) -> int:
    """A job that waits."""
    task = read_named.configure(lock=lock, queueing_lock=queueing_lock, queue="fast")
    return int(task.defer(company_id=1, store_id=77))


def taken_by_a_dead_worker(job: int) -> None:
    """As a worker leaves it that was killed in the middle."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - make_interval(secs => %s)) RETURNING id",
            [times().stalled + 60],
        )
        (worker,) = cursor.fetchone() or (0,)
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, attempts = 1 WHERE id = %s",
            [worker, job],
        )


def statuses() -> dict[int, str]:
    return dict(ProcrastinateJob.objects.values_list("id", "status"))


def taken() -> int | None:
    """The job that a living worker would take now."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        (worker,) = cursor.fetchone() or (0,)
        cursor.execute("SELECT id FROM procrastinate_fetch_job_v2(NULL, %s)", [worker])
        found = cursor.fetchone()
    return int(found[0]) if found and found[0] is not None else None


def test_a_dead_workers_job_waits_again() -> None:
    job = deferred(LOCK)
    taken_by_a_dead_worker(job)
    assert taken() is None
    assert put_back_stalled_jobs() == 1
    assert statuses()[job] == "todo"
    assert taken() == job


def test_where_the_same_job_waits_already_the_dead_workers_one_goes_and_blocks_nothing() -> None:
    left, other = deferred(LOCK), deferred("something else", lock="another")
    for job in (left, other):
        taken_by_a_dead_worker(job)
    twin = deferred(LOCK)
    assert taken() is None, "the dead worker's job holds the lock"
    assert put_back_stalled_jobs() == 2
    assert left not in statuses()
    assert statuses()[other] == "todo", "one job that cannot be put back spoils no other"
    assert {taken(), taken()} == {twin, other}
