"""Rate limits that hold across all workers: one GCRA row per limit, in the database.

A call that counts against several limits (the app's and the shop's) takes a turn of all or none.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.db import connection, transaction

from crossdock.channels.contract import Channel
from crossdock.channels.errors import Throttled
from crossdock.work.models import Turn

_LOCKED = """
SELECT key, GREATEST(EXTRACT(EPOCH FROM free_at - clock_timestamp()), 0)
FROM work_turn WHERE key = ANY(%s) ORDER BY key FOR UPDATE
"""
_TAKEN = """
UPDATE work_turn
SET free_at = GREATEST(free_at, clock_timestamp()) + make_interval(secs => taken.seconds)
FROM unnest(%s::text[], %s::float8[]) AS taken(key, seconds)
WHERE work_turn.key = taken.key
"""


def take(limits: Sequence[tuple[str, float]]) -> float:
    """Take a turn of every limit ``(key, calls per second)``; 0.0 when taken.

    Otherwise nothing is taken, and the answer is the seconds until it is worth asking again.
    Rows are locked in the order of their keys, so that two callers never wait for each other.
    """
    wanted = dict(sorted(limits))
    if not wanted:
        return 0.0
    keys = list(wanted)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCKED, [keys])
        waits = {str(key): float(wait) for key, wait in cursor.fetchall()}
        if len(waits) < len(keys):
            _begin([key for key in keys if key not in waits])
            cursor.execute(_LOCKED, [keys])
            waits = {str(key): float(wait) for key, wait in cursor.fetchall()}
        longest = max(waits.values())
        if longest > 0:
            return longest
        cursor.execute(_TAKEN, (keys, [1.0 / wanted[key] for key in keys]))
    return 0.0


def _begin(keys: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Turn._meta.db_table} (key, free_at) "  # noqa: S608 - our own table's name
            "SELECT key, clock_timestamp() FROM unnest(%s::text[]) AS key ORDER BY key "
            "ON CONFLICT DO NOTHING",
            (list(keys),),
        )


def limits_of(channel: Channel, region: str, shop_id: str) -> tuple[tuple[str, float], ...]:
    """What a call for one shop counts against: the app's limit and the shop's."""
    return (
        (f"{channel.name}:app", channel.limits.per_app),
        (f"{channel.name}:shop:{region}:{shop_id}", channel.limits.per_shop),
    )


def await_turn(limits: Sequence[tuple[str, float]], patience: float = 1.0) -> None:
    """Take a turn, waiting for it at most ``patience`` seconds. Raises Throttled when it takes longer."""
    until = time.monotonic() + patience
    while pause := take(limits):
        if time.monotonic() + pause > until:
            raise Throttled("Waiting for a turn.", wait=pause)
        time.sleep(pause)
