"""The values that a company's rows have in a column, each once, however many rows there are."""

from __future__ import annotations

from typing import Any

from django.db import connection, models

from crossdock.companies.scope import CompanyOwned, current_company_id

_EACH_ONCE = """
WITH RECURSIVE each AS (
    (SELECT {column} AS word FROM {table} WHERE company_id = %(company)s ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (SELECT {column} FROM {table}
            WHERE company_id = %(company)s AND {column} > each.word ORDER BY {column} LIMIT 1)
    FROM each WHERE each.word IS NOT NULL
)
SELECT word FROM each WHERE word IS NOT NULL LIMIT %(most)s
"""


def each_once(model: type[CompanyOwned], field: str, *, most: int | None = None) -> list[str]:
    """The values of a text field in the company at hand, in the database's order; the first ``most``.

    They are read from value to value in an index on company and field, which the model must have: as
    many looks as there are values.
    """
    column: models.Field[Any, Any] = model._meta.get_field(field)  # type: ignore[assignment]
    sql = _EACH_ONCE.format(table=model._meta.db_table, column=column.column)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"company": current_company_id(), "most": most})
        return [str(row[0]) for row in cursor.fetchall()]
