"""The jobs of this room. A job carries its company and opens its scope."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django import app
from structlog.contextvars import bound_contextvars

from crossdock.companies.scope import company_scope
from crossdock.work.models import Batch, Priority
from crossdock.work.once import defer_once

FAST = "fast"
"""Scans, clicks and webhooks: a quarter of every worker's threads serves nothing else."""
SLOW = "slow"


def queue_for(priority: int) -> str:
    """The queue on which work of this priority waits."""
    return SLOW if priority >= Priority.BATCH else FAST


def defer_drain(company_id: int, lane_id: int, *, queue: str, seconds: float = 0.0) -> None:
    """Have a lane drained, now or later; written in the caller's transaction."""
    options: dict[str, Any] = {"queue": queue}
    if seconds > 0:
        options["schedule_in"] = {"milliseconds": int(seconds * 1000)}
    drain_lane.configure(**options).defer(company_id=company_id, lane_id=lane_id)


def defer_finish(batch: Batch) -> None:
    """Have a batch closed whose attempts are all settled, and committed as such, unless that waits already."""
    defer_once(
        finish_batch,
        f"finish {batch.pk}",
        queue=SLOW,
        company_id=batch.company_id,
        batch_id=batch.pk,
    )


@app.task(name="work.drain", queue=SLOW)
def drain_lane(company_id: int, lane_id: int) -> None:
    """Drain a lane, and come back when more is due."""
    from crossdock.work.batch import finish_done
    from crossdock.work.lane import drain

    with company_scope(company_id):
        pause = drain(lane_id)
        finish_done(lane_id)
        if pause is not None:
            defer_drain(company_id, lane_id, queue=SLOW, seconds=pause)


@app.task(name="work.fill", queue=SLOW)
def fill_batch(company_id: int, batch_id: int) -> None:
    """Write the attempts of a large batch, chunk by chunk."""
    from crossdock.work.batch import fill

    with company_scope(company_id), bound_contextvars(batch=batch_id):
        fill(batch_id)


@app.task(name="work.finish", queue=SLOW)
def finish_batch(company_id: int, batch_id: int) -> None:
    """Make a batch's product, and close it."""
    from crossdock.work.batch import finish

    with company_scope(company_id), bound_contextvars(batch=batch_id):
        finish(batch_id)
