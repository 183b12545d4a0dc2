"""With fees posted, the invoice is what the channel pays out: known later, or moved, it is brought up to date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from crossdock.companies.scope import company_scope
from crossdock.orders.models import Order
from crossdock.posting.connect import client_of
from crossdock.posting.mapping import map_equal_codes
from crossdock.posting.models import OrderSettlement, PostedInvoice, SqlAccount, StoreCodes
from crossdock.posting.settlements import due, read_settlements
from crossdock.posting.sqlaccount.answers import Record
from crossdock.posting.sqlaccount.documents import Kind
from crossdock.stores.models import Store
from crossdock.sync.pull import look_at
from crossdock.work.models import State
from tests.cast import Cast
from tests.posting.working import posted
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]


@pytest.fixture
def with_fees(cast: Cast, books: SqlAccount) -> Iterator[SqlAccount]:
    """Acme's books, on which fees are posted."""
    with company_scope(cast.acme):
        StoreCodes.objects.update(shipping_item="SHIPPING", transaction_item="TRANSACTION")
        SqlAccount.objects.update(fees_since=timezone.now())
        yield SqlAccount.objects.select_related("company").get()


def completed(sandbox: RunningSandbox, store: Store, count: int = 1) -> list[str]:
    ids = sandbox.orders(count, status="confirmed")
    look_at(store, ids)
    map_equal_codes(store.company_id)
    return ids


def held(books: SqlAccount, order_id: str) -> Record:
    client = client_of(books)
    (row,) = client.numbered(
        Kind.INVOICE, PostedInvoice.objects.get(order__channel_order_id=order_id).number
    )
    return client.document(Kind.INVOICE, int(row["dockey"]))


def test_the_total_is_what_the_channel_pays_and_each_fee_is_a_line(
    cast: Cast, with_fees: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    (order_id,) = completed(sandbox, store)
    assert [one.channel_order_id for one in due(with_fees)] == [order_id]
    assert read_settlements(with_fees) == 0, "nothing was posted that could come back"
    (attempt,) = posted(cast, [order_id], "one")
    assert attempt.state == State.DONE, attempt.words
    told = OrderSettlement.objects.get()
    invoice = held(with_fees, order_id)
    assert told.fees
    assert Decimal(invoice["docamt"]) == told.amount.quantize(Decimal("0.01"))
    lines = [
        row["description"] for row in invoice["sdsdocdetail"] if row["itemcode"] == "TRANSACTION"
    ]
    assert lines == [name for name, _ in told.fees]
    assert PostedInvoice.objects.get().with_fees


def test_what_was_posted_before_the_channel_told_comes_back_and_updates_the_same_invoice(
    cast: Cast, with_fees: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    (order_id,) = completed(sandbox, store)
    posted(cast, [order_id], "one")
    before = held(with_fees, order_id)
    assert Decimal(before["docamt"]) == Order.objects.get().billed_total
    assert read_settlements(with_fees) == 1
    assert not Order.objects.get().archived
    (attempt,) = posted(cast, [order_id], "two")
    assert attempt.state == State.DONE, attempt.words
    after = held(with_fees, order_id)
    assert after["dockey"] == before["dockey"]
    assert Decimal(after["docamt"]) == OrderSettlement.objects.get().amount
    assert Order.objects.get().archived


def test_the_same_settlement_read_again_brings_nothing_back(
    cast: Cast, with_fees: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    (order_id,) = completed(sandbox, store)
    read_settlements(with_fees)
    posted(cast, [order_id], "one")
    OrderSettlement.objects.update(is_final=False, read_at=timezone.now() - timedelta(hours=7))
    assert due(with_fees).count() == 1
    assert read_settlements(with_fees) == 0
    assert Order.objects.get().archived


def test_an_estimate_that_moved_brings_the_order_back(
    cast: Cast, with_fees: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    (order_id,) = completed(sandbox, store)
    read_settlements(with_fees)
    posted(cast, [order_id], "one")
    told = OrderSettlement.objects.get()
    name, amount = told.fees[0]
    told.fees[0] = [name, str(Decimal(amount) - 1)]
    told.amount, told.is_final, told.read_at = (
        told.amount - 1,
        False,
        timezone.now() - timedelta(hours=7),
    )
    told.save()
    assert read_settlements(with_fees) == 1
    assert not Order.objects.get().archived


def test_invoices_from_before_fees_were_to_be_posted_stay_as_they_are(
    cast: Cast, with_fees: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    (order_id,) = completed(sandbox, store)
    SqlAccount.objects.update(fees_since=None)
    posted(cast, [order_id], "one")
    SqlAccount.objects.update(fees_since=timezone.now())
    assert read_settlements(SqlAccount.objects.select_related("company").get()) == 0
    assert Order.objects.get().archived


def test_a_store_whose_channel_fails_is_asked_again_and_spoils_nothing(
    cast: Cast, with_fees: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    completed(sandbox, store)
    path = "/finance/transaction/details/get"
    sandbox.post("/faults", system="lazada", kind="drop_before", times=5, path=path)
    assert read_settlements(with_fees) == 0
    assert due(with_fees).count() == 1
    sandbox.control.delete("/faults").raise_for_status()
    read_settlements(with_fees)
    assert OrderSettlement.objects.get().is_known


def test_fees_are_switched_on_with_the_keys_at_hand(
    cast: Cast, books: SqlAccount, client: Client
) -> None:
    client.force_login(cast.bo)
    page = client.get("/c/acme/posting/books/").content.decode()
    assert 'name="post_fees"' in page
    given = {
        "base_url": books.base_url, "access_key": books.access_key, "secret_key": "",
        "region": books.region, "service": books.service, "document_date": "created",
        "post_when": "manual", "pdf_template": "Sales Invoice 8 (SST 1)", "post_fees": "on",
    }  # fmt: skip
    assert client.post("/c/acme/posting/books/", given).status_code == 302
    with company_scope(cast.acme):
        since = SqlAccount.objects.get().fees_since
        assert since is not None
    client.post("/c/acme/posting/books/", given)
    with company_scope(cast.acme):
        assert SqlAccount.objects.get().fees_since == since, "switched on before already"
    client.post("/c/acme/posting/books/", {**given, "post_fees": ""})
    with company_scope(cast.acme):
        assert SqlAccount.objects.get().fees_since is None
