"""Money is Decimal, with its currency. How many digits a currency is billed in."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_WITHOUT_CENTS = frozenset({"IDR", "VND"})
"""Currencies in which the marketplaces charge whole units."""


def cents(amount: Decimal, currency: str) -> Decimal:
    """This amount in the smallest unit that the currency is billed in, halves rounded up."""
    unit = Decimal(1) if currency in _WITHOUT_CENTS else Decimal("0.01")
    return amount.quantize(unit, rounding=ROUND_HALF_UP)


def two_places(amount: Decimal) -> Decimal:
    """This amount with exactly two decimal places, as SQL Account keeps totals."""
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
