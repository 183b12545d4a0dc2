"""The company's days as moments, for ranges that people type and for the nightly checks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone


def beginning(day: date, zone: ZoneInfo) -> datetime:
    """When this day begins in this zone."""
    return datetime.combine(day, time(), zone).astimezone(ZoneInfo("UTC"))


def moments(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When these days begin and end; the end is never in the future."""
    end = beginning(last + timedelta(days=1), zone)
    return beginning(first, zone), min(end, timezone.now())


def days(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def today(zone: ZoneInfo) -> date:
    """The day that it is in this zone."""
    return timezone.now().astimezone(zone).date()
