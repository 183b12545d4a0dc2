"""What the icon beside Post Order says, from the runs of the whole company."""

from __future__ import annotations

from enum import StrEnum

from crossdock.work.batch import FAILED, RUNNING
from crossdock.work.models import Attempt, Batch, State

_BAD = (*FAILED, State.UNCLEAR, State.WAITING)
"""Outcomes that a person must look at, or do something for."""


class PostingStatus(StrEnum):
    """Blue, red, green, or nothing posted yet."""

    IN_PROGRESS = "Posting in progress"
    FAILED = "Posting failed"
    COMPLETED = "Posting completed"
    NONE = "Nothing posted yet"


def posting_status() -> PostingStatus:
    """In progress while any order of any run goes on without a person; else failed if one of the newest
    run was refused or waits for a person; else completed."""
    runs = Batch.objects.filter(action="post")
    newest = runs.order_by("-pk").values_list("pk", flat=True).first()
    if newest is None:
        return PostingStatus.NONE
    moving = Attempt.objects.filter(lane__name="sqlaccount", state__in=RUNNING)
    if runs.filter(filled_at__isnull=True).exists() or moving.exists():
        return PostingStatus.IN_PROGRESS
    bad = Attempt.objects.filter(batch__in=_at_work_on(newest), state__in=_BAD)
    return PostingStatus.FAILED if bad.exists() else PostingStatus.COMPLETED


def _at_work_on(batch_id: int) -> list[int]:
    """A run, and those that were at some of its orders already when it began."""
    elsewhere = Attempt.objects.filter(
        batch=batch_id, state=State.ALREADY, result__batch__isnull=False
    )
    others = elsewhere.values_list("result__batch", flat=True).distinct()
    return [batch_id, *(int(other) for other in others if other is not None)]
