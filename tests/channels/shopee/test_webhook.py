"""Shopee's push messages."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest

from crossdock.channels.contract import App, EventKind
from crossdock.channels.errors import Refused, Unreadable
from crossdock.channels.shopee import webhook

APP = App("2001", "key")


def signed(body: bytes, key: bytes = b"key") -> dict[str, str]:
    url = b"https://desk.example/webhooks/shopee"
    return {"authorization": hmac.new(key, url + b"|" + body, hashlib.sha256).hexdigest()}


def read(body: bytes, headers: dict[str, str] | None = None, app: App = APP) -> list[Any]:
    url = "https://desk.example/webhooks/shopee"
    return list(webhook.read(app, headers=headers or signed(body), body=body, url=url))


STATUS = (
    b'{"data":{"items":[],"ordersn":"260301ABCD1234","status":"PROCESSED","completed_scenario":"",'
    b'"update_time":1772340000},"shop_id":99,"code":3,"timestamp":1772340001}'
)


def test_the_sheets_push_message_is_read_when_it_is_signed_over_address_and_raw_body() -> None:
    (event,) = read(STATUS)
    assert (event.shop_id, event.kind, event.order_ids) == (
        "99",
        EventKind.ORDER,
        ("260301ABCD1234",),
    )
    assert event.event_id == hashlib.sha256(STATUS).hexdigest()


def test_a_push_key_of_its_own_takes_the_place_of_the_partner_key() -> None:
    app = App("2001", "key", more={"push_key": "push"})
    assert read(STATUS, signed(STATUS, b"push"), app)
    with pytest.raises(Refused):
        read(STATUS, signed(STATUS, b"key"), app)


def test_a_forged_push_message_is_refused() -> None:
    with pytest.raises(Refused):
        read(STATUS + b" ", signed(STATUS))


@pytest.mark.parametrize(
    ("code", "data", "kind", "returns"),
    [
        (4, {"ordersn": "S1", "package_number": "A"}, EventKind.ORDER, ()),
        (15, {"order_sn": "S1", "status": "READY"}, EventKind.ORDER, ()),
        (30, {"ordersn": "S1", "fulfillment_status": "LOGISTICS_READY"}, EventKind.ORDER, ()),
        (47, {"order_sn": "S1", "changed_fields": []}, EventKind.ORDER, ()),
        (29, {"order_sn": "S1", "return_sn": "R1"}, EventKind.RETURN, ("R1",)),
    ],
)
def test_messages_name_the_order_that_they_are_about(
    code: int, data: dict[str, Any], kind: EventKind, returns: tuple[str, ...]
) -> None:
    body = json.dumps({"data": data, "shop_id": 99, "code": code, "timestamp": 1}).encode()
    (event,) = read(body)
    assert (event.kind, event.order_ids, event.return_ids) == (kind, ("S1",), returns)


@pytest.mark.parametrize(
    ("code", "data", "shops"),
    [
        (2, {"shop_id": 99, "authorize_type": "user cancel shop authorization"}, ["99"]),
        (2, {"shopid": 99}, ["99"]),
        (2, {"main_account_id": 5, "shop_id_list": [1, 2]}, ["1", "2"]),
        (12, {"shop_expire_soon": [1, 2], "merchant_expire_soon": []}, ["1", "2"]),
        (12, {"shop_expire_soon": [{"shop_id": 7}]}, ["7"]),
    ],
)
def test_the_end_of_an_authorisation_is_told_for_every_shop(
    code: int, data: dict[str, Any], shops: list[str]
) -> None:
    events = read(json.dumps({"data": data, "code": code, "partner_id": 2001}).encode())
    assert [(event.shop_id, event.kind) for event in events] == [
        (shop, EventKind.DEAUTHORIZED) for shop in shops
    ]


def test_a_code_that_is_sent_as_text_counts_as_the_number_that_it_says() -> None:
    body = STATUS.replace(b'"code":3', b'"code":"3"')
    assert [event.order_ids for event in read(body)] == [("260301ABCD1234",)]


@pytest.mark.parametrize(
    "body",
    [
        b'{"code":[3],"data":{"ordersn":"S1"}}',
        b'{"code":7,"data":{}}',
        b'{"code":3,"data":null}',
        b'{"code":"x"}',
    ],
)
def test_messages_about_nothing_of_ours_are_taken_quietly(body: bytes) -> None:
    assert read(body) == []


def test_a_signed_body_that_nobody_promised_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        read(b"hello")
