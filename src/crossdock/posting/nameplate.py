"""Whose books they are, as the company profile of SQL Account tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.channels.reading import said

NAMELESS = "a company without a name"


@dataclass(frozen=True, slots=True)
class Nameplate:
    """A company's name and register number; "" where one is not told."""

    name: str
    register: str

    def __str__(self) -> str:
        name = self.name or NAMELESS
        return f"{name} ({self.register})" if self.register else name

    def is_as_before(self, before: Nameplate) -> bool:
        """Whether this can be the company that was known before; what was not known differs from nothing."""
        return before.name in ("", self.name) and before.register in ("", self.register)


def read(profile: Mapping[str, Any]) -> Nameplate:
    """The nameplate in a company profile. UNCONFIRMED: that the register number is ``registerno``."""
    name = profile.get("companyname") or profile.get("name") or ""
    return Nameplate(_tidy(name)[:200], _tidy(profile.get("registerno") or "")[:60])


def _tidy(text: Any) -> str:
    return " ".join(said(text).split())
