"""The batches that run in the company just now, whoever began them."""

from __future__ import annotations

from crossdock.work.batch import Progress, progress_of, running
from crossdock.work.models import Batch

_SHOWN = 3


def running_batches() -> list[tuple[Batch, Progress]]:
    """The newest few, with how far they are: two queries, one when none runs."""
    newest = list(running()[:_SHOWN])
    told = progress_of(newest)
    return [(batch, told[batch.pk]) for batch in newest]
