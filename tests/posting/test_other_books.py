"""Other books than before: nothing is written into them until a person has said that they are the right ones."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from crossdock.orders.models import Order
from crossdock.posting.automatic import post_what_is_due
from crossdock.posting.connect import check, client_of, connect
from crossdock.posting.models import (
    BooksCode,
    Difference,
    PostedInvoice,
    PostWhen,
    Reconciliation,
    SqlAccount,
)
from crossdock.posting.reading_codes import read_codes
from crossdock.posting.reconcile import reconcile, repair
from crossdock.posting.sqlaccount.client import Client
from crossdock.posting.sqlaccount.documents import Kind
from crossdock.rules.facts import OrderFacts, Stage
from crossdock.rules.invoice import billed_total
from crossdock.stores.models import Store
from crossdock.work.batch import start
from crossdock.work.lane import drain
from crossdock.work.models import Attempt, Lane, State
from tests.cast import Cast
from tests.posting.test_after_posting import acme, changed, invoice_of, of_three, post, take_in
from tests.posting.working import posted
from tests.sandbox.running import RunningSandbox

__all__ = ["acme"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]

FIRST = "Harian Trading Sdn. Bhd. (202001012345)"
LATER = {"name": "Harian 2027 Sdn. Bhd.", "register": "202701000001"}
SHOWN = "Harian 2027 Sdn. Bhd. (202701000001)"
FORM = "/c/acme/posting/books/"


def writes(sandbox: RunningSandbox) -> list[dict[str, Any]]:
    rows = sandbox.get("/ledger?system=sqlaccount")["calls"]
    return [row for row in rows if row["effect"].startswith(("invoice", "credit"))]


def profiles_read(sandbox: RunningSandbox) -> int:
    return int(sandbox.get("/stats")["calls"].get("sqlaccount GET /profile", 0))


def drained() -> None:
    drain(Lane.objects.get(name="sqlaccount").pk)


def entered(sandbox: RunningSandbox, **other: str) -> dict[str, str]:
    """The form of the connection as a person fills it in."""
    keys = sandbox.identities["sqlaccount"]
    return {
        **{name: keys[name] for name in ("base_url", "access_key", "secret_key", "region", "service")},
        "document_date": "created", "post_when": "manual", "include_cancelled": "on",
        "pdf_template": "Sales Invoice 1", **other,
    }  # fmt: skip


def others(sandbox: RunningSandbox) -> dict[str, str]:
    """The keys of the other company."""
    (other,) = sandbox.identities["sqlaccount"]["others"]
    return {name: other[name] for name in ("access_key", "secret_key")}


@pytest.fixture
def invoiced(acme: Cast, books: SqlAccount, store: Store) -> OrderFacts:
    facts = of_three(Stage.SHIPPED)
    take_in(store, facts)
    post(acme, facts, f"first {facts.order_id}")
    return facts


def price_falls(store: Store, facts: OrderFacts) -> OrderFacts:
    later = changed(facts, {"1": Stage.CANCELLED})
    take_in(store, later)
    return later


def test_connecting_other_books_asks_first_with_both_names_and_changes_nothing(
    acme: Cast, invoiced: OrderFacts, sandbox: RunningSandbox, client: Browser
) -> None:
    client.force_login(acme.bo)
    before = SqlAccount.objects.values().get()
    form = entered(sandbox, **others(sandbox))
    page = client.post(FORM, form).content.decode()
    assert "These are other books than before:" in page
    assert f"{FIRST} → Mingguan Trading Sdn. Bhd. (202103067890)" in page
    assert form["secret_key"] not in page, "the secret is not on the page"
    assert SqlAccount.objects.values().get() == before
    assert PostedInvoice.objects.get().document_key is not None
    assert BooksCode.objects.exists()


def test_a_yes_to_other_books_is_a_yes_to_those_that_were_named(
    acme: Cast, invoiced: OrderFacts, sandbox: RunningSandbox, client: Browser
) -> None:
    client.force_login(acme.bo)
    form = entered(sandbox, **others(sandbox), confirmed=SHOWN)
    page = client.post(FORM, form).content.decode()
    assert "These are other books than before:" in page
    assert SqlAccount.objects.get().books_name == "Harian Trading Sdn. Bhd."


def test_the_secret_key_need_not_be_entered_again_with_the_answer(
    acme: Cast, invoiced: OrderFacts, sandbox: RunningSandbox, client: Browser
) -> None:
    client.force_login(acme.bo)
    form = entered(sandbox, **others(sandbox))
    page = client.post(FORM, form).content.decode()
    sealed = re.search(r'name="sealed_secret" value="([^"]+)"', page)
    assert sealed
    confirmed = "Mingguan Trading Sdn. Bhd. (202103067890)"
    assert f'name="confirmed" value="{confirmed}"' in page
    answer = {**form, "secret_key": "", "sealed_secret": sealed[1], "confirmed": confirmed}
    assert client.post(FORM, answer).status_code == 302
    assert SqlAccount.objects.get().books_name == "Mingguan Trading Sdn. Bhd."
    spoiled = {**answer, "sealed_secret": "spoiled", "confirmed": FIRST}
    assert "Enter the secret key again" in client.post(FORM, spoiled).content.decode()


def connect_others(acme: Cast, sandbox: RunningSandbox) -> SqlAccount:
    keys = sandbox.identities["sqlaccount"]
    return connect(
        acme.acme,
        base_url=keys["base_url"],
        **others(sandbox),
        confirmed="Mingguan Trading Sdn. Bhd. (202103067890)",
    )


def test_after_other_books_are_confirmed_no_document_of_theirs_is_taken_for_ours(
    acme: Cast, invoiced: OrderFacts, store: Store, sandbox: RunningSandbox
) -> None:
    """Their document of our key is a wholesale customer's invoice."""
    theirs = connect_others(acme, sandbox)
    books = client_of(theirs)
    key = PostedInvoice.objects.get().document_key
    assert key
    rows = [{"itemcode": "MUG-BLUE", "qty": "1", "unitprice": "1250.00"}]
    made: dict[str, Any] = {"dockey": 0}
    while made["dockey"] < key:
        number = f"IV-{timezone.now():%H%M%S%f}"
        head = {"docno": number, "docdate": "2026-03-02", "code": "300-S0002"}
        made = books.create(Kind.INVOICE, {**head, "sdsdocdetail": rows})
    stands = books.document(Kind.INVOICE, key)
    later = price_falls(store, invoiced)
    seen = len(writes(sandbox))
    post(acme, later, "in the others")
    assert books.document(Kind.INVOICE, key) == stands
    told = [(row["effect"], row["document"]) for row in writes(sandbox)[seen:]]
    assert told == [("invoice_create", later.order_id)], "asked for by number, and made"
    assert Decimal(invoice_of(theirs, later)["docamt"]) == billed_total(later)


