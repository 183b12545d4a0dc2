"""An order whose money or goods could not be read whole is never posted, from whichever door; a good
reading brings it back by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crossdock.companies.scope import company_scope
from crossdock.orders.models import Order
from crossdock.posting.automatic import post_what_is_due
from crossdock.posting.forecast import forecast
from crossdock.posting.mapping import map_equal_codes
from crossdock.posting.models import (
    Difference,
    PostedInvoice,
    PostWhen,
    Reconciliation,
    SqlAccount,
    StoreCodes,
)
from crossdock.posting.reconcile import repair
from crossdock.posting.status import PostingStatus, posting_status
from crossdock.stores.models import Store
from crossdock.sync.look import try_again
from crossdock.sync.models import Unread
from crossdock.sync.pull import look_at
from crossdock.sync.unread import note_orders_not_whole
from crossdock.work.lane import drain
from crossdock.work.models import Attempt, Batch, Lane, State
from tests.cast import Cast, linked_store
from tests.posting.working import posted
from tests.sandbox.lazada_client import LazadaClient
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]

WORDS = "item_price is no amount: '1,299.00'"


@pytest.fixture
def acme(cast: Cast) -> Iterator[Cast]:
    with company_scope(cast.acme):
        yield cast


def tells(sandbox: RunningSandbox, order_id: str, **changes: Any) -> None:
    """Have Lazada tell the order's first item otherwise, until the faults are lifted."""
    first, *others = LazadaClient(sandbox).items(order_id)
    number = int(order_id)
    told = {
        "order_id": number,
        "order_number": number,
        "order_items": [{**first, **changes}, *others],
    }
    sandbox.post(
        "/faults", system="lazada", kind="answer", path="/orders/items/get", order=order_id,
        body={"code": "0", "request_id": "1", "data": [told]},
    )  # fmt: skip


def well_again(sandbox: RunningSandbox) -> None:
    sandbox.control.delete("/faults").raise_for_status()


def in_books(sandbox: RunningSandbox, order_id: str) -> list[str]:
    """What was tried in the books for an order."""
    rows = sandbox.get("/ledger?system=sqlaccount")["calls"]
    return [row["effect"] for row in rows if row["order_id"] == order_id]


def drained() -> None:
    for lane in Lane.objects.filter(name="sqlaccount"):
        drain(lane.pk)


def last_attempt(order_id: str) -> Attempt:
    return Attempt.objects.filter(order__channel_order_id=order_id, action="post").latest("pk")


def delivered(store: Store, sandbox: RunningSandbox, **more: Any) -> str:
    (order_id,) = sandbox.orders(1, status="delivered", lines=2, **more)
    look_at(store, [order_id])
    map_equal_codes(store.company_id)
    return order_id


def test_an_order_with_a_price_that_is_no_number_is_refused_in_its_own_words(
    acme: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    order_id = delivered(store, sandbox, fields={"item_price": "1,299.00", "price": "1,299.00"})
    (attempt,) = posted(acme, [order_id], "by hand")
    assert attempt.state == State.REFUSED
    assert WORDS in attempt.words
    assert in_books(sandbox, order_id) == []
    assert not PostedInvoice.objects.exists()
    assert posting_status() is PostingStatus.FAILED
    told = forecast(acme.acme, Order.objects.all())
    assert told.going == 0
    assert told.skipped == [("could not be read whole: its money or its items", 1)]


def by_hand(acme: Cast, order_id: str, books: SqlAccount) -> None:
    posted(acme, [order_id], f"again {timezone.now():%M%S%f}")


def by_itself(acme: Cast, order_id: str, books: SqlAccount) -> None:
    for run in Batch.objects.all():  # it looks once a minute: the last look was in another one
        Batch.objects.filter(pk=run.pk).update(form_key=f"earlier {run.pk}")
    books.post_when = PostWhen.DELIVERED
    post_what_is_due(acme.acme, books)
    drained()


def by_reconcile(acme: Cast, order_id: str, books: SqlAccount) -> None:
    run = Reconciliation.objects.create(
        company=acme.acme, person=acme.bo, since=timezone.now(), until=timezone.now()
    )
    differs = Difference.objects.create(
        company=acme.acme, reconciliation=run, kind=Difference.Kind.TOTAL, number=order_id,
        order=Order.objects.get(channel_order_id=order_id),
    )  # fmt: skip
    assert repair(differs, acme.acme, acme.bo)
    drained()


DOORS = [by_hand, by_itself, by_reconcile]
Door = Callable[[Cast, str, SqlAccount], None]


@pytest.mark.parametrize("door", DOORS)
def test_an_invoice_is_not_brought_up_to_date_with_what_could_not_be_read(
    acme: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox, door: Door
) -> None:
    order_id = delivered(store, sandbox)
    posted(acme, [order_id], "first")
    total = PostedInvoice.objects.get().total
    tells(sandbox, order_id, item_price=None)
    look_at(store, [order_id])
    door(acme, order_id, books)
    attempt = last_attempt(order_id)
    assert (attempt.state, "item_price is missing" in attempt.words) == (State.REFUSED, True)
    assert in_books(sandbox, order_id) == ["invoice_create"]
    assert PostedInvoice.objects.get().total == total
    well_again(sandbox)
    look_at(store, [order_id])
    door(acme, order_id, books)
    assert in_books(sandbox, order_id) == ["invoice_create"]
    assert Order.objects.get().archived


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"item_price": "1,299.00"}, WORDS),
        ({"item_price": -5}, "item_price is negative"),
        ({"voucher_seller": "RM 2"}, "voucher_seller is no amount"),
        ({"currency": "RM"}, "the currency is not clear: RM, MYR"),
        ({"order_item_id": None}, "item 1 has no order_item_id"),
        ({"status": "teleported"}, "Lazada's word 'teleported'"),
        ({"status": "INFO_ST_DOMESTIC_NEVER_HEARD_OF"}, "is not known"),
    ],
    ids=lambda one: next(iter(one)) if isinstance(one, dict) else "",
)
def test_posting_by_itself_waits_for_a_good_reading_and_then_posts(
    acme: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox,
    changes: dict[str, Any], words: str,
) -> None:  # fmt: skip
    (order_id,) = sandbox.orders(1, status="delivered", lines=2)
    tells(sandbox, order_id, **changes)
    pull_anew(store, order_id)
    map_equal_codes(acme.acme.pk)
    by_itself(acme, order_id, books)
    attempt = last_attempt(order_id)
    assert attempt.state == State.REFUSED
    assert words in attempt.words
    assert in_books(sandbox, order_id) == []
    assert post_what_is_due(acme.acme, books) == 0  # nothing was learnt since
    well_again(sandbox)
    Unread.objects.update(next_at=timezone.now())
    try_again(store)
    assert Order.objects.get().problem == ""
    by_itself(acme, order_id, books)
    assert last_attempt(order_id).state == State.DONE
    assert PostedInvoice.objects.get().total == Decimal(sandbox.truth()[order_id]["total"])


