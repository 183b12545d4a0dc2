"""How long a paid order takes to New Order: by the marketplace's message, and by the schedule alone.

    python -m bench.news [--orders 20]

For every channel, orders are paid out there one by one. With messages each must be in New Order within
5 s; without, within one sync interval (a minute) and the time that a reading takes.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from bench.stage import Broken, Stage, stage

BY_MESSAGE, BY_SCHEDULE = 5.0, 65.0
_PAUSE = 0.5


def main() -> int:
    """Print the figures; raises Broken when a promise does not hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--orders", type=int, default=20)
    options = parser.parse_args()
    with stage() as played:
        played.hurry(True)
        played.start_web()
        played.worker()
        played.await_ready()
        from tests.sandbox.running import CHANNELS

        for name in CHANNELS:
            for by_message in (True, False):
                played.webhooks(on=by_message)
                _prove(played, name, options.orders, by_message=by_message)
    print("Every promise held.", flush=True)
    return 0


def _prove(played: Stage, name: str, count: int, *, by_message: bool) -> None:
    from crossdock.channels.registry import channel
    from crossdock.rules.facts import Stage as Where

    word = next(word for word, where in channel(name).words.items() if where is Where.UNPAID)
    ids = played.sandbox.orders(count, f"{name}-my", status=word)
    _await_known(played, ids)
    paid: dict[str, float] = {}
    seen: dict[str, float] = {}
    for order_id in ids:
        played.sandbox.event(order_id, "pay", name)
        paid[order_id] = time.monotonic()
        until = time.monotonic() + _PAUSE
        while time.monotonic() < until:
            _look(played, ids, seen)
            time.sleep(0.02)
    limit = BY_MESSAGE if by_message else BY_SCHEDULE
    while len(seen) < len(ids):
        _look(played, ids, seen)
        if time.monotonic() > paid[ids[-1]] + limit:
            raise Broken(f"{name}: {len(ids) - len(seen)} of {len(ids)} orders never came")
        time.sleep(0.02)
    waits = sorted(seen[order_id] - paid[order_id] for order_id in ids)
    how = "by message" if by_message else "by schedule"
    print(
        f"{name}, {how}: half of {count} within {waits[count // 2]:.2f} s, all within {waits[-1]:.2f} s",
        flush=True,
    )
    if waits[-1] > limit:
        raise Broken(f"{name}, {how}: {waits[-1]:.2f} s, where {limit:g} s were promised")


def _await_known(played: Stage, ids: list[str]) -> None:
    """Until all of them are in the book, unpaid."""
    from crossdock.companies.scope import company_scope
    from crossdock.orders.models import Order

    until = time.monotonic() + 2 * BY_SCHEDULE
    with company_scope(played.company):
        while Order.objects.filter(channel_order_id__in=ids, lines_known=True).count() < len(ids):
            if time.monotonic() > until:
                raise Broken("new orders never came into the book")
            time.sleep(0.1)


def _look(played: Stage, ids: list[str], seen: dict[str, float]) -> None:
    from crossdock.companies.scope import company_scope
    from crossdock.orders.models import Order

    with company_scope(played.company):
        here = Order.objects.filter(channel_order_id__in=ids, tab="new-order")
        for order_id in here.values_list("channel_order_id", flat=True):
            seen.setdefault(order_id, time.monotonic())


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
