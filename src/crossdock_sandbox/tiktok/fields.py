"""Values of a query or a JSON body, checked for type and range; a wrong one is refused by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock_sandbox.tiktok.failures import Failure, invalid


class Fields:
    """Named values of one call. ``code``: what wrong values are refused with."""

    def __init__(self, values: Mapping[str, Any], code: int = 36009004) -> None:
        self.values, self.code = values, code

    def refused(self, name: str, what: str) -> Failure:
        """The refusal of a value."""
        text = f"Invalid parameter: {name} {what}"
        return invalid(text) if self.code == 36009004 else Failure(self.code, text)

    def text(self, name: str, default: str | None = None) -> str:
        """A string; without a default it must be there and not be empty."""
        value = self.values.get(name)
        if value is None or value == "":
            if default is None:
                raise self.refused(name, "is required")
            return default
        if not isinstance(value, str):
            raise self.refused(name, "must be a string")
        return value

    def one_of(self, name: str, allowed: Sequence[str], default: str | None = None) -> str:
        """A string of a fixed set."""
        value = self.text(name, default)
        if value != default and value not in allowed:
            raise self.refused(name, f"must be one of {', '.join(allowed)}")
        return value

    def integer(self, name: str) -> int | None:
        """A JSON number, or digits in a query; None where it is not there."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.isdigit():
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.refused(name, "must be an integer")
        return value

    def between(self, name: str, least: int, most: int, default: int | None = None) -> int:
        """An integer of a range."""
        value = self.integer(name)
        if value is None:
            value = default
        if value is None:
            raise self.refused(name, "is required")
        if not least <= value <= most:
            raise self.refused(name, f"must be from {least} to {most}")
        return value

    def boolean(self, name: str) -> bool | None:
        """A JSON boolean; None where it is not there."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, bool):
            raise self.refused(name, "must be a boolean")
        return value

    def strings(self, name: str, most: int = 1000) -> list[str]:
        """A list of strings; empty where it is not there."""
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.refused(name, "must be a list of strings")
        if len(value) > most:
            raise self.refused(name, f"holds more than {most} values")
        return value

    def objects(self, name: str, most: int = 1000) -> list[Fields]:
        """A list of JSON objects; empty where it is not there."""
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.refused(name, "must be a list of objects")
        if len(value) > most:
            raise self.refused(name, f"holds more than {most} values")
        return [Fields(one, self.code) for one in value]

    def object(self, name: str) -> Fields | None:
        """A JSON object; None where it is not there."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.refused(name, "must be an object")
        return Fields(value, self.code)