def pull_anew(store: Store, order_id: str) -> None:
    """Read it as the sync does, so that what could not be read is set aside to be tried again."""
    Unread.objects.create(
        company_id=store.company_id, store=store, order_id=order_id, words="", tries=0,
        last_at=timezone.now(), next_at=timezone.now(),
    )  # fmt: skip
    try_again(store)
    assert Unread.objects.get().tries == 1


def test_goods_on_the_couriers_way_back_are_left_out_of_the_invoice(
    acme: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    back = {"order_items.1.status": "INFO_ST_DOMESTIC_BACK_TO_SHIPPER"}
    order_id = delivered(store, sandbox, fields=back)
    posted(acme, [order_id], "one")
    first = LazadaClient(sandbox).items(order_id)[0]
    price = Decimal(str(first["item_price"])) - Decimal(str(first["voucher_seller"]))
    assert PostedInvoice.objects.get().total == price


def test_a_row_that_an_older_release_wrote_is_taken_for_money_until_it_is_read_again(
    acme: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    order_id = delivered(store, sandbox)
    Order.objects.update(problem="item_price is no amount: 'free'", problems=[])
    (attempt,) = posted(acme, [order_id], "one")
    assert attempt.state == State.REFUSED
    assert "'free'" in attempt.words
    assert forecast(acme.acme, Order.objects.all()).going == 0
    note_orders_not_whole(store)
    try_again(store)
    assert not Order.objects.filter(~Q(problem="")).exists()
    (attempt,) = posted(acme, [order_id], "two")
    assert attempt.state == State.DONE


def test_a_shopee_order_whose_escrow_is_kept_back_waits_for_it(
    acme: Cast, books: SqlAccount, sandbox: RunningSandbox
) -> None:
    shop = linked_store(acme.acme, sandbox, "shopee-my")
    StoreCodes.objects.create(
        company=acme.acme, store=shop, customer="300-L0001", default_item="DISCOUNT"
    )
    sandbox.post(
        "/faults", system="shopee", kind="refuse", path="/payment/get_escrow_detail_batch",
        code="error_permission", message="No permission.",
    )  # fmt: skip
    sandbox.post(
        "/faults", system="shopee", kind="refuse", path="/payment/get_escrow_detail",
        code="error_permission", message="No permission.",
    )  # fmt: skip
    (order_id,) = sandbox.orders(1, "shopee-my", status="COMPLETED")
    look_at(shop, [order_id])
    map_equal_codes(acme.acme.pk)
    (attempt,) = posted(acme, [order_id], "one")
    assert attempt.state == State.REFUSED
    assert "vouchers are not known" in attempt.words
    assert "v2.payment.get_escrow_detail" in attempt.words
    well_again(sandbox)
    look_at(shop, [order_id])
    (attempt,) = posted(acme, [order_id], "two")
    assert attempt.state == State.DONE, attempt.words


def test_the_preview_says_why_it_is_not_to_be_posted(
    acme: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox, client: Client
) -> None:
    order_id = delivered(store, sandbox, fields={"item_price": "1,299.00"})
    client.force_login(acme.bo)
    page = client.get(reverse("posting:preview", args=["acme", Order.objects.get().pk]))
    assert order_id in page.content.decode()
    assert "Not to be posted now: it could not be read whole" in page.content.decode()
