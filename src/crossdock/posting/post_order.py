"""Post Order: one finished order into SQL Account as a sales invoice, exactly once.

The number is reserved in our own book before anything is sent; before a create the books are asked
for that number, and after a lost answer they are asked again. An order whose billed facts changed
updates the same invoice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from crossdock.channels.errors import ChannelError, Refused
from crossdock.companies.models import Company
from crossdock.companies.rights import Deed
from crossdock.orders import history, marks
from crossdock.orders.facts import facts_of, marks_of
from crossdock.orders.models import Order
from crossdock.posting import mapping
from crossdock.posting.connect import client_of
from crossdock.posting.models import DocumentDate, PostedInvoice, SqlAccount
from crossdock.posting.sqlaccount.answers import Record
from crossdock.posting.sqlaccount.client import Client
from crossdock.posting.sqlaccount.documents import document, key_of, total_of, update
from crossdock.rules.allowed import may_post
from crossdock.rules.facts import OrderFacts
from crossdock.rules.invoice import (
    CentGate,
    Codes,
    Invoice,
    ItemCode,
    NoCode,
    build,
    document_number,
    fingerprint,
)
from crossdock.work.action import Ended, LanePlan, NotThere, Outcome, Refusal
from crossdock.work.models import Attempt, Batch, State
from crossdock.work.on_channel import outcome_of


class PostOrder:
    """The button Post Order."""

    name = "post"
    title = "Post Order"
    deed = Deed.POST
    settle_after = timedelta(seconds=60)

    def lane(self, order: Order, priority: int) -> LanePlan:
        """One call in the air per company; the client itself keeps the pace, call by call."""
        return LanePlan(name="sqlaccount", pace=(), in_flight=1, per_call=1)

    def refusal(self, order: Order, options: Mapping[str, Any]) -> Refusal | None:
        facts = facts_of(order)
        verdict = may_post(facts, marks_of(order))
        if not verdict.ok:
            return Refusal(State.REFUSED, f"Not posted: {verdict.why}.")
        if order.archived:
            return Refusal(State.ALREADY, "Posted already, and unchanged since.")
        try:
            _invoice(order, facts, reserve(order))
        except (mapping.Unmapped, NoCode, CentGate) as problem:
            return Refusal(State.REFUSED, str(problem))
        return None

    def sending(self, order: Order, attempt: Attempt) -> Mapping[str, Any]:
        facts = facts_of(order)
        invoice = _invoice(order, facts, reserve(order))
        return {
            "number": invoice.number,
            "total": str(invoice.total),
            "fingerprint": fingerprint(facts),
            "day": invoice.day.isoformat(),
        }

    def call(self, attempts: Sequence[Attempt]) -> Mapping[int, Outcome]:
        return {attempt.pk: self._post(attempt) for attempt in attempts}

    def ask(self, attempts: Sequence[Attempt]) -> Mapping[int, Outcome | NotThere]:
        client = client_of(mapping.connection())
        return {attempt.pk: _seen(client, attempt) for attempt in attempts}

    def record(self, ended: Sequence[Ended]) -> None:
        for one in ended:
            held = one.outcome.news if isinstance(one.outcome, Outcome) else None
            if one.attempt.state is State.DONE and isinstance(held, dict):
                _keep(one.order, one.attempt, held)
        history.note_all(
            _entry(one)
            for one in ended
            if one.attempt.state not in (State.WAITING, State.CANCELLED)
        )

    def look(self, attempts: Sequence[Attempt]) -> None:
        """Posting changes no order at its channel."""

    def finish(self, batch: Batch) -> None:
        """Nothing is made of a run: its outcomes are the posting history."""

    def _post(self, attempt: Attempt) -> Outcome:
        order = attempt.order
        try:
            client = client_of(mapping.connection())
            invoice = _invoice(order, facts_of(order), attempt.sent["number"], attempt.sent["day"])
            held = _held(client, invoice.number, order)
            sent = _write(client, invoice, held)
            return _checked(client, invoice, sent)
        except mapping.Unmapped as problem:
            return Outcome(State.REFUSED, str(problem))
        except ChannelError as error:
            outcome = outcome_of(error)
            if outcome is None:
                raise
            return outcome


class NumberTaken(Refused):
    """Another document of the books carries the number."""


def reserve(order: Order) -> str:
    """The number of this order's invoice, reserved in our book at its first posting. ``order`` is locked."""
    kept = PostedInvoice.objects.filter(order=order).first()
    if kept is not None:
        return kept.number
    plain = document_number(
        order.channel_order_id, taken_by_another=False, store_shop_id=order.store.shop_id
    )
    taken = PostedInvoice.objects.filter(number=plain).exists()
    number = document_number(
        order.channel_order_id, taken_by_another=taken, store_shop_id=order.store.shop_id
    )
    PostedInvoice.objects.create(
        company_id=order.company_id, order=order, number=number, currency=order.currency
    )
    return number


