"""Details of orders that are long over go after the operator's term; what happened, and what keeps a deed
from being done twice, stays."""

from __future__ import annotations

import secrets
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django import app

from crossdock.companies.scope import company_scope
from crossdock.configuration import BadSetting, read
from crossdock.ops.long_over import remove_details
from crossdock.ops.retention import clean
from crossdock.orders.models import History, Order, RawOrder
from crossdock.posting.connect import connect
from crossdock.posting.mapping import map_equal_codes
from crossdock.posting.models import PostedInvoice, StoreCodes
from crossdock.posting.reading_codes import read_codes
from crossdock.scanning.models import Scan, ScanSheet
from crossdock.stores.models import Store
from crossdock.sync.pull import look_at
from crossdock.work.lane import drain
from crossdock.work.models import Attempt, Lane, State
from crossdock.work.single import begin
from tests.cast import Cast
from tests.ops.another_database import conninfo
from tests.posting.working import posted
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]

DAYS = 120


@pytest.fixture(autouse=True)
def term(settings: Any) -> None:
    settings.KEEP_FINISHED_DAYS = DAYS


@pytest.fixture
def acme(cast: Cast) -> Iterator[Cast]:
    with company_scope(cast.acme):
        yield cast


def an_order(store: Store, sandbox: RunningSandbox, status: str = "confirmed") -> Order:
    (order_id,) = sandbox.orders(1, status=status)
    look_at(store, [order_id])
    return Order.objects.get(channel_order_id=order_id)


def in_every_hand(order: Order, cast: Cast) -> Attempt:
    """Shipped by a scan: an attempt with what was sent, and the scan."""
    sheet, _ = ScanSheet.objects.get_or_create(company=cast.acme, person=cast.pat, ended_at=None)
    with transaction.atomic():
        attempt, _ = begin(cast.pat, "ship", order, options={"package_id": "P"})
    Attempt.objects.filter(pk=attempt.pk).update(
        state=State.DONE, words="Shipped.", sent={"order_id": "1"}, result={"a": 1},
        settled_at=timezone.now(),
    )  # fmt: skip
    Scan.objects.create(
        company=cast.acme, sheet=sheet, nonce=secrets.token_hex(8), code="1", answer="ready", order=order,
        attempt=attempt,
    )  # fmt: skip
    return attempt


def days_pass(order: Order, days: int = DAYS + 1) -> None:
    """As if all of it had been so long ago."""
    ago = timedelta(days=days)
    Order.objects.filter(pk=order.pk).update(
        updated_at=F("updated_at") - ago, fetched_at=F("fetched_at") - ago
    )
    Attempt.objects.filter(order=order).update(settled_at=F("settled_at") - ago)
    Scan.objects.filter(order=order).update(at=F("at") - ago)


def has_details(order: Order) -> bool:
    return (
        RawOrder.objects.filter(order=order).exists()
        or Scan.objects.filter(order=order).exists()
        or Attempt.objects.filter(order=order).exclude(sent={}).exists()
    )


def test_an_old_order_loses_its_details_keeps_what_happened_and_says_so(
    acme: Cast, store: Store, sandbox: RunningSandbox, client: Client
) -> None:
    order = an_order(store, sandbox)
    attempt = in_every_hand(order, acme)
    days_pass(order)
    before = list(History.objects.values_list("text", flat=True))
    clean(0)
    assert not has_details(order)
    assert list(History.objects.values_list("text", flat=True)) == before != []
    kept = Attempt.objects.get()
    assert (kept.pk, kept.state, kept.words, kept.result) == (
        attempt.pk, "done", "Shipped.", {"a": 1},
    )  # fmt: skip
    assert kept.sent == kept.options == {}
    client.force_login(acme.alice)
    page = client.get(f"/c/acme/orders/{order.pk}/").content.decode()
    assert "since the order was long over: Lazada's own answer, what was sent" in page
    assert all(text in page for text in before)


def test_an_order_with_all_its_details_does_not_say_that_they_were_removed(
    acme: Cast, store: Store, sandbox: RunningSandbox, client: Client
) -> None:
    order = an_order(store, sandbox)
    client.force_login(acme.alice)
    assert "long over" not in client.get(f"/c/acme/orders/{order.pk}/").content.decode()


