"""Two people at the same second, two companies with the same order ids: one invoice each."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from crossdock.companies.models import Company, Person
from crossdock.companies.scope import company_scope
from crossdock.orders.models import Order
from crossdock.posting.connect import client_of, connect
from crossdock.posting.mapping import map_equal_codes
from crossdock.posting.models import PostedInvoice, SqlAccount, StoreCodes
from crossdock.posting.reading_codes import read_codes
from crossdock.posting.sqlaccount.documents import Kind
from crossdock.stores.models import Store
from crossdock.sync.pull import look_at
from crossdock.work.batch import start
from crossdock.work.lane import drain
from crossdock.work.models import OPEN, Attempt, Lane, State
from tests.cast import Cast, linked_store
from tests.posting.working import posted
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]
ORDERS = 12


def test_two_people_who_press_post_order_at_the_same_second_post_each_order_once(
    cast: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    sandbox.post("/strict", system="sqlaccount", duplicates="take")
    with company_scope(cast.acme):
        ids = sandbox.orders(ORDERS, status="shipped")
        look_at(store, ids)
        map_equal_codes(cast.acme.pk)
    together = Barrier(2)

    def press(person: Person) -> None:
        try:
            with company_scope(cast.acme):
                keys = list(Order.objects.values_list("pk", flat=True))
                together.wait()
                start(cast.acme, person, "post", form_key=f"by {person.pk}", order_ids=keys)
                while Attempt.objects.filter(state__in=OPEN).exists():
                    for lane in Lane.objects.filter(name="sqlaccount"):
                        drain(lane.pk)
        finally:
            connection.close()

    try:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(press, [cast.alice, cast.bo]))
    finally:
        sandbox.post("/strict", system="sqlaccount", duplicates="refuse")
    with company_scope(cast.acme):
        states = Counter(Attempt.objects.values_list("state", flat=True))
        assert states[State.DONE] == ORDERS
        assert set(states) <= {State.DONE, State.ALREADY}
        assert Order.objects.filter(archived=True).count() == ORDERS
        client = client_of(books)
        held = [len(client.numbered(Kind.INVOICE, order_id)) for order_id in ids]
    assert held == [1] * ORDERS, "the books take duplicates: nobody sent one"
    made = Counter(row["order_id"] for row in sandbox.ledger("invoice_create"))
    assert [made[order_id] for order_id in ids] == [1] * ORDERS


def second_company(cast: Cast, sandbox: RunningSandbox) -> tuple[Store, SqlAccount]:
    """Bolt with the other Lazada shop, and with books of its own."""
    keys = sandbox.identities["sqlaccount"]
    (other,) = keys["others"]
    store = linked_store(cast.bolt, sandbox, shop="lazada-sg")
    with company_scope(cast.bolt):
        books = connect(
            cast.bolt,
            base_url=keys["base_url"],
            access_key=other["access_key"],
            secret_key=other["secret_key"],
        )
        read_codes(books)
        StoreCodes.objects.create(
            company=cast.bolt,
            store=store,
            customer="300-L0001",
            location="KL",
            discount_item="DISCOUNT",
            voucher_item="VOUCHER",
        )
    return store, books


def test_two_companies_with_the_same_order_ids_post_into_their_own_books(
    cast: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    other_store, other_books = second_company(cast, sandbox)
    assert other_books.books_name != books.books_name
    Company.objects.filter(pk=cast.bolt.pk).update(base_currency="SGD")
    ids = sandbox.orders(3, status="shipped")
    sandbox.orders(3, "lazada-sg", status="shipped", order_ids=ids, sku="MUG-BLUE")
    mine, theirs = sandbox.truth(), sandbox.truth("lazada-sg")
    for company, its_store in ((cast.acme, store), (cast.bolt, other_store)):
        with company_scope(company):
            look_at(its_store, ids)
            map_equal_codes(company.pk)
            done = posted(cast, ids, f"of {company.pk}", company=company)
            assert [one.state for one in done] == [State.DONE] * 3, [one.words for one in done]
    for company, its_books, truth in ((cast.acme, books, mine), (cast.bolt, other_books, theirs)):
        with company_scope(company):
            client = client_of(its_books)
            for order_id in ids:
                (kept,) = PostedInvoice.objects.filter(number=order_id)
                (there,) = client.numbered(Kind.INVOICE, order_id)
                assert (
                    Decimal(truth[order_id]["total"]) == kept.total == Decimal(str(there["docamt"]))
                )
                assert there["code"] == "300-L0001"