def test_books_that_were_set_back_give_a_key_out_again_and_neither_order_loses_by_it(
    acme: Cast, books: SqlAccount, store: Store, invoiced: OrderFacts, sandbox: RunningSandbox
) -> None:
    """A backup was put back: the newest invoices are gone, and their keys are other orders' now."""
    there = client_of(books)
    other = PostedInvoice.objects.get()
    assert other.document_key
    stands = there.document(Kind.INVOICE, other.document_key)
    name, register = FIRST.removesuffix(")").split(" (")
    sandbox.post("/books", company={"name": name, "register": register})
    rows = [{"itemcode": "MUG-BLUE", "qty": "1", "unitprice": "12.50"}]
    made: dict[str, Any] = {"dockey": 0}
    while made["dockey"] < other.document_key - 1:
        head = {
            "docno": f"IV-{timezone.now():%H%M%S%f}",
            "docdate": "2026-03-02",
            "code": "300-S0002",
        }
        made = there.create(Kind.INVOICE, {**head, "sdsdocdetail": rows})
    lost = of_three(Stage.SHIPPED)
    take_in(store, lost)
    post(acme, lost, "lost")
    assert PostedInvoice.objects.get(number=lost.order_id).document_key == other.document_key
    sandbox.post("/books", company=None)
    day = other.day
    run = Reconciliation.objects.create(company=acme.acme, person=acme.bo, since=day, until=day)
    reconcile(run)
    told = {one.number: one.kind for one in run.differences.filter(order__isnull=False)}
    assert told == {lost.order_id: "missing"}
    later = price_falls(store, lost)
    post(acme, later, "again")
    assert Decimal(invoice_of(books, later)["docamt"]) == billed_total(later)
    assert there.document(Kind.INVOICE, other.document_key) == stands


