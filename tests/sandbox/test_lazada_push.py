"""Lazada's push messages in the sandbox: what is told, in which words, signed how."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.running import RunningSandbox

NOBODY = "http://127.0.0.1:9/hook"


@pytest.fixture
def told(sandbox: RunningSandbox) -> Iterator[RunningSandbox]:
    """The sandbox with an address for Lazada's messages (at which nobody listens)."""
    sandbox.post("/apps", channel="lazada", webhook_url=NOBODY)
    yield sandbox
    sandbox.post("/apps", channel="lazada", webhook_url=None)


def sent(sandbox: RunningSandbox, order_id: str, kind: int) -> list[dict[str, Any]]:
    """The messages of a type about an order, in the order in which they were made."""
    found = []
    for one in sandbox.get("/webhooks?channel=lazada")["webhooks"]:
        body = json.loads(one["body"])
        if one["order_id"] == order_id and body["message_type"] == kind:
            found.append(body)
    return found


def test_every_message_is_signed_over_key_and_body(told: RunningSandbox) -> None:
    told.orders(1)
    app = told.identities["lazada"]
    one = told.get("/webhooks?channel=lazada")["webhooks"][-1]
    signed = (app["app_key"] + one["body"]).encode()
    expected = hmac.new(app["app_secret"].encode(), signed, hashlib.sha256).hexdigest()
    assert one["headers"]["Authorization"] == expected


def test_a_return_is_told_in_numbers_and_in_seconds(told: RunningSandbox) -> None:
    (order_id,) = told.orders(1, status="delivered", lines=1)
    told.event(order_id, "request_return")
    (message,) = sent(told, order_id, 10)
    data = message["data"]
    assert data["reverse_status"] in ("RTM_INIT", "REFUND_INIT")
    assert data["trade_order_id"] == int(order_id)
    assert all(type(data[name]) is int for name in _NUMBERS)
    assert (message["seller_id"], message["site"]) == ("1001", "lazada_my")
    assert message["timestamp"] < 10**11
    trade = sent(told, order_id, 0)
    assert trade[0]["timestamp"] > 10**11
    assert isinstance(trade[0]["data"]["trade_order_line_id"], str)


_NUMBERS = (
    "reverse_order_id", "reverse_order_line_id", "trade_order_id", "trade_order_line_id", "buyer_id", "seller_id",
)  # fmt: skip


def test_a_cancellation_is_told_from_its_beginning_to_its_end(told: RunningSandbox) -> None:
    (order_id,) = told.orders(1, lines=1)
    told.event(order_id, "request_cancel")
    told.post("/advance", hours=49)
    words = [message["data"]["reverse_status"] for message in sent(told, order_id, 10)]
    assert words == ["CANCEL_INIT", "CANCEL_SUCCESS"]
    last = sent(told, order_id, 0)[-1]["data"]
    assert last["order_status"] == "canceled"
    assert last["reverse_order_id"].isdigit()
    assert last["reverse_order_line_id"].isdigit()


def test_a_package_is_told_along_its_way(told: RunningSandbox) -> None:
    (order_id,) = told.orders(1, lines=1, status="ready_to_ship")
    for event in ("pick_up", "deliver"):
        told.event(order_id, event)
    messages = [message["data"] for message in sent(told, order_id, 14)]
    assert [data["status"] for data in messages] == [
        "READY_TO_SHIP",
        "TRANSIT_TO_SHIP",
        "DELIVERED",
    ]
    package = told.truth()[order_id]["packages"][0]["package_id"]
    assert {data["fulfillment_package_id"] for data in messages} == {package}
    assert {data["trade_order_id"] for data in messages} == {order_id}


def test_an_authorisation_that_ends_soon_is_warned_of(told: RunningSandbox) -> None:
    told.post("/tokens", channel="lazada", shop="lazada-my")
    told.post("/advance", hours=24 * 30 - 40)
    message = sent(told, "", 8)[-1]
    assert message["seller_id"] == "null"
    assert message["data"]["app_key"] == told.identities["lazada"]["app_key"]
    assert message["data"]["seller_id"] in ("1001", "1002")


def test_time_that_changes_nothing_is_not_told(told: RunningSandbox) -> None:
    (order_id,) = told.orders(1)
    before = len(sent(told, order_id, 0))
    told.post("/advance", hours=1)
    assert len(sent(told, order_id, 0)) == before
