"""The jobs of this room. A job carries its company and opens its scope."""

from __future__ import annotations

from procrastinate.contrib.django import app

from crossdock.companies.scope import company_scope
from crossdock.work.jobs import FAST


@app.task(name="papers.make", queue=FAST)
def make_paper(company_id: int, paper_id: int) -> None:
    """Lay out a paper that somebody waits for."""
    from crossdock.papers.making import make, must_wait

    with company_scope(company_id):
        if must_wait(paper_id):
            later = make_paper.configure(schedule_in={"seconds": 1})
            later.defer(company_id=company_id, paper_id=paper_id)
            return
        make(paper_id)
