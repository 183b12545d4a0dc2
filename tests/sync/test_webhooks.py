"""Webhooks: signed, once, for linked shops, small; believed for that something happened only."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from crossdock.channels.contract import Event, EventKind
from crossdock.channels.errors import TokenDead
from crossdock.companies.scope import all_companies, company_scope
from crossdock.orders.models import History, Order
from crossdock.rules.facts import Tab
from crossdock.stores.models import Store
from crossdock.sync.models import Message, Named, Part, Pull, Unread
from crossdock.sync.webhooks import webhook
from tests.sandbox.running import RunningSandbox
from tests.sync.listening import Listening, counted, eventually, listening, work
from tests.sync.playing import Played
from tests.work.waiting import await_waiting, refused_statements

pytestmark = pytest.mark.django_db(transaction=True)
MEGABYTE = 1024 * 1024


@pytest.fixture
def desk(settings: Any, everywhere: Played) -> Iterator[Listening]:
    """The store's channel sends its messages to Crossdock."""
    with listening(everywhere) as desk:
        settings.PUBLIC_URL = desk.url
        yield desk


def test_an_order_paid_at_the_marketplace_is_in_new_order_by_its_message_alone(
    desk: Listening,
) -> None:
    order_id = desk.unpaid()
    eventually(lambda: desk.stored(order_id))
    work()
    assert desk.played.order(order_id).tab == Tab.UNPAID
    known = desk.stored(order_id)
    desk.played.event(order_id, "pay")
    eventually(lambda: desk.stored(order_id) > known)
    work()
    assert desk.played.order(order_id).tab == Tab.NEW_ORDER


def test_each_message_is_answered_with_an_empty_200_and_believed_once(desk: Listening) -> None:
    order_id = desk.unpaid()
    message = eventually(lambda: desk.sent(order_id))[0]
    assert message["answers"][0].startswith("200")
    again = desk.again(message)
    assert (again.status_code, again.content) == (200, b"")
    bodies = [bytes(body) for body in Message.objects.values_list("body", flat=True)]
    assert bodies.count(message["body"].encode()) == 1
    assert counted("repeated") >= 1


def test_a_message_with_a_changed_body_or_no_signature_is_401_and_nothing_is_stored(
    desk: Listening,
) -> None:
    order_id = desk.unpaid()
    message = eventually(lambda: desk.sent(order_id))[0]
    changed = message["body"].encode() + b" "
    for changes in ({"body": changed}, {"headers": {}}):
        answer = desk.again(message, **changes)
        assert (answer.status_code, answer.content) == (401, b"")
    assert changed not in [bytes(body) for body in Message.objects.values_list("body", flat=True)]
    assert counted("wrong signature") == 2


def test_a_message_may_come_before_the_first_sync(desk: Listening) -> None:
    assert desk.played.fresh().synced_until is None
    order_id = desk.played.orders(1)[0]
    eventually(lambda: desk.stored(order_id))
    work()
    assert order_id in desk.played.here()
    desk.played.regular()
    with desk.played.company():
        order = desk.played.order(order_id)
        assert [one.kind for one in order.history.all()] == ["arrived"]


def test_a_late_message_about_an_early_change_never_takes_an_order_back(desk: Listening) -> None:
    order_id = desk.unpaid()
    first = eventually(lambda: desk.sent(order_id))[0]
    desk.played.event(order_id, "pay")
    desk.played.regular()
    assert desk.played.order(order_id).tab == Tab.NEW_ORDER
    Message.objects.all().delete()
    assert desk.again(first).status_code == 200
    work()
    assert desk.played.order(order_id).tab == Tab.NEW_ORDER


def test_the_same_news_from_everywhere_at_once_is_written_once(desk: Listening) -> None:
    order_id = desk.played.orders(1)[0]
    message = eventually(lambda: desk.sent(order_id))[0]
    work()
    desk.played.regular()
    Message.objects.all().delete()
    desk.again(message)
    work()
    with desk.played.company():
        assert History.objects.filter(order__channel_order_id=order_id).count() == 1


# What follows is the same whatever the channel.


def signed(sandbox: RunningSandbox, body: bytes) -> dict[str, str]:
    lazada = sandbox.identities["lazada"]
    text = lazada["app_key"].encode() + body
    return {
        "Authorization": hmac.new(lazada["app_secret"].encode(), text, hashlib.sha256).hexdigest()
    }


def post(sandbox: RunningSandbox, body: bytes, **headers: str) -> HttpResponse:
    return Client().post(
        "/webhooks/lazada",
        body,
        content_type="application/json",
        headers={**signed(sandbox, body), **headers},
    )


