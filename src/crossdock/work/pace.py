"""Rate limits that hold across all workers: one GCRA row per limit, in the database.

A call that counts against several limits (the app's and the shop's) takes a turn of all or none.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

from crossdock.work.models import Turn

LONGEST_HOLD = 60.0
"""Seconds that nobody may call at the most, whatever an outside system asks for."""

_LOCKED = """
SELECT key, GREATEST(EXTRACT(EPOCH FROM
    CASE WHEN %s THEN free_at ELSE GREATEST(free_at, COALESCE(wanted_until, free_at)) END
    - clock_timestamp()), 0)
FROM work_turn WHERE key = ANY(%s) ORDER BY key FOR UPDATE
"""
_TAKEN = """
UPDATE work_turn
SET free_at = GREATEST(free_at, clock_timestamp() - make_interval(secs => taken.seconds))
              + make_interval(secs => taken.seconds),
    wanted_until = CASE WHEN %s THEN NULL ELSE wanted_until END
FROM unnest(%s::text[], %s::float8[]) AS taken(key, seconds)
WHERE work_turn.key = taken.key
"""
_WANTED = """
UPDATE work_turn SET wanted_until = clock_timestamp() + make_interval(secs => %s)
WHERE key = ANY(%s)
"""
_LATE = 0.25
"""Seconds that an urgent taker may oversleep before others get the turn that was kept for it."""
_AHEAD = 3
"""Turns that an urgent taker may be ahead of the pace: a scan's few calls go out at once, and the
others pay them back. Over any longer time the limit holds."""
_HELD = """
INSERT INTO work_turn (key, free_at) VALUES (%s, clock_timestamp() + make_interval(secs => %s))
ON CONFLICT (key) DO UPDATE SET free_at = GREATEST(work_turn.free_at, EXCLUDED.free_at)
"""


def take(limits: Sequence[tuple[str, float]], *, urgent: bool = False) -> float:
    """Take a turn of every limit ``(key, calls per second)``; 0.0 when taken.

    Otherwise nothing is taken, and the answer is the seconds until it is worth asking again. An
    ``urgent`` taker may run a few turns ahead; where even that is not enough, the next turn is kept
    for it. A turn that is taken late may be made up for, one at most, so that a busy pace loses no
    time to its own clockwork.
    Rows are locked in the order of their keys, so that two callers never wait for each other.
    """
    wanted = dict(sorted(limits))
    if not wanted:
        return 0.0
    keys = list(wanted)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCKED, [urgent, keys])
        waits = {str(key): float(wait) for key, wait in cursor.fetchall()}
        if len(waits) < len(keys):
            _begin([key for key in keys if key not in waits])
            cursor.execute(_LOCKED, [urgent, keys])
            waits = {str(key): float(wait) for key, wait in cursor.fetchall()}
        ahead = _AHEAD if urgent else 0
        longest = max(waits[key] - ahead / wanted[key] for key in keys)
        if longest > 0:
            if urgent:
                cursor.execute(_WANTED, [longest + _LATE, keys])
            return longest
        cursor.execute(_TAKEN, (urgent, keys, [1.0 / wanted[key] for key in keys]))
    return 0.0


def _begin(keys: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Turn._meta.db_table} (key, free_at) "  # noqa: S608 - our own table's name
            "SELECT key, clock_timestamp() FROM unnest(%s::text[]) AS key ORDER BY key "
            "ON CONFLICT DO NOTHING",
            (list(keys),),
        )


def hold(key: str, seconds: float) -> None:
    """Let nobody take a turn of this limit for so long, a minute at most."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [key, min(seconds, LONGEST_HOLD)])
