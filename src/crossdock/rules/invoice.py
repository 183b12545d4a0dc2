"""An order as documents of the books, to the cent.

Billed total: what the seller sells the goods for, before the marketplace's fees. Over live lines,
unit price × quantity, minus discounts and vouchers that the *seller* funds. Vouchers funded by the
platform are not deducted; shipping paid by the buyer is not posted.

One invoice an order. What comes back after it was invoiced stays on it, and is taken off by a credit
note; what is cancelled leaves it; an order that is cancelled whole has its invoice cancelled. At any
time the invoice less the credit note is the billed total (or, with fees, the settlement).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from crossdock.rules.facts import LineFacts, OrderFacts, Settlement, Stage
from crossdock.rules.invoice_lines import Codes, InvoiceLine, deductions, fees, goods
from crossdock.rules.money import two_places

LONGEST_NUMBER = 20
"""SQL Account documents 20 and 40 characters for a document number: the shorter one is safe."""

CAME_BACK = frozenset({Stage.RETURNED, Stage.FAILED})
"""Stages of goods that were sold and are not with the buyer: credited, where they were invoiced."""


class CentGate(Exception):
    """The built document does not add up to the billed total; the message says which part differs."""


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice or a credit note as it goes out."""

    number: str
    order_id: str
    store: str
    day: date
    currency: str
    rate: Decimal | None
    """The bookkeeper's rate where the currency is not the company's own; None where it is."""
    codes: Codes
    lines: tuple[InvoiceLine, ...]

    @property
    def total(self) -> Decimal:
        """What the lines add up to, in two places."""
        return sum((line.amount for line in self.lines), Decimal("0.00"))


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the lines of an order's documents."""

    number: str
    store: str
    day: date
    rate: Decimal | None = None
    credit_number: str = ""


@dataclass(frozen=True, slots=True)
class Documents:
    """What the books should hold of an order."""

    invoice: Document | None
    """None: the order is cancelled, and so is its invoice."""
    credit: Document | None = None
    """None: nothing came back after it was invoiced."""
    line_ids: tuple[str, ...] = field(default=())
    """The order's lines that the invoice bills."""
    with_fees: bool = False

    @property
    def total(self) -> Decimal:
        """What the seller has sold, by these documents."""
        billed = self.invoice.total if self.invoice else Decimal("0.00")
        return billed - (self.credit.total if self.credit else Decimal("0.00"))


def billed_total(facts: OrderFacts) -> Decimal:
    """What this order is billed at, exactly; two places once it is on a document."""
    return _billed(facts.live_lines, facts.voucher_beyond_lines)


