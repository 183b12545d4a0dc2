"""Reading Lazada's JSON: its times have forms of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from crossdock.channels import reading
from crossdock.rules.facts import Touches
from crossdock.rules.from_outside import plain, whole

Row = Mapping[str, Any]

_BLANK_BEFORE_OFFSET = re.compile(r"\s+([+-]\d{2}):?(\d{2})$")


class Reading(reading.Reading):
    """One thing being read, and what of it could not be."""

    def time(self, source: Row, name: str, touches: Touches = Touches.NOTHING) -> datetime | None:
        """A moment in any of Lazada's three forms; None where it is absent, blank or 0."""
        value = source.get(name)
        if value in (None, "", 0, "0"):
            return None
        try:
            return moment(value)
        except (ValueError, OverflowError, OSError):
            self.miss(touches, name, "time", value)
            return None


def moment(value: Any) -> datetime:
    """``2026-03-02 10:15:42 +0800``, ISO 8601, or a number of (milli)seconds. Raises ValueError."""
    if isinstance(value, int | Decimal):
        seconds = float(value) / (1000 if value > 10**11 else 1)
        return datetime.fromtimestamp(seconds, UTC)
    text_of = _BLANK_BEFORE_OFFSET.sub(r"\1:\2", str(value).strip())
    if (number := whole(text_of)) is not None:
        return moment(number)
    parsed = datetime.fromisoformat(text_of)
    if parsed.tzinfo is None:
        raise ValueError(f"{value!r} has no offset")
    return parsed.astimezone(UTC)


def text(source: Row, name: str) -> str:
    """A text or an id; "" where it is absent."""
    value = source.get(name)
    return "" if value is None else plain(str(value))


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
