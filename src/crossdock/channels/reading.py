"""Reading a channel's JSON tolerantly: what cannot be read is left at its default, and named with
what it touches. A figure that an invoice is built from has no default: where it is absent it is named too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock.rules.facts import Problem, Touches
from crossdock.rules.from_outside import LARGEST_COUNT, plain, whole

Row = Mapping[str, Any]

_FOUR_PLACES = Decimal("0.0001")
_LARGEST = Decimal(10**13)
_LONGEST_PAUSE = 3600
_LAST_SECOND = 253_402_300_799
"""The end of the year 9999, beyond which no time can be told."""
_CURRENCY = re.compile(r"[A-Z]{3}")
_SHOWN = 40
"""Characters of an odd value that are named."""


@dataclass
class Reading:
    """One thing being read, and what of it could not be."""

    found: list[Problem] = field(default_factory=list)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that could not be read, each once."""
        return tuple(dict.fromkeys(self.found))

    def price(self, source: Row, name: str) -> Decimal:
        """An amount that is billed or taken off: it must be told, and is never negative."""
        if _is_absent(source.get(name)):
            self.note(Touches.MONEY, f"{name} is missing")
        amount = self.money(source, name)
        if amount < 0:
            self.note(Touches.MONEY, f"{name} is negative: {amount}")
        return amount

    def money(self, source: Row, name: str) -> Decimal:
        """An amount, sent as a number or as text; 0 where it is absent."""
        value = source.get(name)
        if _is_absent(value):
            return Decimal(0)
        amount = _decimal(value)
        if amount is None:
            self.miss(Touches.MONEY, name, "amount", value)
            return Decimal(0)
        return amount if amount == amount.quantize(_FOUR_PLACES) else amount.quantize(_FOUR_PLACES)

    def currency(self, told: Iterable[str]) -> str:
        """The one currency of all that tell it; "" where none does, or it is not one."""
        known = tuple(dict.fromkeys(filter(None, told)))
        if len(known) == 1 and _CURRENCY.fullmatch(known[0]):
            return known[0]
        named = ", ".join(one[:_SHOWN] for one in known)
        words = f"the currency is not clear: {named}" if named else "the currency is missing"
        self.note(Touches.MONEY, words)
        return ""

    def time(self, source: Row, name: str, touches: Touches = Touches.NOTHING) -> datetime | None:
        """A moment, in Unix seconds; None where it is absent or 0, which stands for none."""
        value = source.get(name)
        if value is None or str(value).strip() in ("", "0"):
            return None
        seconds = _decimal(value)
        if seconds is None or not 0 < seconds <= _LAST_SECOND:
            self.miss(touches, name, "time", value)
            return None
        return datetime.fromtimestamp(int(seconds), UTC)

    def created(self, source: Row, name: str, *, updated: str) -> datetime:
        """When an order was made: its invoice may carry that day. Where it is not told, when it was
        ``updated`` stands in, or this moment."""
        before = len(self.found)
        found = self.time(source, name, Touches.MONEY)
        if found is not None:
            return found
        if len(self.found) == before:
            self.note(Touches.MONEY, f"{name} is missing")
        return self.time(source, updated) or datetime.now(UTC).replace(microsecond=0)

    def units(self, source: Row, name: str) -> int:
        """How many units were ordered: it must be told, and is at least 1."""
        if _is_absent(source.get(name)):
            self.note(Touches.LINES, f"{name} is missing")
        number = self.whole(source, name, 1)
        if number < 1:
            self.miss(Touches.LINES, name, "number of units", source.get(name))
        return max(number, 1)

    def whole(self, source: Row, name: str, default: int = 0) -> int:
        """A count; ``default`` where it is absent."""
        value = source.get(name)
        if _is_absent(value):
            return default
        number = _decimal(value)
        if number is None or number != int(number) or not 0 <= number <= LARGEST_COUNT:
            self.miss(Touches.LINES, name, "count", value)
            return default
        return int(number)

    def all_rows(self, source: Row, name: str) -> tuple[Row, ...]:
        """The objects of a list of goods or parcels; what is none is named."""
        listed = source.get(name)
        found = rows(source, name)
        if listed is not None and (not isinstance(listed, list) or len(found) < len(listed)):
            self.note(Touches.LINES, f"{name} cannot be read whole")
        return found

    def code(self, source: Row, name: str) -> str:
        """A text by which goods are known; "" where it is absent."""
        if isinstance(source.get(name), Mapping | list):
            self.note(Touches.LINES, f"{name} is no text")
        return text(source, name)

    def address(self, source: Row, name: str) -> Row:
        """Where the parcel goes; {} where it is absent. What it holds is named to nobody."""
        told = source.get(name)
        if told is not None and told != "" and not isinstance(told, Mapping):
            self.note(Touches.ADDRESS, f"{name} cannot be read")
        return child(source, name)

    def miss(self, touches: Touches, name: str, kind: str, value: Any) -> None:
        """Name what could not be read."""
        self.note(touches, f"{name} is no {kind}: {str(value)[:_SHOWN]!r}")

    def note(self, touches: Touches, words: str) -> None:
        """Name a problem."""
        self.found.append(Problem(touches, words))


def text(source: Row, name: str) -> str:
    """A text or an id; "" where it is absent."""
    return said(source.get(name))


def said(value: Any) -> str:
    """What a text, a number or a flag says, without what cannot be kept; "" for anything else."""
    if value is None or isinstance(value, Mapping | list):
        return ""
    return plain(str(value)).strip()


def rows(source: Row, name: str) -> tuple[Row, ...]:
    """The objects of a list; () where there is none."""
    found = source.get(name)
    return (
        tuple(row for row in found if isinstance(row, Mapping)) if isinstance(found, list) else ()
    )


def words_of(source: Row, name: str) -> tuple[str, ...]:
    """The texts of a list."""
    found = source.get(name)
    return tuple(map(said, found)) if isinstance(found, list) else ()


def child(source: Row, name: str) -> Row:
    """An object inside an object; {} where there is none."""
    found = source.get(name)
    return found if isinstance(found, Mapping) else {}


def yes(value: Any) -> bool:
    """Whether a flag is set."""
    return value is True or str(value).lower() in ("1", "true")


def _is_absent(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def as_json(value: Any) -> bytes:
    """JSON as it is sent, and as it is kept: half a character, which UTF-8 cannot hold, stays the escape
    that it came as."""
    made = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_as_number)
    return made.encode(errors="backslashreplace")


def pause_of(headers: Mapping[str, str], otherwise: float) -> float:
    """The seconds after which a channel wants to be asked again (``Retry-After``), at most an hour;
    ``otherwise`` where it names none."""
    seconds = whole(headers.get("retry-after", ""))
    return otherwise if seconds is None else float(min(seconds, _LONGEST_PAUSE))


def _as_number(value: Any) -> float:
    """Decimals as the numbers they were: text would turn them into strings."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _decimal(value: Any) -> Decimal | None:
    """A number; None where it is none. Python would read "1_299" as one."""
    if isinstance(value, bool) or "_" in str(value):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < _LARGEST else None
