"""What happens to the books when an order changes after it was invoiced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crossdock.companies.scope import company_scope
from crossdock.orders import record
from crossdock.orders.models import Order
from crossdock.posting.automatic import post_what_is_due
from crossdock.posting.connect import client_of
from crossdock.posting.mapping import map_equal_codes
from crossdock.posting.models import PostedCreditNote, PostedInvoice, PostWhen, SqlAccount
from crossdock.posting.sqlaccount.answers import Record
from crossdock.posting.sqlaccount.documents import Kind, is_cancelled
from crossdock.rules.facts import LineFacts, OrderFacts, Stage
from crossdock.rules.invoice import billed_total
from crossdock.stores.models import Store
from crossdock.work.models import State
from tests.cast import Cast
from tests.posting.working import posted
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]
MOMENT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
count = iter(range(10_000))


@pytest.fixture
def acme(cast: Cast) -> Iterator[Cast]:
    with company_scope(cast.acme):
        yield cast


def of_three(stage: Stage = Stage.DELIVERED) -> OrderFacts:
    """Two blue mugs (with a voucher on each) and a lamp, in an order of its own number."""
    mug = LineFacts(
        "1", "MUG-BLUE", "Mug", 1, Decimal("18.90"), Decimal("0.40"), stage.value, stage,
        seller_voucher=Decimal("1.00"),
    )  # fmt: skip
    lines = (
        mug,
        replace(mug, line_id="2"),
        replace(mug, line_id="3", sku="TEA-OOL-100", name="Tea"),
    )
    return OrderFacts(
        f"4400{next(count):011d}", stage.value, stage, "MYR", MOMENT, MOMENT, lines=lines
    )


def changed(facts: OrderFacts, stages: dict[str, Stage]) -> OrderFacts:
    return replace(
        facts,
        lines=tuple(
            replace(line, stage=stages.get(line.line_id, line.stage)) for line in facts.lines
        ),
    )


def take_in(store: Store, facts: OrderFacts) -> Order:
    order = record.take_in(store, record.Arrived(facts), fetched_at=record.now())
    map_equal_codes(store.company_id)
    return order


def held(books_of: SqlAccount, kind: Kind, number: str) -> Record | None:
    client = client_of(books_of)
    heads = client.numbered(kind, number)
    assert len(heads) <= 1, heads
    return client.document(kind, heads[0]["dockey"]) if heads else None


def post(cast: Cast, facts: OrderFacts, key: str) -> State:
    (attempt,) = posted(cast, [facts.order_id], key)
    assert attempt.state == State.DONE, attempt.words
    return State(attempt.state)


def invoice_of(books_of: SqlAccount, facts: OrderFacts) -> Record:
    found = held(books_of, Kind.INVOICE, facts.order_id)
    assert found is not None
    return found


def test_a_cancelled_line_leaves_the_invoice_and_no_row_is_doubled(
    acme: Cast,
    books: SqlAccount,
    store: Store,
) -> None:
    facts = of_three()
    take_in(store, facts)
    post(acme, facts, "one")
    before = invoice_of(books, facts)
    later = changed(facts, {"3": Stage.CANCELLED})
    assert not take_in(store, later).archived
    post(acme, facts, "two")
    after = invoice_of(books, facts)
    assert after["dockey"] == before["dockey"]
    assert len(after["sdsdocdetail"]) == len(before["sdsdocdetail"])
    assert Decimal(after["docamt"]) == billed_total(later)
    assert Order.objects.get(channel_order_id=facts.order_id).archived


def test_what_comes_back_is_credited_with_a_link_to_the_invoices_row(
    acme: Cast,
    books: SqlAccount,
    store: Store,
) -> None:
    facts = of_three()
    take_in(store, facts)
    post(acme, facts, "one")
    later = changed(facts, {"3": Stage.RETURNED})
    take_in(store, later)
    post(acme, facts, "two")
    invoice = invoice_of(books, facts)
    note = held(books, Kind.CREDIT_NOTE, PostedCreditNote.objects.get().number)
    assert note is not None
    assert Decimal(invoice["docamt"]) == billed_total(facts)
    assert Decimal(invoice["docamt"]) - Decimal(note["docamt"]) == billed_total(later)
    row = note["sdsdocdetail"][0]
    source = next(one for one in invoice["sdsdocdetail"] if one["dtlkey"] == row["fromdtlkey"])
    assert (row["itemcode"], row["fromdockey"]) == (source["itemcode"], invoice["dockey"])


def test_more_that_comes_back_changes_the_same_credit_note(
    acme: Cast,
    books: SqlAccount,
    store: Store,
    sandbox: RunningSandbox,
) -> None:
    facts = of_three()
    take_in(store, facts)
    post(acme, facts, "one")
    for key, stages in (
        ("two", {"3": Stage.RETURNED}),
        ("three", dict.fromkeys("123", Stage.RETURNED)),
    ):
        later = changed(facts, stages)
        take_in(store, later)
        post(acme, facts, key)
    note = held(books, Kind.CREDIT_NOTE, PostedCreditNote.objects.get().number)
    assert note is not None
    assert Decimal(note["docamt"]) == billed_total(facts)
    assert PostedInvoice.objects.get().total == billed_total(facts)


def test_an_order_cancelled_whole_has_its_invoice_cancelled(
    acme: Cast,
    books: SqlAccount,
    store: Store,
) -> None:
    facts = of_three(Stage.SHIPPED)
    take_in(store, facts)
    post(acme, facts, "one")
    take_in(store, changed(facts, dict.fromkeys("123", Stage.CANCELLED)))
    post(acme, facts, "two")
    assert is_cancelled(invoice_of(books, facts))
    assert PostedInvoice.objects.get().cancelled_at is not None


def test_an_invoice_that_somebody_deleted_in_the_books_is_made_again(
    acme: Cast,
    books: SqlAccount,
    store: Store,
) -> None:
    facts = of_three()
    take_in(store, facts)
    post(acme, facts, "one")
    key = invoice_of(books, facts)["dockey"]
    client_of(books)._write("DELETE", f"/salesinvoice/{key}", {})
    later = changed(facts, {"1": Stage.CANCELLED})
    take_in(store, later)
    post(acme, facts, "two")
    assert Decimal(invoice_of(books, facts)["docamt"]) == billed_total(later)


def test_two_people_press_post_order_at_once_and_one_invoice_is_made(
    acme: Cast,
    books: SqlAccount,
    store: Store,
    sandbox: RunningSandbox,
) -> None:
    from crossdock.work.batch import start
    from crossdock.work.lane import drain
    from crossdock.work.models import Attempt, Lane

    facts = of_three()
    order = take_in(store, facts)
    for person in (acme.bo, acme.alice):
        start(acme.acme, person, "post", form_key=f"{person.pk}", order_ids=[order.pk])
    drain(Lane.objects.get(name="sqlaccount").pk)
    states = sorted(Attempt.objects.values_list("state", flat=True))
    assert states == [State.ALREADY, State.DONE]
    assert [row["order_id"] for row in sandbox.ledger("invoice_create")].count(facts.order_id) == 1


def test_posting_what_is_as_it_should_be_changes_nothing_in_the_books(
    acme: Cast,
    books: SqlAccount,
    store: Store,
    sandbox: RunningSandbox,
) -> None:
    facts = of_three()
    order = take_in(store, facts)
    post(acme, facts, "one")
    Order.objects.filter(pk=order.pk).update(archived=False)
    seen = len(sandbox.get("/ledger?system=sqlaccount")["calls"])
    post(acme, facts, "two")
    assert len(sandbox.get("/ledger?system=sqlaccount")["calls"]) == seen


def test_cancelled_orders_can_be_left_out_and_are_not_tried_all_day(
    acme: Cast,
    books: SqlAccount,
    store: Store,
) -> None:
    SqlAccount.objects.update(include_cancelled=False, post_when=PostWhen.SHIPPED)
    facts = of_three(Stage.SHIPPED)
    take_in(store, facts)
    post(acme, facts, "one")
    take_in(store, changed(facts, dict.fromkeys("123", Stage.CANCELLED)))
    (left,) = posted(acme, [facts.order_id], "two")
    assert (left.state, left.words) == (
        State.ALREADY,
        "Left out: cancelled orders are not included.",
    )
    assert not is_cancelled(invoice_of(books, facts))
    assert post_what_is_due(acme.acme, SqlAccount.objects.get()) == 0
    SqlAccount.objects.update(include_cancelled=True)
    post(acme, facts, "three")
    assert is_cancelled(invoice_of(books, facts))
