"""Whether the proof of completeness finds exactly what is missing, and what it costs.

    python -m bench.completeness [--orders 2000] [--lost 50] [--seed 11]

For every channel: orders come in, some are deleted from the tables (history included) while no
webhook comes, and the days are checked. Exactly the deleted ones must be found and be back.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.stage import Stage, stage

if TYPE_CHECKING:
    from crossdock.stores.models import Store
    from crossdock.sync.models import DayCheck, Pull


def main() -> int:
    """Print the figures; 1 when anything else than the deleted orders was found or fetched."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--orders", type=int, default=2_000)
    parser.add_argument("--lost", type=int, default=50)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with stage() as played:
        played.hurry(True)
        from crossdock.channels.registry import channels
        from tests.sandbox.running import CHANNELS

        names = [known.name for known in channels() if known.name in CHANNELS]
        chance = random.Random(options.seed)
        good = [_prove(played, name, options.orders, options.lost, chance) for name in names]
    return 0 if all(good) else 1


def _prove(played: Stage, name: str, orders: int, lost: int, chance: random.Random) -> bool:
    from crossdock.companies.scope import company_scope
    from tests.sync.losing import lose

    store = played.store(f"{name}-my")
    played.sandbox.orders(orders, f"{name}-my")
    with company_scope(played.company):
        _first_sync(store)
        _regular_sync(store)
        gone = set(chance.sample(_quiet(store), lost))
        assert lose(store, gone) == lost
        _regular_sync(store)
        calls, began = _calls(played), time.monotonic()
        checks = _check(store)
        seconds = time.monotonic() - began
        found = {order_id for check in checks for order_id in check.gap_ids}
        fetched = sum(check.fetched for check in checks)
    good = found == gone and fetched == lost
    print(
        f"{name}: {lost} of {orders} deleted, {len(found)} found, {fetched} fetched "
        f"{'and no other' if good else 'WRONG'}; {seconds:.1f} s, {_calls(played) - calls} calls",
        flush=True,
    )
    return good


def _quiet(store: Store) -> list[str]:
    """The orders that no pull will bring by itself: older than its overlap, by creation and change."""
    from datetime import timedelta

    from crossdock.orders.models import Order
    from crossdock.orders.record import now
    from crossdock.sync.begin import OVERLAP

    before = now() - OVERLAP - timedelta(minutes=3)
    rows = Order.objects.filter(store=store, created_at__lt=before, updated_at__lt=before)
    return list(rows.order_by("pk").values_list("channel_order_id", flat=True))


def _first_sync(store: Store) -> None:
    """Everything of the last days: the sandbox dates many orders at once over the last hour."""
    from datetime import timedelta

    from crossdock.orders.record import now
    from crossdock.sync.pull import begin_asked

    _work(begin_asked(store, None, now() - timedelta(days=2), now(), by_creation=False))


def _regular_sync(store: Store) -> None:
    """What the schedule would do: it must not hide the gaps by chance."""
    from crossdock.stores.models import Store
    from crossdock.sync.pull import begin_regular

    pull = begin_regular(Store.objects.get(pk=store.pk))
    assert pull is not None
    _work(pull)


def _work(pull: Pull) -> None:
    from crossdock.sync.pull import go_on

    while (pause := go_on(pull.pk)) is not None:
        time.sleep(pause)


def _check(store: Store) -> list[DayCheck]:
    """The days of the last hours, checked to the end."""
    from datetime import timedelta

    from crossdock.sync.completeness import begin_checks, go_on
    from crossdock.sync.days import days, today
    from crossdock.sync.models import DayCheck

    last = today(store.company.zone)
    begun = begin_checks(store, days(last - timedelta(days=1), last), DayCheck.Why.ASKED)
    while (pause := go_on(store)) is not None:
        time.sleep(pause)
    return list(DayCheck.objects.filter(pk__in=[check.pk for check in begun]))


def _calls(played: Stage) -> int:
    return sum(played.sandbox.get("/stats")["calls"].values())


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    sys.exit(main())