def test_all_that_was_told_by_the_books_before_is_forgotten(
    acme: Cast, invoiced: OrderFacts, store: Store, sandbox: RunningSandbox
) -> None:
    run = Reconciliation.objects.create(
        company=acme.acme, person=acme.bo, since="2026-03-02", until="2026-03-02"
    )
    Difference.objects.create(
        company=acme.acme, reconciliation=run, kind="edited", number=invoiced.order_id,
        order=Order.objects.get(),
    )  # fmt: skip
    books = connect_others(acme, sandbox)
    posted_before = PostedInvoice.objects.get()
    assert posted_before.key_in(books.era) is None
    assert not BooksCode.objects.exists()
    assert not Difference.objects.exists()
    assert (books.codes_read_at, books.codes_newest) == (None, {})
    assert Order.objects.get().archived, "what is posted and unchanged stays archived"
    (again,) = posted(acme, [invoiced.order_id], "again")
    assert again.state == State.ALREADY


def test_a_document_that_the_other_books_hold_is_found_by_number_and_reference_and_updated(
    acme: Cast, invoiced: OrderFacts, store: Store, sandbox: RunningSandbox
) -> None:
    """As in books that were moved, where every key is another."""
    theirs = connect_others(acme, sandbox)
    moved = {
        "docno": invoiced.order_id, "docref1": invoiced.order_id, "docdate": "2026-03-02",
        "code": "300-L0001", "sdsdocdetail": [{"itemcode": "MUG-BLUE", "qty": "1", "unitprice": "5"}],
    }  # fmt: skip
    key = client_of(theirs).create(Kind.INVOICE, moved)["dockey"]
    later = price_falls(store, invoiced)
    seen = len(writes(sandbox))
    post(acme, later, "in the others")
    assert [row["effect"] for row in writes(sandbox)[seen:]] == ["invoice_update"]
    assert invoice_of(theirs, later)["dockey"] == key


def test_new_keys_of_another_database_of_the_same_company_are_not_asked_about_and_forget_the_keys(
    acme: Cast, invoiced: OrderFacts, monkeypatch: pytest.MonkeyPatch, sandbox: RunningSandbox
) -> None:
    """A key names its database before the slash."""
    profile = client_of(SqlAccount.objects.get()).profile()
    monkeypatch.setattr(Client, "profile", lambda _: profile)
    keys = sandbox.identities["sqlaccount"]
    again = connect(
        acme.acme,
        base_url=keys["base_url"],
        access_key=keys["access_key"],
        secret_key=keys["secret_key"],
    )
    assert PostedInvoice.objects.get().key_in(again.era), "the same database"
    moved = connect(acme.acme, base_url=keys["base_url"], **others(sandbox))
    assert PostedInvoice.objects.get().key_in(moved.era) is None


