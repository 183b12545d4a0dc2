"""The jobs of this room. One thread of all workers fetches pictures, and only while nothing else waits."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from procrastinate.contrib.django import app

from crossdock.companies.only_one import is_copy
from crossdock.companies.scope import all_companies, company_scope
from crossdock.pictures.due import due
from crossdock.pictures.fetch import fetch_due
from crossdock.pictures.models import Picture
from crossdock.pictures.wanting import want
from crossdock.work.jobs import SLOW
from crossdock.work.once import defer_once

_AFTER_ALL_ELSE = -10
_SLICE_SECONDS = 5.0
"""After so long another company's pictures have their turn."""


def defer_want(company_id: int, urls: Sequence[str]) -> None:
    """Have these pictures written down and fetched; written in the caller's transaction."""
    want_pictures.configure(priority=_AFTER_ALL_ELSE).defer(company_id=company_id, urls=list(urls))


def defer_fetch(company_id: int) -> None:
    """Have the company's pictures fetched that are due, unless such a job waits already."""
    defer_once(
        fetch_pictures,
        f"pictures.fetch {company_id}",
        queue=SLOW,
        priority=_AFTER_ALL_ELSE,
        company_id=company_id,
    )


@app.task(name="pictures.want", queue=SLOW)
def want_pictures(company_id: int, urls: Sequence[str]) -> None:
    """Write down which pictures are wanted."""
    with company_scope(company_id):
        want(company_id, urls)
        if due().exists():
            defer_fetch(company_id)


@app.task(name="pictures.fetch", queue=SLOW, lock="pictures.fetch")
def fetch_pictures(company_id: int) -> None:
    """Fetch for a while, and come back while more is due."""
    if is_copy():
        return
    with company_scope(company_id):
        fetch_due(seconds=_SLICE_SECONDS)
        if due().exists():
            defer_fetch(company_id)


@app.periodic(cron="* * * * *")
@app.task(name="pictures.again", queue=SLOW, queueing_lock="pictures.again")
def try_again(timestamp: int) -> None:
    """Every minute: have the pictures fetched whose next try has come."""
    del timestamp
    if is_copy():
        return
    with all_companies():
        companies = set(
            Picture.objects.filter(due_at__lte=timezone.now()).values_list("company_id", flat=True)
        )
    for company_id in companies:
        defer_fetch(company_id)
