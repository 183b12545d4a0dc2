"""A scan: the verdict at once, the call behind it, and nothing lost or done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crossdock.companies.models import Company
from crossdock.companies.scope import company_scope
from crossdock.orders import record
from crossdock.orders.find import find
from crossdock.orders.models import Order, Package
from crossdock.rules.facts import LineFacts, OrderFacts, PackageFacts, Stage
from crossdock.scanning.models import Scan
from crossdock.stores.models import Store
from crossdock.work.models import Attempt, Priority, State
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)
MOMENT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
Take = Callable[..., dict[str, Any]]


def order(order_id: str, stage: Stage = Stage.PACKED, **more: Any) -> OrderFacts:
    line = LineFacts(
        "1",
        "MUG",
        "Mug",
        1,
        Decimal("9.90"),
        Decimal(0),
        stage.value,
        stage,
        package_id=f"P-{order_id}",
    )
    given = {"order_id": order_id, "status": stage.value, "stage": stage, "currency": "MYR", "created_at": MOMENT,
             "updated_at": MOMENT, "lines": (line,),
             "packages": (PackageFacts(f"P-{order_id}", "J&T Express", f"T-{order_id}"),), **more}  # fmt: skip
    return OrderFacts(**given)


def store_of(company: Company, shop_id: str = "7") -> Store:
    return Store.objects.create(
        company=company, channel="lazada", region="MY", shop_id=shop_id, name=f"Shop {shop_id}"
    )


def take_in(store: Store, *facts: OrderFacts) -> None:
    record.take_in_many(store, [record.Arrived(one) for one in facts], fetched_at=record.now())


@pytest.fixture
def store(cast: Cast) -> Iterator[Store]:
    with company_scope(cast.acme):
        yield store_of(cast.acme)


@pytest.fixture
def take(cast: Cast, client: Client) -> Take:
    """Pat scans; what the page is told."""
    client.force_login(cast.pat)
    count = 0

    def scanned(code: str, **more: Any) -> dict[str, Any]:
        nonlocal count
        count += 1
        form = {"code": code, "nonce": f"n{count}", **more}
        answer = client.post("/c/acme/scan/take/", form, headers={"Accept": "application/json"})
        assert answer.status_code == 200, answer.content
        told: dict[str, Any] = answer.json()
        return told

    return scanned


@pytest.mark.parametrize(
    "code", ["260302AB", "P-260302AB", "T-260302AB", " 260302AB\r", "]C1260302AB", "t-260302ab"]
)
def test_order_id_package_id_and_tracking_number_ship_the_order(
    store: Store, take: Take, code: str
) -> None:
    take_in(store, order("260302AB"))
    told = take(code)
    assert (told["answer"], told["order"]) == ("ready", "260302AB")
    attempt = Attempt.objects.get()
    assert (attempt.action, attempt.priority, attempt.state) == (
        "ship",
        Priority.SCAN,
        State.QUEUED,
    )
    assert told["row"]["standing"] == "moving"


@pytest.mark.parametrize(
    ("facts", "answer", "words"),
    [
        (order("1", Stage.READY), "already", "Already shipped."),
        (order("1", Stage.TO_PACK), "wrong-stage", "Not packed yet."),
        (order("1", Stage.UNPAID), "wrong-stage", ""),
        (order("1", Stage.CANCELLED), "cancelled", ""),
        (order("1", cancel_requested=True), "cancelled", ""),
    ],
)
def test_what_cannot_be_shipped_says_why_and_calls_nobody(
    store: Store, take: Take, facts: OrderFacts, answer: str, words: str
) -> None:
    take_in(store, facts)
    told = take("1")
    assert told["answer"] == answer
    assert words in told["words"]
    assert not Attempt.objects.exists()


def test_a_code_that_nobody_has_is_unknown_and_so_is_another_companys(
    cast: Cast, store: Store, take: Take
) -> None:
    with company_scope(cast.bolt):
        take_in(store_of(cast.bolt, "8"), order("BOLT1"))
    assert take("BOLT1") == {**take("NOBODY"), "code": "BOLT1", "nonce": "n1"}
    assert take("BOLT1")["answer"] == "unknown"


def test_a_scan_of_what_is_being_shipped_is_told_so_and_ships_nothing_twice(
    store: Store, take: Take
) -> None:
    take_in(store, order("1"))
    assert take("1")["answer"] == "ready"
    told = take("T-1")
    assert (told["answer"], told["words"]) == ("already", "Scanned already.")
    assert Attempt.objects.count() == 1


def test_a_scan_whose_answer_was_lost_is_the_same_scan_when_it_comes_again(
    store: Store, take: Take
) -> None:
    take_in(store, order("1"))
    first = take("1", nonce="same")
    again = take("1", nonce="same")
    assert (first["answer"], again["answer"]) == ("ready", "ready")
    assert Scan.objects.count() == Attempt.objects.count() == 1


def test_a_code_of_several_orders_asks_which_and_ships_only_the_chosen_one(
    cast: Cast, store: Store, take: Take
) -> None:
    take_in(store, order("1"))
    take_in(store_of(cast.acme, "9"), order("1"))
    told = take("1")
    assert told["answer"] == "several"
    assert {one["store"] for one in told["choices"]} == {"Shop 7", "Shop 9"}
    assert not Attempt.objects.exists()
    chosen = next(one for one in told["choices"] if one["store"] == "Shop 9")
    assert take("1", order=chosen["order"])["answer"] == "ready"
    assert Attempt.objects.get().order.store.name == "Shop 9"


def without_package(facts: OrderFacts, stage: Stage) -> OrderFacts:
    """The order at this stage, its package gone from what the channel tells."""
    lines = tuple(replace(one, stage=stage, package_id="") for one in facts.lines)
    return replace(facts, stage=stage, lines=lines, packages=())


def packed_again(facts: OrderFacts, number: str) -> OrderFacts:
    return replace(facts, packages=(PackageFacts("P-NEW", "J&T Express", number),))


@pytest.mark.parametrize("code", ["P-260302AB", "T-260302AB", "]C1T-260302AB", "t-260302ab"])
def test_every_number_of_a_cancelled_orders_label_says_that_it_stays_here(
    store: Store, take: Take, code: str
) -> None:
    take_in(store, order("260302AB"))
    take_in(store, without_package(order("260302AB"), Stage.CANCELLED))
    assert Package.objects.get().voided_at is not None
    told = take(code)
    assert (told["answer"], told["order"], told["words"]) == ("cancelled", "260302AB", "Cancelled.")
    assert not Attempt.objects.exists()


@pytest.mark.parametrize("code", ["P-1", "T-1", "t-1"])
def test_an_old_label_of_an_order_that_was_packed_again_is_void_and_names_the_new_number(
    store: Store, take: Take, code: str
) -> None:
    take_in(store, order("1"))
    take_in(store, packed_again(order("1"), "T-NEW"))
    told = take(code)
    assert (told["answer"], told["order"]) == ("void", "1")
    assert told["words"] == "Void label: order 1 was packed again as T-NEW."
    assert not Attempt.objects.exists(), "the order would go; its old label ships nothing"
    assert take("T-NEW")["answer"] == "ready"


def test_an_old_label_of_an_order_that_is_not_packed_again_yet_says_so(
    store: Store, take: Take
) -> None:
    take_in(store, order("1"))
    take_in(store, without_package(order("1"), Stage.TO_PACK))
    told = take("T-1")
    assert (told["answer"], told["words"]) == (
        "void", "Void label: order 1 is to be packed again.",
    )  # fmt: skip


def test_a_number_that_the_channel_replaced_on_a_living_package_is_void(
    store: Store, take: Take
) -> None:
    take_in(store, order("1"))
    take_in(store, replace(order("1"), packages=(PackageFacts("P-1", "J&T Express", "T-OTHER"),)))
    told = take("T-1")
    assert (told["answer"], told["words"]) == (
        "void", "Void label: order 1 has the number T-OTHER now.",
    )  # fmt: skip
    assert not Attempt.objects.exists()
    assert take("P-1")["answer"] == "ready", "the package itself lives"


def test_a_living_package_wins_over_a_void_one_with_the_same_number(
    store: Store, take: Take
) -> None:
    take_in(store, order("1"))
    take_in(store, without_package(order("1"), Stage.CANCELLED))
    take_in(store, replace(order("2"), packages=(PackageFacts("P-2", "J&T Express", "T-1"),)))
    told = take("T-1")
    assert (told["answer"], told["order"]) == ("ready", "2")


def test_a_void_number_of_several_orders_asks_which_and_ships_none(
    cast: Cast, store: Store, take: Take
) -> None:
    for one in (store, store_of(cast.acme, "9")):
        take_in(one, order("1"))
        take_in(one, packed_again(order("1"), f"T-{one.shop_id}"))
    told = take("T-1")
    assert told["answer"] == "several"
    chosen = next(one for one in told["choices"] if one["store"] == "Shop 9")
    again = take("T-1", order=chosen["order"])
    assert (again["answer"], again["words"]) == (
        "void", "Void label: order 1 was packed again as T-9.",
    )  # fmt: skip
    assert not Attempt.objects.exists()


def test_another_companys_void_number_is_unknown(cast: Cast, store: Store, take: Take) -> None:
    with company_scope(cast.bolt):
        theirs = store_of(cast.bolt, "8")
        take_in(theirs, order("BOLT1"))
        take_in(theirs, without_package(order("BOLT1"), Stage.CANCELLED))
    assert take("T-BOLT1")["answer"] == "unknown"


def test_a_parcel_of_a_living_order_whose_own_items_were_cancelled_stays_here(
    store: Store, take: Take
) -> None:
    facts = order("1")
    other = replace(facts.lines[0], line_id="2", package_id="P-2", stage=Stage.CANCELLED)
    parcels = (*facts.packages, PackageFacts("P-2", "J&T Express", "T-2"))
    take_in(store, replace(facts, lines=(*facts.lines, other), packages=parcels))
    assert take("T-2")["answer"] == "cancelled"
    assert not Attempt.objects.exists()
    assert take("T-1")["answer"] == "ready"


@pytest.mark.parametrize("code", ["T-1", "1"])
def test_a_printed_order_that_the_marketplace_is_stopping_stays_here(
    store: Store, take: Take, code: str
) -> None:
    take_in(store, order("1", Stage.HELD))
    assert take(code)["answer"] == "wrong-stage", "held before anything was printed"
    Order.objects.update(printed_count=1)
    assert take(code)["answer"] == "cancelled"
    assert not Attempt.objects.exists()


def test_a_known_code_costs_no_look_at_void_ones_and_an_unknown_one_costs_one(
    store: Store, take: Take
) -> None:
    take_in(store, order("1"))
    with CaptureQueriesContext(connection) as caught:
        find("T-1")
    assert not any("formernumber" in one["sql"] for one in caught.captured_queries)
    with CaptureQueriesContext(connection) as caught:
        find("NOBODYS")
    assert sum("formernumber" in one["sql"] for one in caught.captured_queries) == 1


def test_a_scanned_order_that_dies_turns_red_in_the_list_and_stays_out_of_the_papers(
    store: Store, take: Take, client: Client
) -> None:
    take_in(store, order("1"), order("2"))
    for code in ("1", "2"):
        take(code)
    Attempt.objects.update(state=State.DONE)
    take_in(store, without_package(order("1"), Stage.CANCELLED))
    page = client.get("/c/acme/scan/").content.decode()
    first = page[page.index('data-order-id="1"') : page.index('data-order-id="2"')]
    assert 'data-standing="dead"' in first
    assert "Keep it here: Cancelled." in first
    assert 'name="orders"' not in first


def test_no_verdict_that_ships_nothing_can_be_tried_again(
    store: Store, take: Take, client: Client
) -> None:
    take_in(store, order("1"))
    take_in(store, packed_again(order("1"), "T-NEW"))
    take("T-1")
    assert client.post(f"/c/acme/scan/{Scan.objects.get().pk}/again/").status_code == 404
    assert not Attempt.objects.exists()


def test_a_scanner_on_another_keyboard_is_noticed_and_explained(take: Take) -> None:
    assert "French keyboard" in take("é&à\"'(")["words"]


def test_the_list_stays_through_a_reload_until_a_new_one_is_begun(
    store: Store, take: Take, client: Client
) -> None:
    take_in(store, order("1"), order("2"))
    take("1")
    take("2")
    page = client.get("/c/acme/scan/").content.decode()
    assert page.index('data-order-id="2"') < page.index('data-order-id="1"')
    client.post("/c/acme/scan/new-list/")
    assert "data-order-id" not in client.get("/c/acme/scan/").content.decode()


def test_what_did_not_work_out_says_so_stays_out_of_the_papers_and_can_be_tried_again(
    store: Store, take: Take, client: Client
) -> None:
    take_in(store, order("1"))
    take("1")
    Attempt.objects.update(state=State.REFUSED, words="The courier is closed.")
    scan = Scan.objects.get()
    (row,) = client.get("/c/acme/scan/news/", {"scan": scan.pk}).json()["rows"]
    assert (row["standing"], row["words"]) == ("failed", "The courier is closed.")
    assert 'name="orders"' not in row["html"]
    client.post(f"/c/acme/scan/{scan.pk}/again/")
    scan.refresh_from_db()
    assert scan.attempt is not None
    assert scan.attempt.state == State.QUEUED
    assert Order.objects.get().attempts.count() == 2


def test_a_scan_before_the_pages_script_was_there_is_taken_as_well(
    store: Store, cast: Cast, client: Client
) -> None:
    take_in(store, order("1"))
    client.force_login(cast.pat)
    page = client.post("/c/acme/scan/take/", {"code": "1"}, follow=True).content.decode()
    assert "1: Ready" in page
    assert 'data-order-id="1"' in page


def test_nothing_is_scanned_by_who_may_not(cast: Cast, store: Store, client: Client) -> None:
    take_in(store, order("1"))
    client.force_login(cast.bo)
    assert client.post("/c/acme/scan/take/", {"code": "1", "nonce": "n"}).status_code == 403
    assert not Attempt.objects.exists()
