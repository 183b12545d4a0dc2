"""The countries of Lazada: a store belongs to one, which has a host, a currency and a token of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Country:
    """A country."""

    name: str
    host: str
    """Where its API lies."""
    currency: str
    has_cents: bool = True
    """Whether reverse orders tell amounts in hundredths (everywhere but in Vietnam)."""


COUNTRIES: Mapping[str, Country] = MappingProxyType(
    {
        "MY": Country("Malaysia", "https://api.lazada.com.my/rest", "MYR"),
        "SG": Country("Singapore", "https://api.lazada.sg/rest", "SGD"),
        "TH": Country("Thailand", "https://api.lazada.co.th/rest", "THB"),
        "VN": Country("Vietnam", "https://api.lazada.vn/rest", "VND", has_cents=False),
        "PH": Country("Philippines", "https://api.lazada.com.ph/rest", "PHP"),
        "ID": Country("Indonesia", "https://api.lazada.co.id/rest", "IDR"),
    }
)
