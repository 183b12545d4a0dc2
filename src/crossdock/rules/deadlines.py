"""How pressing a ship-by time is."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

_SOON = timedelta(hours=12)


class Pressure(StrEnum):
    """What the colour of a ship-by countdown says."""

    OVERDUE = "overdue"
    SOON = "soon"
    CALM = "calm"


def pressure(ship_by: datetime, now: datetime) -> Pressure:
    """How pressing this deadline is at this moment (both aware)."""
    if ship_by <= now:
        return Pressure.OVERDUE
    return Pressure.SOON if ship_by - now <= _SOON else Pressure.CALM


def countdown(ship_by: datetime, now: datetime) -> str:
    """The time left, or passed, in the two largest units: ``1 d 4 h``, ``35 min``, ``2 h 5 min ago``."""
    left = ship_by - now
    minutes = int(abs(left).total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        text = f"{days} d {hours} h"
    elif hours:
        text = f"{hours} h {rest} min"
    else:
        text = f"{rest} min"
    return text if left >= timedelta(0) else f"{text} ago"