def test_without_a_term_everything_stays(
    acme: Cast, store: Store, sandbox: RunningSandbox, settings: Any
) -> None:
    settings.KEEP_FINISHED_DAYS = 0
    order = an_order(store, sandbox)
    in_every_hand(order, acme)
    days_pass(order, 4000)
    assert remove_details() == 0
    assert has_details(order)


def test_nobody_sets_a_term_in_which_returns_and_disputes_still_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CROSSDOCK_KEEP_FINISHED_DAYS", "89")
    with pytest.raises(BadSetting, match="89 is too little"):
        read()
    monkeypatch.setenv("CROSSDOCK_KEEP_FINISHED_DAYS", "90")
    assert read().keep_finished_days == 90


@pytest.mark.parametrize(
    "change",
    [
        {"tab": "to-ship"},
        {"tab": "shipped"},
        {"return_open": True},
        {"posted_fingerprint": "another"},
    ],
    ids=str,
)
def test_what_may_still_move_keeps_everything(
    change: dict[str, Any], acme: Cast, store: Store, sandbox: RunningSandbox
) -> None:
    order = an_order(store, sandbox)
    in_every_hand(order, acme)
    days_pass(order)
    Order.objects.filter(pk=order.pk).update(**change)
    assert remove_details() == 0
    assert has_details(order)


@pytest.mark.parametrize("touch", ["news", "reading", "outcome", "open attempt"])
def test_whoever_touched_it_lately_finds_everything(
    touch: str, acme: Cast, store: Store, sandbox: RunningSandbox
) -> None:
    order = an_order(store, sandbox)
    attempt = in_every_hand(order, acme)
    days_pass(order)
    now, row = timezone.now(), Order.objects.filter(pk=order.pk)
    if touch == "news":
        row.update(updated_at=now - timedelta(days=DAYS - 1))
    elif touch == "reading":
        row.update(fetched_at=now - timedelta(days=DAYS - 1))
    elif touch == "outcome":
        Attempt.objects.filter(pk=attempt.pk).update(settled_at=now)
    else:
        Attempt.objects.filter(pk=attempt.pk).update(state=State.UNCLEAR, settled_at=None)
    assert remove_details() == 0
    assert has_details(order)


def test_an_order_that_is_touched_again_loses_its_new_details_a_term_later(
    acme: Cast, store: Store, sandbox: RunningSandbox
) -> None:
    order = an_order(store, sandbox, "delivered")
    days_pass(order)
    assert remove_details() == 1
    sandbox.event(order.channel_order_id, "complete")
    look_at(store, [order.channel_order_id])
    assert has_details(order), "its newest answer is kept again"
    assert remove_details() == 0
    Order.objects.filter(pk=order.pk).update(
        details_removed_at=timezone.now() - timedelta(days=400)
    )
    days_pass(order)
    assert remove_details() == 1
    assert not has_details(order)


def test_post_order_and_ship_again_do_nothing_twice_afterwards(
    acme: Cast, store: Store, sandbox: RunningSandbox
) -> None:
    keys = sandbox.identities["sqlaccount"]
    sandbox.post("/limits", system="sqlaccount", per_app=0)
    books = connect(
        acme.acme, base_url=keys["base_url"], access_key=keys["access_key"], secret_key=keys["secret_key"],
    )  # fmt: skip
    read_codes(books)
    StoreCodes.objects.create(
        company=acme.acme, store=store, customer="300-L0001", location="ECOM", project="LAZADA",
        discount_item="DISCOUNT", voucher_item="VOUCHER",
    )  # fmt: skip
    (order_id,) = sandbox.orders(1, status="ready_to_ship")
    look_at(store, [order_id])
    map_equal_codes(store.company_id)
    order = Order.objects.get()
    with transaction.atomic():
        begin(acme.pat, "ship", order)
    drain_all()
    for event in ("pick_up", "deliver", "complete"):
        sandbox.event(order_id, event)
    look_at(store, [order_id])
    assert remove_details() == 0
    days_pass(order)
    assert remove_details() == 0, "the books do not have it yet"
    (first,) = posted(acme, [order_id], "first")
    assert first.state == State.DONE, first.words
    effects = effects_of(sandbox, order_id)
    days_pass(order)
    assert remove_details() == 1
    assert not has_details(order)
    (again,) = posted(acme, [order_id], "again")
    with transaction.atomic():
        shipped, _ = begin(acme.pat, "ship", order)
    drain_all()
    shipped.refresh_from_db()
    assert again.state == State.ALREADY, again.words
    assert shipped.state in (State.ALREADY, State.REFUSED), shipped.words
    assert effects_of(sandbox, order_id) == effects
    assert PostedInvoice.objects.get().number == order_id


