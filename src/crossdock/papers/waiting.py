"""Papers that wait to be made: whose turn it is, and what becomes of a try that fails.

Companies take turns, and the people of a company among them: fifty papers of one person make another
wait for one. Large papers have a maker of their own, beside the batches, and never hold up small ones.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from django.db import connection, transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from crossdock.companies.scope import all_companies, company_scope
from crossdock.filing import StoreAway
from crossdock.papers.making import make, must_wait
from crossdock.papers.models import Paper

log = structlog.get_logger(__name__)

PAUSES = (timedelta(seconds=2), timedelta(seconds=10), timedelta(seconds=30))
"""After a try that failed; after the last of them no other follows by itself."""
STORE_PAUSE, STORE_PATIENCE = timedelta(seconds=30), timedelta(days=1)
"""While the store of files is away: that is no try, and a paper waits for it so long from when it was asked for."""
WAITING = Q(made_at__isnull=True, failed_words="")
"""Asked for, and neither made nor given up."""
_OVERDUE = timedelta(seconds=30)
_A_MOMENT = timedelta(seconds=1)
_SLICE_SECONDS = 20.0
_LOCK_CLASS = 7104
_ENDED = "the process that made it ended in the middle, each time"
_STORE_AWAY = "the store of files does not answer at the moment."


def go_on(*, large: bool) -> float | None:
    """Make what waits for a while; the seconds after which to come back, None when nothing waits.

    One maker at a time: where another is at it, this one ends, and that one looks once more.
    """
    with _alone(large) as first:
        if not first:
            return None
        until = time.monotonic() + _SLICE_SECONDS
        while time.monotonic() < until and (paper := take(large=large)) is not None:
            _try(paper)
    return _seconds_until_due(large)


def take(*, large: bool) -> Paper | None:
    """The paper whose turn it is, begun; None when none is due. One that must still wait is put off."""
    with all_companies(), transaction.atomic():
        paper = _in_turn(large).select_for_update(of=("self",), skip_locked=True).first()
        if paper is None:
            return None
        paper.tries += 1
        if paper.tries > len(PAUSES) + 1:
            _give_up(paper, _ENDED)
            return take(large=large)
        Paper.objects.filter(pk=paper.pk).update(begun_at=Now(), tries=paper.tries)
        return paper


def ask_again(paper: Paper) -> None:
    """Have a paper that could not be made tried anew; its job is deferred by the caller, in this transaction."""
    paper.failed_words, paper.put_off_words, paper.tries = "", "", 0
    paper.save(update_fields=["failed_words", "put_off_words", "tries"])
    Paper.objects.filter(pk=paper.pk).update(due_at=Now(), made_at=None)


def overdue() -> list[Paper]:
    """One paper of each size that has been due for a while: whoever had to make it is gone."""
    with all_companies():
        rows = Paper.objects.filter(WAITING, due_at__lte=Now() - _OVERDUE).order_by("pk")
        found = (rows.filter(is_large=large).first() for large in (False, True))
        return [paper for paper in found if paper is not None]


def _in_turn(large: bool) -> QuerySet[Paper]:
    def last_begun(**same: OuterRef) -> Subquery:
        begun = Paper.objects.filter(begun_at__isnull=False, **same).order_by("-begun_at")
        return Subquery(begun.values("begun_at")[:1])

    company = OuterRef("company")
    return (
        _due(large)
        .annotate(
            company_begun=last_begun(company=company),
            person_begun=last_begun(company=company, person=OuterRef("person")),
        )
        .order_by(
            F("company_begun").asc(nulls_first=True), F("person_begun").asc(nulls_first=True), "pk"
        )
        .select_related("person", "company")
    )


def _due(large: bool) -> QuerySet[Paper]:
    return _waiting(large).filter(due_at__lte=Now())


def _waiting(large: bool) -> QuerySet[Paper]:
    return Paper.objects.filter(WAITING, is_large=large)


def _try(paper: Paper) -> None:
    with company_scope(paper.company_id):
        if must_wait(paper.pk):
            Paper.objects.filter(pk=paper.pk).update(due_at=Now() + _A_MOMENT, tries=F("tries") - 1)
            return
        try:
            make(paper.pk)
        except StoreAway as error:
            log.warning("a paper waits for the store of files", paper=paper.pk, why=str(error))
            _await_store(paper)
        except Exception as error:
            log.exception("a paper could not be made", paper=paper.pk, tries=paper.tries)
            _put_off(paper, _words(error))


def _await_store(paper: Paper) -> None:
    if timezone.now() - paper.asked_at > STORE_PATIENCE:
        _give_up(paper, f"{_STORE_AWAY} Nothing is lost: try again later.")
        return
    Paper.objects.filter(pk=paper.pk).update(
        due_at=Now() + STORE_PAUSE, put_off_words=_STORE_AWAY, tries=F("tries") - 1
    )


def _put_off(paper: Paper, words: str) -> None:
    if paper.tries > len(PAUSES):
        _give_up(paper, words)
        return
    later = Now() + PAUSES[paper.tries - 1]
    Paper.objects.filter(pk=paper.pk).update(due_at=later, put_off_words=words)


def _give_up(paper: Paper, words: str) -> None:
    Paper.objects.filter(pk=paper.pk).update(failed_words=words, tries=0)


def _words(error: Exception) -> str:
    """What went wrong, for those who wait: an operator finds the rest in the log."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "there is no room left on the disk of this installation: tell its operator."
    return "something went wrong here; the operator finds the reason in the log."


def _seconds_until_due(large: bool) -> float | None:
    with all_companies():
        rows = _waiting(large).order_by("due_at").annotate(left=F("due_at") - Now())
        left: timedelta | None = rows.values_list("left", flat=True).first()
    return None if left is None else max(left.total_seconds(), 0.0)


@contextmanager
def _alone(large: bool) -> Iterator[bool]:
    """Whether we are the one maker; the database gives the place back when a worker dies."""
    first = _ask("SELECT pg_try_advisory_lock(%s, %s)", large)
    try:
        yield first
    finally:
        if first:
            _ask("SELECT pg_advisory_unlock(%s, %s)", large)


def _ask(statement: str, large: bool) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [_LOCK_CLASS, int(large)])
        row = cursor.fetchone()
    return bool(row and row[0])