@pytest.mark.parametrize("by_hand", [True, False], ids=["by hand", "automatic"])
def test_books_that_change_by_themselves_stop_every_run_in_words_until_they_are_back(
    acme: Cast, invoiced: OrderFacts, store: Store, sandbox: RunningSandbox, by_hand: bool
) -> None:
    fresh = [of_three(Stage.SHIPPED) for _ in range(9)]
    for one in fresh:
        take_in(store, one)
    later = price_falls(store, invoiced)
    ids = [later.order_id, *(one.order_id for one in fresh)]
    sandbox.post("/books", company=LATER)
    asked, seen = profiles_read(sandbox), writes(sandbox)
    if by_hand:
        posted(acme, ids, "stopped")
    else:
        SqlAccount.objects.update(post_when=PostWhen.SHIPPED)
        assert post_what_is_due(acme.acme, SqlAccount.objects.get()) == len(ids)
        drained()
    stopped = Attempt.objects.filter(state=State.WAITING)
    assert stopped.count() == len(ids)
    assert {f"Other books answer than before: {FIRST} → {SHOWN}." in one.words for one in stopped}
    assert all("Posting, Connection" in one.words for one in stopped)
    assert writes(sandbox) == seen
    assert profiles_read(sandbox) - asked <= 2, "asked once a run and thread, not for every order"
    stopped.update(state=State.QUEUED, due_at=timezone.now())
    drained()
    assert Attempt.objects.filter(state=State.WAITING).count() == len(ids)
    assert writes(sandbox) == seen, "tried again, stopped again"
    sandbox.post("/books", company=None)
    SqlAccount.objects.update(compared_at=None)
    Attempt.objects.filter(state=State.WAITING).update(state=State.QUEUED, due_at=timezone.now())
    drained()
    assert not Attempt.objects.exclude(state=State.DONE).exists()
    assert SqlAccount.objects.get().trouble == ""


def test_a_run_begun_after_the_books_changed_notices_however_lately_they_were_compared(
    acme: Cast, invoiced: OrderFacts, store: Store, sandbox: RunningSandbox
) -> None:
    later = price_falls(store, invoiced)
    SqlAccount.objects.update(compared_at=timezone.now())
    sandbox.post("/books", company=LATER)
    (attempt,) = posted(acme, [later.order_id], "again")
    assert attempt.state == State.WAITING


def test_books_that_change_in_the_middle_of_a_run_are_noticed_at_the_first_strange_document(
    acme: Cast, invoiced: OrderFacts, store: Store, sandbox: RunningSandbox
) -> None:
    price_falls(store, invoiced)
    sandbox.post("/books", company=LATER)
    keys = PostedInvoice.objects.get().document_key
    theirs = client_of(SqlAccount.objects.get())
    rows = [{"itemcode": "MUG-BLUE", "qty": "1", "unitprice": "1"}]
    made: dict[str, Any] = {"dockey": 0}
    while made["dockey"] < (keys or 0):
        head = {"docno": f"IV-{made['dockey']}", "docdate": "2026-03-02", "code": "300-S0002"}
        made = theirs.create(Kind.INVOICE, {**head, "sdsdocdetail": rows})
    order = Order.objects.get()
    batch = start(acme.acme, acme.bo, "post", form_key="in time", order_ids=[order.pk])
    SqlAccount.objects.update(compared_at=timezone.now())
    drained()
    attempt = Attempt.objects.get(batch=batch)
    assert attempt.state == State.WAITING, attempt.words
    assert "Other books answer" in attempt.words


def test_the_form_says_that_other_books_answer_and_a_yes_lets_the_queue_go_on(
    acme: Cast, invoiced: OrderFacts, store: Store, sandbox: RunningSandbox, client: Browser
) -> None:
    client.force_login(acme.bo)
    later = price_falls(store, invoiced)
    sandbox.post("/books", company=LATER)
    (attempt,) = posted(acme, [later.order_id], "again")
    assert attempt.state == State.WAITING
    page = client.get(FORM).content.decode()
    assert f"{FIRST} → {SHOWN}" in page
    assert f'name="confirmed" value="{SHOWN}"' in page
    assert "Other books answer than before" in client.get("/c/acme/posting/").content.decode()
    unasked = client.post(FORM, entered(sandbox, secret_key="")).content.decode()
    assert "These are other books than before:" in unasked, "Connect alone is no yes"
    client.post(FORM, entered(sandbox, secret_key="", confirmed=SHOWN))
    read_codes(SqlAccount.objects.get())
    drained()
    attempt.refresh_from_db()
    assert attempt.state == State.DONE, attempt.words
    held = invoice_of(SqlAccount.objects.get(), later)
    assert Decimal(held["docamt"]) == billed_total(later)
    assert "Other books" not in client.get(FORM).content.decode()


