"""The lines of an order's documents: goods, what the seller takes off, and the channel's fees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from crossdock.rules.facts import LineFacts, Settlement
from crossdock.rules.money import two_places

_LONGEST_DESCRIPTION = 200
_PRICE_PLACES = Decimal("0.00000001")
"""SQL Account keeps unit prices in eight places."""


class NoCode(Exception):
    """An amount has no code to be posted under; the message names what the bookkeeper must enter."""


@dataclass(frozen=True, slots=True)
class ItemPart:
    """A stock item that a SKU stands for: alone, or one of a bundle's."""

    code: str
    uom: str = ""
    """The unit in which it is sold; "" is its base unit."""
    quantity: Decimal = Decimal(1)
    """How many of it are in one unit of the SKU."""
    share: Decimal = Decimal(1)
    """Its part of the price; the shares of a SKU's parts add up to 1."""


@dataclass(frozen=True, slots=True)
class Codes:
    """What an order's store and goods are called in the books."""

    customer: str
    items: Mapping[str, Sequence[ItemPart]]
    location: str = ""
    project: str = ""
    discount_item: str = ""
    voucher_item: str = ""
    shipping_item: str = ""
    transaction_item: str = ""
    default_item: str = ""
    """Stands in for whichever of the four before it is empty."""
    tax: str = ""
    """Tax code of the goods, whose prices include it; "" where none applies."""


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """A line of a document; ``amount`` is ``quantity`` × ``unit_price`` in two places."""

    item_code: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    uom: str = ""
    variation: str = ""
    sku: str = ""
    tax: str = ""

    @property
    def amount(self) -> Decimal:
        """What the line adds to the total."""
        return two_places(self.unit_price * self.quantity)


def goods(lines: Iterable[LineFacts], codes: Codes) -> tuple[InvoiceLine, ...]:
    """A line per item; a channel's lines per unit are added up where they cost the same."""
    together: dict[tuple[str, str, str, Decimal], int] = {}
    for line in lines:
        key = (line.sku, line.name, line.variation, line.unit_price)
        together[key] = together.get(key, 0) + line.quantity
    made: list[InvoiceLine] = []
    for (sku, name, variation, price), quantity in together.items():
        whole = InvoiceLine(
            item_code="",
            description=name[:_LONGEST_DESCRIPTION],
            variation=variation[:_LONGEST_DESCRIPTION],
            quantity=Decimal(quantity),
            unit_price=price,
            sku=sku,
            tax=codes.tax,
        )
        made += _parts(whole, codes.items[sku])
    return tuple(made)


def deductions(
    lines: Iterable[LineFacts], voucher_beyond: Decimal, codes: Codes
) -> tuple[InvoiceLine, ...]:
    """What the seller takes off, as negative lines.

    An amount of zero makes none, nor does what is less than half a cent (the rest of a bundle's price
    that could not be divided by its units). Raises NoCode.
    """
    at_hand = tuple(lines)
    discount = sum((line.seller_discount * line.quantity for line in at_hand), Decimal(0))
    voucher = sum((line.seller_voucher * line.quantity for line in at_hand), Decimal(0))
    if at_hand:
        voucher += voucher_beyond
    amounts = (
        ("Discount", codes.discount_item, "Seller discount", -discount),
        ("Voucher", codes.voucher_item, "Seller voucher", -voucher),
    )
    return tuple(_charge(*amount, codes) for amount in amounts if two_places(amount[3]))


def fees(settlement: Settlement, codes: Codes) -> tuple[InvoiceLine, ...]:
    """What the channel adds or keeps, each under the channel's own name. Raises NoCode."""
    amounts = (
        ("Shipping", codes.shipping_item, "Shipping", settlement.shipping),
        *(("Transaction", codes.transaction_item, fee.name, fee.amount) for fee in settlement.fees),
    )
    return tuple(_charge(*amount, codes) for amount in amounts if two_places(amount[3]))


def _parts(whole: InvoiceLine, parts: Sequence[ItemPart]) -> list[InvoiceLine]:
    """One line per stock item; of a bundle, the last one takes what its price could not be divided
    into, so that the parts are worth the whole."""
    if len(parts) == 1:
        return [_part(whole, parts[0], whole.unit_price / parts[0].quantity)]
    made, left = [], whole.amount
    for part in parts[:-1]:
        amount = two_places(whole.amount * part.share)
        made.append(_part(whole, part, amount / (part.quantity * whole.quantity)))
        left -= made[-1].amount
    last = parts[-1]
    return [*made, _part(whole, last, left / (last.quantity * whole.quantity))]


def _part(whole: InvoiceLine, part: ItemPart, unit_price: Decimal) -> InvoiceLine:
    exact = unit_price.quantize(_PRICE_PLACES)
    return replace(
        whole,
        item_code=part.code,
        uom=part.uom,
        quantity=whole.quantity * part.quantity,
        unit_price=unit_price if exact == unit_price else exact,
    )


def _charge(slot: str, code: str, description: str, amount: Decimal, codes: Codes) -> InvoiceLine:
    if not (code or codes.default_item):
        raise NoCode(
            f"The store has no item code for {slot}: enter one under Posting, Store codes."
        )
    return InvoiceLine(
        item_code=code or codes.default_item,
        description=description[:_LONGEST_DESCRIPTION],
        quantity=Decimal(1),
        unit_price=amount,
    )
