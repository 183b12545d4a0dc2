"""The batches that run in the company just now, whoever began them."""

from __future__ import annotations

from collections.abc import Collection

from crossdock.work.batch import Progress, progress_of, running, running_with_progress
from crossdock.work.models import Batch

_SHOWN = 3


def running_batches() -> list[tuple[Batch, Progress]]:
    """The newest few, with how far they are."""
    return running_with_progress(_SHOWN)


def running_beside(known: Collection[int]) -> list[tuple[Batch, Progress]]:
    """Those of them that are not among the known ones. Nothing is counted while there is none."""
    new = [batch for batch in running()[:_SHOWN] if batch.pk not in known]
    told = progress_of(new) if new else {}
    return [(batch, told[batch.pk]) for batch in new]
