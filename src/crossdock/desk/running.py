"""The batches that run in the company just now, whoever began them."""

from __future__ import annotations

from crossdock.work.batch import Progress, running_with_progress
from crossdock.work.models import Batch

_SHOWN = 3


def running_batches() -> list[tuple[Batch, Progress]]:
    """The newest few, with how far they are."""
    return running_with_progress(_SHOWN)
