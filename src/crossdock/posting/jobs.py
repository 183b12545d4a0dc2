"""The jobs of this room."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog
from procrastinate.contrib.django import app

from crossdock.channels.errors import NotSent, Throttled
from crossdock.companies.only_one import Patiently, is_copy
from crossdock.companies.scope import all_companies, company_scope
from crossdock.posting.automatic import post_what_is_due
from crossdock.posting.importing import carry_out
from crossdock.posting.mapping import connection
from crossdock.posting.models import MappingSheet, PostWhen, Reconciliation, SqlAccount
from crossdock.posting.reading_codes import read_codes
from crossdock.posting.reconcile import reconcile
from crossdock.posting.settlements import read_settlements
from crossdock.work.jobs import FAST, SLOW
from crossdock.work.once import defer_once

log = structlog.get_logger(__name__)

_SUNDAY, _HOUR_OF_ALL = 6, 19
"""UTC: Monday, 3 o'clock in Kuala Lumpur."""
_AGAIN = Patiently(max_attempts=5, exponential_wait=5, retry_exceptions={NotSent, Throttled})


@app.task(name="posting.codes", queue=FAST, retry=_AGAIN)
def read_books_codes(company_id: int, whole: bool = True, sparing: bool = False) -> None:
    """Read the codes of a company's books anew, or what has changed of them."""
    with company_scope(company_id):
        read_codes(connection(), whole=whole, sparing=sparing)


@app.periodic(cron="23 * * * *")
@app.task(name="posting.changed_codes", queue=SLOW, queueing_lock="posting.changed_codes")
def read_changed_codes(timestamp: int) -> None:
    """Every hour what has changed in the books; once a week all of it, since nothing tells
    what is gone."""
    if is_copy():
        return
    at = datetime.fromtimestamp(timestamp, UTC)
    whole = at.weekday() == _SUNDAY and at.hour == _HOUR_OF_ALL
    with all_companies():
        known = SqlAccount.objects.filter(codes_read_at__isnull=False)
        companies = list(known.values_list("company_id", flat=True))
    for company_id in companies:
        defer_once(
            read_books_codes,
            f"posting.codes.{company_id}",
            queue=SLOW,
            priority=-1,
            company_id=company_id,
            whole=whole,
            sparing=True,
        )


@app.task(name="posting.reconcile", queue=SLOW)
def reconcile_books(company_id: int, run_id: int) -> None:
    """Compare our postings with the books."""
    with company_scope(company_id):
        run = Reconciliation.objects.filter(pk=run_id, finished_at__isnull=True).first()
        if run is not None:
            run.read = 0
            reconcile(run)


@app.task(name="posting.sheet", queue=SLOW)
def import_sheet(company_id: int, sheet_id: int) -> None:
    """Map SKUs as in a sheet that was shown."""
    with company_scope(company_id):
        sheet = MappingSheet.objects.filter(pk=sheet_id, begun_at__isnull=False).first()
        if sheet is not None:
            carry_out(sheet)


@app.periodic(cron="*/2 * * * *")
@app.task(name="posting.settlements", queue=SLOW, queueing_lock="posting.settlements")
def read_all_settlements(timestamp: int) -> None:
    """Every two minutes: read what channels pay, for the companies that post it."""
    del timestamp
    if is_copy():
        return
    with all_companies():
        wished = list(SqlAccount.objects.filter(fees_since__isnull=False).select_related("company"))
    for one in wished:
        with company_scope(one.company_id):
            try:
                read_settlements(one)
            except Exception:
                log.exception("settlements could not be read", company=one.company_id)


@app.periodic(cron="*/2 * * * *")
@app.task(name="posting.automatic", queue=SLOW, queueing_lock="posting.automatic")
def post_automatically(timestamp: int) -> None:
    """Every two minutes: post what is far enough, for the companies that wish it."""
    del timestamp
    if is_copy():
        return
    with all_companies():
        wished = SqlAccount.objects.exclude(post_when=PostWhen.MANUAL).select_related("company")
        books = list(wished)
    for one in books:
        with company_scope(one.company_id):
            try:
                post_what_is_due(one.company, one)
            except Exception:
                log.exception("posting by itself stumbled", company=one.company_id)
