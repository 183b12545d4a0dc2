"""A sheet that was shown is kept, imported by a worker, and forgotten after a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from crossdock.companies.models import Company, Person
from crossdock.companies.scope import all_companies
from crossdock.posting.mapping_sheet import BadSheet, Change, Entry, dry_run, set_many
from crossdock.posting.models import MappingSheet

KEPT = timedelta(days=1)
_AT_ONCE = 500
"""SKUs that are mapped in one transaction."""


def keep(
    company: Company, person: Person, content: bytes, entries: Sequence[Entry]
) -> MappingSheet:
    """Keep a sheet as it was shown."""
    return MappingSheet.objects.create(
        company=company, person=person, content=content, going=len(_going(entries))
    )


def begin(sheet: MappingSheet) -> bool:
    """Note that its import was ordered; False where it was before, or is too long ago."""
    rows = MappingSheet.objects.filter(
        pk=sheet.pk, begun_at=None, shown_at__gte=timezone.now() - KEPT
    )
    return bool(rows.update(begun_at=timezone.now()))


def carry_out(sheet: MappingSheet) -> None:
    """Map what the sheet says, part by part. Done again after a kill it goes on with the rest: what is
    mapped is the same by then."""
    if sheet.finished_at is not None:
        return
    rows = MappingSheet.objects.filter(pk=sheet.pk)
    try:
        going = _going(dry_run(bytes(sheet.content)))
    except BadSheet as problem:
        rows.update(finished_at=timezone.now(), error=str(problem))
        return
    rows.update(done=max(sheet.going - len(going), 0))
    for part in _parts(going):
        with transaction.atomic():
            set_many(part, sheet.company_id)
            rows.update(done=F("done") + len(part))
    rows.update(finished_at=timezone.now(), content=b"")


def forget_old() -> int:
    """Delete the sheets that were shown more than a day ago; how many."""
    with all_companies():
        old = MappingSheet.objects.filter(shown_at__lt=timezone.now() - KEPT)
        return old.exclude(begun_at__isnull=False, finished_at=None).delete()[0]


def _going(entries: Sequence[Entry]) -> list[Entry]:
    return [one for one in entries if one.change in (Change.NEW, Change.CHANGED)]


def _parts(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    waiting = iter(entries)
    while part := list(islice(waiting, _AT_ONCE)):
        yield part
