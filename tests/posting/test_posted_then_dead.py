"""What changes after it was posted can be posted by hand, whatever its tab: the books follow."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser

from crossdock.companies.models import Person
from crossdock.orders import record
from crossdock.orders.marks import mark_to_post_again
from crossdock.orders.models import Order
from crossdock.orders.returns import take_in_returns
from crossdock.posting.mapping import map_equal_codes
from crossdock.posting.models import PostedCreditNote, PostedInvoice, SqlAccount, StoreCodes
from crossdock.posting.sqlaccount.documents import Kind, is_cancelled
from crossdock.posting.status import PostingStatus, posting_status
from crossdock.rules.facts import OrderFacts, ReturnFacts, ReturnMove, Stage
from crossdock.rules.invoice import billed_total
from crossdock.stores.models import Store
from crossdock.sync.pull import look_at
from crossdock.work.lane import drain
from crossdock.work.models import Attempt, Batch, Lane, State
from tests.cast import Cast, linked_store
from tests.posting.test_after_posting import acme, changed, held, of_three, post, take_in
from tests.posting.working import posted
from tests.sandbox.running import RunningSandbox, channel_of

__all__ = ["acme"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]

ALL, ONE = "123", "3"
BUTTON = re.compile(r'<button[^>]*name="action" value="post"[^>]*>(.*?)</button>', re.S)

CASES: dict[str, tuple[str, str, Stage, dict[str, Any], str]] = {
    # what happens: tab, lines, their stage, what else the channel tells, the reason in words
    "lost": ("others", ALL, Stage.FAILED, {}, "the order was not delivered, or lost"),
    "cancelled": ("others", ALL, Stage.CANCELLED, {}, "the order was cancelled"),
    "returned": ("others", ALL, Stage.RETURNED, {}, "the order was returned"),
    "an item cancelled while a return is asked for": (
        "to-return", ONE, Stage.CANCELLED, {"return": True}, "1 item was cancelled",
    ),
    "an item cancelled while a cancellation is asked for": (
        "to-cancel", ONE, Stage.CANCELLED, {"cancel_requested": True}, "1 item was cancelled",
    ),
    "an item cancelled, and the rest goes back to the shelf": (
        "to-ship", ONE, Stage.CANCELLED, {"rest": Stage.READY}, "1 item was cancelled",
    ),
    "an item came back": ("shipped", ONE, Stage.RETURNED, {}, "1 item was returned"),
}  # fmt: skip


def happens(store: Store, facts: OrderFacts, case: str) -> tuple[Order, OrderFacts]:
    """This happens to an order: it, and what the channel tells of it."""
    _, lines, stage, more, _ = CASES[case]
    told = dict(more)
    rest, asks_back = told.pop("rest", Stage.SHIPPED), told.pop("return", False)
    stages = {line.line_id: rest for line in facts.lines} | dict.fromkeys(lines, stage)
    later = replace(changed(facts, stages), **told)
    order = take_in(store, later)
    if asks_back:
        asked = ReturnFacts(
            return_id=f"R{later.order_id}", order_id=later.order_id, status="REQUESTED", goods_back=True,
            currency="MYR", amount=Decimal("9.90"), created_at=record.now(), updated_at=record.now(),
            is_open=True, waits_for_us=True, moves=(ReturnMove.TAKE_BACK,),
        )  # fmt: skip
        take_in_returns(store, [asked], fetched_at=record.now())
        order.refresh_from_db()
    return order, later


@pytest.fixture
def invoiced(acme: Cast, books: SqlAccount, store: Store) -> OrderFacts:
    facts = of_three(Stage.SHIPPED)
    take_in(store, facts)
    post(acme, facts, f"first {facts.order_id}")
    return facts


def page_of(client: Browser, person: Person, order: Order) -> str:
    client.force_login(person)
    return client.get(f"/c/acme/orders/{order.pk}/").content.decode()


def says(button: str) -> str:
    """A button's accessible name: its text, without the icon."""
    return re.sub(r"<svg.*?</svg>|<[^>]+>", "", button, flags=re.S).strip()


