"""An order as a sales invoice, to the cent.

Billed total: what the seller sells the goods for, before the marketplace's fees. Over live lines,
unit price × quantity, minus discounts and vouchers that the *seller* funds. Vouchers funded by the
platform are not deducted; shipping paid by the buyer is not posted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crossdock.rules.facts import LineFacts, OrderFacts
from crossdock.rules.money import two_places

LONGEST_NUMBER = 20
"""SQL Account documents 20 and 40 characters for a document number: the shorter one is safe."""

_LONGEST_DESCRIPTION = 200


class CentGate(Exception):
    """The built document does not add up to the billed total; the message says which part differs."""


class NoCode(Exception):
    """An amount has no code to be posted under; the message names what the bookkeeper must enter."""


@dataclass(frozen=True, slots=True)
class ItemCode:
    """A stock item of the books, and the unit in which the SKU is sold ("" is its base unit)."""

    code: str
    uom: str = ""


@dataclass(frozen=True, slots=True)
class Codes:
    """What an order's store and goods are called in the books."""

    customer: str
    items: Mapping[str, ItemCode]
    location: str = ""
    project: str = ""
    discount_item: str = ""
    voucher_item: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A line of the invoice; ``amount`` is ``quantity`` × ``unit_price`` in two places."""

    item_code: str
    description: str
    quantity: int
    unit_price: Decimal
    uom: str = ""
    variation: str = ""
    sku: str = ""

    @property
    def amount(self) -> Decimal:
        """What the line adds to the total."""
        return two_places(self.unit_price * self.quantity)


@dataclass(frozen=True, slots=True)
class Invoice:
    """A sales invoice as it goes out."""

    number: str
    order_id: str
    store: str
    day: date
    customer: str
    currency: str
    rate: Decimal | None
    """The bookkeeper's rate where the currency is not the company's own; None where it is."""
    location: str
    project: str
    lines: tuple[InvoiceLine, ...]

    @property
    def total(self) -> Decimal:
        """What the lines add up to, in two places."""
        return sum((line.amount for line in self.lines), Decimal("0.00"))


def billed_total(facts: OrderFacts) -> Decimal:
    """What this order is billed at, exactly; two places once it is on a document."""
    goods = sum(
        (
            (line.unit_price - line.seller_discount - line.seller_voucher) * line.quantity
            for line in facts.live_lines
        ),
        Decimal(0),
    )
    return goods - (facts.voucher_beyond_lines if facts.live_lines else Decimal(0))


def fingerprint(facts: OrderFacts) -> str:
    """Names the billed facts: it changes when, and only when, the invoice would be another.

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
    facts: OrderFacts, codes: Codes, *, number: str, store: str, day: date, rate: Decimal | None
) -> Invoice:
    """The invoice of an order. Every SKU of its live lines must be in ``codes.items``.

    Raises NoCode for a voucher or discount without a code of its own; CentGate when the lines do
    not add up to the billed total.
    """
    invoice = Invoice(
        number=number,
        order_id=facts.order_id,
        store=store,
        day=day,
        customer=codes.customer,
        currency=facts.currency,
        rate=rate,
        location=codes.location,
        project=codes.project,
        lines=(*_goods(facts, codes), *_deductions(facts, codes)),
    )
    check(invoice, facts)
    return invoice


def check(invoice: Invoice, facts: OrderFacts) -> None:
    """The cent gate. Raises CentGate, saying which part differs."""
    expected = two_places(billed_total(facts))
    if invoice.total == expected:
        return
    goods = sum((line.amount for line in invoice.lines if line.amount > 0), Decimal(0))
    billed_goods = two_places(
        sum((line.unit_price * line.quantity for line in facts.live_lines), Decimal(0))
    )
    part = "goods" if goods != billed_goods else "vouchers and discounts"
    raise CentGate(
        f"The invoice adds up to {invoice.total} {invoice.currency}, the order to {expected}: "
        f"the {part} differ (goods {goods} against {billed_goods})."
    )


def document_number(order_id: str, taken_by_another: bool, store_shop_id: str) -> str:
    """The number an order's invoice carries: the channel order id, as long as it fits and is free.

    Lazada gives two shops' halves of one checkout the same order id: the second one gets the last
    four characters of its shop id. What would be longer than 20 characters keeps its head and
    ends in six characters of its own hash, so that two long ids never meet.
    """
    wanted = f"{order_id}-{store_shop_id[-4:]}" if taken_by_another else order_id
    if len(wanted) <= LONGEST_NUMBER:
        return wanted
    mark = hashlib.sha256(f"{order_id}/{store_shop_id}".encode()).hexdigest()[:6].upper()
    return f"{wanted[: LONGEST_NUMBER - 7]}-{mark}"


def _goods(facts: OrderFacts, codes: Codes) -> tuple[InvoiceLine, ...]:
    """A line per item; a channel's lines per unit are added up where they cost the same."""
    together: dict[tuple[str, str, str, Decimal], int] = {}
    for line in facts.live_lines:
        key = (line.sku, line.name, line.variation, line.unit_price)
        together[key] = together.get(key, 0) + line.quantity
    return tuple(
        InvoiceLine(
            item_code=codes.items[sku].code,
            uom=codes.items[sku].uom,
            description=name[:_LONGEST_DESCRIPTION],
            variation=variation[:_LONGEST_DESCRIPTION],
            quantity=quantity,
            unit_price=unit_price,
            sku=sku,
        )
        for (sku, name, variation, unit_price), quantity in together.items()
    )


def _deductions(facts: OrderFacts, codes: Codes) -> tuple[InvoiceLine, ...]:
    """The negative lines; an amount of zero makes none, nor does what is less than half a cent (the
    rest of a bundle's price that could not be divided by its units)."""
    discount = sum((line.seller_discount * line.quantity for line in facts.live_lines), Decimal(0))
    voucher = sum((line.seller_voucher * line.quantity for line in facts.live_lines), Decimal(0))
    if facts.live_lines:
        voucher += facts.voucher_beyond_lines
    deductions = (
        ("Discount", codes.discount_item, discount),
        ("Voucher", codes.voucher_item, voucher),
    )
    return tuple(
        _deduction(name, code, amount) for name, code, amount in deductions if two_places(amount)
    )


def _deduction(name: str, code: str, amount: Decimal) -> InvoiceLine:
    if not code:
        raise NoCode(
            f"The store has no item code for {name}: enter one under Posting, Store codes."
        )
    return InvoiceLine(
        item_code=code, description=f"Seller {name.lower()}", quantity=1, unit_price=-amount
    )


def _amounts(line: LineFacts) -> tuple[Decimal, Decimal, Decimal]:
    return line.unit_price, line.seller_discount, line.seller_voucher


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
