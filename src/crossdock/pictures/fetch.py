"""Fetching what is due: asked for once, made small, kept; a host that is down is left in peace."""

from __future__ import annotations

import time
from collections import Counter

import structlog
from django.utils import timezone

from crossdock.pictures.download import HostIsDown, NotFetched, body_at
from crossdock.pictures.due import give_back, put_off_host, take
from crossdock.pictures.files import keep
from crossdock.pictures.models import Picture
from crossdock.pictures.squares import NotAPicture, squares

log = structlog.get_logger(__name__)

_AT_ONCE = 20
_MOST_FAILURES = 3
"""So many in a row, and the host counts as down: one picture that never comes is not the host."""


def fetch_due(*, seconds: float) -> None:
    """Fetch pictures of the running scope's company that are due, for about so long."""
    ends = time.monotonic() + seconds
    failures: Counter[str] = Counter()
    while time.monotonic() < ends and (taken := take(_AT_ONCE)):
        while taken and time.monotonic() < ends:
            _fetch(taken.pop(), failures)
        give_back(taken)


def _fetch(picture: Picture, failures: Counter[str]) -> None:
    """Fetch one picture; ``failures``: host → how often it did not answer since it last did."""
    if failures[picture.host] >= _MOST_FAILURES:
        return
    try:
        made = squares(body_at(picture.url))
    except HostIsDown as problem:
        failures[picture.host] += 1
        _note(picture, problem)
        if failures[picture.host] == _MOST_FAILURES:
            put_off_host(picture.host)
    except (NotFetched, NotAPicture) as problem:
        failures[picture.host] = 0
        _note(picture, problem)
    else:
        failures[picture.host] = 0
        keep(picture, made)
        Picture.objects.filter(pk=picture.pk).update(
            fetched_at=timezone.now(), due_at=None, problem=""
        )


def _note(picture: Picture, problem: Exception) -> None:
    log.info("a picture did not come", picture=picture.pk, host=picture.host, words=str(problem))
    Picture.objects.filter(pk=picture.pk).update(problem=str(problem)[:300])