def _invoice(order: Order, facts: OrderFacts, number: str, day: str = "") -> Invoice:
    """The document as it goes out. Raises Unmapped, NoCode or CentGate."""
    books, codes = mapping.connection(), mapping.store_codes(order)
    items = mapping.item_codes(line.sku for line in facts.live_lines)
    company = Company.objects.get(pk=order.company_id)
    on = date.fromisoformat(day) if day else _day(order, books, company)
    rate: Decimal | None = None
    if facts.currency != company.base_currency:
        rate = mapping.rate_for(facts.currency, on)
    return build(
        facts,
        Codes(
            customer=codes.customer,
            items={sku: ItemCode(code.item_code, code.uom) for sku, code in items.items()},
            location=codes.location,
            project=codes.project,
            discount_item=codes.discount_item,
            voucher_item=codes.voucher_item,
        ),
        number=number,
        store=order.store.name,
        day=on,
        rate=rate,
    )


def _day(order: Order, books: SqlAccount, company: Company) -> date:
    """The document's day, in the company's time zone."""
    moments = {
        DocumentDate.CREATED: order.created_at,
        DocumentDate.PAID: order.paid_at or order.created_at,
        DocumentDate.POSTED: timezone.now(),
    }
    return moments[DocumentDate(books.document_date)].astimezone(company.zone).date()


def _held(client: Client, number: str, order: Order) -> Record | None:
    """Our document of this number, if the books hold it. Raises NumberTaken for somebody else's."""
    found = client.invoices_numbered(number)
    if not found:
        return None
    ours = [head for head in found if str(head.get("docref1") or "") == order.channel_order_id]
    if not ours:
        raise NumberTaken(
            f"Invoice {number} exists in SQL Account and is not this order's (its reference is "
            f"{found[0].get('docref1') or 'empty'}): rename or delete it there."
        )
    return ours[0]


def _write(client: Client, invoice: Invoice, held: Record | None) -> Record:
    """Create the document, or bring the held one to what is wanted."""
    if held is None:
        return client.create_invoice(document(invoice))
    if held.get("irbm_uuid"):
        raise Refused(
            f"Invoice {invoice.number} is an e-invoice already and may not be changed: use a credit note."
        )
    whole = client.invoice(key_of(held))
    if (
        total_of(whole) == invoice.total
        and not whole.get("cancelled")
        and _same_lines(whole, invoice)
    ):
        return whole
    return client.update_invoice(key_of(whole), update(invoice, whole))


def _same_lines(held: Record, invoice: Invoice) -> bool:
    wanted = [(line.item_code, Decimal(line.quantity), line.unit_price) for line in invoice.lines]
    rows = held.get("sdsdocdetail") or []
    there = [
        (str(row.get("itemcode")), Decimal(str(row.get("qty"))), Decimal(str(row.get("unitprice"))))
        for row in rows
    ]
    return wanted == [row for row in there if row[1]]


def _checked(client: Client, invoice: Invoice, sent: Record) -> Outcome:
    """The outcome, once the document in the books adds up to ours."""
    held = (
        sent if sent.get("dockey") and sent.get("docamt") is not None else _found(client, invoice)
    )
    if total_of(held) != invoice.total:
        return Outcome(
            State.REFUSED,
            f"SQL Account holds invoice {invoice.number} with a total of {total_of(held)} instead of "
            f"{invoice.total}: correct it there.",
        )
    return Outcome(State.DONE, result={"document_key": key_of(held)}, news=held)


def _found(client: Client, invoice: Invoice) -> Record:
    heads = client.invoices_numbered(invoice.number)
    return client.invoice(key_of(heads[0])) if heads else {}


def _seen(client: Client, attempt: Attempt) -> Outcome | NotThere:
    """What the books say about an attempt whose answer never came."""
    order, sent = attempt.order, attempt.sent
    try:
        held = _held(client, sent["number"], order)
    except NumberTaken as taken:
        return Outcome(State.REFUSED, taken.words)
    if held is None or total_of(held) != Decimal(sent["total"]):
        return NotThere()
    return Outcome(State.DONE, result={"document_key": key_of(held)}, news=held)


def _entry(ended: Ended) -> history.Entry:
    """What the order's history says of it."""
    attempt = ended.attempt
    done = attempt.state is State.DONE
    text = f"Posted as invoice {attempt.sent.get('number')}" if done else attempt.words
    good = done or attempt.state is State.ALREADY
    return history.Entry(
        ended.order,
        "post" if good else "post failed",
        f"{text.rstrip('.')}.",
        person=attempt.person,
        batch_id=attempt.batch_id,
    )


def _keep(order: Order, attempt: Attempt, held: Record) -> None:
    PostedInvoice.objects.filter(order=order).update(
        document_key=key_of(held),
        update_count=int(held.get("updatecount") or 0),
        total=total_of(held),
        currency=order.currency,
        posted_at=timezone.now(),
    )
    order.refresh_from_db(fields=["fingerprint"])
    marks.mark_posted(order, attempt.sent["fingerprint"])
