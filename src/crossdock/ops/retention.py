"""The one place that deletes: what is kept for a time only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from asgiref.sync import async_to_sync
from django.db.models import Q, QuerySet
from django.utils import timezone
from procrastinate.contrib.django import app

from crossdock import filing
from crossdock.companies.models import AddressChange, Invitation, Tally
from crossdock.companies.only_one import is_copy
from crossdock.companies.scope import all_companies, company_scope
from crossdock.filing.folder import DRAFT
from crossdock.ops.long_over import remove_details
from crossdock.orders import proofs
from crossdock.orders.models import DeliveryTry
from crossdock.pictures.files import remove
from crossdock.pictures.models import Picture
from crossdock.posting.importing import forget_old as forget_old_sheets
from crossdock.rules.from_outside import whole
from crossdock.stores.models import SpentState
from crossdock.sync.models import Counter, DayCheck, Message, Pull
from crossdock.work.jobs import SLOW
from crossdock.work.models import Attempt, Batch

_MESSAGES = timedelta(days=7)
_JOBS = timedelta(days=14)
_VISITS = timedelta(days=1)
_FILES = timedelta(days=30)
_EVIDENCE = timedelta(days=30)
_PULLS = timedelta(days=7)
_ASKED_PULLS = timedelta(days=90)
_PROOFS = timedelta(days=400)
_PICTURES = timedelta(days=180)
_DELIVERIES = timedelta(days=365)
_ASKED = timedelta(days=30)
_CHUNK = 1000


@app.periodic(cron="17 19 * * *")
@app.task(name="ops.retention", queue=SLOW, queueing_lock="ops.retention")
def clean(timestamp: int) -> None:
    """Once a night, between 2 and 4 o'clock where the marketplaces are (UTC+7 to UTC+9), or as soon as a
    computer that was off is on: webhook bodies after 7 days, AWB files after 30, failed jobs after 14, evidence 30
    days after the answers that it went with have an outcome; visits to marketplaces, and sheets of SKU codes, after a day; runs
    of sync after 7 days (90 where a person asked), proofs of completeness and counts after 400; pictures
    that no order has named for 180; photos of deliveries after a year; invitations and changes of an
    address 30 days after they ended; details of orders that are over after the operator's own term."""
    del timestamp
    old_messages()
    old_visits()
    forget_old_sheets()
    if not (filing.place() and is_copy()):  # the other installation may need what is in the bucket
        old_files()
        old_evidence()
        old_delivery_photos()
        old_pictures()
    old_runs()
    old_jobs()
    old_invitations()
    remove_details()


def old_jobs() -> None:
    """Delete jobs that failed, were cancelled or aborted more than 14 days ago; done ones go at once."""
    async_to_sync(app.job_manager.delete_old_jobs)(
        nb_hours=int(_JOBS.total_seconds() // 3600),
        include_failed=True,
        include_cancelled=True,
        include_aborted=True,
    )


def old_visits() -> int:
    """Delete the marks of visits whose state has long expired; how many."""
    gone, _ = SpentState.objects.filter(spent_at__lt=timezone.now() - _VISITS).delete()
    return gone


def old_messages() -> int:
    """Delete webhook bodies that are older than a week, in chunks; how many."""
    return _in_chunks(Message.objects.filter(received_at__lt=timezone.now() - _MESSAGES))


def old_runs() -> int:
    """Delete runs of sync that ended long ago, old proofs of completeness, and old counts; how many.

    A store's first sync stays: the first pull of its returns reaches back as far.
    """
    now = timezone.now()
    with all_companies():
        ended = Pull.objects.filter(finished_at__isnull=False)
        return (
            _in_chunks(ended.filter(kind=Pull.Kind.REGULAR, finished_at__lt=now - _PULLS))
            + _in_chunks(ended.filter(kind=Pull.Kind.ASKED, finished_at__lt=now - _ASKED_PULLS))
            + _in_chunks(DayCheck.objects.filter(finished_at__lt=now - _PROOFS))
            + _in_chunks(Counter.objects.filter(at__lt=now - _PROOFS))
        )


def old_invitations() -> int:
    """Delete what was asked of addresses and has long ended, and tries that no limit counts any more;
    how many."""
    now = timezone.now()
    with all_companies():
        return (
            _in_chunks(Invitation.objects.filter(expires_at__lt=now - _ASKED))
            + _in_chunks(AddressChange.objects.filter(asked_at__lt=now - _ASKED))
            + _in_chunks(Tally.objects.filter(until__lt=now))
        )


def _in_chunks(rows: QuerySet[Any]) -> int:
    """Delete these rows, so many at a time that nobody waits long; how many."""
    gone = 0
    while chunk := list(rows.values_list("pk", flat=True)[:_CHUNK]):
        deleted, _ = rows.model._default_manager.filter(pk__in=chunk).delete()
        gone += deleted
    return gone


def old_files() -> int:
    """Delete AWB files that are older than 30 days; how many."""
    before = timezone.now() - _FILES
    old = [
        one.name
        for one in filing.listed()
        if one.name.endswith((".pdf", DRAFT)) and one.modified_at < before
    ]
    for name in old:
        filing.remove(name)
    return len(old)


def old_pictures() -> int:
    """Delete pictures that no order has named for long, file and row, in chunks; how many.

    The rows first say that no file is here: whoever is stopped in between leaves letters, never a hole.
    """
    gone = 0
    with all_companies():
        unused = Picture.objects.filter(seen_at__lt=timezone.now() - _PICTURES)
        while chunk := list(unused.only("company_id")[:_CHUNK]):
            rows = unused.filter(pk__in=[one.pk for one in chunk])
            rows.update(fetched_at=None, due_at=None)
            for picture in chunk:
                remove(picture)
            deleted, _ = rows.delete()
            gone += deleted
    return gone


def old_evidence() -> int:
    """Delete evidence that no answer of the last 30 days needs; how many folders.

    A folder is kept while an answer that names it is open, or was settled within the time.
    """
    since = timezone.now() - _EVIDENCE
    gone = 0
    for folder, kept in _evidence().items():
        company = whole(folder.split("/")[1])
        if company is None or max(one.modified_at for one in kept) >= since:
            continue
        with company_scope(company):
            answers = Attempt.objects.filter(batch__in=_batches_with(folder))
            is_needed = answers.filter(Q(settled_at=None) | Q(settled_at__gte=since)).exists()
        if not is_needed:
            filing.remove_all(folder)
            gone += 1
    return gone


def _evidence() -> dict[str, list[filing.Kept]]:
    """Folder → the evidence in it."""
    found: dict[str, list[filing.Kept]] = {}
    for one in filing.listed("evidence"):
        found.setdefault(one.name.rpartition("/")[0], []).append(one)
    return found


def old_delivery_photos() -> int:
    """Delete photos of deliveries of more than a year ago; how many."""
    with all_companies():
        old = DeliveryTry.objects.filter(at__lt=timezone.now() - _DELIVERIES).exclude(photo="")
        gone = 0
        while chunk := list(old[:_CHUNK]):
            for one in chunk:
                proofs.remove(one.photo)
            DeliveryTry.objects.filter(pk__in=[one.pk for one in chunk]).update(photo="")
            gone += len(chunk)
    return gone


def _batches_with(folder: str) -> QuerySet[Batch]:
    return Batch.objects.filter(action="answer_return", options__evidence__contains=[folder])
