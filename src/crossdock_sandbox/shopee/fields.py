"""Values of a query or a JSON body, checked for type and range; a wrong one is refused by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from crossdock_sandbox.shopee.failures import Failure, wrong

_TRUTH = {"true": True, "false": False, "1": True, "0": False}


class Fields:
    """Named values of one call. In a query every value is a list of texts, one for each time that it came."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def text(self, name: str, default: str | None = None) -> str:
        """A string; without a default it must be there and not be empty."""
        value = self._one(name)
        if value is None or value == "":
            if default is None:
                raise missing(name)
            return default
        if not isinstance(value, str):
            raise wrong(f"{name} should be a string")
        return value

    def one_of(self, name: str, allowed: Sequence[str], default: str | None = None) -> str:
        """A string of a fixed set."""
        value = self.text(name, default)
        if value != default and value not in allowed:
            raise wrong(f"{name} should be one of {', '.join(allowed)}")
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        """A JSON number, or digits in a query; without a default it must be there."""
        value = self._one(name)
        if isinstance(value, str) and value.lstrip("-").isdigit():
            return int(value)
        if value is None or value == "":
            if default is None:
                raise missing(name)
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong(f"{name} should be an integer")
        return value

    def between(self, name: str, least: int, most: int, default: int | None = None) -> int:
        """An integer of a range."""
        value = self.integer(name, default)
        if not least <= value <= most:
            raise wrong(f"{name} should be between {least} and {most}")
        return value

    def amount(self, name: str) -> Decimal | None:
        """A JSON number with decimals; None where it is not there."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise wrong(f"{name} should be a number")
        return Decimal(value)

    def boolean(self, name: str, default: bool = False) -> bool:
        """A JSON boolean, or its name in a query."""
        value = self._one(name)
        if value is None or value == "":
            return default
        known = _TRUTH.get(value.lower()) if isinstance(value, str) else value
        if not isinstance(known, bool):
            raise wrong(f"{name} should be a boolean")
        return known

    def listed(self, name: str, most: int | None = None) -> list[str]:
        """Texts: joined with commas, or the key repeated, or a JSON list; empty where there are none.

        ``most`` also says that there must be one.
        """
        value = self.values.get(name)
        given = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(one, str | int) and not isinstance(one, bool) for one in given):
            raise wrong(f"{name} should be a list of strings")
        parts = [part.strip() for one in given for part in str(one).split(",") if part.strip()]
        if most is not None and not parts:
            raise missing(name)
        if most is not None and len(parts) > most:
            raise wrong(f"{name} should hold at most {most}")
        return parts

    def numbers(self, name: str, most: int | None = None) -> list[int]:
        """Integers, written as ``listed`` says."""
        parts = self.listed(name, most)
        if not all(part.lstrip("-").isdigit() for part in parts):
            raise wrong(f"{name} should be a list of integers")
        return [int(part) for part in parts]

    def objects(self, name: str, most: int | None = None) -> list[Fields]:
        """JSON objects; empty where there are none. ``most`` also says that there must be one."""
        value = self.values.get(name)
        if value is None:
            value = []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise wrong(f"{name} should be a list of objects")
        if most is not None and not value:
            raise missing(name)
        if most is not None and len(value) > most:
            raise wrong(f"{name} should hold at most {most}")
        return [Fields(one) for one in value]

    def object(self, name: str) -> Fields | None:
        """A JSON object; None where it is not there."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise wrong(f"{name} should be an object")
        return Fields(value)

    def _one(self, name: str) -> Any:
        value = self.values.get(name)
        return value[0] if isinstance(value, list) and value else value


def missing(name: str) -> Failure:
    """A mandatory value is not there."""
    return wrong(f"{name} is a required field")