def message(seller_id: str, order_id: str = "440011122133344", **more: Any) -> bytes:
    data = {"trade_order_id": order_id, "order_status": "pending"}
    told = {"seller_id": seller_id, "message_type": 0, "data": data, "site": "lazada_my"}
    return json.dumps({**told, **more}).encode()


def looks() -> int:
    """How many orders wait to be read because a message named them."""
    with all_companies():
        return Named.objects.count()


def telling(monkeypatch: pytest.MonkeyPatch, *events: Event) -> None:
    """Have every message tell these events."""
    from crossdock.channels.lazada.channel import Lazada

    monkeypatch.setattr(Lazada, "event", lambda *_, **__: iter(events))


def event(store: Store, **more: Any) -> Event:
    told = {"event_id": "e-1", "shop_id": store.shop_id, "region": store.region}
    return Event(**{**told, "kind": EventKind.ORDER, "order_ids": ("1",), **more})


def test_a_message_that_comes_twice_at_one_moment_is_believed_once_and_no_statement_is_refused(
    store: Store, sandbox: RunningSandbox
) -> None:
    body = message(store.shop_id, "123456")
    answers: list[int] = []
    refused: list[list[str]] = []

    def send() -> None:
        with refused_statements() as mine:
            answers.append(post(sandbox, body).status_code)
        refused.append(mine)
        connection.close()

    second = threading.Thread(target=send)
    with transaction.atomic():
        answers.append(post(sandbox, body).status_code)
        second.start()
        await_waiting()
    second.join(20)
    assert answers == [200, 200]
    assert refused == [[]]
    assert (Message.objects.count(), counted("taken"), counted("repeated")) == (1, 1, 1)


def test_a_shop_that_nobody_linked_is_counted_and_dropped(
    store: Store, sandbox: RunningSandbox
) -> None:
    assert post(sandbox, message("999")).status_code == 200
    assert (Message.objects.count(), looks(), counted("unknown shop")) == (0, 0, 1)


def test_an_unlinked_store_is_an_unknown_shop(store: Store, sandbox: RunningSandbox) -> None:
    with company_scope(store.company_id):
        Store.objects.update(unlinked_at=timezone.now())
    assert post(sandbox, message(store.shop_id)).status_code == 200
    assert (Message.objects.count(), looks(), counted("unknown shop")) == (0, 0, 1)


def test_a_paused_store_is_looked_at_when_it_goes_on(store: Store, sandbox: RunningSandbox) -> None:
    with company_scope(store.company_id):
        Store.objects.update(paused_at=timezone.now())
    assert post(sandbox, message(store.shop_id)).status_code == 200
    assert (looks(), counted("paused store")) == (0, 1)


def test_a_signed_message_that_cannot_be_read_is_counted(
    store: Store, sandbox: RunningSandbox
) -> None:
    for body in (b"not JSON", b"[]", b'"text"'):
        answer = post(sandbox, body)
        assert (answer.status_code, answer.content) == (200, b"")
    assert (Message.objects.count(), counted("unreadable")) == (0, 3)


@pytest.mark.parametrize("order_id", ["9" * 400, "9" * 65, "x" * 400])
def test_a_signed_message_whose_order_id_can_be_nobodys_is_counted_as_unreadable(
    store: Store, sandbox: RunningSandbox, order_id: str
) -> None:
    answer = post(sandbox, message(store.shop_id, order_id))
    assert (answer.status_code, answer.content) == (200, b"")
    assert (Message.objects.count(), looks(), counted("unreadable")) == (0, 0, 1)


@pytest.mark.parametrize("odd", [{"event_id": "e" * 400}, {"return_ids": ("7" * 400,)}])
def test_no_other_id_that_is_too_long_breaks_the_answer(
    store: Store, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, odd: dict[str, Any]
) -> None:
    telling(monkeypatch, event(store, **odd))
    assert post(sandbox, message(store.shop_id)).status_code == 200
    assert (looks(), counted("unreadable")) == (0, 1)


def test_half_an_emoji_and_a_nul_in_a_message_are_no_part_of_an_id(
    store: Store, sandbox: RunningSandbox
) -> None:
    assert post(sandbox, message(store.shop_id, "4400\ud83d11\x0022")).status_code == 200
    with all_companies():
        assert Named.objects.get().order_id == "44001122"


def test_a_message_about_something_else_is_counted(store: Store, sandbox: RunningSandbox) -> None:
    assert post(sandbox, message(store.shop_id, message_type=99)).status_code == 200
    assert (Message.objects.count(), counted("not about orders")) == (0, 1)


def test_more_than_a_megabyte_is_413_whether_announced_or_in_chunks(
    store: Store, sandbox: RunningSandbox
) -> None:
    large = b"x" * (MEGABYTE + 1)
    answer = post(sandbox, large)
    assert (answer.status_code, answer.content) == (413, b"")
    assert chunked(large).status_code == 413
    assert counted("too large") == 2


