"""What differs between our postings and the books, the forecast before a run, and posting by itself."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from crossdock.orders.models import Order
from crossdock.posting.automatic import post_what_is_due
from crossdock.posting.connect import client_of
from crossdock.posting.forecast import forecast
from crossdock.posting.models import (
    Difference,
    PostedInvoice,
    PostWhen,
    Reconciliation,
    SkuCode,
    SqlAccount,
)
from crossdock.posting.reconcile import reconcile, repair
from crossdock.posting.sqlaccount.documents import Kind, cancellation, is_cancelled
from crossdock.rules.facts import Stage
from crossdock.rules.invoice import billed_total
from crossdock.stores.models import Store
from crossdock.work.lane import drain
from crossdock.work.models import Attempt, Batch, Lane, State
from tests.cast import Cast
from tests.posting.test_after_posting import acme, invoice_of, of_three, post, take_in
from tests.sandbox.running import RunningSandbox

__all__ = ["acme"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]


def compared(cast: Cast, day: date) -> dict[str, str]:
    """Number → what differs, over that day and its neighbours."""
    run = Reconciliation.objects.create(
        company=cast.acme,
        person=cast.bo,
        since=day - timedelta(days=1),
        until=day + timedelta(days=1),
    )
    reconcile(run)
    assert run.finished_at
    assert run.error == ""
    return {one.number: one.kind for one in run.differences.all()}


def test_every_kind_of_difference_is_found_and_posting_again_repairs_it(
    acme: Cast, books: SqlAccount, store: Store
) -> None:
    facts = [of_three() for _ in range(5)]
    for one in facts:
        take_in(store, one)
        post(acme, one, f"first-{one.order_id}")
    day = PostedInvoice.objects.earliest("pk").day
    assert day is not None
    ours = {one.order_id for one in facts}
    assert ours.isdisjoint(compared(acme, day))

    client = client_of(books)
    _, gone, dead, dear, edited = facts
    client._write("DELETE", f"/salesinvoice/{invoice_of(books, gone)['dockey']}", {})
    held = invoice_of(books, dead)
    client.change(Kind.INVOICE, held["dockey"], cancellation(held))
    held = invoice_of(books, dear)
    row = {"dtlkey": held["sdsdocdetail"][0]["dtlkey"], "unitprice": "99.00"}
    client.change(Kind.INVOICE, held["dockey"], {"updatecount": 1, "sdsdocdetail": [row]})
    held = invoice_of(books, edited)
    client.change(Kind.INVOICE, held["dockey"], {"updatecount": 1, "description": "Checked"})
    extra = f"X{dear.order_id}"[:20]
    client.create(Kind.INVOICE, {
        "docno": extra, "docdate": day.isoformat(), "code": "300-L0001",
        "sdsdocdetail": [{"itemcode": "MUG-BLUE", "qty": "1", "unitprice": "1.00"}],
    })  # fmt: skip

    found = compared(acme, day)
    assert {number: kind for number, kind in found.items() if number in ours or number == extra} == {
        gone.order_id: "missing", dead.order_id: "cancelled", dear.order_id: "total",
        edited.order_id: "edited", extra: "extra",
    }  # fmt: skip
    for difference in Difference.objects.filter(number__in=ours):
        assert repair(difference, acme.acme, acme.bo) is not None
    for lane in Lane.objects.filter(name="sqlaccount"):
        drain(lane.pk)
    assert not Attempt.objects.exclude(state=State.DONE).exists()
    assert ours.isdisjoint(compared(acme, day))
    for one in facts:
        held = invoice_of(books, one)
        assert not is_cancelled(held)
        assert Decimal(held["docamt"]) == billed_total(one)


def test_a_pause_that_the_books_ask_for_is_waited_for_and_nothing_begins_anew(
    acme: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    facts = of_three()
    take_in(store, facts)
    post(acme, facts, "one")
    day = PostedInvoice.objects.get().day
    assert day is not None
    sandbox.post("/faults", system="sqlaccount", path="/salesinvoice", kind="error_429", times=2)
    assert facts.order_id not in compared(acme, day)


def test_a_forecast_counts_sums_and_says_who_is_left_out(
    acme: Cast, books: SqlAccount, store: Store
) -> None:
    going, old, foreign, posted = of_three(), of_three(), of_three(), of_three()
    for one in (going, old, foreign, posted):
        take_in(store, one)
    Order.objects.filter(channel_order_id=foreign.order_id).update(currency="SGD")
    Order.objects.filter(channel_order_id=old.order_id).update(
        created_at=timezone.now() - timedelta(days=4000)
    )
    Order.objects.filter(channel_order_id=posted.order_id).update(archived=True)
    books.conversion_date = date(2020, 1, 1)
    books.save()
    told = forecast(acme.acme, Order.objects.all())
    assert (told.going, told.sums) == (1, {"MYR": billed_total(going)})
    assert dict(told.skipped) == {
        "posted already, and unchanged since": 1,
        "created before the system conversion date": 1,
        "no exchange rate for its day": 1,
    }
    SkuCode.objects.filter(sku="MUG-BLUE").delete()
    assert dict(forecast(acme.acme, Order.objects.all()).skipped)["a SKU has no stock item"] == 2


@pytest.mark.parametrize(
    ("when", "stage", "posts"),
    [
        (PostWhen.MANUAL, Stage.COMPLETED, 0),
        (PostWhen.SHIPPED, Stage.SHIPPED, 1),
        (PostWhen.DELIVERED, Stage.SHIPPED, 0),
        (PostWhen.DELIVERED, Stage.COMPLETED, 1),
        (PostWhen.COMPLETED, Stage.DELIVERED, 0),
    ],
)
def test_orders_are_posted_by_themselves_from_the_stage_that_was_chosen(
    acme: Cast, books: SqlAccount, store: Store, when: PostWhen, stage: Stage, posts: int
) -> None:
    books.post_when = when
    books.save()
    take_in(store, of_three(stage))
    assert post_what_is_due(acme.acme, books) == posts
    assert post_what_is_due(acme.acme, books) == 0
    assert Batch.objects.count() == posts


def test_the_bookkeeper_sees_the_documents_before_and_the_printed_invoice_after(
    acme: Cast, books: SqlAccount, store: Store, client: Client
) -> None:
    client.force_login(acme.bo)
    facts = of_three()
    order = take_in(store, facts)
    shown = client.get(f"/c/acme/posting/orders/{order.pk}/").content.decode()
    assert "MUG-BLUE" in shown
    assert f"{billed_total(facts):.2f}" in shown
    assert client.get(f"/c/acme/posting/orders/{order.pk}/invoice.pdf").status_code == 404
    post(acme, facts, "one")
    printed = client.get(f"/c/acme/posting/orders/{order.pk}/invoice.pdf")
    assert printed.content.startswith(b"%PDF")
    books.pdf_template = "No such report"
    books.save()
    refused = client.get(f"/c/acme/posting/orders/{order.pk}/invoice.pdf")
    assert refused.status_code == 502
    assert "Report not found: No such report" in refused.content.decode()


def test_the_dialog_of_post_order_says_counts_and_sums(
    acme: Cast, books: SqlAccount, store: Store, client: Client
) -> None:
    client.force_login(acme.bo)
    facts = of_three()
    take_in(store, facts)
    asked = client.post("/c/acme/orders/act/", {"action": "post", "query": "tab=delivered"})
    text = asked.content.decode()
    assert "<strong>1</strong> order goes to SQL Account" in text
    assert f"{billed_total(facts):.2f}" in text


def test_a_bundle_is_posted_as_its_parts(
    acme: Cast, books: SqlAccount, store: Store, sandbox: RunningSandbox
) -> None:
    from crossdock.posting.mapping_sheet import Part, set_parts

    facts = of_three()
    take_in(store, facts)
    set_parts(
        "TEA-OOL-100",
        [
            Part("TEA-OOL-100", "UNIT", Decimal(2), Decimal("0.7")),
            Part("TEA-JAS-100", "UNIT", Decimal(1), Decimal("0.3")),
        ],
        acme.acme.pk,
    )
    post(acme, facts, "one")
    held = invoice_of(books, facts)
    assert Decimal(held["docamt"]) == billed_total(facts)
    quantities = {row["itemcode"]: Decimal(row["qty"]) for row in held["sdsdocdetail"]}
    assert (quantities["TEA-OOL-100"], quantities["TEA-JAS-100"]) == (2, 1)