def test_a_lost_answer_is_not_asked_about_in_other_books(
    acme: Cast, invoiced: OrderFacts, store: Store, sandbox: RunningSandbox
) -> None:
    fresh = of_three(Stage.SHIPPED)
    take_in(store, fresh)
    honest = Client.create

    def lost(client: Client, kind: Kind, document: dict[str, Any]) -> Any:
        sandbox.post("/faults", system="sqlaccount", kind="drop_after", times=1)
        return honest(client, kind, document)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Client, "create", lost)
        (attempt,) = posted(acme, [fresh.order_id], "lost")
    assert attempt.state == State.ASKING, attempt.words
    sandbox.post("/books", company=LATER)
    SqlAccount.objects.update(compared_at=None)
    seen = writes(sandbox)
    for _ in range(3):
        Attempt.objects.filter(pk=attempt.pk).update(due_at=timezone.now())
        drained()
    attempt.refresh_from_db()
    assert attempt.state == State.ASKING, "they know nothing of it"
    assert writes(sandbox) == seen
    sandbox.post("/books", company=None)
    SqlAccount.objects.update(compared_at=None)
    Attempt.objects.filter(pk=attempt.pk).update(due_at=timezone.now())
    drained()
    attempt.refresh_from_db()
    assert attempt.state == State.DONE
    assert writes(sandbox) == seen


def test_what_was_made_ready_for_the_books_before_is_made_ready_anew(
    acme: Cast, invoiced: OrderFacts, store: Store, sandbox: RunningSandbox
) -> None:
    """Somebody confirms other books between the writing down and the call."""
    from crossdock.posting.post_order import PostOrder

    later = price_falls(store, invoiced)
    honest = PostOrder.call
    calls = []

    def late(action: PostOrder, attempts: Any) -> Any:
        if not calls:
            connect_others(acme, sandbox)
        calls.append(attempts)
        return honest(action, attempts)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(PostOrder, "call", late)
        (attempt,) = posted(acme, [later.order_id], "again")
    assert attempt.state == State.DONE, attempt.words
    assert attempt.sent["era"] == SqlAccount.objects.get().era
    assert attempt.tries == 1
    assert invoice_of(SqlAccount.objects.get(), later)


def test_testing_the_connection_tells_other_books_and_never_takes_them_silently(
    acme: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox, client: Browser
) -> None:
    client.force_login(acme.bo)
    sandbox.post("/books", company=LATER)
    answer = client.post("/c/acme/posting/test/", follow=True).content.decode()
    assert f"{FIRST} → {SHOWN}" in answer
    assert SqlAccount.objects.get().books_name == "Harian Trading Sdn. Bhd."
    facts = of_three()
    take_in(store, facts)
    (attempt,) = posted(acme, [facts.order_id], "stopped")
    assert attempt.state == State.WAITING
    sandbox.post("/books", company=None)
    assert check(SqlAccount.objects.get()).trouble == ""
    drained()
    attempt.refresh_from_db()
    assert attempt.state == State.DONE, "once they are back, what waited goes on at once"


