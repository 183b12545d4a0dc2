"""Push messages of TikTok Shop: what is sent where, how it is signed, and what counts as received."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.receiver import Receiver
from tests.sandbox.running import RunningSandbox
from tests.sandbox.tiktok_app import TikTokApp

_NOWHERE = "http://127.0.0.1:1/hook"
_HOOKS = "/event/202309/webhooks"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def _sent(played: RunningSandbox, order_id: str) -> list[dict[str, Any]]:
    """The messages about an order, oldest first."""
    rows = played.get("/webhooks?channel=tiktok")["webhooks"]
    return [json.loads(row["body"]) for row in rows if row["order_id"] == order_id]


def _kinds(played: RunningSandbox, order_id: str) -> list[int]:
    return [one["type"] for one in _sent(played, order_id)]


@pytest.fixture
def heard(played: RunningSandbox) -> RunningSandbox:
    """An address is registered for the app, at which nobody answers."""
    played.post("/apps", channel="tiktok", webhook_url=_NOWHERE)
    return played


def test_a_message_is_signed_over_key_and_body(played: RunningSandbox, receiver: Receiver) -> None:
    played.post("/apps", channel="tiktok", webhook_url=receiver.url)
    (order_id,) = played.orders(1, "tiktok-my")
    signature, body = receiver.next()
    app = played.identities["tiktok"]
    message = app["app_key"].encode() + body
    expected = hmac.new(app["app_secret"].encode(), message, hashlib.sha256).hexdigest()
    assert signature == expected
    told = json.loads(body)
    assert set(told) == {"type", "tts_notification_id", "shop_id", "timestamp", "data"}
    assert told["shop_id"] == played.shop("tiktok-my")["id"]
    assert told["data"] == {
        "order_id": order_id,
        "order_status": "AWAITING_SHIPMENT",
        "is_on_hold_order": False,
        "update_time": told["data"]["update_time"],
    }


def test_the_same_message_twice_has_the_same_id(played: RunningSandbox, receiver: Receiver) -> None:
    played.post("/apps", channel="tiktok", webhook_url=receiver.url)
    played.post("/faults", system="tiktok", kind="duplicate_webhook", times=1)
    played.orders(1, "tiktok-my")
    first, second = receiver.next(), receiver.next()
    assert first == second


@pytest.mark.parametrize(
    ("answer", "again"),
    [((200, b""), False), ((401, b""), False), ((200, b"ok"), True), ((500, b""), True)],
)
def test_only_an_empty_200_or_401_counts_as_received(
    played: RunningSandbox, receiver: Receiver, answer: tuple[int, bytes], again: bool
) -> None:
    receiver.answer = answer
    played.post("/apps", channel="tiktok", webhook_url=receiver.url)
    (order_id,) = played.orders(1, "tiktok-my")
    receiver.next()
    row = _row(played, order_id, answers=1)
    receiver.answer = (200, b"")
    if again:
        assert _row(played, order_id, answers=2)["answers"][-1] == "200"
    else:
        assert row["answers"] == [str(answer[0])] * len(row["answers"])


def _row(played: RunningSandbox, order_id: str, *, answers: int) -> dict[str, Any]:
    """The order's message, once it has so many answers."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        rows = played.get("/webhooks?channel=tiktok")["webhooks"]
        (row,) = [one for one in rows if one["order_id"] == order_id]
        if len(row["answers"]) >= answers:
            return dict(row)
        time.sleep(0.05)
    raise AssertionError(f"no {answers} answers came")


def test_every_step_of_an_order_is_told(heard: RunningSandbox) -> None:
    (order_id,) = heard.orders(1, "tiktok-my", status="UNPAID")
    heard.event(order_id, "pay", "tiktok")
    TikTokApp(heard).ship(order_id)
    for event in ("pick_up", "deliver", "complete"):
        heard.event(order_id, event, "tiktok")
    sent = _sent(heard, order_id)
    assert {one["type"] for one in sent} == {1}
    assert [one["data"]["order_status"] for one in sent] == [
        "UNPAID",
        "AWAITING_SHIPMENT",
        "AWAITING_COLLECTION",
        "IN_TRANSIT",
        "DELIVERED",
        "COMPLETED",
    ]
    assert len({one["tts_notification_id"] for one in sent}) == len(sent)


