"""Lazada's connector: its signature, its odd JSON, its push messages, and what its errors mean."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.channels.contract import App, Event, EventKind
from crossdock.channels.errors import Refused, Throttled, TokenDead, TokenExpired, Unclear
from crossdock.channels.lazada import webhook
from crossdock.channels.lazada.api import _error, sign
from crossdock.channels.lazada.reading import moment
from crossdock.channels.lazada.translate import order_facts
from crossdock.rules.facts import Problem, Stage, Touches

APP = App("123456", "helloworld")


def test_the_signature_is_the_vendors_own() -> None:
    values = {
        "access_token": "test",
        "app_key": "123456",
        "order_id": "1234",
        "sign_method": "sha256",
        "timestamp": "1517820392000",
    }
    expected = "4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A"
    assert sign("/order/get", values, "helloworld ") == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02 10:15:42 +0800",
        "2026-03-02T10:15:42+08:00",
        1772417742000,
        1772417742,
        "1772417742",
    ],
)
def test_all_three_forms_of_time_are_one_moment(text: str | int) -> None:
    assert moment(text) == datetime(2026, 3, 2, 2, 15, 42, tzinfo=UTC)


def item(**changes: object) -> dict[str, object]:
    return {
        "order_item_id": 440011122233344, "sku": "BTL-500-BK", "name": "Steel bottle", "status": "pending",
        "item_price": 39.9, "voucher_seller": 3, "currency": "MYR", "package_id": "", **changes,
    }  # fmt: skip


HEAD = {
    "order_id": 440011122133344,
    "created_at": "2026-03-02 10:15:42 +0800",
    "price": "39.90",
    "shipping_fee": 4.9,
}


def test_units_are_lines_and_money_is_read_from_text_or_number() -> None:
    facts = order_facts(HEAD, [item(), item(order_item_id=2, item_price="39.90")])
    assert [line.unit_price for line in facts.lines] == [Decimal("39.9"), Decimal("39.90")]
    assert facts.lines[0].seller_voucher == Decimal(3)
    assert facts.buyer_total == Decimal("44.80")
    assert facts.problems == ()


def test_an_unreadable_field_is_named_and_the_order_arrives_all_the_same() -> None:
    facts = order_facts(HEAD, [item(item_price="free", sla_time_stamp="tomorrow")])
    assert facts.order_id == "440011122133344"
    assert facts.problems == (
        Problem(Touches.MONEY, "item_price is no amount: 'free'"),
        Problem(Touches.NOTHING, "sla_time_stamp is no time: 'tomorrow'"),
    )


def test_items_that_tell_no_currency_have_the_countrys() -> None:
    assert order_facts(HEAD, [item(currency=None)], "MYR").currency == "MYR"
    assert order_facts(HEAD, [item(currency="SGD")], "MYR").currency == "SGD"


def test_an_amount_beyond_all_measure_is_named() -> None:
    facts = order_facts(HEAD, [item(item_price=10**20)])
    assert facts.lines[0].unit_price == 0
    assert facts.unread(Touches.MONEY) == (f"item_price is no amount: '{10**20}'",)


def test_an_unknown_status_is_kept_as_it_came() -> None:
    facts = order_facts(HEAD, [item(status="teleported")])
    assert (facts.lines[0].status, facts.lines[0].stage) == ("teleported", Stage.UNKNOWN)


def test_a_repacked_items_old_package_is_nobodys() -> None:
    facts = order_facts(HEAD, [item(status="repacked", package_id="FP1", tracking_code="T1")])
    assert facts.packages == ()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
fields = st.sampled_from(
    ["item_price", "status", "sla_time_stamp", "currency", "payment_time", "delivery_option_sof", "need_cancel_confirm",
     "voucher_seller", "name", "sku"]
)  # fmt: skip


@given(
    st.dictionaries(fields, json_values),
    st.dictionaries(st.sampled_from(sorted(HEAD)[1:]), json_values),
)
def test_no_field_however_odd_loses_an_order(
    in_item: dict[str, object], in_head: dict[str, object]
) -> None:
    facts = order_facts({**HEAD, **in_head, "order_id": 1}, [item(**in_item)])
    assert facts.order_id == "1"
    assert len(facts.lines) == 1


def told(message: dict[str, object]) -> list[Event]:
    """What a rightly signed message is about."""
    body = json.dumps(message).encode()
    signature = hmac.new(b"helloworld", b"123456" + body, hashlib.sha256).hexdigest()
    return list(webhook.read(APP, headers={"authorization": signature}, body=body))


@pytest.mark.parametrize(
    ("status", "kind", "returns"),
    [("RTM_INIT", EventKind.RETURN, ("66",)), ("REFUND_SUCCESS", EventKind.RETURN, ("66",)),
     ("CANCEL_INIT", EventKind.ORDER, ()), ("CANCEL_REFUND_ISSUED", EventKind.ORDER, ())],
)  # fmt: skip
def test_a_reverse_order_is_about_a_return_unless_it_is_a_cancellation(
    status: str, kind: EventKind, returns: tuple[str, ...]
) -> None:
    data = {"reverse_order_id": 66, "trade_order_id": 44, "reverse_status": status}
    (event,) = told({"seller_id": "1001", "message_type": 10, "data": data, "site": "LAZADA_SG"})
    assert (event.kind, event.order_ids, event.return_ids) == (kind, ("44",), returns)
    assert (event.shop_id, event.region) == ("1001", "SG")


def test_a_package_is_about_its_order() -> None:
    data = {"fulfillment_package_id": "FP1", "status": "DELIVERED", "trade_order_id": "44"}
    (event,) = told({"seller_id": "1001", "message_type": 14, "data": data, "site": "lazada-my"})
    assert (event.kind, event.order_ids, event.region) == (EventKind.ORDER, ("44",), "MY")


def test_an_authorisation_that_ends_is_worth_asking_about() -> None:
    data = {"app_key": "123456", "auth_expiry_time": "1772590542", "seller_id": "1001"}
    (event,) = told({"seller_id": "null", "message_type": 8, "data": data, "site": "nowhere"})
    assert (event.kind, event.shop_id, event.region) == (EventKind.DEAUTHORIZED, "1001", "")


@pytest.mark.parametrize("kind", [1, 3, 6, 13, "x", None])
def test_other_messages_are_about_no_order(kind: object) -> None:
    data = {"trade_order_id": "44"}
    assert told({"seller_id": "1001", "message_type": kind, "data": data}) == []


def test_a_push_message_is_read_when_it_is_signed_over_its_raw_body() -> None:
    body = (
        b'{"seller_id":"1001","message_type":0,"data":{"trade_order_id":"44"},"site":"lazada_my"}'
    )
    signature = hmac.new(b"helloworld", b"123456" + body, hashlib.sha256).hexdigest()
    (event,) = webhook.read(APP, headers={"authorization": signature}, body=body)
    assert (event.shop_id, event.region, event.order_ids) == ("1001", "MY", ("44",))


def test_the_vendors_signed_example_is_accepted_and_is_about_no_order() -> None:
    signature = "62d61ea38a720392d24f2af44a4d215ee1e10d60d96866f9e14d1c14f7fa70f5"
    body = b'{"seller_id":"1001","message_type":0}'
    assert list(webhook.read(APP, headers={"authorization": signature}, body=body)) == []


def test_a_push_message_with_a_wrong_signature_is_refused() -> None:
    with pytest.raises(Refused):
        list(webhook.read(APP, headers={"authorization": "0" * 64}, body=b"{}"))


@pytest.mark.parametrize(
    ("code", "writes", "kind"),
    [("IllegalAccessToken", True, TokenExpired), ("IllegalRefreshToken", True, TokenDead), ("ServiceTimeout", True, Unclear),
     ("SellerCallLimit", True, Throttled), ("700004", True, Refused)],
)  # fmt: skip
def test_codes_mean_what_the_sheet_says(code: str, writes: bool, kind: type[Exception]) -> None:
    assert type(_error(code, "words", writes=writes)) is kind


def test_a_ban_is_waited_for_a_second_longer() -> None:
    error = _error(
        "ApiCallLimit",
        "Api access frequency exceeds the limit. this ban will last 3 seconds",
        writes=False,
    )
    assert isinstance(error, Throttled)
    assert error.wait == 4.0
