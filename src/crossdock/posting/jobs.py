"""The jobs of this room."""

from __future__ import annotations

import structlog
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from crossdock.channels.errors import NotSent, Throttled
from crossdock.companies.scope import all_companies, company_scope
from crossdock.posting.automatic import post_what_is_due
from crossdock.posting.mapping import connection
from crossdock.posting.models import PostWhen, Reconciliation, SqlAccount
from crossdock.posting.reading_codes import read_codes
from crossdock.posting.reconcile import reconcile
from crossdock.posting.settlements import read_settlements
from crossdock.work.jobs import FAST, SLOW

log = structlog.get_logger(__name__)

_AGAIN = RetryStrategy(max_attempts=5, exponential_wait=5, retry_exceptions={NotSent, Throttled})


@app.task(name="posting.codes", queue=FAST, retry=_AGAIN)
def read_books_codes(company_id: int) -> None:
    """Read the codes of a company's books anew."""
    with company_scope(company_id):
        read_codes(connection())


@app.task(name="posting.reconcile", queue=SLOW)
def reconcile_books(company_id: int, run_id: int) -> None:
    """Compare our postings with the books."""
    with company_scope(company_id):
        run = Reconciliation.objects.get(pk=run_id)
        if run.finished_at is None:
            run.read = 0
            reconcile(run)


@app.periodic(cron="*/2 * * * *")
@app.task(name="posting.settlements", queue=SLOW, queueing_lock="posting.settlements")
def read_all_settlements(timestamp: int) -> None:
    """Every two minutes: read what channels pay, for the companies that post it."""
    del timestamp
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
    with all_companies():
        wished = SqlAccount.objects.exclude(post_when=PostWhen.MANUAL).select_related("company")
        books = list(wished)
    for one in books:
        with company_scope(one.company_id):
            try:
                post_what_is_due(one.company, one)
            except Exception:
                log.exception("posting by itself stumbled", company=one.company_id)
