"""Orders of all sorts in Acme's book, and papers made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crossdock.companies.scope import company_scope
from crossdock.orders import record
from crossdock.orders.models import Order
from crossdock.papers.making import ask_for, file_of, make
from crossdock.papers.models import Kind, Paper, Size
from crossdock.rules.facts import LineFacts, OrderFacts, PackageFacts, Stage
from crossdock.stores.models import Store
from tests.cast import Cast
from tests.kept import place_of

MOMENT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def line(number: int, sku: str, name: str, quantity: int = 1, **more: Any) -> LineFacts:
    given = {"line_id": str(number), "sku": sku, "name": name, "quantity": quantity,
             "unit_price": Decimal("9.90"), "seller_discount": Decimal(0), "status": "packed", "stage": Stage.PACKED, **more}  # fmt: skip
    return LineFacts(**given)


def order(order_id: str, lines: Sequence[LineFacts], **more: Any) -> OrderFacts:
    given = {"order_id": order_id, "status": "packed", "stage": Stage.PACKED, "currency": "MYR",
             "created_at": MOMENT, "updated_at": MOMENT, "lines": tuple(lines), **more}  # fmt: skip
    return OrderFacts(**given)


def package(
    package_id: str, tracking_number: str = "", provider: str = "J&T Express"
) -> PackageFacts:
    return PackageFacts(package_id, provider, tracking_number, "")


@pytest.fixture
def store(cast: Cast, settings: Any, tmp_path: Path) -> Iterator[Store]:
    """A store of Acme's, in its scope; papers go to a folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path
    with company_scope(cast.acme):
        yield Store.objects.create(
            company=cast.acme, channel="tiktok", region="MY", shop_id="7", name="Kopi Corner MY"
        )


@pytest.fixture
def book(store: Store) -> Callable[..., list[int]]:
    """Takes orders into the book; their keys, in the order given."""

    def take(*facts: OrderFacts) -> list[int]:
        record.take_in_many(store, [record.Arrived(one) for one in facts], fetched_at=record.now())
        keys = dict(Order.objects.values_list("channel_order_id", "pk"))
        return [keys[one.order_id] for one in facts]

    return take


def ready(number: int, provider: str = "J&T Express", **more: Any) -> OrderFacts:
    """An order with one parcel that waits for its courier."""
    thing = line(1, "MUG", "Mug", number % 3 + 1, stage=Stage.READY, package_id=f"P{number}")
    return order(
        f"26030{number:09}",
        [thing],
        **{"packages": (package(f"P{number}", f"JT{number:010}MY", provider),), **more},
    )


@pytest.fixture
def printed(cast: Cast) -> Callable[..., tuple[Paper, Path]]:
    """Makes a paper of these orders as its job does."""

    def made(kind: Kind, ids: Sequence[int], size: Size = Size.A6) -> tuple[Paper, Path]:
        paper = ask_for(
            cast.acme, cast.pat, kind,
            form_key=f"{kind}-{size}-{len(ids)}-{Paper.objects.count()}", selection={"ids": list(ids)}, size=size,
        )  # fmt: skip
        make(paper.pk)
        paper.refresh_from_db()
        file = file_of(paper)
        assert file is not None, paper.failed_words
        return paper, place_of(file)

    return made