def fingerprint(facts: OrderFacts) -> str:
    """Names the billed facts: it changes when, and only when, the documents would be others.

    A new stage, tracking number or note leaves it alone; a line that is cancelled or returned,
    another quantity, price or seller-funded voucher changes it.
    """
    billed = [
        [line.line_id, line.sku, line.quantity, *map(_plain, _amounts(line))]
        for line in sorted(facts.live_lines, key=lambda line: line.line_id)
    ]
    text = json.dumps(
        [facts.currency, _plain(facts.voucher_beyond_lines), billed], separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()


def build(
    facts: OrderFacts,
    codes: Codes,
    heading: Heading,
    *,
    invoiced: Container[str] = (),
    settlement: Settlement | None = None,
) -> Documents:
    """What the books should hold of an order. Every SKU that is billed must be in ``codes.items``.

    ``invoiced``: the lines that its invoice holds already; () before the first posting.
    ``settlement``: what the channel pays, where its fees are to be posted with the goods; it is left
    aside while it does not belong to these goods. Raises NoCode for an amount without a code of its
    own; CentGate when the documents do not add up.
    """
    back = tuple(
        line for line in facts.lines if line.stage in CAME_BACK and line.line_id in invoiced
    )
    billed = (*facts.live_lines, *back)
    known = settlement if billed and settlement and belongs(settlement, facts) else None
    made = Documents(
        invoice=_invoice(facts, billed, codes, heading, known) if billed else None,
        credit=_credit(facts, back, codes, heading) if back else None,
        line_ids=tuple(line.line_id for line in billed),
        with_fees=known is not None,
    )
    check(made, facts, known)
    return made


def check(made: Documents, facts: OrderFacts, settlement: Settlement | None = None) -> None:
    """The cent gate. Raises CentGate, saying which part differs."""
    expected = two_places(settlement.amount if settlement else billed_total(facts))
    if made.total == expected:
        return
    lines = made.invoice.lines if made.invoice else ()
    there = sum((line.amount for line in lines if line.amount > 0 and line.sku), Decimal(0))
    billed = [line for line in facts.lines if line.line_id in made.line_ids]
    wanted = two_places(sum((line.unit_price * line.quantity for line in billed), Decimal(0)))
    part = "goods" if there != wanted else "vouchers, discounts and fees"
    raise CentGate(
        f"The documents add up to {made.total} {facts.currency}, the order to {expected}: "
        f"the {part} differ (goods {there} against {wanted})."
    )


def document_number(order_id: str, taken_by_another: bool, store_shop_id: str) -> str:
    """The number an order's invoice carries: the channel order id, as long as it fits and is free.

    Lazada gives two shops' halves of one checkout the same order id: the second one gets the last
    four characters of its shop id.
    """
    wanted = f"{order_id}-{store_shop_id[-4:]}" if taken_by_another else order_id
    return _shortened(wanted, f"{order_id}/{store_shop_id}")


def credit_number(invoice_number: str) -> str:
    """The number of the credit note beside this invoice."""
    return _shortened(f"{invoice_number}-CN", f"{invoice_number}/credit note")


def _shortened(wanted: str, of: str) -> str:
    """A number that fits: what is longer than 20 characters keeps its head and ends in six
    characters of the hash of what it stands for, so that two long ones never meet."""
    if len(wanted) <= LONGEST_NUMBER:
        return wanted
    mark = hashlib.sha256(of.encode()).hexdigest()[:6].upper()
    return f"{wanted[: LONGEST_NUMBER - 7]}-{mark}"


def _invoice(
    facts: OrderFacts,
    billed: tuple[LineFacts, ...],
    codes: Codes,
    heading: Heading,
    settlement: Settlement | None,
) -> Document:
    return _document(
        facts,
        codes,
        heading,
        heading.number,
        (
            *goods(billed, codes),
            *deductions(billed, facts.voucher_beyond_lines, codes),
            *(fees(settlement, codes) if settlement else ()),
        ),
    )


def _credit(
    facts: OrderFacts, back: tuple[LineFacts, ...], codes: Codes, heading: Heading
) -> Document:
    """The goods that came back, without fees; the order's own voucher goes with the last of them."""
    beyond = Decimal(0) if facts.live_lines else facts.voucher_beyond_lines
    lines = (*goods(back, codes), *deductions(back, beyond, codes))
    return _document(facts, codes, heading, heading.credit_number, lines)


def _document(
    facts: OrderFacts,
    codes: Codes,
    heading: Heading,
    number: str,
    lines: tuple[InvoiceLine, ...],
) -> Document:
    return Document(
        number=number,
        order_id=facts.order_id,
        store=heading.store,
        day=heading.day,
        currency=facts.currency,
        rate=heading.rate,
        codes=codes,
        lines=lines,
    )


def belongs(settlement: Settlement, facts: OrderFacts) -> bool:
    """Whether what the channel pays is told of the goods at hand: their total, shipping and fees are
    the amount."""
    between = sum((fee.amount for fee in settlement.fees), settlement.shipping)
    return billed_total(facts) + between == settlement.amount


def _billed(lines: Iterable[LineFacts], voucher_beyond: Decimal) -> Decimal:
    at_hand = tuple(lines)
    total = sum(
        (
            (line.unit_price - line.seller_discount - line.seller_voucher) * line.quantity
            for line in at_hand
        ),
        Decimal(0),
    )
    return total - (voucher_beyond if at_hand else Decimal(0))


def _amounts(line: LineFacts) -> tuple[Decimal, Decimal, Decimal]:
    return line.unit_price, line.seller_discount, line.seller_voucher


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
