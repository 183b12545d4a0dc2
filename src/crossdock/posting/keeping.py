"""What our own book keeps of a posting that ended: where the documents are, and the order's archive."""

from __future__ import annotations

from django.utils import timezone

from crossdock.orders import marks
from crossdock.posting.models import PostedCreditNote, PostedInvoice
from crossdock.posting.sqlaccount.answers import Record
from crossdock.posting.sqlaccount.documents import count_of, is_cancelled, key_of, total_of
from crossdock.work.action import Ended, Outcome
from crossdock.work.models import State


def keep(ended: Ended) -> None:
    """Keep where the books hold this order's documents; archive it where all of them are right."""
    if not isinstance(ended.outcome, Outcome):
        return
    held, order, sent = ended.outcome.news, ended.order, ended.attempt.sent
    if invoice := held.get("invoice"):
        _keep(PostedInvoice.objects.get(order=order), invoice)
        PostedInvoice.objects.filter(order=order).update(
            line_ids=sent["line_ids"], with_fees=sent["with_fees"]
        )
    if credit := held.get("credit"):
        _keep(PostedCreditNote.objects.get(order=order), credit)
    if ended.attempt.state is State.DONE:
        order.refresh_from_db(fields=["fingerprint"])
        marks.mark_posted(order, sent["fingerprint"])


def _keep(posted: PostedInvoice | PostedCreditNote, held: Record) -> None:
    posted.document_key = key_of(held)
    posted.update_count = count_of(held)
    posted.total = total_of(held)
    posted.posted_at = timezone.now()
    posted.cancelled_at = timezone.now() if is_cancelled(held) else None
    posted.save(
        update_fields=["document_key", "update_count", "total", "posted_at", "cancelled_at"]
    )