def test_reading_and_waiting_tell_nothing(heard: RunningSandbox) -> None:
    (order_id,) = heard.orders(1, "tiktok-my")
    app = TikTokApp(heard)
    package = app.ship(order_id)
    path = f"/fulfillment/202309/packages/{package}/shipping_documents"
    app.get(path, document_type="SHIPPING_LABEL")
    before = _kinds(heard, order_id)
    heard.post("/advance", hours=1)
    assert _kinds(heard, order_id) == before == [1, 1]


def test_addresses_cancellations_and_returns_have_messages_of_their_own(
    heard: RunningSandbox,
) -> None:
    (order_id,) = heard.orders(1, "tiktok-my")
    heard.event(order_id, "change_address", "tiktok")
    assert _kinds(heard, order_id) == [1, 1, 3]
    heard.event(order_id, "request_cancel", "tiktok")
    heard.event(order_id, "withdraw_cancel", "tiktok")
    heard.event(order_id, "request_cancel", "tiktok")
    heard.post("/advance", hours=25)
    told = [one["data"] for one in _sent(heard, order_id) if one["type"] == 11]
    assert [one["cancel_status"] for one in told[:3]] == [
        "CANCELLATION_REQUEST_PENDING",
        "CANCELLATION_REQUEST_CANCELLED",
        "CANCELLATION_REQUEST_PENDING",
    ]
    assert {one["cancellations_role"] for one in told} == {"BUYER"}
    last = [one["data"] for one in _sent(heard, order_id) if one["type"] == 1][-1]
    assert last["order_status"] == "CANCEL"
    (delivered,) = heard.orders(1, "tiktok-my", status="DELIVERED")
    heard.event(delivered, "request_return", "tiktok")
    (told_return,) = [one["data"] for one in _sent(heard, delivered) if one["type"] == 12]
    assert told_return["return_status"] == "RETURN_OR_REFUND_REQUEST_PENDING"
    assert told_return["return_role"] == "BUYER"


def test_a_revoked_shop_is_told_of(heard: RunningSandbox) -> None:
    TikTokApp(heard, "tiktok-sg")
    gone = {"channel": "tiktok", "shop": "tiktok-sg"}
    heard.control.request("DELETE", "/tokens", json=gone).raise_for_status()
    told = _sent(heard, "")[-1]
    assert (told["type"], told["shop_id"]) == (6, heard.shop("tiktok-sg")["id"])
    assert told["data"]["message"]


def test_without_an_address_nothing_is_sent(played: RunningSandbox) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    assert _sent(played, order_id) == []


def test_a_shop_may_register_a_topic_by_api(
    played: RunningSandbox, receiver: Receiver, tiktok: TikTokApp
) -> None:
    topic = {"event_type": "ORDER_STATUS_CHANGE"}
    assert tiktok.answer("PUT", _HOOKS, {**topic, "address": receiver.url})["code"] == 0
    (row,) = tiktok.get(_HOOKS)["webhooks"]
    assert (row["event_type"], row["address"]) == ("ORDER_STATUS_CHANGE", receiver.url)
    (other,) = played.orders(1, "tiktok-sg")
    (order_id,) = played.orders(1, "tiktok-my")
    _, body = receiver.next()
    assert json.loads(body)["data"]["order_id"] == order_id
    assert _sent(played, other) == []
    for _ in range(2):
        assert tiktok.answer("DELETE", _HOOKS, topic)["data"] == {}
    assert tiktok.get(_HOOKS) == {"total_count": 0, "webhooks": []}


@pytest.mark.parametrize(
    "address",
    ["http://desk.example.com/hook", "https://10.0.0.7/hook", "https://desk.example.com:8443/hook",
     f"https://desk.example.com/{'x' * 255}"],
)  # fmt: skip
def test_an_address_is_https_with_a_name_and_no_port(tiktok: TikTokApp, address: str) -> None:
    topic = {"event_type": "ORDER_STATUS_CHANGE", "address": address}
    assert tiktok.code("PUT", _HOOKS, topic) == 36009004
    unknown = {"event_type": "WEATHER", "address": "https://desk.example.com/hook"}
    assert tiktok.code("PUT", _HOOKS, unknown) == 36009004
