"""What changed of an order since it was posted, in words for the bookkeeper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from crossdock.orders.facts import facts_of
from crossdock.orders.marks import TO_BE_POSTED_AGAIN
from crossdock.orders.models import Order
from crossdock.posting.models import PostedCreditNote, PostedInvoice
from crossdock.posting.settlements import settlement_to_post
from crossdock.rules.facts import LineFacts, OrderFacts, Stage
from crossdock.rules.invoice import billed_total
from crossdock.rules.money import two_places

_WORDS = {
    Stage.CANCELLED: "cancelled",
    Stage.RETURNED: "returned",
    Stage.FAILED: "not delivered, or lost",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What the books must follow."""

    reasons: Sequence[str]
    """Clauses; none where only the sum tells."""
    held: Decimal
    """What the books hold of the order: its invoice less its credit note."""
    billed: Decimal
    """What it bills now, without the marketplace's fees."""
    with_fees: bool
    """The marketplace's fees are on the invoice, or are to be: the two sums differ by them."""


def change_of(order: Order) -> Change | None:
    """What changed since this order was posted; None where nothing did. Lines are loaded."""
    posted: PostedInvoice | None = getattr(order, "invoice", None)
    if not order.changed_since_posting or posted is None:
        return None
    credit = PostedCreditNote.objects.filter(order=order, cancelled_at__isnull=True).first()
    credited = credit.total if credit else Decimal("0.00")
    held = Decimal("0.00") if posted.cancelled_at else posted.total - credited
    facts, with_fees = facts_of(order), settlement_to_post(order) is not None
    reasons = _gone(facts, posted, credited) + _added(facts, posted)
    if not reasons and order.posted_fingerprint == TO_BE_POSTED_AGAIN:
        told = (
            "the marketplace told what it pays out" if with_fees else "Reconcile found a difference"
        )
        reasons = [told]
    return Change(reasons, held, two_places(billed_total(facts)), with_fees or posted.with_fees)


def _gone(facts: OrderFacts, posted: PostedInvoice, credited: Decimal) -> list[str]:
    """What is billed no more: all of the order, or some of its items."""
    invoiced = [line for line in facts.lines if line.line_id in posted.line_ids]
    gone = []
    for stage, words in _WORDS.items():
        lines = [line for line in invoiced if line.stage is stage]
        if not lines or (stage is not Stage.CANCELLED and _worth(lines) == credited):
            continue
        if len(lines) == len(invoiced):
            return [f"the order was {words}"]
        gone.append(f"{_items(lines)} {words}")
    return gone


def _added(facts: OrderFacts, posted: PostedInvoice) -> list[str]:
    lines = [line for line in facts.live_lines if line.line_id not in posted.line_ids]
    return [f"{_items(lines)} added"] if lines else []


def _worth(lines: Sequence[LineFacts]) -> Decimal:
    """What these lines are credited at."""
    each = (
        (one.unit_price - one.seller_discount - one.seller_voucher) * one.quantity for one in lines
    )
    return two_places(sum(each, Decimal(0)))


def _items(lines: Sequence[LineFacts]) -> str:
    return "1 item was" if len(lines) == 1 else f"{len(lines)} items were"
