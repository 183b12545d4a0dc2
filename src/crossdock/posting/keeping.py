"""What our own book keeps of a posting: where the documents are, and the order's archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from crossdock.orders import marks
from crossdock.orders.models import Order
from crossdock.posting.models import PostedCreditNote, PostedInvoice
from crossdock.posting.sqlaccount.answers import Record
from crossdock.posting.sqlaccount.documents import (
    count_of,
    customer_of,
    is_cancelled,
    key_of,
    total_of,
)
from crossdock.work.action import Ended, Evidence, Outcome
from crossdock.work.models import State

_MODELS: Mapping[str, type[PostedInvoice] | type[PostedCreditNote]] = {
    "invoice": PostedInvoice,
    "credit": PostedCreditNote,
}


@dataclass(frozen=True, slots=True)
class Held(Evidence):
    """What the books of an era were seen to hold of an order, by the document's name in the attempt."""

    era: int
    documents: Mapping[str, Record]


def note_customer(order: Order, name: str, code: str) -> None:
    """Note that a document of this order may carry this customer from now on: before it is sent, so
    that it is known as ours though the answer never comes."""
    posted = _MODELS[name].objects.get(order=order)
    if code not in posted.customers:
        posted.customers = [*posted.customers, code]
        posted.save(update_fields=["customers"])


def keep(ended: Ended) -> None:
    """Keep where the books hold this order's documents; archive it where all of them are right."""
    if not isinstance(ended.outcome, Outcome) or not isinstance(ended.outcome.evidence, Held):
        return
    held, order, sent = ended.outcome.evidence, ended.order, ended.attempt.sent
    for name, document in held.documents.items():
        if document:
            _keep(_MODELS[name].objects.get(order=order), document, held.era)
    if held.documents.get("invoice"):
        PostedInvoice.objects.filter(order=order).update(
            line_ids=sent["line_ids"], with_fees=sent["with_fees"]
        )
    if ended.attempt.state is State.DONE:
        order.refresh_from_db(fields=["fingerprint"])
        marks.mark_posted(order, sent["fingerprint"])


def _keep(posted: PostedInvoice | PostedCreditNote, held: Record, era: int) -> None:
    posted.document_key, posted.era = key_of(held), era
    posted.customers = [customer_of(held)]
    posted.update_count = count_of(held)
    posted.total = total_of(held)
    posted.posted_at = timezone.now()
    posted.cancelled_at = timezone.now() if is_cancelled(held) else None
    posted.save(
        update_fields=[
            "document_key", "era", "customers", "update_count", "total", "posted_at", "cancelled_at",
        ]
    )  # fmt: skip
