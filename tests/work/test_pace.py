"""The pace: one for all who call, and the next turn for a scan that waits."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from crossdock.buttons.turns import await_turn
from crossdock.channels.errors import Throttled
from crossdock.channels.patience import within
from crossdock.work import pace
from crossdock.work.models import Turn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("cast")
def test_one_pace_holds_for_all_who_call() -> None:
    limits = (("toy:app", 40.0), ("toy:shop", 100.0))

    def take_five() -> None:
        try:
            for _ in range(5):
                await_turn(limits, patience=30)
        finally:
            connection.close()

    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        for one in [pool.submit(take_five) for _ in range(4)]:
            one.result()
    # The first turn waits for nothing, and one that is taken late may be made up for.
    assert time.monotonic() - began >= 18 / 40.0


@pytest.mark.usefixtures("cast")
def test_a_scans_calls_go_out_at_once_and_the_others_pay_them_back() -> None:
    limits = (("toy:shop", 0.001),)
    assert pace.take(limits) == 0
    assert [pace.take(limits, urgent=True) for _ in range(3)] == [0, 0, 0]
    assert pace.take(limits, urgent=True) > 0
    assert pace.take(limits) > 3 / 0.001


@pytest.mark.usefixtures("cast")
def test_the_next_turn_is_kept_for_a_scan_that_waits_for_it() -> None:
    limits = (("toy:shop", 0.001),)
    ahead = timedelta(seconds=3 / 0.001)
    assert pace.take(limits) == 0
    Turn.objects.update(free_at=timezone.now() + ahead * 2)
    assert pace.take(limits, urgent=True) > 0
    Turn.objects.update(free_at=timezone.now())
    assert pace.take(limits) > 0
    assert pace.take(limits, urgent=True) == 0
    Turn.objects.update(free_at=timezone.now())
    assert pace.take(limits) == 0


@pytest.mark.usefixtures("cast")
def test_nobody_waits_for_a_turn_beyond_the_time_that_the_calls_have_together() -> None:
    limits = (("toy:shop", 0.5),)
    assert pace.take(limits) == 0
    with within(0.2), pytest.raises(Throttled):
        await_turn(limits, patience=30)
