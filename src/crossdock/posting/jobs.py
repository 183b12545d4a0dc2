"""The jobs of this room."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from crossdock.channels.errors import NotSent, Throttled
from crossdock.companies.scope import company_scope
from crossdock.posting.connect import read_codes
from crossdock.posting.mapping import connection
from crossdock.work.jobs import FAST

_AGAIN = RetryStrategy(max_attempts=5, exponential_wait=5, retry_exceptions={NotSent, Throttled})


@app.task(name="posting.codes", queue=FAST, retry=_AGAIN)
def read_books_codes(company_id: int) -> None:
    """Read the codes of a company's books anew."""
    with company_scope(company_id):
        read_codes(connection())
