"""What a line is sold for, and what the escrow adds to it.

The order tells prices per unit. It tells 0 for an item of a bundle deal, whose price only the escrow
knows, as a total for the whole line (``order_income.items``); dividing that by the units may leave a
rest, which is handed back so that the order adds up to the cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from crossdock.channels.reading import Reading, Row, child, rows, text
from crossdock.channels.shopee.lines import Part
from crossdock.rules.facts import Touches

_FOUR_PLACES = Decimal("0.0001")
_NOTHING = Decimal(0)


def unit_prices(
    reading: Reading, parts: Sequence[Part], escrow: Row | None
) -> tuple[list[Decimal], Decimal]:
    """The price of one unit of each part, and the rest by which these are too much together."""
    prices = [reading.price(part.item, "model_discounted_price") for part in parts]
    if escrow is None or all(prices):
        return prices, _NOTHING
    totals = rows(child(escrow, "order_income"), "items")
    key = _key_names(totals, parts)
    carried = _NOTHING
    for name in dict.fromkeys(_key(part.item, key) for part in parts):
        places = [place for place, part in enumerate(parts) if _key(part.item, key) == name]
        unpriced = [place for place in places if not prices[place]]
        told = [row for row in totals if _key(row, key) == name]
        if not unpriced:
            continue
        if not told:
            reading.note(Touches.MONEY, "the escrow does not tell the price of a bundle's item")
            continue
        total = _left_for(reading, told, ((prices[place], parts[place]) for place in places))
        units = sum(parts[place].quantity for place in unpriced)
        price, rest = _divided(total, units, carried)
        if not any(parts[place].is_gone for place in unpriced):
            carried = rest
        for place in unpriced:
            prices[place] = price
    return prices, carried


def vouchers(reading: Reading, escrow: Row | None) -> tuple[Decimal, Decimal]:
    """What the seller's and what Shopee's vouchers take off an order. Their sign is not documented."""
    income = child(escrow or {}, "order_income")
    if escrow is not None and not text(income, "voucher_from_seller"):
        reading.note(Touches.MONEY, "the escrow does not tell the seller's vouchers")
    of_seller = abs(reading.money(income, "voucher_from_seller"))
    return of_seller, abs(reading.money(income, "voucher_from_shopee"))


def _key_names(totals: Sequence[Row], parts: Sequence[Part]) -> tuple[str, ...]:
    """By what the escrow's rows and the order's are matched: the finest that both tell."""
    all_rows = [*totals, *(part.item for part in parts)]
    if all(text(row, "line_item_id") not in ("", "0") for row in all_rows):
        return ("line_item_id",)
    return ("item_id", "model_id")


def _key(row: Row, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text(row, name) or "0" for name in names)


def _left_for(
    reading: Reading, told: Iterable[Row], known: Iterable[tuple[Decimal, Part]]
) -> Decimal:
    """What a line's total leaves for the units whose price the order does not tell."""
    total = sum((reading.price(row, "discounted_price") for row in told), _NOTHING)
    left = total - sum((price * part.quantity for price, part in known), _NOTHING)
    if left < 0:
        reading.note(Touches.MONEY, "the escrow tells less for a bundle than its priced items cost")
    return max(left, _NOTHING)


def _divided(total: Decimal, units: int, carried: Decimal) -> tuple[Decimal, Decimal]:
    """The price of one unit in four places, and the rest so far: rounded up or down, whichever
    keeps the rest of all lines together the smallest."""
    exact = total / units
    choices: Mapping[Decimal, Decimal] = {
        price: carried + price * units - total
        for price in (
            exact.quantize(_FOUR_PLACES, ROUND_FLOOR),
            exact.quantize(_FOUR_PLACES, ROUND_CEILING),
        )
    }
    price = min(choices, key=lambda one: abs(choices[one]))
    return price, choices[price]
