"""Numbers of papers: counting up in each company, none twice."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Max, QuerySet

_LOCK_CLASS = 7110


def next_number(company_id: int, rows: QuerySet[Any]) -> int:
    """The number after the highest of these rows; nobody else gets one until the caller's
    transaction is over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, company_id])
    last: int | None = rows.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1
