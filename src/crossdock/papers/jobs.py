"""The jobs of this room. A job carries its company and opens its scope."""

from __future__ import annotations

from procrastinate.contrib.django import app

from crossdock.companies.scope import company_scope
from crossdock.work.jobs import FAST


@app.task(name="papers.make", queue=FAST)
def make_paper(company_id: int, paper_id: int) -> None:
    """Lay out a paper that somebody waits for."""
    from crossdock.papers.making import make

    with company_scope(company_id):
        make(paper_id)
