"""Faults that can be ordered, and which of them strikes a call."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, field
from typing import Any

KINDS = (
    "error_500",
    "error_429",
    "drop_before",
    "drop_after",
    "slow",
    "expire_token",
    "duplicate_webhook",
    "malformed",
)


@dataclass
class Fault:
    """One fault: strikes so many times, or with a probability, the calls that it is about."""

    system: str
    kind: str
    path: str = ""
    times: int | None = None
    probability: float | None = None
    delay_ms: float = 1000.0

    def is_about(self, system: str, path: str) -> bool:
        """Whether it may strike a call; without a path it may strike any of the system."""
        return self.system == system and (
            not self.path or path == self.path or path.endswith(self.path)
        )


@dataclass
class Faults:
    """The faults in force."""

    chance: random.Random
    standing: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Order a fault."""
        self.standing.append(fault)

    def clear(self) -> None:
        """Lift all faults."""
        self.standing.clear()

    def strike(self, system: str, path: str, *, only: str = "") -> Fault | None:
        """The fault that strikes this call, counted; ``only`` asks for one kind."""
        for fault in self.standing:
            if not fault.is_about(system, path) or bool(only) != (
                fault.kind == "duplicate_webhook"
            ):
                continue
            if fault.probability is not None and self.chance.random() >= fault.probability:
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.standing.remove(fault)
            return fault
        return None

    def listed(self) -> list[dict[str, Any]]:
        """The faults in force, as JSON."""
        return [asdict(fault) for fault in self.standing]
