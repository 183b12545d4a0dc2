"""From an order of our book to the documents that the company's books should hold of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from crossdock.companies.models import Company
from crossdock.orders.facts import facts_of, marks_of
from crossdock.orders.models import Order
from crossdock.posting import mapping
from crossdock.posting.models import (
    DocumentDate,
    PostedCreditNote,
    PostedDocument,
    PostedInvoice,
    SqlAccount,
)
from crossdock.posting.settlements import settlement_to_post
from crossdock.posting.sqlaccount.documents import payload
from crossdock.rules.allowed import Verdict, may_post
from crossdock.rules.facts import OrderFacts
from crossdock.rules.invoice import (
    Document,
    Documents,
    Heading,
    build,
    credit_number,
    document_number,
    fingerprint,
)
from crossdock.rules.invoice_lines import Codes, ItemPart


def may_be_posted(order: Order) -> Verdict:
    """Whether this order may be posted now; what was invoiced once may be brought up to date."""
    return may_post(facts_of(order), marks_of(order), invoiced=bool(order.posted_fingerprint))


def documents_of(order: Order) -> Documents:
    """What the books should hold of this order.

    Raises mapping.Unmapped, NoCode or CentGate, with words for the bookkeeper.
    """
    facts = facts_of(order)
    posted = PostedInvoice.objects.filter(order=order).first()
    invoiced = frozenset(posted.line_ids) if posted and posted.is_known else frozenset()
    books = mapping.connection()
    _refuse_before_conversion(order, posted, books)
    company = Company.objects.get(pk=order.company_id)
    day = posted.day if posted and posted.day else day_of(order, books, company)
    number = posted.number if posted else free_number(order)
    foreign = facts.currency != company.base_currency
    return build(
        facts,
        codes_of(order, facts, invoiced),
        Heading(
            number=number,
            store=order.store.name,
            day=day,
            rate=mapping.rate_for(facts.currency, day) if foreign else None,
            credit_number=credit_number(number),
        ),
        invoiced=invoiced,
        settlement=settlement_to_post(order),
    )


def _refuse_before_conversion(
    order: Order, posted: PostedInvoice | None, books: SqlAccount
) -> None:
    """Orders from before the books began belong to the books before. Raises mapping.Unmapped."""
    is_there = bool(order.posted_fingerprint and posted and posted.era == books.era)
    day = order.created_at.astimezone(order.store.company.zone).date()
    if books.conversion_date and day < books.conversion_date and not is_there:
        raise mapping.Unmapped(
            f"Created on {day}, before the system conversion date {books.conversion_date}: it belongs to "
            "the books before."
        )


def as_sent(order: Order, made: Documents) -> dict[str, Any]:
    """What is written down before anything is sent: both documents whole, and how the books' own are
    known as ours. The numbers are reserved."""
    posted = PostedInvoice.objects.filter(order=order).first()
    credit = PostedCreditNote.objects.filter(order=order).first()
    era = mapping.connection().era
    return {
        "era": era,
        "number": posted.number if posted else "",
        "total": str(made.total),
        "fingerprint": fingerprint(facts_of(order)),
        "line_ids": list(made.line_ids),
        "with_fees": made.with_fees,
        **_part("invoice", made.invoice, posted, era),
        **_part("credit", made.credit, credit, era),
    }


def _part(
    name: str, wanted: Document | None, posted: PostedDocument | None, era: int
) -> dict[str, Any]:
    return {
        name: payload(wanted) if wanted else None,
        f"{name}_number": posted.number if posted else "",
        f"{name}_key": posted.key_in(era) if posted else None,
        f"{name}_posted": posted is not None and posted.posted_at is not None,
        f"{name}_customers": _customers(posted, wanted),
    }


def _customers(posted: PostedDocument | None, wanted: Document | None) -> list[str] | None:
    """The customer codes under which a document of ours may stand; None: any, since it went out before
    they were kept. One that never went out is ours under the code that it would carry."""
    if posted and (posted.customers or posted.posted_at):
        return list(posted.customers) or None
    return [wanted.codes.customer] if wanted else None


def reserve(order: Order, made: Documents) -> None:
    """Reserve the numbers of an order's documents in our own book, before anything is sent. ``order``
    is locked."""
    if made.invoice is not None:
        PostedInvoice.objects.get_or_create(
            order=order,
            defaults={
                "company_id": order.company_id,
                "number": made.invoice.number,
                "day": made.invoice.day,
                "currency": order.currency,
            },
        )
    if made.credit is not None:
        PostedCreditNote.objects.get_or_create(
            order=order,
            defaults={
                "company_id": order.company_id,
                "number": made.credit.number,
                "day": made.credit.day,
                "currency": order.currency,
            },
        )


def free_number(order: Order) -> str:
    """The number that this order's invoice would carry: Lazada gives two shops' halves of one checkout
    the same order id."""
    plain = document_number(
        order.channel_order_id, taken_by_another=False, store_shop_id=order.store.shop_id
    )
    taken = PostedInvoice.objects.filter(number=plain).exclude(order=order).exists()
    return document_number(
        order.channel_order_id, taken_by_another=taken, store_shop_id=order.store.shop_id
    )


def codes_of(order: Order, facts: OrderFacts, invoiced: frozenset[str]) -> Codes:
    """What this order's store and goods are called in the books. Raises mapping.Unmapped."""
    codes = mapping.store_codes(order)
    skus = {line.sku for line in facts.lines if line.stage.is_live or line.line_id in invoiced}
    return Codes(
        customer=codes.customer,
        items=_parts(skus),
        location=codes.location,
        project=codes.project,
        discount_item=codes.discount_item,
        voucher_item=codes.voucher_item,
        shipping_item=codes.shipping_item,
        transaction_item=codes.transaction_item,
        default_item=codes.default_item,
        tax=codes.tax,
    )


def day_of(order: Order, books: SqlAccount, company: Company) -> date:
    """The document's day, in the company's time zone."""
    moments = {
        DocumentDate.CREATED: order.created_at,
        DocumentDate.PAID: order.paid_at or order.created_at,
        DocumentDate.POSTED: timezone.now(),
    }
    return moments[DocumentDate(books.document_date)].astimezone(company.zone).date()


def _parts(skus: set[str]) -> Mapping[str, tuple[ItemPart, ...]]:
    return {
        sku: tuple(
            ItemPart(part.item_code, part.uom, part.quantity.normalize(), part.share)
            for part in code.parts.all()
        )
        or (ItemPart(code.item_code, code.uom),)
        for sku, code in mapping.item_codes(skus).items()
    }
