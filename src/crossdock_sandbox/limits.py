"""Call limits: a bucket per app and per shop, and calls in flight."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

_DEFAULTS: dict[str, dict[str, float]] = {
    "lazada": {"per_app": 10, "per_shop": 5},
    "shopee": {"per_shop": 10},
    "tiktok": {"per_shop": 20},
    "sqlaccount": {"per_app": 2, "in_flight": 1},
}
"""No channel publishes firm limits. Per second, but for calls in flight."""


@dataclass
class Bucket:
    """Holds a second's worth of calls, and fills by itself."""

    rate: float
    level: float
    at: float

    def take(self, now: float) -> bool:
        """Take one call; False when the bucket is empty."""
        full = max(self.rate, 1.0)
        self.level = min(full, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level < 1.0:
            return False
        self.level -= 1.0
        return True


@dataclass
class Limits:
    """The limits in force, by system."""

    rates: dict[str, dict[str, float]] = field(
        default_factory=lambda: {system: dict(rates) for system, rates in _DEFAULTS.items()}
    )
    buckets: dict[tuple[str, str, str], Bucket] = field(default_factory=dict)

    def set(self, system: str, **rates: float) -> None:
        """Change limits of a system; 0 lifts one."""
        self.rates[system].update(rates)
        self.buckets = {key: bucket for key, bucket in self.buckets.items() if key[0] != system}

    def refuses(self, system: str, kind: str, who: str) -> bool:
        """Count a call; True when it is one too many. ``kind``: per_app or per_shop."""
        rate = self.rates[system].get(kind, 0)
        if not rate:
            return False
        now = time.monotonic()
        bucket = self.buckets.setdefault((system, kind, who), Bucket(rate, max(rate, 1.0), now))
        return not bucket.take(now)

    def in_flight(self, system: str) -> int:
        """How many calls may run at once; 0: any number."""
        return int(self.rates[system].get("in_flight", 0))
