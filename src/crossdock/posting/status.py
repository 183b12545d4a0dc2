"""What the icon beside Post Order says: the company's newest run, in one query."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import Count, Q

from crossdock.work.batch import FAILED, RUNNING
from crossdock.work.models import Batch, State


class PostingStatus(StrEnum):
    """Blue, red, green, or nothing posted yet."""

    IN_PROGRESS = "Posting in progress"
    FAILED = "Posting failed"
    COMPLETED = "Posting completed"
    NONE = "Nothing posted yet"


def posting_status() -> PostingStatus:
    """Of the newest run: in progress while any order is open, failed if one was refused, else completed."""
    newest = (
        Batch.objects.filter(action="post")
        .annotate(
            open=Count("attempts", filter=Q(attempts__state__in=RUNNING)),
            bad=Count(
                "attempts", filter=Q(attempts__state__in=(*FAILED, State.UNCLEAR, State.WAITING))
            ),
        )
        .order_by("-pk")
        .values_list("open", "bad", "filled_at")
        .first()
    )
    if newest is None:
        return PostingStatus.NONE
    still_open, bad, filled_at = newest
    if still_open or filled_at is None:
        return PostingStatus.IN_PROGRESS
    return PostingStatus.FAILED if bad else PostingStatus.COMPLETED
