"""Reading Lazada's JSON tolerantly: what cannot be read is left at its default, and named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

Row = Mapping[str, Any]

_LARGEST = Decimal(10**13)
_BLANK_BEFORE_OFFSET = re.compile(r"\s+([+-]\d{2}):?(\d{2})$")


@dataclass
class Reading:
    """One thing being read, and what of it could not be."""

    problems: list[str] = field(default_factory=list)

    def money(self, source: Row, name: str) -> Decimal:
        """An amount, sent as a number or as text; 0 where it is absent or blank."""
        value = source.get(name)
        if value is None or value == "":
            return Decimal(0)
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or abs(amount) >= _LARGEST:
            self.problems.append(f"{name} is no amount: {str(value)[:40]!r}")
            return Decimal(0)
        return amount

    def time(self, source: Row, name: str) -> datetime | None:
        """A moment in any of Lazada's three forms; None where it is absent, blank or 0."""
        value = source.get(name)
        if value in (None, "", 0, "0"):
            return None
        try:
            return moment(value)
        except (ValueError, OverflowError, OSError):
            self.problems.append(f"{name} is no time: {str(value)[:40]!r}")
            return None


def moment(value: Any) -> datetime:
    """``2026-03-02 10:15:42 +0800``, ISO 8601, or a number of (milli)seconds. Raises ValueError."""
    if isinstance(value, int | Decimal):
        seconds = float(value) / (1000 if value > 10**11 else 1)
        return datetime.fromtimestamp(seconds, UTC)
    text_of = _BLANK_BEFORE_OFFSET.sub(r"\1:\2", str(value).strip())
    if text_of.isdigit():
        return moment(int(text_of))
    parsed = datetime.fromisoformat(text_of)
    if parsed.tzinfo is None:
        raise ValueError(f"{value!r} has no offset")
    return parsed.astimezone(UTC)


def text(source: Row, name: str) -> str:
    """A text or an id; "" where it is absent."""
    value = source.get(name)
    return "" if value is None else str(value).replace("\x00", "")


def yes(value: Any) -> bool:
    """Whether a flag is set: a boolean, a number, or either as text."""
    return value is True or str(value).lower() in ("1", "true")


def rows(source: Row, name: str) -> list[Row]:
    """The objects of a list; [] where there is none."""
    found = source.get(name)
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []


def child(source: Row, name: str) -> Row:
    """An object inside an object; {} where there is none."""
    found = source.get(name)
    return found if isinstance(found, Mapping) else {}
