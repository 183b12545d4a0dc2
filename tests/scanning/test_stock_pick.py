"""Stock Pick: the order, then its items, until the parcel is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from crossdock.companies.models import Person
from crossdock.companies.scope import company_scope
from crossdock.orders.models import History, Order
from crossdock.posting.models import BooksCode, SkuCode, StoreCodes
from crossdock.rules.facts import OrderFacts, PackageFacts, Problem, Stage, Touches
from crossdock.scanning.models import Verification, VerificationScan
from crossdock.stores.models import Store
from tests.cast import Cast
from tests.scanning.test_scan import order, store_of, take_in

pytestmark = pytest.mark.django_db(transaction=True)
Take = Callable[..., dict[str, Any]]


def of_two(order_id: str, stage: Stage = Stage.PACKED) -> OrderFacts:
    """Two mugs and a tea."""
    facts = order(order_id, stage)
    mug = facts.lines[0]
    return replace(
        facts,
        lines=(replace(mug, quantity=2), replace(mug, line_id="2", sku="TEA", name="Tea")),
    )


@pytest.fixture
def store(cast: Cast) -> Iterator[Store]:
    with company_scope(cast.acme):
        yield store_of(cast.acme)


@pytest.fixture
def take(cast: Cast, client: Client) -> Take:
    """Pat scans (or ``who`` does); what the page is told."""
    count = 0

    def scanned(code: str, who: Person = cast.pat, **more: Any) -> dict[str, Any]:
        nonlocal count
        count += 1
        client.force_login(who)
        form = {"code": code, "nonce": f"n{count}", **more}
        answer = client.post(
            "/c/acme/stock-pick/scan/", form, headers={"Accept": "application/json"}
        )
        assert answer.status_code == 200, answer.content
        told: dict[str, Any] = answer.json()
        return told

    return scanned


def by_hand(client: Client, deed: str) -> dict[str, Any]:
    answer = client.post(
        "/c/acme/stock-pick/by-hand/", {"deed": deed}, headers={"Accept": "application/json"}
    )
    told: dict[str, Any] = answer.json()
    return told


def test_scanning_every_item_verifies_the_order_with_the_persons_name(
    cast: Cast, store: Store, take: Take
) -> None:
    take_in(store, of_two("A1"))
    answers = [take(code)["answer"] for code in ("T-A1", "MUG", "TEA", "mug")]
    assert answers == ["ready", "item", "item", "complete"]
    assert Order.objects.get().verified_at is not None
    entry = History.objects.get(kind="verified")
    assert (entry.person, entry.text) == (cast.pat, "Verified: every item was scanned.")
    assert take("A1")["answer"] == "already"


def test_too_many_is_said_and_the_last_scan_can_be_taken_back(
    store: Store, take: Take, client: Client
) -> None:
    take_in(store, of_two("A1"))
    take("A1")
    assert take("3*MUG")["words"] == "MUG: 3 of 2. Take 1 out."
    assert "Overscan" in take("TEA")["html"]
    assert Order.objects.get().verified_at is None
    by_hand(client, "undo")
    by_hand(client, "undo")
    take("MUG", quantity="2")
    assert take("TEA")["answer"] == "complete"


def test_a_scan_sent_again_counts_once(store: Store, take: Take) -> None:
    take_in(store, of_two("A1"))
    take("A1")
    take("MUG", nonce="same")
    take("MUG", nonce="same")
    assert [scan.quantity for scan in VerificationScan.objects.all()] == [1]


def test_completing_by_hand_keeps_the_name_and_the_difference(
    cast: Cast, store: Store, take: Take, client: Client
) -> None:
    take_in(store, of_two("A1"))
    take("A1")
    take("MUG")
    assert by_hand(client, "complete")["answer"] == "complete"
    done = Verification.objects.get()
    assert (done.person, done.outcome, done.difference) == (
        cast.pat, "by-hand", {"MUG": [2, 1], "TEA": [1, 0]},
    )  # fmt: skip
    assert (
        History.objects.get(kind="verified").text
        == "Verified by hand, with a difference: MUG 1 of 2, TEA 0 of 1."
    )
    shown = client.get("/c/acme/stock-pick/verified/").content.decode()
    assert "A1" in shown
    assert "By hand" in shown


def test_another_orders_code_does_not_leave_an_order_that_is_not_complete(
    store: Store, take: Take, client: Client
) -> None:
    take_in(store, of_two("A1"), of_two("B2"))
    take("A1")
    take("MUG")
    told = take("B2")
    assert (told["answer"], told["order"]) == ("wrong-stage", "A1")
    by_hand(client, "leave")
    assert take("B2")["answer"] == "ready"
    assert Order.objects.filter(verified_at__isnull=False).count() == 0


def test_a_colleague_goes_on_where_the_order_was_left_lying(
    cast: Cast, store: Store, take: Take
) -> None:
    take_in(store, of_two("A1"))
    take("A1")
    take("MUG")
    assert take("A1", cast.mona)["words"].startswith("Taken over from Pat")
    assert take("MUG", cast.mona)["answer"] == "item"
    assert take("TEA", cast.mona)["answer"] == "complete"
    assert Verification.objects.get().person == cast.mona


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        (Stage.TO_PACK, "wrong-stage"),
        (Stage.SHIPPED, "wrong-stage"),
        (Stage.CANCELLED, "cancelled"),
        (Stage.READY, "ready"),
    ],
)
def test_only_what_waits_at_the_bench_is_verified(
    store: Store, take: Take, stage: Stage, answer: str
) -> None:
    take_in(store, of_two("A1", stage))
    assert take("A1")["answer"] == answer


def test_an_old_label_begins_no_verification_whatever_became_of_its_order(
    store: Store, take: Take
) -> None:
    parcel = PackageFacts("P1", "J&T", "T1")
    take_in(store, replace(of_two("A1"), packages=(parcel,)))
    take_in(store, replace(of_two("A1"), packages=(PackageFacts("P2", "J&T", "T2"),)))
    told = take("T1")
    assert (told["answer"], told["words"]) == (
        "void", "Void label: order A1 was packed again as T2.",
    )  # fmt: skip
    take_in(store, replace(of_two("A1", Stage.CANCELLED), packages=()))
    for code in ("T1", "T2", "P1", "A1"):
        assert take(code)["answer"] == "cancelled"
    assert not Verification.objects.exists()


@pytest.mark.parametrize(
    "now",
    [of_two("A1", Stage.CANCELLED), replace(of_two("A1"), cancel_requested=True)],
    ids=["cancelled", "asking"],
)
def test_an_order_that_dies_in_hand_is_told_at_the_next_scan_and_is_never_complete(
    store: Store, take: Take, client: Client, now: OrderFacts
) -> None:
    take_in(store, of_two("A1"), of_two("B2"))
    take("A1")
    take("MUG")
    take_in(store, now)
    for code in ("MUG", "TEA", "A1", "B2"):
        told = take(code)
        assert (told["answer"], told["order"]) == ("cancelled", "A1"), code
    assert by_hand(client, "complete")["answer"] == "cancelled"
    assert not Order.objects.filter(verified_at__isnull=False).exists()
    by_hand(client, "leave")
    assert take("B2")["answer"] == "ready"


def test_cancelled_lines_are_no_target(store: Store, take: Take) -> None:
    facts = of_two("A1")
    lines = (facts.lines[0], replace(facts.lines[1], stage=Stage.CANCELLED))
    take_in(store, replace(facts, lines=lines))
    take("A1")
    assert take("TEA")["answer"] == "unknown"
    assert take("2*MUG")["answer"] == "complete"


def test_a_company_can_ship_nothing_that_was_not_verified(
    cast: Cast, store: Store, take: Take, client: Client
) -> None:
    cast.acme.ship_needs_verification = True
    cast.acme.save()
    take_in(store, of_two("A1"))
    client.force_login(cast.pat)

    def ship(nonce: str) -> dict[str, Any]:
        form = {"code": "A1", "nonce": nonce}
        answer = client.post("/c/acme/scan/take/", form, headers={"Accept": "application/json"})
        told: dict[str, Any] = answer.json()
        return told

    told = ship("s1")
    assert (told["answer"], told["words"]) == (
        "wrong-stage", "Not verified yet: Stock Pick first.",
    )  # fmt: skip
    for code in ("A1", "2*MUG", "TEA"):
        take(code)
    assert ship("s2")["answer"] == "ready"


def test_another_companys_order_is_unknown(cast: Cast, store: Store, take: Take) -> None:
    with company_scope(cast.bolt):
        take_in(store_of(cast.bolt, "8"), of_two("B9"))
    assert take("B9")["answer"] == "unknown"


def told_by_the_books(store: Store, sku: str, item: str, **more: Any) -> None:
    """The SKU stands for a stock item, of which the books tell more."""
    SkuCode.objects.create(company_id=store.company_id, sku=sku, item_code=item)
    BooksCode.objects.update_or_create(
        company_id=store.company_id, kind=BooksCode.Kind.ITEM, code=item, defaults=more
    )


def test_an_items_barcode_counts_it_and_its_place_is_shown(
    store: Store, take: Take, client: Client
) -> None:
    take_in(store, of_two("77001"))
    StoreCodes.objects.create(
        company_id=store.company_id, store=store, customer="300-L0001", location="ECOM"
    )
    told_by_the_books(store, "MUG", "M-100", barcodes=["9555001002003"], shelf="A-01")
    told_by_the_books(store, "TEA", "T-100", barcodes=["9555009009009"])
    page = take("77001")["html"]
    assert "ECOM · A-01" in page
    assert "<td>ECOM</td>" in page
    assert take("9555001002003")["answer"] == "item"
    assert take("m-100")["answer"] == "item"
    assert take("9555009009009")["answer"] == "complete"


def test_a_barcode_that_two_skus_share_counts_for_the_one_that_lacks_units(
    store: Store, take: Take
) -> None:
    take_in(store, of_two("77002"))
    for sku in ("MUG", "TEA"):
        told_by_the_books(store, sku, "BOTH", barcodes=["9555001002003"])
    take("77002")
    said = [take("9555001002003") for _ in range(3)]
    assert [one["words"] for one in said] == [
        "MUG: 1 of 2.",
        "MUG: 2 of 2.",
        "Every item is there.",
    ]


def test_without_books_an_item_lies_at_an_unknown_location(store: Store, take: Take) -> None:
    take_in(store, of_two("77003"))
    assert take("77003")["html"].count("Unknown location") == 2
    assert take("9555001002003")["answer"] == "unknown"


LOST = (Problem(Touches.LINES, "item 1 has no order_item_id"),)


def test_an_order_whose_items_could_not_be_read_is_not_verified(
    store: Store, take: Take, client: Client
) -> None:
    take_in(store, replace(of_two("A1"), problems=LOST))
    told = take("A1")
    assert told["answer"] == "wrong-stage"
    assert "could not be read whole: item 1 has no order_item_id" in told["words"]
    assert not Verification.objects.exists()
    assert by_hand(client, "complete")["answer"] == ""
    assert Order.objects.get().verified_at is None


@pytest.mark.parametrize("how", ["by hand", "item by item"])
def test_an_order_in_hand_whose_items_cannot_be_read_any_more_is_not_completed(
    store: Store, take: Take, client: Client, how: str
) -> None:
    take_in(store, of_two("A1"))
    take("A1")
    take("2*MUG")
    take_in(store, replace(of_two("A1"), problems=LOST))
    told = by_hand(client, "complete") if how == "by hand" else take("TEA")
    assert told["answer"] == "wrong-stage"
    assert "leave it" in told["words"]
    assert Order.objects.get().verified_at is None
    by_hand(client, "leave")
    take_in(store, of_two("A1"))
    assert [take(code)["answer"] for code in ("A1", "2*MUG", "TEA")] == [
        "ready",
        "item",
        "complete",
    ]


def test_a_problem_of_money_keeps_nobody_from_verifying(store: Store, take: Take) -> None:
    money = (Problem(Touches.MONEY, "item_price is missing"),)
    take_in(store, replace(of_two("A1"), problems=money))
    assert take("A1")["answer"] == "ready"
