"""Faults that can be ordered, and which of them strikes a call."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
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
    "answer",
    "label",
    "refuse",
)
_WHERE_THEY_ARE_ASKED_FOR = ("duplicate_webhook", "label", "refuse")
"""Kinds that strike inside a delivery or a platform's own call, not around it."""


@dataclass(frozen=True)
class Answer:
    """An answer that is given instead of the real one."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Refusal:
    """What a platform says in its own envelope."""

    code: str
    message: str
    status: int | None = None
    """HTTP status; None: the one that the platform uses."""


@dataclass(frozen=True)
class OrderedLabel:
    """What comes out as the label of an order, or when one does."""

    file: bytes | None
    ready_at: float = 0.0
    """Unix time until which it is still being made, where there is no file."""

    @property
    def is_being_made(self) -> bool:
        """Whether it is said to be still in the making."""
        return self.file is None and self.ready_at > time.time()


@dataclass
class Fault:
    """One fault: strikes so many times, or with a probability, the calls that it is about."""

    system: str
    kind: str
    path: str = ""
    times: int | None = None
    probability: float | None = None
    delay_ms: float = 1000.0
    method: str = ""
    order: str = ""
    shop: str = ""
    package: str = ""
    answer: Answer | None = None
    refusal: Refusal | None = None
    label: OrderedLabel | None = None

    def is_about(self, system: str, path: str, method: str = "") -> bool:
        """Whether it may strike a call; without a path it may strike any of the system."""
        return (
            self.system == system
            and self.method in ("", method)
            and (not self.path or bool(re.fullmatch(f".*{_pattern(self.path)}", path)))
        )

    def is_label_of(self, system: str, shop: str, order: str, package: str) -> bool:
        """Whether it says what comes out as the label of this package."""
        return (
            self.label is not None
            and (self.label.file is not None or self.label.is_being_made)
            and (self.system, self.order) == (system, order)
            and self.shop in ("", shop)
            and self.package in ("", package)
        )

    def listed(self) -> dict[str, Any]:
        """The fault as JSON; files and bodies by their size."""
        told: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("system", "kind", "path", "times", "probability", "delay_ms")
        }
        told |= {
            name: getattr(self, name)
            for name in ("method", "order", "shop", "package")
            if getattr(self, name)
        }
        if self.answer:
            told |= {"status": self.answer.status, "bytes": len(self.answer.body)}
        if self.refusal:
            told |= {"code": self.refusal.code, "message": self.refusal.message}
        if self.label:
            file, rest = self.label.file, self.label.ready_at - time.time()
            told |= {"seconds": round(rest, 1)} if file is None else {"bytes": len(file)}
        return told


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

    def ask_for_orders(self, system: str) -> bool:
        """Whether it must be known which orders a call of this system names."""
        return any(
            one.kind == "answer" and one.order and one.system == system for one in self.standing
        )

    def strike(
        self,
        system: str,
        path: str,
        *,
        method: str = "",
        names: Callable[[str], bool] = lambda _order: False,
        only: str = "",
    ) -> Fault | None:
        """The fault that strikes around this call, counted; ``only`` asks for one kind.

        ``names``: whether the call names an order.
        """

        def fits(fault: Fault) -> bool:
            wanted = fault.kind == only if only else fault.kind not in _WHERE_THEY_ARE_ASKED_FOR
            of_order = not fault.order or names(fault.order)
            return wanted and fault.is_about(system, path, method) and of_order

        return self._first(fits)

    def refusal(self, system: str, path: str, shop: str = "") -> Refusal | None:
        """What the platform refuses this call with; counted. ``shop``: the short name of whose it is."""
        struck = self._first(
            lambda fault: (
                fault.kind == "refuse" and fault.is_about(system, path) and fault.shop in ("", shop)
            )
        )
        return struck.refusal if struck else None

    def label(self, system: str, shop: str, order: str, package: str) -> OrderedLabel | None:
        """What was ordered to come out as the label of a package; counted."""
        struck = self._first(lambda fault: fault.is_label_of(system, shop, order, package))
        return struck.label if struck else None

    def holds_up(self, system: str, shop: str, order: str, package: str) -> bool:
        """Whether a package's label was ordered to be still in the making; counted."""
        return bool(
            self._first(
                lambda fault: (
                    fault.is_label_of(system, shop, order, package)
                    and fault.label is not None
                    and fault.label.file is None
                )
            )
        )

    def listed(self) -> list[dict[str, Any]]:
        """The faults in force, as JSON."""
        return [fault.listed() for fault in self.standing]

    def _first(self, fits: Callable[[Fault], bool]) -> Fault | None:
        for fault in self.standing:
            if not fits(fault):
                continue
            if fault.probability is not None and self.chance.random() >= fault.probability:
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.standing.remove(fault)
            return fault
        return None


def _pattern(path: str) -> str:
    """A path's end as a regular expression: ``{anything}`` is one part of it."""
    return "[^/]+".join(re.escape(text) for text in re.split(r"\{[^{}/]*\}", path))
