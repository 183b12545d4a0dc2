"""Comparing our postings with what SQL Account holds over a period. It reads; repairs go by Post Order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from crossdock.channels.errors import ChannelError, Refused
from crossdock.companies.models import Company, Person
from crossdock.orders import marks
from crossdock.orders.record import locked
from crossdock.posting.connect import client_of
from crossdock.posting.mapping import connection
from crossdock.posting.models import (
    Difference,
    PostedInvoice,
    Reconciliation,
    SqlAccount,
    StoreCodes,
)
from crossdock.posting.ours import was_set_back
from crossdock.posting.sqlaccount.answers import Record
from crossdock.posting.sqlaccount.documents import (
    Kind,
    as_it_stands,
    count_of,
    customer_of,
    is_cancelled,
    key_of,
    number_of,
    reference_of,
    total_of,
)
from crossdock.posting.whose_books import others_answer
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
        Difference.Kind.MOVED,
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
    there: str = ""


@dataclass(slots=True)
class There:
    """What the books hold over a period: the heads of their invoices."""

    by_number: defaultdict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    by_key: dict[int, Record] = field(default_factory=dict)

    def add(self, head: Record) -> None:
        """Take in a head; a list that moved while it was paged may show one twice."""
        if key_of(head) not in self.by_key:
            self.by_number[number_of(head)].append(head)
        self.by_key[key_of(head)] = head


def reconcile(run: Reconciliation) -> None:
    """Read the period from the books and write down every difference. An error ends it, and is told."""
    books = connection()
    try:
        there = _read(run, books)
    except ChannelError as error:
        run.error, run.finished_at = error.words, timezone.now()
        _keep(run, error=run.error, finished_at=run.finished_at)
        return
    posted = list(
        PostedInvoice.objects.filter(
            day__range=(run.since, run.until), posted_at__isnull=False
        ).select_related("order")
    )
    customers = set(StoreCodes.objects.values_list("customer", flat=True))
    _write(run, len(posted), list(differences(posted, there, customers, era=books.era)))


def _read(run: Reconciliation, books: SqlAccount) -> There:
    """What the books hold over the period. Raises ``channels.errors``; Refused where they are others."""
    client, there = client_of(books), There()
    if others_answer(books, client, since=timezone.now()):
        raise Refused(books.trouble)
    for day in _days(run.since, run.until):
        for head in client.dated(Kind.INVOICE, day):
            there.add(head)
            run.read += 1
        _keep(run, read=run.read)
    return there


def _keep(run: Reconciliation, **told: Any) -> None:
    """Keep what a comparison has come to, unless it was forgotten since: other books were connected."""
    Reconciliation.objects.filter(pk=run.pk).update(**told)


def _write(run: Reconciliation, compared: int, found: Sequence[Found]) -> None:
    """Write down what differs, unless the comparison was forgotten since."""
    with transaction.atomic():
        if not Reconciliation.objects.select_for_update().filter(pk=run.pk).exists():
            return
        Difference.objects.bulk_create(
            Difference(
                company_id=run.company_id,
                reconciliation=run,
                kind=one.kind,
                number=one.number,
                order_id=one.order_id,
                ours=one.ours,
                theirs=one.theirs,
                there=one.there,
            )
            for one in found
        )
        run.compared, run.finished_at = compared, timezone.now()
        run.save(update_fields=["compared", "finished_at"])


def differences(
    posted: Sequence[PostedInvoice], there: There, customers: set[str], *, era: int
) -> Iterator[Found]:
    """What differs between our invoices and the heads of the books of this era.

    ``customers``: the codes that our stores post under; documents of theirs that we know nothing of
    are told as extra.
    """
    known: set[int] = set()
    for ours in posted:
        heads = there.by_number.get(ours.number, [])
        own = there.by_key.get(ours.key_in(era) or 0)
        if own is not None and not was_set_back(own, ours.number, ours.order):
            heads = [own, *(head for head in heads if head is not own)]
        known |= {key_of(head) for head in heads}
        if len(heads) > 1:
            yield Found(Difference.Kind.DOUBLE, ours.number, ours.order_id, ours.total)
        if (kind := _kind(ours, heads, era)) is not None:
            theirs = total_of(heads[0]) if heads else None
            tells = kind in (Difference.Kind.MOVED, Difference.Kind.STRANGE)
            words = as_it_stands(heads[0])[:300] if tells else ""
            yield Found(kind, ours.number, ours.order_id, ours.total, theirs, words)
    for key, head in there.by_key.items():
        if key not in known and customer_of(head) in customers:
            yield Found(Difference.Kind.EXTRA, number_of(head)[:40], theirs=total_of(head))


def repair(difference: Difference, company: Company, person: Person) -> Batch | None:
    """Post the order of a difference again, so that the books say what is right; None for a difference
    that only a person can settle in SQL Account: it is marked as seen.

    A document with another number or customer has both set back, since a person asks for it.
    """
    with transaction.atomic():
        difference.repaired_at = timezone.now()
        difference.save(update_fields=["repaired_at"])
        if difference.kind not in REPAIRED_BY_POSTING or difference.order_id is None:
            return None
        (order,) = locked([difference.order_id])
        marks.mark_to_post_again(order)
        return start(
            company, person, "post", form_key=f"repair-{difference.pk}", order_ids=[order.pk],
            options={"put_right": True} if difference.kind == Difference.Kind.MOVED else None,
            priority=Priority.CLICK,
        )  # fmt: skip


def _kind(ours: PostedInvoice, heads: Sequence[Record], era: int) -> Difference.Kind | None:
    if not heads:
        return None if ours.cancelled_at else Difference.Kind.MISSING
    head = heads[0]
    if (moved := _moved(ours, head, era)) is not None:
        return moved
    if is_cancelled(head) != bool(ours.cancelled_at):
        return Difference.Kind.CANCELLED
    if total_of(head) != ours.total:
        return Difference.Kind.TOTAL
    edited = ours.era == era and count_of(head) > ours.update_count
    return Difference.Kind.EDITED if edited else None


def _moved(ours: PostedInvoice, head: Record, era: int) -> Difference.Kind | None:
    """Whether a document is ours no more, and whether its number and customer can be set back: where it
    has our key and our reference still."""
    has_customer = not ours.customers or customer_of(head) in ours.customers
    has_reference = reference_of(head) == ours.order.channel_order_id
    if number_of(head) == ours.number and has_customer and has_reference:
        return None
    has_key = key_of(head) == ours.key_in(era)
    return Difference.Kind.MOVED if has_key and has_reference else Difference.Kind.STRANGE


def _days(since: date, until: date) -> Iterator[date]:
    for number in range((until - since).days + 1):
        yield since + timedelta(days=number)
