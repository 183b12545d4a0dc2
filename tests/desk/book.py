"""Orders for the tests of the desk, taken in as a sync would."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from crossdock.orders import record
from crossdock.rules.facts import LineFacts, OrderFacts, PackageFacts, Stage
from crossdock.stores.models import Store

MOMENT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


def order(number: int, stage: Stage = Stage.TO_PACK, **more: Any) -> OrderFacts:
    """Order 100000 + number, made so many minutes after ``MOMENT``."""
    made = MOMENT + timedelta(minutes=number)
    line = LineFacts(f"l{number}", "SKU", "Thing", 1, Decimal(5), Decimal(0), stage.value, stage)
    given = {
        "order_id": str(100000 + number),
        "status": stage.value,
        "stage": stage,
        "currency": "MYR",
        "created_at": made,
        "updated_at": made,
        "lines": (line,),
        "packages": (PackageFacts(f"FP{number}", "J&T", f"MYTRACK{number:06}"),),
        **more,
    }
    return OrderFacts(**given)


def take_in(store: Store, orders: Iterable[OrderFacts]) -> None:
    """Into the book of the store's company, whose scope is open."""
    arrived = [record.Arrived(one) for one in orders]
    record.take_in_many(store, arrived, fetched_at=record.now())


def store_of(
    company: Any, shop_id: str = "1", channel: str = "lazada", name: str = "Kedai Satu"
) -> Store:
    """A store without a token."""
    return Store.objects.create(
        company=company, channel=channel, region="MY", shop_id=shop_id, name=name
    )