def drain_all() -> None:
    for lane in Lane.objects.all():
        drain(lane.pk)


def effects_of(sandbox: RunningSandbox, order_id: str) -> list[str]:
    rows = sandbox.get("/ledger")["calls"]
    return [one["effect"] for one in rows if one["order_id"] == order_id and one["effect"]]


def test_an_order_that_somebody_holds_is_left_to_the_next_night(
    acme: Cast, store: Store, sandbox: RunningSandbox
) -> None:
    held, free = an_order(store, sandbox), an_order(store, sandbox)
    for one in (held, free):
        days_pass(one)
    with psycopg.connect(conninfo(str(connection.settings_dict["NAME"]))) as other:
        other.execute("SELECT 1 FROM orders_order WHERE id = %s FOR UPDATE", [held.pk])
        assert remove_details() == 1
    assert has_details(held)
    assert not has_details(free)
    assert remove_details() == 1


@pytest.mark.parametrize(
    "count", [4_000, pytest.param(100_000, marks=pytest.mark.long)], ids=lambda one: f"{one:,}"
)
def test_memory_does_not_grow_with_the_number_of_orders(
    count: int, acme: Cast, store: Store, sandbox: RunningSandbox
) -> None:
    order = an_order(store, sandbox)
    days_pass(order, 2 * DAYS)
    multiply(order, count)
    tracemalloc.start()
    try:
        assert remove_details() == count + 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000
    assert not RawOrder.objects.exists()


def multiply(order: Order, count: int) -> None:
    """So many more orders like this one, each with its raw JSON."""
    fields = [
        field for field in Order._meta.concrete_fields if not getattr(field, "generated", False)
    ]
    new = {
        "id": "one.id + number", "channel_order_id": "'many-' || number",
        "updated_at": "one.updated_at + make_interval(secs => number / 1000)",
    }  # fmt: skip
    columns = [field.column for field in fields]
    values = ", ".join(new.get(column, f'one."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO orders_order ({names}) SELECT {values}"  # noqa: S608 - columns of the model
            " FROM orders_order AS one, generate_series(1, %s) AS number WHERE one.id = %s",
            [count, order.pk],
        )
        cursor.execute(
            "INSERT INTO orders_raworder (company_id, order_id, body, fetched_at)"
            " SELECT company_id, id, 'x', fetched_at FROM orders_order WHERE channel_order_id LIKE 'many-%%'",
            [],
        )
        cursor.execute("ANALYZE orders_order, orders_raworder, work_attempt")


@pytest.mark.parametrize(
    "zone", ["Asia/Kuala_Lumpur", "Asia/Singapore", "Asia/Bangkok", "Asia/Jakarta", "Asia/Manila", "Asia/Tokyo"]
)  # fmt: skip
def test_what_is_kept_for_a_time_goes_at_night_where_the_marketplaces_are(zone: str) -> None:
    tasks = app.periodic_registry.periodic_tasks
    (task,) = [task for (name, _), task in tasks.items() if name == "ops.retention"]
    monday = datetime(2027, 3, 1, tzinfo=UTC)
    task.croniter.set_current(start_time=monday.timestamp())
    tick = datetime.fromtimestamp(task.croniter.get_next(ret_type=float), ZoneInfo(zone))
    assert 2 <= tick.hour <= 4
