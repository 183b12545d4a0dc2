"""Reading a channel's JSON tolerantly: what cannot be read is left at its default, and named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

Row = Mapping[str, Any]

_FOUR_PLACES = Decimal("0.0001")
_LARGEST = Decimal(10**13)
_LAST_SECOND = 253_402_300_799
"""The end of the year 9999, beyond which no time can be told."""


@dataclass
class Reading:
    """One thing being read, and what of it could not be."""

    problems: list[str] = field(default_factory=list)

    def money(self, source: Row, name: str) -> Decimal:
        """An amount, sent as a number or as text; 0 where it is absent."""
        value = source.get(name)
        if value is None or value == "":
            return Decimal(0)
        amount = _decimal(value)
        if amount is None:
            self.miss(name, "amount", value)
            return Decimal(0)
        return amount if amount == amount.quantize(_FOUR_PLACES) else amount.quantize(_FOUR_PLACES)

    def time(self, source: Row, name: str) -> datetime | None:
        """A moment, in Unix seconds; None where it is absent or 0, which stands for none."""
        value = source.get(name)
        if value is None or str(value).strip() in ("", "0"):
            return None
        seconds = _decimal(value)
        if seconds is None or not 0 < seconds <= _LAST_SECOND:
            self.miss(name, "time", value)
            return None
        return datetime.fromtimestamp(int(seconds), UTC)

    def whole(self, source: Row, name: str, default: int = 0) -> int:
        """A count; ``default`` where it is absent."""
        value = source.get(name)
        if value is None or value == "":
            return default
        number = _decimal(value)
        if number is None or number != int(number) or number < 0:
            self.miss(name, "count", value)
            return default
        return int(number)

    def miss(self, name: str, kind: str, value: Any) -> None:
        """Name what could not be read."""
        self.problems.append(f"{name} is no {kind}: {str(value)[:40]!r}")

    @property
    def words(self) -> str:
        """Everything that could not be read, each once."""
        return "; ".join(dict.fromkeys(self.problems))


def text(source: Row, name: str) -> str:
    """A text or an id; "" where it is absent."""
    value = source.get(name)
    if value is None or isinstance(value, Mapping | list):
        return ""
    return str(value).replace("\x00", "").strip()


def rows(source: Row, name: str) -> tuple[Row, ...]:
    """The objects of a list; () where there is none."""
    found = source.get(name)
    return (
        tuple(row for row in found if isinstance(row, Mapping)) if isinstance(found, list) else ()
    )


def words_of(source: Row, name: str) -> tuple[str, ...]:
    """The texts of a list."""
    found = source.get(name)
    return tuple(str(one) for one in found) if isinstance(found, list) else ()


def child(source: Row, name: str) -> Row:
    """An object inside an object; {} where there is none."""
    found = source.get(name)
    return found if isinstance(found, Mapping) else {}


def yes(value: Any) -> bool:
    """Whether a flag is set."""
    return value is True or str(value).lower() in ("1", "true")


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < _LARGEST else None
