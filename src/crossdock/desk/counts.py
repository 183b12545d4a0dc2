"""How many orders each tab holds for a filter: exact up to 10,000, in one query."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Count

from crossdock.desk.filter import Filter, Matching
from crossdock.rules.facts import POSTABLE, Tab

MOST = 10_000


def counts(wanted: Filter, matching: Matching) -> dict[Tab, int]:
    """Tab → how many; ``MOST + 1`` stands for more. No tab is counted any further than that."""
    return _by_reading(wanted, matching) if matching.few else _by_index(wanted, matching)


def shown(count: int) -> str:
    """A count as people read it."""
    return f"{MOST:,}+" if count > MOST else f"{count:,}"


def _by_reading(wanted: Filter, matching: Matching) -> dict[Tab, int]:
    """Where a search named the orders: read them once."""
    found = dict.fromkeys(Tab, 0)
    rows = matching.rows.order_by().values_list("tab", "put_away").annotate(number=Count("pk"))
    for tab, put_away, number in rows:
        if put_away is (wanted.archived and Tab(tab) in POSTABLE):
            found[Tab(tab)] += number
    return found


def _by_index(wanted: Filter, matching: Matching) -> dict[Tab, int]:
    """A count of its own for each tab, which ends where it need not go on."""
    parts: list[str] = []
    values: list[Any] = []
    for tab in Tab:
        of_tab = wanted.of_tab(matching.rows, tab).order_by().values("pk")[: MOST + 1]
        sql, parameters = of_tab.query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608 - Django made it
        values += parameters
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        return dict(zip(Tab, cursor.fetchone(), strict=True))
