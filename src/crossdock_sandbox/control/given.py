"""Values of a request to the control, checked; a wrong one is refused with what is allowed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping
from typing import Any


class Bad(Exception):
    """A request that cannot be done; the text says what is allowed."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


def one_of(
    body: Mapping[str, Any], name: str, allowed: Collection[str], default: str | None = None
) -> str:
    """A word of a fixed set."""
    value = body.get(name, default)
    if not isinstance(value, str) or value not in allowed:
        raise Bad(f"{name} must be one of {', '.join(allowed)}")
    return value


def number(body: Mapping[str, Any], name: str, default: int, least: int, most: int) -> int:
    """A whole number of a range; null is 0 where that is allowed."""
    value = body.get(name, default)
    if value is None and least == 0:
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise Bad(f"{name} must be a number from {least} to {most}")
    return int(value)


def text(body: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """A text, or a number as text; without a default it must be there."""
    value = body.get(name)
    if value is None and default is not None:
        return default
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise Bad(f"{name} must be a text" + ("" if default is None else ", where it is given"))
    return str(value)


def file(body: Mapping[str, Any], name: str) -> bytes:
    """A file in base64."""
    try:
        return base64.b64decode(body[name], validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise Bad(f"{name} must be a file in base64") from None


def only(body: Mapping[str, Any], names: Collection[str], what: str) -> None:
    """Raises Bad where something else is given."""
    if unknown := sorted(set(body) - set(names)):
        raise Bad(f"{what} takes {', '.join(names)}; not {', '.join(unknown)}")
