"""One at a time across all processes, for what is slower than a transaction may be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import connection

_SEED = 7101
"""Keeps these names apart from other advisory locks that are made of a text."""


@contextmanager
def one_at_a_time(*names: str) -> Iterator[None]:
    """Hold the locks of these names, waiting for whoever has one of them.

    They belong to the database session, not to a transaction, since what is done under them is
    committed while they are held; a process that dies lets go. Taken in the order of their names.
    """
    with ExitStack() as held:
        for name in sorted(set(names)):
            held.enter_context(_lock(name))
        yield


@contextmanager
def _lock(name: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, %s))", [name, _SEED])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, %s))", [name, _SEED])
