"""A scan: the verdict at once, the call behind it, and nothing lost or done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from crossdock.companies.models import Company
from crossdock.companies.scope import company_scope
from crossdock.orders import record
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


def test_a_void_package_matches_no_scan(store: Store, take: Take) -> None:
    take_in(store, order("1"))
    Package.objects.update(voided_at=MOMENT)
    assert take("T-1")["answer"] == "unknown"


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
