"""Posting, against the sandbox's SQL Account: exactly once, to the cent, and refused by name."""

from __future__ import annotations

import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F

from crossdock.companies.scope import company_scope
from crossdock.orders.models import Order
from crossdock.posting.connect import NotConnected, client_of, connect
from crossdock.posting.mapping import map_equal_codes
from crossdock.posting.models import PostedInvoice, SqlAccount
from crossdock.posting.sqlaccount.documents import Kind
from crossdock.posting.status import PostingStatus, posting_status
from crossdock.stores.models import Store
from crossdock.sync.pull import look_at
from crossdock.work.lane import drain
from crossdock.work.models import Attempt, Batch, Lane, State
from tests.cast import Cast
from tests.posting.working import posted
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]


def shipped(store: Store, sandbox: RunningSandbox, count: int = 1, **more: object) -> list[str]:
    ids = sandbox.orders(count, status="shipped", **more)
    look_at(store, ids)
    map_equal_codes(store.company_id)
    return ids


def test_invoices_carry_the_orders_numbers_and_totals_to_the_cent(
    cast: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    with company_scope(cast.acme):
        ids = shipped(store, sandbox, 12)
        attempts = posted(cast, ids, "one")
        assert {attempt.state for attempt in attempts} == {State.DONE}, [
            attempt.words for attempt in attempts
        ]
        truth = sandbox.truth()
        invoices = {one.number: one.total for one in PostedInvoice.objects.all()}
        assert invoices == {order_id: Decimal(truth[order_id]["total"]) for order_id in ids}
        assert set(Order.objects.values_list("archived", flat=True)) == {True}


def test_posting_again_an_unchanged_order_is_already_done(
    cast: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    with company_scope(cast.acme):
        ids = shipped(store, sandbox)
        posted(cast, ids, "one")
        (again,) = posted(cast, ids, "two")
        assert (again.state, again.words) == (State.ALREADY, "Posted already, and unchanged since.")
    assert [row for row in sandbox.ledger("invoice_create") if row["order_id"] == ids[0]][1:] == []


def test_a_changed_order_comes_back_and_updates_the_same_invoice(
    cast: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    with company_scope(cast.acme):
        ids = shipped(store, sandbox, lines=2)
        posted(cast, ids, "one")
        sandbox.event(ids[0], "update_price")
        look_at(store, ids)
        assert not Order.objects.get().archived
        (again,) = posted(cast, ids, "two")
        assert again.state == State.DONE, again.words
        assert PostedInvoice.objects.get().total == Decimal(sandbox.truth()[ids[0]]["total"])
    effects = [
        row["effect"]
        for row in sandbox.get("/ledger?system=sqlaccount")["calls"]
        if row["order_id"] == ids[0]
    ]
    assert effects == ["invoice_create", "invoice_update"]


def test_answers_that_never_came_are_settled_by_asking(
    cast: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox, settings: Any
) -> None:
    settings.WORK_TIMES = {"ask_first": 0.1}
    with company_scope(cast.acme):
        ids = shipped(store, sandbox, 4)
        sandbox.post(
            "/faults", system="sqlaccount", path="/salesinvoice", kind="drop_after", probability=0.4
        )
        posted(cast, ids, "one")
        deadline = time.monotonic() + 120
        while Attempt.objects.exclude(state=State.DONE).exists():
            assert time.monotonic() < deadline, Attempt.objects.values_list("state", "words")
            minute = timedelta(minutes=1)
            Attempt.objects.update(due_at=F("due_at") - minute, sent_at=F("sent_at") - minute)
            drain(Lane.objects.get(name="sqlaccount").pk)
    created = [row["order_id"] for row in sandbox.ledger("invoice_create")]
    assert [created.count(order_id) for order_id in ids] == [1, 1, 1, 1]


def test_an_unmapped_sku_is_refused_by_name_and_the_icon_turns_red(
    cast: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    with company_scope(cast.acme):
        ids = shipped(store, sandbox, sku="IMP-FAN-MINI")
        (attempt,) = posted(cast, ids, "one")
        assert attempt.state == State.REFUSED
        assert "IMP-FAN-MINI" in attempt.words
        assert posting_status() is PostingStatus.FAILED


def test_a_number_that_somebody_elses_invoice_carries_is_refused(
    cast: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:

    with company_scope(cast.acme):
        ids = shipped(store, sandbox)
        client_of(books).create(
            Kind.INVOICE,
            {"docno": ids[0], "docdate": "2026-03-02", "code": "300-L0001", "docref1": "somebody else",
             "sdsdocdetail": [{"itemcode": "MUG-BLUE", "qty": "1", "unitprice": "1.00"}]}
        )  # fmt: skip
        (attempt,) = posted(cast, ids, "one")
        assert attempt.state == State.REFUSED
        assert "is not this order's" in attempt.words
        assert "customer 300-L0001, total 1.00, reference somebody else" in attempt.words


def test_wrong_keys_are_refused_in_sql_accounts_words(cast: Cast, sandbox: RunningSandbox) -> None:
    keys = sandbox.identities["sqlaccount"]
    with company_scope(cast.acme), pytest.raises(NotConnected, match="Invalid signature"):
        connect(
            cast.acme, base_url=keys["base_url"], access_key=keys["access_key"], secret_key="wrong"
        )


def test_an_access_key_serves_one_company_of_an_installation(
    cast: Cast, books: SqlAccount, sandbox: RunningSandbox
) -> None:
    keys = sandbox.identities["sqlaccount"]
    with company_scope(cast.bolt), pytest.raises(NotConnected, match="already in use") as refusal:
        connect(
            cast.bolt,
            base_url=keys["base_url"],
            access_key=keys["access_key"],
            secret_key=keys["secret_key"],
        )
    assert "Acme" not in str(refusal.value)


def test_a_double_click_starts_one_run(
    cast: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    with company_scope(cast.acme):
        ids = shipped(store, sandbox)
        posted(cast, ids, "same")
        posted(cast, ids, "same")
        assert Batch.objects.count() == 1
