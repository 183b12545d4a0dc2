"""AWBs lie in the order in which the parcels lie: of the newest picking list, or of the scans."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crossdock.companies.scope import company_scope
from crossdock.orders.models import Order
from crossdock.papers.label_order import labels_of
from crossdock.papers.models import Kind, Paper, PaperOrder, Size
from crossdock.work.batch import start
from crossdock.work.models import Attempt, Batch, State
from tests.cast import Cast
from tests.desk.book import order, store_of, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def keys(cast: Cast) -> Iterator[list[int]]:
    """Five orders of Acme."""
    with company_scope(cast.acme):
        take_in(store_of(cast.acme), [order(number) for number in range(5)])
        yield list(Order.objects.order_by("pk").values_list("pk", flat=True))


def picked(cast: Cast, number: int, keys: list[int], kind: Kind = Kind.PICKING_LIST) -> None:
    """A picking list of these orders, in this order."""
    paper = Paper.objects.create(
        company=cast.acme, kind=kind.value, number=number, person=cast.pat, form_key=f"{kind}{number}",
        size=Size.A4.value,
    )  # fmt: skip
    for place, key in enumerate(keys):
        PaperOrder.objects.create(company=cast.acme, paper=paper, order_id=key, place=place)


def printed(cast: Cast, keys: list[int], **options: object) -> list[int]:
    """The orders of a batch's labels, as they come out."""
    batch = start(
        cast.acme, cast.pat, "print_awb", form_key=f"awb-{Batch.objects.count()}", order_ids=keys,
        options={"order": keys, **options},
    )  # fmt: skip
    for attempt in Attempt.objects.filter(batch=batch):
        attempt.state, attempt.result = State.DONE, {"files": [f"awb/{attempt.order_id}.pdf"]}
        attempt.save()
    return [one.order for one in labels_of(batch)]


def test_labels_follow_the_newest_picking_list_and_those_of_none_come_last(
    cast: Cast, keys: list[int]
) -> None:
    one, two, three, four, five = keys
    picked(cast, 1, [one, two, three])
    picked(cast, 2, [three, one])
    assert printed(cast, [five, one, two, three, four]) == [two, three, one, five, four]


def test_a_summary_is_no_list_of_orders(cast: Cast, keys: list[int]) -> None:
    picked(cast, 1, list(reversed(keys)), Kind.PICKING_SUMMARY)
    assert printed(cast, keys) == keys


def test_scanned_orders_lie_as_they_were_scanned(cast: Cast, keys: list[int]) -> None:
    picked(cast, 1, keys)
    scanned = [keys[3], keys[0], keys[4]]
    assert printed(cast, scanned, as_scanned=True) == scanned