def test_a_message_that_comes_in_chunks_is_read(store: Store, sandbox: RunningSandbox) -> None:
    body = message(store.shop_id)
    answer = chunked(body, signed(sandbox, body)["Authorization"])
    assert answer.status_code == 200
    assert counted("taken") == 1


def chunked(body: bytes, signature: str = "") -> HttpResponse:
    """A request without a length, as servers hand chunks on."""
    environ = RequestFactory().post("/webhooks/lazada").environ
    for name in ("CONTENT_LENGTH",):
        environ.pop(name, None)
    environ |= {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "HTTP_AUTHORIZATION": signature,
        "wsgi.input": io.BytesIO(body),
    }
    return webhook(WSGIRequest(environ), "lazada")


@pytest.mark.parametrize("length", ["many", "-5"])
def test_a_length_that_is_no_length_is_no_error_of_ours(
    store: Store, sandbox: RunningSandbox, length: str
) -> None:
    environ = RequestFactory().post("/webhooks/lazada").environ
    environ |= {"CONTENT_LENGTH": length, "wsgi.input": io.BytesIO(b"{}")}
    assert webhook(WSGIRequest(environ), "lazada").status_code == 401


def test_a_channel_that_does_not_exist_is_404(store: Store) -> None:
    assert Client().post("/webhooks/amazon", b"{}", content_type="text/plain").status_code == 404
    assert Client().get("/webhooks/lazada").status_code == 405


def test_a_message_about_several_orders_has_each_looked_at(
    store: Store, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling(
        monkeypatch,
        event(store, order_ids=("1", "2")),
        event(store, order_ids=("3",)),
        event(store, shop_id="999", order_ids=("4",)),
    )
    assert post(sandbox, b"{}").status_code == 200
    assert (Message.objects.count(), looks()) == (1, 3)
    assert (counted("taken"), counted("unknown shop")) == (2, 1)
    assert post(sandbox, b"{}").status_code == 200
    assert looks() == 3


def test_many_messages_about_one_order_before_its_turn_are_one_look(
    store: Store, sandbox: RunningSandbox
) -> None:
    for number in range(5):
        post(sandbox, message(store.shop_id, timestamp=number))
    assert (Message.objects.count(), looks()) == (5, 1)


def test_an_order_that_cannot_be_read_now_is_set_aside_and_not_given_up(
    store: Store, sandbox: RunningSandbox
) -> None:
    (order_id,) = sandbox.orders(1)
    sandbox.post("/faults", system="lazada", path="/orders/items/get", kind="error_500", times=1)
    post(sandbox, message(store.shop_id, order_id))
    work()
    with company_scope(store.company_id):
        assert Unread.objects.get().order_id == order_id
        Unread.objects.update(next_at=timezone.now())
    from crossdock.sync.look import try_again

    with company_scope(store.company_id):
        try_again(store)
        assert Order.objects.filter(channel_order_id=order_id).exists()
        assert not Unread.objects.exists()


def test_a_seller_who_withdrew_the_authorisation_is_asked_to_link_again_at_once(
    store: Store, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling(monkeypatch, event(store, kind=EventKind.DEAUTHORIZED, order_ids=()))
    sandbox.control.request(
        "DELETE", "/tokens", json={"channel": "lazada", "shop": "lazada-my"}
    ).raise_for_status()
    assert post(sandbox, b"{}").status_code == 200
    work()
    with company_scope(store.company_id):
        store.refresh_from_db()
        assert store.needs_relink


def test_a_false_alarm_about_the_authorisation_changes_nothing(
    store: Store, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling(monkeypatch, event(store, kind=EventKind.DEAUTHORIZED, order_ids=()))
    assert post(sandbox, b"{}").status_code == 200
    work()
    with company_scope(store.company_id):
        store.refresh_from_db()
        assert not store.needs_relink


def test_a_dead_store_is_left_to_the_pull_after_it_is_linked_again(
    store: Store, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crossdock.channels.lazada.channel import Lazada

    def dead(*_: Any, **__: Any) -> None:
        raise TokenDead("The seller ended it.")

    monkeypatch.setattr(Lazada, "fetch", dead)
    post(sandbox, message(store.shop_id))
    work()
    with company_scope(store.company_id):
        assert not Unread.objects.exists()


def test_a_message_about_a_return_without_an_order_has_the_returns_pulled(
    store: Store, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = event(store, kind=EventKind.RETURN, order_ids=(), return_ids=("7",))
    telling(monkeypatch, told)
    post(sandbox, b"{}")
    with company_scope(store.company_id):
        assert Pull.objects.get().part == Part.RETURNS
