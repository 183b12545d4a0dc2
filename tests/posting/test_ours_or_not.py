"""A document is ours by its number, our reference and our customer: what is not ours is left as it stands."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from crossdock.orders.models import Order
from crossdock.posting.automatic import post_what_is_due
from crossdock.posting.connect import client_of
from crossdock.posting.models import (
    Difference,
    PostedCreditNote,
    PostedInvoice,
    PostWhen,
    Reconciliation,
    SqlAccount,
    StoreCodes,
)
from crossdock.posting.reconcile import reconcile, repair
from crossdock.posting.sqlaccount.answers import Record
from crossdock.posting.sqlaccount.client import Client
from crossdock.posting.sqlaccount.documents import Kind, is_cancelled
from crossdock.rules.facts import OrderFacts, Stage
from crossdock.rules.invoice import billed_total
from crossdock.stores.models import Store
from crossdock.work.lane import drain
from crossdock.work.models import Attempt, Lane, State
from tests.cast import Cast, linked_store
from tests.posting.test_after_posting import (
    acme,
    changed,
    of_three,
    post,
    take_in,
)
from tests.posting.working import posted
from tests.sandbox.running import RunningSandbox

__all__ = ["acme"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]

OTHERS = {
    "renumbered": {"docno": "IV-9{}"},
    "another reference": {"docref1": ""},
    "another customer": {"code": "300-S0002"},
    "another sale altogether": {"docno": "IV-9{}", "docref1": "", "code": "300-S0002"},
}
UPDATE, CANCEL = "update", "cancel"


@dataclass
class Played:
    """An order whose documents stand in the books, and what a person does to them there."""

    cast: Cast
    books: SqlAccount
    store: Store
    sandbox: RunningSandbox
    facts: OrderFacts

    def post(self, key: str) -> Attempt:
        (attempt,) = posted(self.cast, [self.facts.order_id], key)
        return attempt

    def post_automatically(self) -> Attempt:
        SqlAccount.objects.update(post_when=PostWhen.SHIPPED)
        assert post_what_is_due(self.cast.acme, SqlAccount.objects.get()) == 1
        drain(Lane.objects.get(name="sqlaccount").pk)
        return Attempt.objects.latest("pk")

    def change(self, stages: dict[str, Stage]) -> None:
        self.facts = changed(self.facts, stages)
        take_in(self.store, self.facts)

    def number(self, kind: Kind) -> str:
        model = PostedInvoice if kind is Kind.INVOICE else PostedCreditNote
        return model.objects.get(order__channel_order_id=self.facts.order_id).number

    def key(self, kind: Kind) -> int:
        model = PostedInvoice if kind is Kind.INVOICE else PostedCreditNote
        key = model.objects.get(order__channel_order_id=self.facts.order_id).document_key
        assert key is not None
        return key

    def there(self, kind: Kind) -> Record:
        """The document behind our key, as it stands."""
        return client_of(self.books).document(kind, self.key(kind))

    def by_hand(self, kind: Kind, fields: dict[str, str]) -> None:
        number = self.number(kind)
        entered = {name: value.format(number[-8:]) for name, value in fields.items()}
        self.sandbox.post(
            "/books", edit={"kind": kind.value, "document": number, "fields": entered}
        )

    def writes(self) -> list[dict[str, Any]]:
        """Every call that could change something in the books, with what came of it."""
        rows = self.sandbox.get("/ledger?system=sqlaccount")["calls"]
        return [row for row in rows if row["effect"].startswith(("invoice", "credit"))]


@pytest.fixture
def played(acme: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox) -> Played:
    """Invoiced; the books refuse duplicates."""
    facts = of_three(Stage.SHIPPED)
    take_in(store, facts)
    sandbox.post("/strict", system="sqlaccount", duplicates="refuse")
    post(acme, facts, f"first {facts.order_id}")
    return Played(acme, books, store, sandbox, facts)


def with_credit_note(played: Played) -> None:
    played.change({"3": Stage.RETURNED})
    post(played.cast, played.facts, f"credited {played.facts.order_id}")


def is_refused(attempt: Attempt, stands: Record, played: Played) -> None:
    assert attempt.state == State.REFUSED, attempt.words
    assert "No longer ours" in attempt.words
    for told in (stands["docno"], stands["code"], stands["docamt"], stands["docref1"] or "empty"):
        assert told in attempt.words, "what stands there now is told"
    assert "Nothing was changed" in attempt.words


@pytest.mark.parametrize("by_hand", [True, False], ids=["by hand", "automatic"])
@pytest.mark.parametrize("deed", [UPDATE, CANCEL])
@pytest.mark.parametrize("other", OTHERS)
def test_an_invoice_that_became_anothers_is_neither_updated_nor_cancelled(
    played: Played, other: str, deed: str, by_hand: bool
) -> None:
    played.by_hand(Kind.INVOICE, OTHERS[other])
    lines = "1" if deed == UPDATE else "123"
    played.change(dict.fromkeys(lines, Stage.CANCELLED))
    stands, writes = played.there(Kind.INVOICE), played.writes()
    attempt = played.post("again") if by_hand else played.post_automatically()
    is_refused(attempt, stands, played)
    is_refused(played.post("and again"), stands, played)
    assert played.there(Kind.INVOICE) == stands
    assert played.writes() == writes, "no call that could change anything"
    assert not Order.objects.get().archived


@pytest.mark.parametrize("by_hand", [True, False], ids=["by hand", "automatic"])
@pytest.mark.parametrize("deed", [UPDATE, CANCEL])
@pytest.mark.parametrize("other", ["renumbered", "another sale altogether"])
def test_a_credit_note_that_became_anothers_is_neither_updated_nor_cancelled_and_the_invoice_stays(
    played: Played, other: str, deed: str, by_hand: bool
) -> None:
    with_credit_note(played)
    played.by_hand(Kind.CREDIT_NOTE, OTHERS[other])
    back = (
        {"2": Stage.RETURNED, "1": Stage.CANCELLED}
        if deed == UPDATE
        else {"3": Stage.SHIPPED, "1": Stage.CANCELLED}
    )
    played.change(back)
    stands = [played.there(kind) for kind in Kind]
    writes = played.writes()
    attempt = played.post("again") if by_hand else played.post_automatically()
    is_refused(attempt, stands[1], played)
    is_refused(played.post("and again"), stands[1], played)
    assert [played.there(kind) for kind in Kind] == stands
    assert played.writes() == writes


@pytest.mark.parametrize("other", OTHERS)
def test_what_is_not_ours_is_never_called_right(played: Played, other: str) -> None:
    """Its rows and total are as they should be: nothing would have to be written."""
    played.by_hand(Kind.INVOICE, OTHERS[other])
    stands = played.there(Kind.INVOICE)
    Order.objects.update(archived=False)
    is_refused(played.post("again"), stands, played)
    assert not Order.objects.get().archived


@pytest.mark.parametrize("other", OTHERS)
def test_an_answer_that_never_came_is_not_settled_by_a_document_that_is_not_ours(
    played: Played, other: str
) -> None:
    played.change({"1": Stage.CANCELLED})
    lost_write(played)
    played.by_hand(Kind.INVOICE, OTHERS[other])
    stands, writes = played.there(Kind.INVOICE), played.writes()
    attempt = settled()
    is_refused(attempt, stands, played)
    assert played.there(Kind.INVOICE) == stands
    assert played.writes() == writes


def test_a_changed_mapping_still_updates_the_same_invoice(played: Played) -> None:
    StoreCodes.objects.update(customer="300-L0002")
    played.change({"1": Stage.CANCELLED})
    assert played.post("again").state == State.DONE
    stands = played.there(Kind.INVOICE)
    assert (stands["code"], stands["docno"]) == ("300-L0002", played.facts.order_id)
    played.change({"2": Stage.CANCELLED})
    assert played.post("and again").state == State.DONE
    assert Decimal(played.there(Kind.INVOICE)["docamt"]) == billed_total(played.facts)


def test_our_customer_is_the_one_last_sent_and_not_todays_mapping(played: Played) -> None:
    StoreCodes.objects.update(customer="300-S0002")
    played.by_hand(Kind.INVOICE, {"code": "300-S0002"})
    played.change({"1": Stage.CANCELLED})
    is_refused(played.post("again"), played.there(Kind.INVOICE), played)


def test_a_new_customer_whose_answer_never_came_is_known_as_ours(played: Played) -> None:
    StoreCodes.objects.update(customer="300-L0002")
    played.change({"1": Stage.CANCELLED})
    lost_write(played)
    assert settled().state == State.DONE
    assert played.there(Kind.INVOICE)["code"] == "300-L0002"
    StoreCodes.objects.update(customer="300-S0001")
    played.change({"2": Stage.CANCELLED})
    assert played.post("again").state == State.DONE
    assert played.there(Kind.INVOICE)["code"] == "300-S0001"


def test_a_new_customer_that_arrived_with_a_refusal_is_known_as_ours(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The books kept the new customer, and counted the rows in their own way."""
    StoreCodes.objects.update(customer="300-L0002")
    played.change({"1": Stage.CANCELLED})
    honest = Client.change

    def doubled(client: Client, kind: Kind, key: int, document: dict[str, Any]) -> Record:
        rows = [*document["sdsdocdetail"], {"itemcode": "MUG-BLUE", "qty": "1", "unitprice": "1"}]
        told = {name: value for name, value in document.items() if name != "docamt"}
        return honest(client, kind, key, {**told, "sdsdocdetail": rows})

    monkeypatch.setattr(Client, "change", doubled)
    assert "instead of" in played.post("again").words
    monkeypatch.undo()
    assert played.there(Kind.INVOICE)["code"] == "300-L0002"
    assert played.post("and again").state == State.DONE


