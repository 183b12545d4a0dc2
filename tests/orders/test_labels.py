"""What the book remembers of labels on paper, and of numbers that a channel replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from crossdock.companies.scope import company_scope
from crossdock.orders import record
from crossdock.orders.labels import is_on_paper, mark_opened, mark_ready
from crossdock.orders.models import FormerNumber, Order, Package
from crossdock.rules.facts import OrderFacts, PackageFacts, Stage
from crossdock.stores.models import Store
from tests.cast import Cast
from tests.desk.book import order, store_of

pytestmark = pytest.mark.django_db
Arrive = Callable[[OrderFacts], Order]


@pytest.fixture
def store(cast: Cast) -> Iterator[Store]:
    with company_scope(cast.acme):
        yield store_of(cast.acme)


@pytest.fixture
def arrive(store: Store) -> Arrive:
    """Brings news of an order as a sync would; the order as it is now."""

    def come(facts: OrderFacts) -> Order:
        return record.take_in(store, record.Arrived(facts), fetched_at=record.now())

    return come


@pytest.fixture
def opened(cast: Cast) -> Callable[[Order], None]:
    """Pat opens an order's labels."""

    def once(found: Order) -> None:
        keys = [one.pk for one in found.packages.all() if one.voided_at is None]
        mark_ready([found.pk], timezone.now())
        mark_opened([found], keys, at=timezone.now(), person=cast.pat, batch_id=1)

    return once


def facts(stage: Stage = Stage.READY, *numbers: str, **more: Any) -> OrderFacts:
    """An order whose parcels P1, P2 … have these tracking numbers."""
    parcels = tuple(PackageFacts(f"P{place}", "J&T", one) for place, one in enumerate(numbers, 1))
    return order(1, stage, packages=parcels, **more)


def test_a_later_sync_never_forgets_that_a_label_is_on_paper(
    arrive: Arrive, opened: Callable[[Order], None], cast: Cast
) -> None:
    opened(arrive(facts(Stage.READY, "JT1")))
    now = arrive(replace(facts(Stage.SHIPPED, "JT1"), packages=(PackageFacts("P1", "SPX", "JT1"),)))
    package = now.packages.get()
    assert (now.printed_count, now.printed_by, package.shipment_provider) == (1, cast.pat, "SPX")
    assert is_on_paper(now, package)


def test_a_cancellation_keeps_the_mark_since_the_paper_is_still_on_the_parcel(
    arrive: Arrive, opened: Callable[[Order], None]
) -> None:
    opened(arrive(facts(Stage.READY, "JT1")))
    dead = arrive(facts(Stage.CANCELLED))
    package = dead.packages.get()
    assert package.voided_at is not None
    assert dead.printed_count == 1
    assert is_on_paper(dead, package)


def test_an_order_that_is_packed_again_is_as_good_as_never_printed(
    arrive: Arrive, opened: Callable[[Order], None]
) -> None:
    opened(arrive(facts(Stage.PACKED, "JT1")))
    back = arrive(facts(Stage.TO_PACK))
    assert (back.printed_count, back.printed_at, back.label_ready_at) == (0, None, None)
    assert is_on_paper(back, back.packages.get()), "the void label is on paper all the same"


def test_the_mark_of_labels_printed_before_packages_had_one_goes_over_to_the_void_package(
    arrive: Arrive,
) -> None:
    first = arrive(facts(Stage.PACKED, "JT1"))
    Order.objects.update(printed_count=2, printed_at=timezone.now())
    assert is_on_paper(Order.objects.get(), first.packages.get())
    back = arrive(facts(Stage.TO_PACK))
    assert back.printed_count == 0
    assert is_on_paper(back, back.packages.get())


def test_while_one_printed_parcel_lives_the_order_stays_printed(
    arrive: Arrive, opened: Callable[[Order], None]
) -> None:
    opened(arrive(facts(Stage.PACKED, "JT1", "JT2")))
    assert arrive(facts(Stage.PACKED, "JT1")).printed_count == 1


def test_a_package_that_comes_back_brings_its_printed_label_with_it(
    arrive: Arrive, opened: Callable[[Order], None]
) -> None:
    opened(arrive(facts(Stage.PACKED, "JT1")))
    assert arrive(facts(Stage.TO_PACK)).printed_count == 0
    assert arrive(facts(Stage.PACKED, "JT1")).printed_count == 1


def test_a_number_that_the_channel_replaces_stays_known(arrive: Arrive) -> None:
    arrive(facts(Stage.READY, "JT1"))
    assert not FormerNumber.objects.exists()
    arrive(facts(Stage.READY, "JT2"))
    arrive(facts(Stage.READY, "JT3"))
    arrive(facts(Stage.READY, "JT1"))
    arrive(facts(Stage.READY, "JT3"))
    kept = FormerNumber.objects.values_list("package_id", "number")
    assert sorted(kept) == [("P1", "JT1"), ("P1", "JT2"), ("P1", "JT3")]
    assert Package.objects.get().tracking_number == "JT3"


def test_a_first_number_replaces_nothing(arrive: Arrive) -> None:
    arrive(facts(Stage.READY, ""))
    arrive(facts(Stage.READY, "JT1"))
    assert not FormerNumber.objects.exists()


def test_a_new_number_makes_the_printed_label_void(
    arrive: Arrive, opened: Callable[[Order], None]
) -> None:
    opened(arrive(facts(Stage.READY, "JT1")))
    now = arrive(facts(Stage.READY, "JT2"))
    assert now.printed_count == 0
    assert is_on_paper(now, now.packages.get())


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (0, "AWB opened for printing."),
        (1, "AWB opened for printing again, for the 2nd time."),
        (10, "AWB opened for printing again, for the 11th time."),
        (22, "AWB opened for printing again, for the 23rd time."),
    ],
)
def test_the_history_tells_a_reprint_from_a_first_print(
    arrive: Arrive, opened: Callable[[Order], None], cast: Cast, before: int, words: str
) -> None:
    found = arrive(facts(Stage.READY, "JT1"))
    Order.objects.update(printed_count=before)
    opened(Order.objects.get())
    told = found.history.get(kind="awb opened")
    assert (told.text, told.person, told.batch_id) == (words, cast.pat, 1)
