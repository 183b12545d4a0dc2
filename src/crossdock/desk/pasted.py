"""A pasted list of tracking numbers: "order id, tracking number[, courier]", one a line."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

_SEPARATOR = re.compile(r"\s*[\t,;]\s*")
_SPACES = re.compile(r"\s+")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a pasted line says of an order."""

    tracking_number: str
    courier_id: str = ""


@dataclass(slots=True)
class PastedList:
    """What could be read, and what could not."""

    found: dict[str, Pasted] = field(default_factory=dict)
    """Channel order id → what was given for it."""
    problems: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """The lines that could not be read, as they came."""


def read(text: str, order_ids: Collection[str], couriers: Mapping[str, str]) -> PastedList:
    """Read a list for these orders. ``couriers``: id → name; a line may give either, in any case.

    Commas, semicolons and tabs separate, or mere spaces where there are none of these; a heading
    line and empty lines are passed over. An order or a number that comes twice is named and counts
    once, as it came first.
    """
    made, numbers = PastedList(), dict[str, str]()
    named = {name.casefold(): key for key, name in couriers.items()}
    named |= {key.casefold(): key for key in couriers}
    for place, line in enumerate(text.splitlines(), 1):
        parts = _parts(line)
        if not parts or (place == 1 and _is_heading(parts)):
            continue
        order_id, number, courier = (*parts, "", "")[:3]
        problem = ""
        if order_id not in order_ids:
            problem = f"{order_id} is not one of these orders"
        elif order_id in made.found:
            problem = f"{order_id} comes twice"
        elif not number:
            problem = f"{order_id} has no tracking number"
        elif number in numbers:
            problem = f"{number} is given to {numbers[number]} already"
        elif courier and courier.casefold() not in named:
            problem = f"there is no courier called {courier}"
        if problem:
            made.problems.append(f"Line {place}: {problem}.")
            made.left.append(line)
            continue
        numbers[number] = order_id
        made.found[order_id] = Pasted(number, named.get(courier.casefold(), ""))
    return made


def _parts(line: str) -> list[str]:
    line = line.strip().strip("﻿")
    if not line:
        return []
    if _SEPARATOR.search(line.strip(" ")):
        parts = _SEPARATOR.split(line)
    else:
        parts = _SPACES.split(line, maxsplit=2)
    return [part.strip().strip('"').strip() for part in parts]


def _is_heading(parts: list[str]) -> bool:
    return not any(map(_DIGIT.search, parts))
