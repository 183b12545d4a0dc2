"""How often things happened, added up over all processes: what ``/metrics`` tells of workers as well.

Each process counts for itself and adds its counts to rows in the database every few seconds; what it counted
since then is lost when it ends. Nobody waits for it, and no row is fought over.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress

import psycopg
from django.db import DatabaseError, InterfaceError, connection

from crossdock.work.models import Figure

CALLS, ERRORS, OUTCOMES = "calls", "errors", "outcomes"
"""Requests to an outside system; those that came to nothing, by kind; attempts that were settled, by action and
state."""
_EVERY = 5.0
_AWAY = (DatabaseError, InterfaceError, psycopg.Error)
"""The last where a pool has no connection to give."""
_ADDED = """
INSERT INTO work_figure (key, number) SELECT * FROM unnest(%s::text[], %s::bigint[]) AS come(key, number)
ORDER BY key ON CONFLICT (key) DO UPDATE SET number = work_figure.number + EXCLUDED.number
"""

_lock = threading.Lock()
_counted: Counter[str] = Counter()


def count(kind: str, *labels: str) -> None:
    """Count once more; written down soon, where ``keep_writing`` was called."""
    with _lock:
        _counted[":".join((kind, *labels))] += 1


def keep_writing() -> None:
    """Have this process's counts written down from now on."""
    threading.Thread(target=_write_for_ever, name="figures", daemon=True).start()


def write_down() -> None:
    """Add what was counted to the rows. Raises DatabaseError; then nothing is lost."""
    with _lock:
        taken = Counter(_counted)
    if not taken:
        return
    with connection.cursor() as cursor:
        cursor.execute(_ADDED, [list(taken), list(taken.values())])
    with _lock:
        _counted.subtract(taken)
        for key in [key for key, number in _counted.items() if not number]:
            del _counted[key]


def of(*kinds: str) -> Iterable[tuple[list[str], int]]:
    """The figures of these kinds: kind and labels, and how often."""
    for key, number in Figure.objects.order_by("key").values_list("key", "number"):
        kind, *labels = key.split(":")
        if kind in kinds:
            yield [kind, *labels], number


def _write_for_ever() -> None:
    while True:
        time.sleep(_EVERY)
        with suppress(*_AWAY):
            write_down()
        with suppress(*_AWAY):
            connection.close()