@pytest.mark.parametrize("case", CASES)
def test_post_order_stands_on_the_page_of_what_changed_and_brings_the_books_up_to_date(
    acme: Cast, books: SqlAccount, store: Store, invoiced: OrderFacts, case: str, client: Browser
) -> None:
    order, later = happens(store, invoiced, case)
    assert order.tab == CASES[case][0]
    for person in (acme.bo, acme.alice):
        page = page_of(client, person, order)
        assert [says(one) for one in BUTTON.findall(page)] == ["Post Order"]
        assert f"Changed since it was posted: {CASES[case][4]}." in page
        assert f"{billed_total(invoiced):.2f}" in page, "what the books hold"
    form = {"action": "post", "orders": str(order.pk), "from": str(order.pk), "form_key": "press"}
    asked = client.post("/c/acme/orders/act/", form).content.decode()
    assert "<strong>1</strong> order goes to SQL Account" in asked
    assert "1 was posted before and is brought up to date." in asked
    client.post("/c/acme/orders/act/", {**form, "sure": "1"})
    assert posting_status() is PostingStatus.IN_PROGRESS
    drain(Lane.objects.get(name="sqlaccount").pk)
    attempt = Attempt.objects.latest("pk")
    assert attempt.state == State.DONE, attempt.words
    assert in_the_books(books, later) == billed_total(later)
    assert posting_status() is PostingStatus.COMPLETED
    history = client.get("/c/acme/posting/").content.decode()
    assert f"Run {attempt.batch_id}" in history
    assert "1 posted" in history
    page = page_of(client, acme.bo, order)
    assert BUTTON.findall(page) == [], "nothing is left to post"
    assert "Changed since it was posted" not in page
    assert f"batch {attempt.batch_id}" in page, "the timeline tells of it"


def in_the_books(books: SqlAccount, facts: OrderFacts) -> Decimal:
    """What the books hold of an order: its invoice less its credit note."""
    invoice = held(books, Kind.INVOICE, facts.order_id)
    assert invoice is not None
    total = Decimal(0) if is_cancelled(invoice) else Decimal(invoice["docamt"])
    if note := PostedCreditNote.objects.filter(order__channel_order_id=facts.order_id).first():
        credit = held(books, Kind.CREDIT_NOTE, note.number)
        assert credit is not None
        total -= Decimal(credit["docamt"])
    return total


def test_who_may_not_post_never_sees_the_button_and_cannot_press_it(
    acme: Cast, books: SqlAccount, store: Store, client: Browser
) -> None:
    for order, _ in played(acme, store):
        for person in (acme.pat, acme.mona, acme.vic):
            page = page_of(client, person, order)
            assert "changed since posting" in page
            assert BUTTON.findall(page) == []
            form = {"action": "post", "orders": str(order.pk), "sure": "1", "form_key": person.name}
            assert client.post("/c/acme/orders/act/", form).status_code == 403
        assert "SQL Account holds" not in page_of(client, acme.pat, order), "packers see no money"
    assert Batch.objects.count() == 1


def played(acme: Cast, store: Store) -> list[tuple[Order, OrderFacts]]:
    """An order for each case: posted, and then changed."""
    every = [of_three(Stage.SHIPPED) for _ in CASES]
    for one in every:
        take_in(store, one)
    posted(acme, [one.order_id for one in every], "first")
    return [happens(store, one, case) for one, case in zip(every, CASES, strict=True)]


def test_what_is_posted_and_unchanged_has_no_button_and_what_was_never_posted_has_one(
    acme: Cast, store: Store, invoiced: OrderFacts, client: Browser
) -> None:
    archived = Order.objects.get()
    assert BUTTON.findall(page_of(client, acme.bo, archived)) == []
    moved_on = take_in(store, changed(invoiced, dict.fromkeys(ALL, Stage.COMPLETED)))
    assert BUTTON.findall(page_of(client, acme.bo, moved_on)) == [], "a new stage changes no books"
    never = take_in(store, of_three(Stage.DELIVERED))
    assert len(BUTTON.findall(page_of(client, acme.bo, never))) == 1
    dead = take_in(store, of_three(Stage.CANCELLED))
    assert BUTTON.findall(page_of(client, acme.bo, dead)) == [], "nothing of it is in the books"


def test_many_such_orders_of_several_tabs_are_posted_in_one_run(
    acme: Cast, books: SqlAccount, store: Store
) -> None:
    changed_ones = played(acme, store)
    assert len({order.tab for order, _ in changed_ones}) == 5
    attempts = posted(acme, [facts.order_id for _, facts in changed_ones], "again")
    assert {one.state for one in attempts} == {State.DONE}, [one.words for one in attempts]
    for _, facts in changed_ones:
        assert in_the_books(books, facts) == billed_total(facts)


