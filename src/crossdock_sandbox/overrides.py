"""Fields of a channel's own answer that were ordered to be otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

ABSENT = "__absent__"
"""A field with this value is left out of the answer."""


def override(told: dict[str, Any], fields: Mapping[str, Any], lines: str) -> None:
    """Change an order's answer, whose ordered items stand under ``lines``.

    A name is a field of the order; of every line where only lines have it. In a dotted path a number
    is a place in a list; a list without one is all that it holds.
    """
    of_lines = {name for line in told[lines] for name in line}
    for name, value in fields.items():
        parts = name.split(".")
        if parts[0] not in told and parts[0] in of_lines:
            parts = [lines, *parts]
        _put(told, parts, value)


def _put(holder: Any, parts: list[str], value: Any) -> None:
    if isinstance(holder, list):
        _put_in_list(holder, parts, value)
    elif len(parts) > 1:
        if not isinstance(holder.get(parts[0]), dict | list):
            holder[parts[0]] = {}
        _put(holder[parts[0]], parts[1:], value)
    elif value == ABSENT:
        holder.pop(parts[0], None)
    else:
        holder[parts[0]] = deepcopy(value)


def _put_in_list(holder: list[Any], parts: list[str], value: Any) -> None:
    if not parts[0].isdigit():
        for one in holder:
            if isinstance(one, dict):
                _put(one, parts, value)
        return
    place = int(parts[0])
    if place >= len(holder):
        return
    if len(parts) == 1 and value == ABSENT:
        del holder[place]
    elif len(parts) == 1:
        holder[place] = deepcopy(value)
    elif isinstance(holder[place], dict | list):
        _put(holder[place], parts[1:], value)
