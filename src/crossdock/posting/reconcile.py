"""Comparing our postings with what SQL Account holds over a period. It reads; repairs go by Post Order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from crossdock.channels.errors import ChannelError
from crossdock.companies.models import Company, Person
from crossdock.orders import marks
from crossdock.orders.record import locked
from crossdock.posting.connect import client_of
from crossdock.posting.mapping import connection
from crossdock.posting.models import Difference, PostedInvoice, Reconciliation, StoreCodes
from crossdock.posting.sqlaccount.answers import Record
from crossdock.posting.sqlaccount.documents import Kind, count_of, is_cancelled, total_of
from crossdock.work.batch import start
from crossdock.work.models import Batch, Priority

LONGEST = 92
"""Days in one comparison: the books are asked day by day."""
REPAIRED_BY_POSTING = frozenset(
    {
        Difference.Kind.MISSING,
        Difference.Kind.CANCELLED,
        Difference.Kind.TOTAL,
        Difference.Kind.EDITED,
    }
)


@dataclass(frozen=True, slots=True)
class Found:
    """A difference, before it is written."""

    kind: Difference.Kind
    number: str
    order_id: int | None = None
    ours: Decimal | None = None
    theirs: Decimal | None = None


def reconcile(run: Reconciliation) -> None:
    """Read the period from the books and write down every difference. An error ends it, and is told."""
    client = client_of(connection())
    there: defaultdict[str, list[Record]] = defaultdict(list)
    try:
        for day in _days(run.since, run.until):
            for head in client.dated(Kind.INVOICE, day):
                there[str(head.get("docno", ""))].append(head)
                run.read += 1
            run.save(update_fields=["read"])
    except ChannelError as error:
        run.error, run.finished_at = error.words, timezone.now()
        run.save(update_fields=["error", "finished_at"])
        return
    posted = list(
        PostedInvoice.objects.filter(day__range=(run.since, run.until), document_key__isnull=False)
    )
    customers = set(StoreCodes.objects.values_list("customer", flat=True))
    with transaction.atomic():
        Difference.objects.bulk_create(
            Difference(
                company_id=run.company_id,
                reconciliation=run,
                kind=one.kind,
                number=one.number,
                order_id=one.order_id,
                ours=one.ours,
                theirs=one.theirs,
            )
            for one in differences(posted, there, customers)
        )
        run.compared, run.finished_at = len(posted), timezone.now()
        run.save(update_fields=["compared", "finished_at"])


def differences(
    posted: Sequence[PostedInvoice],
    there: Mapping[str, Sequence[Record]],
    customers: set[str],
) -> Iterator[Found]:
    """What differs between our invoices and the heads of the books, by document number.

    ``customers``: the codes that our stores post under; documents of theirs that we know nothing of
    are told as extra.
    """
    for ours in posted:
        heads = _same(there.get(ours.number, ()))
        if len(heads) > 1:
            yield Found(Difference.Kind.DOUBLE, ours.number, ours.order_id, ours.total)
        if (kind := _kind(ours, heads)) is not None:
            theirs = total_of(heads[0]) if heads else None
            yield Found(kind, ours.number, ours.order_id, ours.total, theirs)
    known = {ours.number for ours in posted}
    for number, found in there.items():
        ours_by_customer = [head for head in found if str(head.get("code", "")) in customers]
        if number not in known and ours_by_customer:
            yield Found(Difference.Kind.EXTRA, number[:40], theirs=total_of(ours_by_customer[0]))


def repair(difference: Difference, company: Company, person: Person) -> Batch | None:
    """Post the order of a difference again, so that the books say what is right; None for a difference
    that only a person can settle in SQL Account: it is marked as seen."""
    with transaction.atomic():
        difference.repaired_at = timezone.now()
        difference.save(update_fields=["repaired_at"])
        if difference.kind not in REPAIRED_BY_POSTING or difference.order_id is None:
            return None
        (order,) = locked([difference.order_id])
        marks.mark_to_post_again(order)
        return start(
            company, person, "post", form_key=f"repair-{difference.pk}", order_ids=[order.pk],
            priority=Priority.CLICK,
        )  # fmt: skip


def _kind(ours: PostedInvoice, heads: Sequence[Record]) -> Difference.Kind | None:
    if not heads:
        return None if ours.cancelled_at else Difference.Kind.MISSING
    head = heads[0]
    if is_cancelled(head) != bool(ours.cancelled_at):
        return Difference.Kind.CANCELLED
    if total_of(head) != ours.total:
        return Difference.Kind.TOTAL
    return Difference.Kind.EDITED if count_of(head) > ours.update_count else None


def _same(heads: Sequence[Record]) -> list[Record]:
    """Each document once: a list that moved while it was paged may show one twice."""
    return list({head.get("dockey"): head for head in heads}.values())


def _days(since: date, until: date) -> Iterator[date]:
    for number in range((until - since).days + 1):
        yield since + timedelta(days=number)
