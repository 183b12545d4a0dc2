"""Moments that lie further ahead than anything waits: a clock that was wrong has left them.

Each room that writes down until when something waits, rests or is held says here how to find what no
right clock can have written, and what it counts as. The database's clock judges.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db.models import Model, Q
from django.db.models.functions import Now

log = structlog.get_logger(__name__)

_deeds: list[tuple[str, Callable[[], int]]] = []


def also_bring_back(what: str, deed: Callable[[], int]) -> None:
    """Have a deed done by ``bring_back``, which gives how many rows it changed."""
    _deeds.append((what, deed))


def due_at_once(
    model: type[Model], column: str, longest: Callable[[], timedelta], only: Q | None = None
) -> None:
    """Have rows whose moment lies further ahead than ``longest`` counted as due now."""

    def bring() -> int:
        rows = model._default_manager.filter(only or Q(), **{f"{column}__gt": Now() + longest()})
        return rows.update(**{column: Now()})

    also_bring_back(f"{model._meta.label} {column}", bring)


def bring_back() -> int:
    """Count every moment that lies too far ahead as now; how many there were.

    Call it within ``all_companies()``.
    """
    found = {what: number for what, deed in _deeds if (number := deed())}
    if found:
        log.warning("a clock was ahead: what it put off is due now", **found)
    return sum(found.values())
