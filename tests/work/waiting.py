"""Who waits for whom in the database, and what it refuses."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import Error, connection


def await_waiting() -> None:
    """Until another connection waits for a lock."""
    deadline = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
            if cursor.fetchone():
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits")


@contextmanager
def refused_statements() -> Iterator[list[str]]:
    """Statements that PostgreSQL refuses meanwhile: each is an ERROR line in its log."""
    refused: list[str] = []

    def look(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        try:
            return execute(sql, params, many, context)
        except Error:
            refused.append(sql)
            raise

    with connection.execute_wrapper(look):
        yield refused