def test_codes_are_not_read_from_other_books_and_comparisons_end_in_words(
    acme: Cast, invoiced: OrderFacts, sandbox: RunningSandbox
) -> None:
    known = BooksCode.objects.count()
    sandbox.post("/books", company=LATER)
    assert read_codes(SqlAccount.objects.get()) == 0
    assert BooksCode.objects.count() == known
    run = Reconciliation.objects.create(
        company=acme.acme, person=acme.bo, since="2026-03-02", until="2026-03-02"
    )
    reconcile(run)
    assert f"{FIRST} → {SHOWN}" in run.error
    assert not Difference.objects.exists()


def test_what_the_other_books_do_not_hold_is_told_by_reconcile_and_put_there_by_post_again(
    acme: Cast, invoiced: OrderFacts, sandbox: RunningSandbox
) -> None:
    books = connect_others(acme, sandbox)
    read_codes(books)
    day = PostedInvoice.objects.get().day
    run = Reconciliation.objects.create(company=acme.acme, person=acme.bo, since=day, until=day)
    reconcile(run)
    (difference,) = run.differences.filter(order__isnull=False)
    assert difference.kind == "missing"
    repair(difference, acme.acme, acme.bo)
    drained()
    assert Decimal(invoice_of(books, invoiced)["docamt"]) == billed_total(invoiced)
    assert Order.objects.get().archived


def test_orders_from_before_the_other_books_begin_are_not_posted_into_them(
    acme: Cast, invoiced: OrderFacts, store: Store, sandbox: RunningSandbox
) -> None:
    connect_others(acme, sandbox)
    SqlAccount.objects.update(conversion_date="2026-06-01")
    later = price_falls(store, invoiced)
    seen = writes(sandbox)
    (attempt,) = posted(acme, [later.order_id], "again")
    assert attempt.state == State.REFUSED
    assert "belongs to the books before" in attempt.words
    assert writes(sandbox) == seen


def test_books_whose_register_number_was_not_known_before_are_not_others(
    acme: Cast, invoiced: OrderFacts, store: Store, sandbox: RunningSandbox
) -> None:
    """They were connected before it was kept."""
    SqlAccount.objects.update(register="", compared_at=None)
    post(acme, price_falls(store, invoiced), "again")
    assert SqlAccount.objects.get().register == "202001012345"


def test_a_demo_that_is_started_again_leaves_the_books_as_they_were_connected(
    acme: Cast, invoiced: OrderFacts, sandbox: RunningSandbox
) -> None:
    from crossdock.ops import demo

    keys = sandbox.identities["sqlaccount"]
    for _ in range(2):
        demo._books(acme.acme, keys)
        assert SqlAccount.objects.get().books_name == "Harian Trading Sdn. Bhd."
        sandbox.post("/books", company=LATER)
    connect_others(acme, sandbox)
    demo._books(acme.acme, keys)
    assert SqlAccount.objects.get().books_name == "Mingguan Trading Sdn. Bhd."


def test_refused_keys_are_tried_once_and_not_for_every_order(
    acme: Cast, invoiced: OrderFacts, store: Store, sandbox: RunningSandbox
) -> None:
    fresh = [of_three(Stage.SHIPPED) for _ in range(12)]
    for one in fresh:
        take_in(store, one)
    SqlAccount.objects.update(secret_key_sealed=_sealed("wrong"))
    refused = sandbox.get("/stats")["rejected_signatures"]
    attempts = posted(acme, [one.order_id for one in fresh], "refused")
    assert {one.state for one in attempts} == {State.WAITING}
    assert sandbox.get("/stats")["rejected_signatures"] - refused <= 2
    assert "refuses the access key" in SqlAccount.objects.get().trouble
    keys = sandbox.identities["sqlaccount"]
    connect(
        acme.acme,
        base_url=keys["base_url"],
        access_key=keys["access_key"],
        secret_key=keys["secret_key"],
    )
    drained()
    assert not Attempt.objects.exclude(state=State.DONE).exists(), "good keys wake them at once"


def _sealed(secret: str) -> bytes:
    from crossdock.companies.sealing import seal

    return seal(secret)
