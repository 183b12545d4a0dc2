"""The company's days, as filters speak of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from crossdock.companies.models import Company

Span = tuple[date, date]
"""The first and the last day, both inside."""

RANGES: Mapping[str, tuple[str, Callable[[date], Span]]] = {
    "today": ("Today", lambda day: (day, day)),
    "yesterday": ("Yesterday", lambda day: (day - timedelta(1), day - timedelta(1))),
    "7d": ("Last 7 days", lambda day: (day - timedelta(6), day)),
    "30d": ("Last 30 days", lambda day: (day - timedelta(29), day)),
    "this-month": ("This month", lambda day: (day.replace(day=1), day)),
    "last-month": ("Last month", lambda day: _month_before(day)),
}
"""Spans that move with today: name → (as people say it, today → span)."""

SHIP_BY: Mapping[str, str] = {
    "overdue": "Overdue",
    "today": "Ship today",
    "tomorrow": "Ship tomorrow",
}


def today(company: Company) -> date:
    """Which day it is where the company is."""
    return timezone.now().astimezone(company.zone).date()


def begin(day: date, company: Company) -> datetime:
    """The moment at which a day of the company's begins."""
    return datetime.combine(day, time(), company.zone)


def span(name: str, company: Company) -> Span:
    """The days of a moving span, as today stands."""
    return RANGES[name][1](today(company))


def _month_before(day: date) -> Span:
    last = day.replace(day=1) - timedelta(1)
    return last.replace(day=1), last
