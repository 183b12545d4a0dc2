"""Making a paper: asked for by a click, laid out by a job, in parts that fit into memory.

A job that is done again (its worker was killed) makes another file, under a name of its own: what somebody
reads never changes under them.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from crossdock import filing
from crossdock.companies.models import Company, Person
from crossdock.orders.facts import facts_of
from crossdock.orders.models import Order
from crossdock.papers.barcodes import NotABarcode
from crossdock.papers.manifests import manifest_parts, why_none
from crossdock.papers.models import Kind, Paper, PaperOrder, Size
from crossdock.papers.numbers import next_number
from crossdock.papers.picking import list_data, summary_data
from crossdock.papers.stamp import Stamp, stamp_of
from crossdock.papers.typeset import join, typeset
from crossdock.rules.allowed import may_pick
from crossdock.work.batch import selected
from crossdock.work.models import Attempt

log = structlog.get_logger(__name__)

_READ_WITHIN = timedelta(seconds=30)
LARGE = 300
"""Orders above which a paper is made beside the batches, and not beside scans and clicks."""
_CHUNK = 20
"""Orders that are laid out at once: more take more memory and are no faster."""


def ask_for(
    company: Company,
    person: Person,
    kind: Kind,
    *,
    form_key: str,
    selection: Mapping[str, Any],
    size: Size,
    options: Mapping[str, Any] | None = None,
) -> Paper:
    """Have a paper made of these orders. The same ``form_key`` gives the same paper."""
    from crossdock.papers.jobs import defer_making

    try:
        with transaction.atomic():
            paper = Paper.objects.create(
                company_id=company.pk,
                person=person,
                kind=kind.value,
                number=next_number(company.pk, Paper.objects.filter(kind=kind.value)),
                form_key=form_key,
                selection=dict(selection),
                size=size.value,
                options=dict(options or {}),
                is_large=_is_large(selection),
            )
            defer_making(paper)
            return paper
    except IntegrityError:
        return Paper.objects.get(form_key=form_key)


def _is_large(selection: Mapping[str, Any]) -> bool:
    ids = selection.get("ids")
    if ids is None:
        ids = selected(selection).order_by().values_list("pk", flat=True)[: LARGE + 1]
    return len(ids) > LARGE


def make(paper_id: int) -> None:
    """Lay out a paper. What cannot be printed is written down in words; anything else is raised, and
    tried again (``waiting``)."""
    paper = Paper.objects.select_related("person").get(pk=paper_id)
    try:
        _make(paper)
    except NotABarcode as problem:
        paper.failed_words = str(problem)
        paper.save(update_fields=["failed_words"])


def make_anew(paper: Paper) -> None:
    """Have the file of a paper made once more, since what it holds is not right any more."""
    from crossdock.papers.jobs import make_paper

    with transaction.atomic():
        rows = Paper.objects.filter(pk=paper.pk, made_at__isnull=False)
        if rows.update(made_at=None, file="", failed_words=""):
            make_paper.defer(company_id=paper.company_id, paper_id=paper.pk)


def must_wait(paper_id: int) -> bool:
    """Whether orders of a manifest were shipped a moment ago, and are just being read again: before
    that the book does not know that they are ready. Not for ever."""
    paper = Paper.objects.get(pk=paper_id)
    if paper.kind != Kind.MANIFEST or timezone.now() - paper.asked_at > _READ_WITHIN:
        return False
    ids = paper.selection.get("ids", ())
    return Attempt.objects.filter(order__in=ids, unread=True).exists()


def file_of(paper: Paper) -> str | None:
    """What the paper's PDF is kept as; None where there is none (any more)."""
    return paper.file if paper.file and filing.is_kept(paper.file) else None


def _make(paper: Paper) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = list(_parts(paper, stamp_of(paper), Path(folder)))
        if not made:
            paper.failed_words = _nothing(paper)
        else:
            whole = Path(folder) / "whole.pdf"
            paper.page_count = join(made, whole)
            name = f"papers/{paper.company_id}/{paper}-{paper.pk}-{secrets.token_hex(4)}.pdf"
            paper.file = filing.keep_file(name, whole)
            paper.failed_words = ""
        paper.made_at = timezone.now()
        paper.save(
            update_fields=[
                "page_count",
                "file",
                "failed_words",
                "made_at",
                "order_count",
                "left_out",
                "laid_out",
            ]
        )


def _parts(paper: Paper, stamp: Stamp, folder: Path) -> Iterator[Path]:
    """Lay out the paper's parts, each into a file."""
    chunks = _chunks(paper)
    if paper.kind == Kind.MANIFEST:
        yield from manifest_parts(paper, stamp, chunks, folder)
        return
    paper.left_out = {}
    if paper.kind == Kind.PICKING_SUMMARY:
        data = summary_data(chunks, stamp, folder)
        paper.order_count = data["order_count"]
        if data["needs"]:
            typeset(Kind.PICKING_SUMMARY.value, data, folder / "all.pdf")
            yield folder / "all.pdf"
            yield from _left_out(paper, stamp, folder)
        return
    PaperOrder.objects.filter(paper=paper).delete()
    paper.order_count = 0
    for number, chunk in enumerate(chunks):
        _keep_places(paper, chunk)
        part = folder / f"{number}.pdf"
        typeset(Kind.PICKING_LIST.value, list_data(chunk, stamp, folder), part)
        yield part
    if paper.order_count:
        yield from _left_out(paper, stamp, folder)


def _left_out(paper: Paper, stamp: Stamp, folder: Path) -> Iterator[Path]:
    """A last page that names the orders which are not on a picking list, where there are any."""
    if paper.left_out:
        part = folder / "not-on-list.pdf"
        typeset("not_on_list", {**stamp.data, "left_out": list(paper.left_out.values())}, part)
        yield part


def _keep_places(paper: Paper, chunk: Sequence[Order]) -> None:
    PaperOrder.objects.bulk_create(
        PaperOrder(company_id=paper.company_id, paper=paper, order=order, place=place)
        for place, order in enumerate(chunk, start=paper.order_count)
    )
    paper.order_count += len(chunk)


def _chunks(paper: Paper) -> Iterator[list[Order]]:
    """The paper's orders that have something to pick, in its order: as ticked, or oldest first."""
    ids = paper.selection.get("ids")
    if ids is None:
        ids = list(
            selected(paper.selection).order_by("created_at", "pk").values_list("pk", flat=True)
        )
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        rows = Order.objects.filter(pk__in=part).select_related("store")
        found = rows.prefetch_related("lines", "packages").in_bulk()
        if chunk := [found[pk] for pk in part if pk in found and _is_for(paper, found[pk])]:
            yield chunk


def _is_for(paper: Paper, order: Order) -> bool:
    """Whether the order has anything for this paper: items to pick, as far as they are known; a manifest
    says itself what it leaves out."""
    if paper.kind == Kind.MANIFEST:
        return True
    ruled = may_pick(facts_of(order))
    if not ruled.ok and order.units:
        paper.left_out[order.channel_order_id] = f"{order}: {ruled.why}."
    return ruled.ok


def _nothing(paper: Paper) -> str:
    """Why nothing is on a paper."""
    died = why_none(paper) if paper.kind == Kind.MANIFEST else []
    reasons = dict.fromkeys([*paper.left_out.values(), *died])
    return " ".join(reasons) or "None of these orders is left to print."
