"""How many orders each tab holds for a filter: exact up to 10,000, in one query."""

from __future__ import annotations

from typing import Any

from django.db import connection

from crossdock.companies.models import Company
from crossdock.desk.filter import Filter
from crossdock.rules.facts import Tab

MOST = 10_000


def counts(wanted: Filter, company: Company) -> dict[Tab, int]:
    """Tab → how many; ``MOST + 1`` stands for more. No tab is counted any further than that."""
    rows = wanted.orders(company)
    parts: list[str] = []
    values: list[Any] = []
    for tab in Tab:
        of_tab = wanted.of_tab(rows, tab).order_by().values("pk")[: MOST + 1]
        sql, parameters = of_tab.query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608 - Django made it
        values += parameters
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        return dict(zip(Tab, cursor.fetchone(), strict=True))


def shown(count: int) -> str:
    """A count as people read it."""
    return f"{MOST:,}+" if count > MOST else f"{count:,}"