def test_what_went_out_before_customers_were_kept_is_ours_under_the_one_sent_last(
    played: Played,
) -> None:
    PostedInvoice.objects.update(customers=[])
    name = "crossdock.posting.migrations.0009_customers_of_what_was_posted"
    for operation in importlib.import_module(name).Migration.operations:
        with connection.cursor() as cursor:
            cursor.execute(operation.sql)
    assert PostedInvoice.objects.get().customers == ["300-L0001"]
    PostedInvoice.objects.update(customers=[])
    played.by_hand(Kind.INVOICE, {"code": "300-S0002"})
    played.change({"1": Stage.CANCELLED})
    assert played.post("again").state == State.DONE, "not known: number and reference tell"
    assert PostedInvoice.objects.get().customers == ["300-L0001"]


def test_a_document_changed_between_the_look_and_the_update_is_left_alone(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Client.change

    def overtaken(client: Client, kind: Kind, key: int, document: dict[str, Any]) -> Record:
        played.by_hand(Kind.INVOICE, OTHERS["renumbered"])
        return honest(client, kind, key, document)

    monkeypatch.setattr(Client, "change", overtaken)
    played.change({"1": Stage.CANCELLED})
    attempt = played.post("again")
    assert attempt.state == State.REFUSED
    assert "changed by another user" in attempt.words
    assert played.there(Kind.INVOICE)["docno"].startswith("IV-9")


def test_a_copy_under_our_number_does_not_stand_in_for_the_document_that_was_renumbered(
    played: Played,
) -> None:
    number = played.number(Kind.INVOICE)
    elsewhere = f"IV-8{number[-8:]}"
    kind = Kind.INVOICE.value
    played.sandbox.post("/books", renumber={"kind": kind, "document": number, "to": elsewhere})
    played.sandbox.post("/books", copy={"kind": kind, "document": elsewhere, "to": number})
    played.change({"1": Stage.CANCELLED})
    writes = played.writes()
    is_refused(played.post("again"), played.there(Kind.INVOICE), played)
    assert played.writes() == writes


def test_a_deleted_document_is_not_made_again_where_a_copy_stands_under_another_number(
    played: Played,
) -> None:
    number, kind = played.number(Kind.INVOICE), Kind.INVOICE.value
    copy = f"IV-7{number[-8:]}"
    played.sandbox.post("/books", copy={"kind": kind, "document": number, "to": copy})
    played.sandbox.post("/books", delete={"kind": kind, "document": number})
    played.change({"1": Stage.CANCELLED})
    writes = played.writes()
    (stands,) = client_of(played.books).numbered(Kind.INVOICE, copy)
    is_refused(played.post("again"), stands, played)
    assert played.writes() == writes


def test_a_document_entered_anew_under_our_number_for_another_customer_is_left_alone(
    played: Played,
) -> None:
    number, kind = played.number(Kind.INVOICE), Kind.INVOICE.value
    copy = f"IV-6{number[-8:]}"
    played.sandbox.post("/books", copy={"kind": kind, "document": number, "to": copy})
    played.sandbox.post("/books", delete={"kind": kind, "document": number})
    fields = {"docno": number, "code": "300-S0002"}
    played.sandbox.post("/books", edit={"kind": kind, "document": copy, "fields": fields})
    played.change({"1": Stage.CANCELLED})
    writes = played.writes()
    (stands,) = client_of(played.books).numbered(Kind.INVOICE, number)
    is_refused(played.post("again"), stands, played)
    assert played.writes() == writes


def test_the_halves_of_one_lazada_checkout_never_take_each_others_invoice(
    played: Played, cast: Cast
) -> None:
    """Both carry the same order id, so that the reference alone does not tell them apart."""
    other = linked_store(cast.acme, played.sandbox, "lazada-sg")
    StoreCodes.objects.create(
        company=cast.acme, store=other, customer="300-L0002", voucher_item="VOUCHER",
        discount_item="DISCOUNT",
    )  # fmt: skip
    half = take_in(other, played.facts)
    assert [one.state for one in posted(cast, [played.facts.order_id], "halves")].count(
        State.DONE
    ) == 1
    second = PostedInvoice.objects.get(order=half)
    assert second.number != played.facts.order_id
    kind = Kind.INVOICE.value
    played.sandbox.post("/books", delete={"kind": kind, "document": second.number})
    renumbered = {"kind": kind, "document": played.facts.order_id, "to": second.number}
    played.sandbox.post("/books", renumber=renumbered)
    later = changed(played.facts, {"1": Stage.CANCELLED})
    for store in (played.store, other):
        take_in(store, later)
    writes = played.writes()
    attempts = posted(cast, [later.order_id], "later")
    assert [one.state for one in attempts] == [State.REFUSED] * 2, [one.words for one in attempts]
    assert all("No longer ours" in one.words for one in attempts)
    assert played.writes() == writes


def test_a_half_that_was_deleted_is_made_again_beside_the_other(played: Played, cast: Cast) -> None:
    other = linked_store(cast.acme, played.sandbox, "lazada-sg")
    StoreCodes.objects.create(
        company=cast.acme, store=other, customer="300-L0002", voucher_item="VOUCHER",
        discount_item="DISCOUNT",
    )  # fmt: skip
    half = take_in(other, played.facts)
    posted(cast, [played.facts.order_id], "halves")
    number = PostedInvoice.objects.get(order=half).number
    played.sandbox.post("/books", delete={"kind": Kind.INVOICE.value, "document": number})
    take_in(other, changed(played.facts, {"1": Stage.CANCELLED}))
    states = [one.state for one in posted(cast, [played.facts.order_id], "later")]
    assert states.count(State.DONE) == 1
    assert client_of(played.books).numbered(Kind.INVOICE, number)


def test_the_printed_invoice_is_never_another_document_in_its_place(
    played: Played, client: Browser
) -> None:
    client.force_login(played.cast.bo)
    order = Order.objects.get()
    played.by_hand(Kind.INVOICE, OTHERS["another sale altogether"])
    answer = client.get(f"/c/acme/posting/orders/{order.pk}/invoice.pdf")
    assert answer.status_code == 502
    assert "No longer ours" in answer.content.decode()


def compared(played: Played) -> dict[str, Difference]:
    day = PostedInvoice.objects.earliest("pk").day
    run = Reconciliation.objects.create(
        company=played.cast.acme, person=played.cast.bo, since=day, until=day
    )
    reconcile(run)
    mine = run.differences.filter(order__isnull=False)
    return {one.number: one for one in mine}


@pytest.mark.parametrize("other", ["renumbered", "another customer"])
def test_a_person_puts_number_and_customer_right_in_reconcile_and_nobody_else_does(
    played: Played, other: str, client: Browser
) -> None:
    played.by_hand(Kind.INVOICE, OTHERS[other])
    stands, number = played.there(Kind.INVOICE), played.number(Kind.INVOICE)
    found = compared(played)
    assert {key: one.kind for key, one in found.items()} == {number: "moved"}
    assert stands["docno"] in found[number].there
    assert stands["code"] in found[number].there
    client.force_login(played.cast.bo)
    page = client.get(f"/c/acme/posting/reconcile/{found[number].reconciliation_id}/")
    text = page.content.decode()
    assert f'Put right<span class="hidden"> {number}' in text
    assert f"There it is {stands['docno']}" in text, "it is told before"
    played.change({"1": Stage.CANCELLED})
    is_refused(played.post("by the button Post Order"), stands, played)
    client.post(f"/c/acme/posting/differences/{found[number].pk}/repair/")
    drain(Lane.objects.get(name="sqlaccount").pk)
    assert Attempt.objects.latest("pk").state == State.DONE
    after = played.there(Kind.INVOICE)
    assert (after["docno"], after["code"]) == (number, "300-L0001")
    assert Decimal(after["docamt"]) == billed_total(played.facts)
    assert compared(played) == {}


@pytest.mark.parametrize("other", ["another reference", "another sale altogether"])
def test_what_has_another_reference_is_told_and_cannot_be_put_right(
    played: Played, other: str
) -> None:
    played.by_hand(Kind.INVOICE, OTHERS[other])
    stands, number = played.there(Kind.INVOICE), played.number(Kind.INVOICE)
    found = compared(played)
    assert {key: one.kind for key, one in found.items()} == {number: "strange"}
    assert stands["docno"] in found[number].there
    assert repair(found[number], played.cast.acme, played.cast.bo) is None
    assert played.there(Kind.INVOICE) == stands


def test_put_right_writes_over_nothing_whose_reference_changed_since_the_comparison(
    played: Played,
) -> None:
    played.by_hand(Kind.INVOICE, OTHERS["renumbered"])
    (difference,) = compared(played).values()
    now = played.there(Kind.INVOICE)["docno"]
    fields = {"docref1": "somebody else's"}
    kind = Kind.INVOICE.value
    played.sandbox.post("/books", edit={"kind": kind, "document": now, "fields": fields})
    stands = played.there(Kind.INVOICE)
    assert repair(difference, played.cast.acme, played.cast.bo) is not None
    drain(Lane.objects.get(name="sqlaccount").pk)
    is_refused(Attempt.objects.latest("pk"), stands, played)
    assert played.there(Kind.INVOICE) == stands


def test_post_again_of_reconcile_writes_over_nothing_that_was_renumbered_since(
    played: Played,
) -> None:
    row = {"dtlkey": played.there(Kind.INVOICE)["sdsdocdetail"][0]["dtlkey"], "unitprice": "99.00"}
    number, kind = played.number(Kind.INVOICE), Kind.INVOICE.value
    played.sandbox.post(
        "/books", edit={"kind": kind, "document": number, "fields": {"sdsdocdetail": [row]}}
    )
    (difference,) = compared(played).values()
    assert difference.kind == "total"
    played.by_hand(Kind.INVOICE, OTHERS["renumbered"])
    stands = played.there(Kind.INVOICE)
    repair(difference, played.cast.acme, played.cast.bo)
    drain(Lane.objects.get(name="sqlaccount").pk)
    is_refused(Attempt.objects.latest("pk"), stands, played)
    assert played.there(Kind.INVOICE) == stands


def test_a_renumbered_invoice_of_a_cancelled_order_is_put_right_with_its_number(
    played: Played,
) -> None:
    played.change(dict.fromkeys("123", Stage.CANCELLED))
    post(played.cast, played.facts, "cancelled")
    played.by_hand(Kind.INVOICE, OTHERS["renumbered"])
    (difference,) = compared(played).values()
    repair(difference, played.cast.acme, played.cast.bo)
    drain(Lane.objects.get(name="sqlaccount").pk)
    after = played.there(Kind.INVOICE)
    assert is_cancelled(after)
    assert after["docno"] == played.number(Kind.INVOICE)
    assert compared(played) == {}


def lost_write(played: Played) -> None:
    """Post, and have the answer to the writing call never come."""
    honest = Client.change

    def lost(client: Client, kind: Kind, key: int, document: dict[str, Any]) -> Record:
        played.sandbox.post("/faults", system="sqlaccount", kind="drop_after", times=1)
        return honest(client, kind, key, document)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Client, "change", lost)
        (attempt,) = posted(played.cast, [played.facts.order_id], f"lost {len(played.writes())}")
    assert attempt.state == State.ASKING, attempt.words


def settled() -> Attempt:
    """The newest attempt, once the books were asked about it."""
    Attempt.objects.filter(state=State.ASKING).update(due_at=timezone.now())
    for _ in range(20):
        drain(Lane.objects.get(name="sqlaccount").pk)
        attempt = Attempt.objects.latest("pk")
        if attempt.state not in (State.ASKING, State.QUEUED):
            return attempt
    raise AssertionError(f"still {attempt.state}: {attempt.words}")
