"""Whose turn it is: the pictures that are due, taken so that whatever happens they are put off.

Taking a picture writes when it is due again. One that kills its worker, a host that does not answer,
a worker that is gone: all of them meet a distance that grows, and end after ``MOST_TRIES``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from crossdock.pictures.models import Picture

_PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(days=1),
)
"""How long a picture waits after its first try, its second, and so on."""
MOST_TRIES = len(_PAUSES) + 1
"""After so many it is given up, until a line names it again."""


def due() -> QuerySet[Picture]:
    """The pictures whose time has come."""
    return Picture.objects.filter(due_at__lte=timezone.now())


def take(most: int) -> list[Picture]:
    """Take pictures that are due, in no order, so that one that never comes holds up no other."""
    with transaction.atomic():
        taken = list(due().select_for_update(skip_locked=True).order_by("?")[:most])
        _put_off(Picture.objects.filter(pk__in=[one.pk for one in taken]))
    return taken


def give_back(pictures: Sequence[Picture]) -> None:
    """Let pictures that were taken be due again: nobody tried them."""
    Picture.objects.filter(pk__in=[one.pk for one in pictures]).update(
        due_at=timezone.now(), tries=F("tries") - 1
    )


def put_off_host(host: str) -> None:
    """Put off whatever is due of a host that does not answer: this was a try for all of it."""
    _put_off(due().filter(host=host))


def _put_off(pictures: QuerySet[Picture]) -> None:
    now = timezone.now()
    for tries in reversed(range(MOST_TRIES)):  # the most tried first: none is put off twice
        pictures.filter(tries=tries).update(tries=tries + 1, due_at=_after(tries, now))


def _after(tries: int, now: datetime) -> datetime | None:
    return now + _PAUSES[tries] if tries < len(_PAUSES) else None
