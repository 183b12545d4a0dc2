"""A permission that is missing for one kind of call is a matter of that call: the store lives, everything
else goes on, and the store's page says what is missing until it works again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from crossdock.channels.errors import NotPermitted
from crossdock.companies.scope import company_scope
from crossdock.orders.models import Order
from crossdock.stores.calling import call
from crossdock.stores.health import State, health_of
from crossdock.stores.models import Store
from crossdock.stores.permissions import missing_of
from crossdock.sync.look import look, verify
from crossdock.sync.models import Part, Pull
from crossdock.sync.named import note, read
from crossdock.sync.pull import begin_regular, go_on, look_at
from crossdock.work.batch import start
from crossdock.work.lane import drain
from crossdock.work.models import Attempt, Lane
from crossdock.work.models import State as Outcome
from tests.cast import Cast, linked_store
from tests.sandbox.running import CHANNELS, RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]


@dataclass(frozen=True)
class Lack:
    """How a channel refuses a call for want of a permission."""

    code: int | str
    message: str
    money: str
    """The end of the path that tells what is paid for an order."""
    permission: str
    """What the money call needs, as the channel names it."""
    orders: str
    """The end of the path that lists orders."""
    order_permission: str
    returns: str
    label: str
    ship: str


LACKS = {
    "lazada": Lack(
        "InsufficientPermission",
        "App does not have permission to access this api",
        "/finance/transaction/details/get",
        "/finance/transaction/details/get",
        "/orders/get",
        "/orders/get",
        "/reverse/getreverseordersforseller",
        "/order/package/document/get",
        "/order/fulfill/pack",
    ),
    "shopee": Lack(
        "error_permission",
        "You have no permission for this API.",
        "/payment/get_escrow_detail",
        "v2.payment.get_escrow_detail",
        "/order/get_order_list",
        "v2.order.get_order_list",
        "/returns/get_return_list",
        "/logistics/create_shipping_document",
        "/logistics/get_shipping_parameter",
    ),
    "tiktok": Lack(
        105005,
        "you should apply auth pkg for this api",
        "/statement_transactions",
        "seller.finance.info",
        "/orders/search",
        "seller.order.info",
        "/returns/search",
        "/shipping_documents",
        "/packages/ship",
    ),
}


@dataclass
class Played:
    store: Store
    sandbox: RunningSandbox

    @property
    def lack(self) -> Lack:
        return LACKS[self.store.channel]

    @property
    def shop(self) -> str:
        return f"{self.store.channel}-my"

    def refuses(self, path: str) -> None:
        self.sandbox.post(
            "/faults", system=self.store.channel, kind="refuse", path=path, shop=self.shop,
            code=self.lack.code, message=self.lack.message,
        )  # fmt: skip

    def grants(self) -> None:
        self.sandbox.control.delete("/faults").raise_for_status()

    def orders(self, count: int = 1, **more: object) -> list[str]:
        return self.sandbox.orders(count, self.shop, **more)

    def fresh(self) -> Store:
        return Store.objects.get(pk=self.store.pk)

    def missing(self) -> list[str]:
        return [one.name for one in missing_of(self.fresh())]

    def settlements(self, order_id: str) -> None:
        call(self.fresh(), lambda known, shop: known.settlements(shop, [order_id]))

    def pulled(self, part: Part = Part.ORDERS) -> Pull:
        pull = begin_regular(self.fresh(), part)
        assert pull is not None
        while go_on(pull.pk) is not None:
            continue
        return Pull.objects.get(pk=pull.pk)

    def here(self) -> set[str]:
        return set(Order.objects.values_list("channel_order_id", flat=True))


@pytest.fixture(params=CHANNELS)
def played(request: pytest.FixtureRequest, cast: Cast, sandbox: RunningSandbox) -> Iterator[Played]:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    with company_scope(cast.acme):
        yield Played(linked_store(cast.acme, sandbox, f"{request.param}-my"), sandbox)


def test_a_refused_money_call_leaves_the_store_alive_and_orders_go_on(
    played: Played, cast: Cast, client: Client
) -> None:
    (first,) = played.orders()
    played.refuses(played.lack.money)
    if played.store.channel == "shopee":
        played.refuses("/payment/get_escrow_detail_batch")
        look_at(played.store, [first])
    else:
        with pytest.raises(NotPermitted) as told:
            played.settlements(first)
        assert played.lack.permission in told.value.words
        assert played.lack.message in told.value.words
    store = played.fresh()
    assert store.token_dead_words == ""
    assert played.lack.permission in played.missing()
    (second,) = played.orders()
    assert played.pulled().finished_at is not None
    assert {first, second} <= played.here()
    store = played.fresh()
    assert health_of(store).state is State.FRESH
    assert played.lack.permission in played.missing()  # healthy answers of another kind leave it
    client.force_login(cast.alice)
    every = reverse("stores:stores", args=["acme"])
    for page in (every, reverse("stores:settings", args=["acme", store.pk])):
        html = client.get(page).content.decode()
        assert f"The permission {played.lack.permission} is missing" in html
        assert "not read" in html
        assert "Platform" in html or "Partner Center" in html
    played.grants()
    if played.store.channel == "shopee":
        look_at(played.fresh(), [first])
    else:
        played.settlements(first)
    assert played.lack.permission not in played.missing()
    html = client.get(every).content.decode()
    assert f"The permission {played.lack.permission} is missing" not in html


def test_without_the_orders_permission_the_store_says_so_in_red_and_no_token_is_buried(
    played: Played, cast: Cast, client: Client
) -> None:
    (order_id,) = played.orders()
    played.refuses(played.lack.orders)
    pull = played.pulled()
    assert pull.finished_at is None
    store = played.fresh()
    assert store.token_dead_words == ""
    fares = health_of(store)
    assert (fares.state, fares.tone) == (State.STOPPED, "bad")
    assert played.lack.order_permission in fares.reason
    client.force_login(cast.pat)
    shell = client.get(reverse("desk:orders", args=["acme"])).content.decode()
    assert "has stopped: it may not read its orders" in shell
    verify(store)
    assert played.fresh().token_dead_words == ""
    played.grants()
    assert played.pulled().finished_at is not None
    assert order_id in played.here()
    assert health_of(played.fresh()).state is State.FRESH
    assert played.missing() == []


def test_returns_that_may_not_be_read_do_not_stop_the_orders(played: Played) -> None:
    played.pulled()
    played.refuses(played.lack.returns)
    assert played.pulled(Part.RETURNS).finished_at is None
    (order_id,) = played.orders()
    assert played.pulled().finished_at is not None
    assert order_id in played.here()
    store = played.fresh()
    assert store.token_dead_words == ""
    store.linked_at = store.returns_synced_until = None  # type: ignore[assignment]
    assert health_of(store).state is State.LATE
    assert len(played.missing()) == 1
    look(store, order_id, with_returns=True)
    played.grants()
    assert played.pulled(Part.RETURNS).finished_at is not None
    assert played.missing() == []
    assert health_of(played.fresh()).state is State.FRESH


def attempted(cast: Cast, name: str, order_id: str) -> Attempt:
    order = Order.objects.get(channel_order_id=order_id)
    start(cast.acme, cast.alice, name, form_key=f"{name} {order_id}", order_ids=[order.pk])
    for lane in Lane.objects.all():
        drain(lane.pk)
    return Attempt.objects.get(action=name, order=order)


def test_an_attempt_that_is_not_permitted_is_refused_in_words_and_waits_for_nobody(
    played: Played, cast: Cast
) -> None:
    action = "pack" if played.store.channel == "lazada" else "ship"
    (order_id,) = played.orders(sku="MUG-BLUE")
    look_at(played.store, [order_id])
    if action == "ship":
        assert attempted(cast, "pack", order_id).state == Outcome.DONE
    played.refuses(played.lack.ship)
    attempt = attempted(cast, action, order_id)
    assert attempt.state == Outcome.REFUSED, attempt.words
    assert played.lack.message in attempt.words
    assert played.fresh().token_dead_words == ""
    assert played.missing()


def test_a_label_that_is_not_permitted_is_refused_in_words(played: Played, cast: Cast) -> None:
    word = {"lazada": "ready_to_ship", "shopee": "PROCESSED", "tiktok": "AWAITING_COLLECTION"}
    (order_id,) = played.orders(status=word[played.store.channel])
    look_at(played.store, [order_id])
    played.refuses(played.lack.label)
    attempt = attempted(cast, "print_awb", order_id)
    assert attempt.state == Outcome.REFUSED, attempt.words
    assert "labels are not fetched" in attempt.words
    assert played.fresh().token_dead_words == ""


def test_orders_that_messages_name_wait_for_the_next_pull_without_the_permission(
    played: Played,
) -> None:
    ids = played.orders(4)
    detail = {
        "lazada": "/orders/items/get", "shopee": "/order/get_order_detail", "tiktok": "/202309/orders",
    }[played.store.channel]  # fmt: skip
    played.refuses(detail)
    note(played.store, ids)
    assert read(played.store) is None
    assert played.fresh().token_dead_words == ""
    assert health_of(played.fresh()).state is State.STOPPED
    played.grants()
    played.pulled()
    assert set(ids) <= played.here()


def test_what_is_about_one_order_is_no_missing_permission() -> None:
    from crossdock.channels.shopee.refusals import error_of as of_shopee
    from crossdock.channels.tiktok.refusals import error_of as of_tiktok

    told = of_shopee("returns.error_permission", "not yours", writes=False)
    assert not isinstance(told, NotPermitted)
    told = of_tiktok("25020005", "no permission for this order", writes=False)
    assert not isinstance(told, NotPermitted)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("error_auth", "No permission to current api."),
        ("error_api_permission", "Not for this app."),
        ("error_api_call_restricted", "Restricted."),
        ("api_suspended", "Withdrawn."),
        ("error_permission", ""),
    ],
)
def test_shopees_other_words_for_it_are_of_the_call_too(code: str, message: str) -> None:
    from crossdock.channels.shopee.refusals import error_of

    assert isinstance(error_of(code, message, writes=True), NotPermitted)


@pytest.mark.parametrize("code", ["InsufficientPermission", "Mp3SellerApiLimit"])
def test_lazadas_words_for_it_are_of_the_call_too(code: str) -> None:
    from crossdock.channels.lazada.api import _error

    assert isinstance(_error(code, "no", writes=True), NotPermitted)
