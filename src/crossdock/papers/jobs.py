"""The jobs of this room. A job carries its company, though whose paper is made next is decided when it runs."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django import app

from crossdock.companies.scope import company_scope
from crossdock.papers.models import Paper
from crossdock.work.jobs import FAST, SLOW

_BEFORE_BATCHES = 5
"""Priority of a large paper: somebody waits for it."""


def defer_making(paper: Paper, *, seconds: float = 0.0) -> None:
    """Have this paper made when its turn has come; written in the caller's transaction."""
    options: dict[str, Any] = (
        {"queue": SLOW, "priority": _BEFORE_BATCHES} if paper.is_large else {"queue": FAST}
    )
    if seconds > 0:
        options["schedule_in"] = {"milliseconds": int(seconds * 1000)}
    make_paper.configure(**options).defer(company_id=paper.company_id, paper_id=paper.pk)


@app.task(name="papers.make", queue=FAST)
def make_paper(company_id: int, paper_id: int) -> None:
    """Make papers of this one's size, in turn, and come back while any waits."""
    from crossdock.papers.waiting import go_on

    with company_scope(company_id):
        paper = Paper.objects.get(pk=paper_id)
    pause = go_on(large=paper.is_large)
    if pause is not None:
        defer_making(paper, seconds=pause)


@app.periodic(cron="* * * * *")
@app.task(name="papers.again", queue=FAST, queueing_lock="papers.again")
def look_again(timestamp: int) -> None:
    """Every minute: have those made whose job was lost."""
    from crossdock.papers.waiting import overdue

    del timestamp
    for paper in overdue():
        defer_making(paper)
