"""What is said of a store's freshness when its clock cannot be trusted."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from crossdock.stores.health import State, health_of
from crossdock.stores.models import Store


def test_a_success_in_the_future_is_not_called_fresh() -> None:
    now = timezone.now()
    health = health_of(Store(name="Kedai", sync_succeeded_at=now + timedelta(hours=1)), now)
    assert health.state is State.LATE
    assert "clock" in health.reason


def test_clocks_of_two_machines_may_differ_by_seconds() -> None:
    now = timezone.now()
    health = health_of(Store(name="Kedai", sync_succeeded_at=now + timedelta(seconds=5)), now)
    assert health.state is State.FRESH
