"""Push messages: believed by their signature alone, and only for that something happened."""

from __future__ import annotations

import hashlib
import hmac
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crossdock.channels.contract import App, Event, EventKind
from crossdock.channels.errors import Refused, Unreadable
from crossdock.channels.tiktok.webhook import read

APP = App("6exampleappkey", "s3cr3tExample")
BODY = (
    b'{"type":1,"tts_notification_id":"7400000000000000001","shop_id":"7490000000000000001",'
    b'"timestamp":1767229500,"data":{"order_id":"577001122334455667","order_status":'
    b'"AWAITING_SHIPMENT","is_on_hold_order":true,"update_time":1767229500}}'
)
SIGNED = {"authorization": "4ebd39ac04104160b004fa798217ec38ab1deb9a622aea58741a4b5152e1d948"}


def said(**message: Any) -> list[Event]:
    """The events of a rightly signed message."""
    body = json.dumps({"tts_notification_id": "74", "shop_id": "7490", **message}).encode()
    return list(read(APP, headers=_signed(body), body=body))


def _signed(body: bytes) -> dict[str, str]:
    made = hmac.new(APP.secret.encode(), APP.key.encode() + body, hashlib.sha256).hexdigest()
    return {"authorization": made}


def test_the_sheets_own_message_is_believed() -> None:
    (event,) = read(APP, headers=SIGNED, body=BODY)
    assert (event.kind, event.order_ids) == (EventKind.ORDER, ("577001122334455667",))
    assert (event.event_id, event.shop_id) == ("7400000000000000001", "7490000000000000001")


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": ""}, {"authorization": "Bearer " + SIGNED["authorization"]}, SIGNED],
)
def test_what_is_not_signed_like_that_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Refused):
        list(read(APP, headers=headers, body=BODY + b" "))


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        (1, {"order_id": "5"}, (EventKind.ORDER, ("5",), ())),
        (3, {"order_id": "5"}, (EventKind.ORDER, ("5",), ())),
        (11, {"order_id": "5", "cancel_id": "6"}, (EventKind.ORDER, ("5",), ())),
        (12, {"order_id": "5", "return_id": "7"}, (EventKind.RETURN, ("5",), ("7",))),
        (
            4,
            {
                "package_list": [
                    {"package_id": "1", "order_id_list": ["5", "6"]},
                    {"package_id": "2", "order_id_list": ["6"]},
                ]
            },
            (EventKind.ORDER, ("5", "6"), ()),
        ),
        (6, {"message": "deauthorized"}, (EventKind.DEAUTHORIZED, (), ())),
        (7, {"expiration_time": "1798000000"}, (EventKind.DEAUTHORIZED, (), ())),
    ],
)
def test_each_topic_says_what_to_look_at(kind: int, data: Any, expected: Any) -> None:
    (event,) = said(type=kind, data=data)
    assert (event.kind, event.order_ids, event.return_ids) == expected


def test_other_topics_are_nothing_to_us() -> None:
    assert said(type=5, data={"product_id": 1}) == []
    assert said(type=64, data={"order_id": "5"}) == []
    assert said(type="²", data={"order_id": "5"}) == []


def test_a_message_without_its_own_id_is_known_by_its_body() -> None:
    (event,) = said(type=1, tts_notification_id="", data={"order_id": "5"})
    assert len(event.event_id) == 64


@given(st.binary(max_size=40))
@example(b"[]")
@example(b"{}")
def test_a_signed_body_that_nobody_promised_tells_of_no_order(body: bytes) -> None:
    with suppress(Unreadable):
        assert list(read(APP, headers=_signed(body), body=body)) == []


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)


@given(st.sampled_from(["type", "tts_notification_id", "shop_id", "data", "timestamp"]), anything)
def test_whatever_a_signed_message_holds_it_breaks_nothing(name: str, value: Any) -> None:
    message = {"type": 4, "data": {"package_list": [{"order_id_list": ["5"]}]}, name: value}
    for event in said(**message):
        assert event.event_id
