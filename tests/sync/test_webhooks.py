"""Webhooks: signed, once, for linked shops, and small."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from crossdock.stores.models import Store
from crossdock.sync.models import Counter, Message
from tests.sandbox.running import RunningSandbox

pytestmark = pytest.mark.django_db(transaction=True)


def send(sandbox: RunningSandbox, body: bytes, signature: str = "") -> int:
    lazada = sandbox.identities["lazada"]
    right = hmac.new(
        lazada["app_secret"].encode(), lazada["app_key"].encode() + body, hashlib.sha256
    ).hexdigest()
    answer = Client().post(
        "/webhooks/lazada",
        body,
        content_type="application/json",
        headers={"Authorization": signature or right},
    )
    return answer.status_code


def message(seller_id: str) -> bytes:
    data = {"trade_order_id": "440011122133344", "order_status": "pending"}
    return json.dumps(
        {"seller_id": seller_id, "message_type": 0, "data": data, "site": "lazada_my"}
    ).encode()


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name="sync.look").count()


def test_a_message_of_a_linked_shop_is_stored_once_and_looked_into_once(
    store: Store, sandbox: RunningSandbox
) -> None:
    before = jobs()
    assert [send(sandbox, message(store.shop_id)) for _ in range(2)] == [200, 200]
    assert (Message.objects.count(), jobs() - before) == (1, 1)
    assert Counter.objects.filter(name="webhook repeated").count() == 1


def test_a_wrong_signature_is_401_and_nothing_is_stored(
    store: Store, sandbox: RunningSandbox
) -> None:
    before = jobs()
    assert send(sandbox, message(store.shop_id), signature="0" * 64) == 401
    assert (Message.objects.count(), jobs() - before) == (0, 0)


def test_a_shop_that_nobody_linked_is_counted_and_dropped(
    store: Store, sandbox: RunningSandbox
) -> None:
    assert send(sandbox, message("999")) == 200
    assert Message.objects.count() == 0
    assert Counter.objects.filter(name="webhook unknown shop").count() == 1


def test_more_than_a_megabyte_is_413(store: Store, sandbox: RunningSandbox) -> None:
    assert send(sandbox, b"x" * (1024 * 1024 + 1)) == 413