def test_what_came_back_and_was_credited_is_not_told_again_as_a_reason(
    acme: Cast, store: Store, invoiced: OrderFacts, client: Browser
) -> None:
    back = changed(invoiced, {"3": Stage.RETURNED})
    take_in(store, back)
    post(acme, back, "credited")
    order = take_in(store, changed(back, {"2": Stage.CANCELLED}))
    page = page_of(client, acme.bo, order)
    assert "Changed since it was posted: 1 item was cancelled." in page


def test_what_reconcile_found_is_told_as_the_reason(
    acme: Cast, store: Store, invoiced: OrderFacts, client: Browser
) -> None:
    mark_to_post_again(Order.objects.get())
    page = page_of(client, acme.bo, Order.objects.get())
    assert "Changed since it was posted: Reconcile found a difference." in page


def test_a_new_price_is_told_by_what_the_books_hold_and_what_it_bills_now(
    acme: Cast, store: Store, invoiced: OrderFacts, client: Browser
) -> None:
    lines = tuple(replace(line, unit_price=Decimal("9.90")) for line in invoiced.lines)
    later = replace(invoiced, lines=lines)
    page = page_of(client, acme.bo, take_in(store, later))
    told = page[page.index("Changed since it was posted") :][:400]
    assert "Changed since it was posted. SQL Account holds" in told
    assert f"{billed_total(invoiced):.2f}" in told
    assert f"{billed_total(later):.2f}" in told


def test_the_dialog_leaves_out_what_is_cancelled_where_cancelled_orders_are_not_included(
    acme: Cast, store: Store, invoiced: OrderFacts, client: Browser
) -> None:
    SqlAccount.objects.update(include_cancelled=False)
    order, _ = happens(store, invoiced, "cancelled")
    client.force_login(acme.bo)
    asked = client.post("/c/acme/orders/act/", {"action": "post", "orders": str(order.pk)})
    assert "1 × cancelled orders are not included" in asked.content.decode()
    back, _ = happens(store, invoiced, "returned")
    asked = client.post("/c/acme/orders/act/", {"action": "post", "orders": str(back.pk)})
    assert "<strong>1</strong> order goes to SQL Account" in asked.content.decode()


@pytest.fixture
def of_every_channel(
    acme: Cast, books: SqlAccount, sandbox: RunningSandbox, store: Store
) -> list[tuple[str, Store]]:
    """A store of each channel, with its codes."""
    stores = [("lazada-my", store)]
    for shop, customer in (("shopee-my", "300-S0001"), ("tiktok-my", "300-T0001")):
        made = linked_store(acme.acme, sandbox, shop)
        StoreCodes.objects.create(
            company=acme.acme, store=made, customer=customer, location="ECOM",
            discount_item="DISCOUNT", voucher_item="VOUCHER",
        )  # fmt: skip
        stores.append((shop, made))
    return stores


def test_a_parcel_lost_after_it_was_posted_can_be_posted_from_its_page_on_every_channel(
    acme: Cast,
    sandbox: RunningSandbox,
    of_every_channel: list[tuple[str, Store]],
    client: Browser,
) -> None:
    words = {"lazada": "shipped", "shopee": "SHIPPED", "tiktok": "IN_TRANSIT"}
    for shop, store in of_every_channel:
        channel = channel_of(shop)
        (order_id,) = sandbox.orders(1, shop, status=words[channel], sku="MUG-BLUE")
        look_at(store, [order_id])
        map_equal_codes(store.company_id)
        posted(acme, [order_id], f"first {shop}")
        sandbox.event(order_id, "lose", channel)
        look_at(store, [order_id])
        order = Order.objects.get(channel_order_id=order_id)
        assert (order.tab, order.changed_since_posting) == ("others", True), shop
        assert len(BUTTON.findall(page_of(client, acme.bo, order))) == 1
        (attempt,) = posted(acme, [order_id], f"again {shop}")
        assert attempt.state == State.DONE, attempt.words
        invoice = PostedInvoice.objects.get(order=order)
        credit = PostedCreditNote.objects.filter(order=order).first()
        assert invoice.cancelled_at or (credit and credit.total == invoice.total)
