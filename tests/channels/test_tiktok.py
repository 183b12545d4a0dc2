"""TikTok Shop's connector: its signature, its JSON, its push messages, and what its codes mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.channels.contract import App, EventKind, Parcel
from crossdock.channels.errors import (
    NotFound,
    NotSent,
    Refused,
    Throttled,
    TokenDead,
    TokenExpired,
    Unclear,
    Unreadable,
)
from crossdock.channels.shipping import HowToShip, Method
from crossdock.channels.tiktok import webhook
from crossdock.channels.tiktok.api import sign
from crossdock.channels.tiktok.cancellation_facts import Request
from crossdock.channels.tiktok.orders import _next
from crossdock.channels.tiktok.refusals import error_of
from crossdock.channels.tiktok.return_facts import moves_of, return_facts
from crossdock.channels.tiktok.translate import order_facts
from crossdock.rules.facts import ReturnMove, Stage
from crossdock.rules.invoice import billed_total
from tests.contract.conftest import _on_stage
from tests.contract.stage import OnStage
from tests.sandbox.running import RunningSandbox

SECRET, KEY, AT = "s3cr3tExample", "6exampleappkey", "1767225600"
APP = App(KEY, SECRET)
ORDER = {
    "id": "577001122334455667",
    "status": "AWAITING_SHIPMENT",
    "create_time": 1767225600,
    "update_time": 1767229500,
    "paid_time": 1767225660,
    "rts_sla_time": 1767398400,
    "fulfillment_type": "FULFILLMENT_BY_SELLER",
    "shipping_type": "TIKTOK",
    "delivery_option_id": "7091000000000000001",
    "tracking_number": "",
    "packages": [{"id": "1153000000000000001"}],
    "payment": {"currency": "MYR", "total_amount": "54.40", "shipping_fee": "2.40"},
    "line_items": [
        {
            "id": "577001122334455701",
            "seller_sku": "MUG-BLUE",
            "product_name": "Mug",
            "sku_name": "Blue",
            "display_status": "AWAITING_SHIPMENT",
            "package_status": "TO_FULFILL",
            "package_id": "1153000000000000001",
            "original_price": "30.00",
            "seller_discount": "2.50",
            "platform_discount": "1.50",
        },
        {"id": "577001122334455702", "original_price": "30.00", "seller_discount": "2.50"},
    ],
}


def test_the_signature_of_a_reading_call_is_the_sheets_own() -> None:
    query = {"app_key": KEY, "timestamp": AT}
    expected = "9fd8ee857ed58b0a01dfa22e95e5dce5ba2376d90ff06ff94d77a1bcee43d0b9"
    assert sign("/authorization/202309/shops", query, b"", SECRET) == expected


def test_the_signature_of_a_posted_body_is_the_sheets_own() -> None:
    query = {
        "app_key": KEY,
        "timestamp": AT,
        "page_size": "20",
        "shop_cipher": "ROW_example01",
        "sort_field": "update_time",
    }
    expected = "d949da7b3a32680d2cddf97126d6835ae0093e1f093b7e7b9d0a868e10c0323a"
    body = b'{"update_time_ge":1767139200}'
    assert sign("/order/202309/orders/search", query, body, SECRET) == expected


def test_a_push_message_is_believed_by_its_signature_alone() -> None:
    body = (
        b'{"type":1,"tts_notification_id":"7400000000000000001","shop_id":"7490000000000000001",'
        b'"timestamp":1767229500,"data":{"order_id":"577001122334455667","order_status":'
        b'"AWAITING_SHIPMENT","is_on_hold_order":true,"update_time":1767229500}}'
    )
    signed = {"authorization": "4ebd39ac04104160b004fa798217ec38ab1deb9a622aea58741a4b5152e1d948"}
    (event,) = webhook.read(APP, headers=signed, body=body)
    assert (event.kind, event.order_ids) == (EventKind.ORDER, ("577001122334455667",))
    assert (event.event_id, event.shop_id) == ("7400000000000000001", "7490000000000000001")
    with pytest.raises(Refused):
        list(webhook.read(APP, headers=signed, body=body + b" "))


def test_a_unit_is_a_line_and_the_seller_bears_its_own_discount_only() -> None:
    facts, problem = order_facts(ORDER)
    assert problem == ""
    assert [line.quantity for line in facts.lines] == [1, 1]
    assert billed_total(facts) == Decimal("55.00")
    assert {line.stage for line in facts.lines} == {Stage.TO_PACK}
    assert facts.packages[0].package_id == "1153000000000000001"
    assert facts.ship_by == datetime(2026, 1, 3, tzinfo=UTC)


def test_a_buyers_request_brings_its_id_its_reason_and_its_deadline() -> None:
    ends = datetime(2026, 1, 2, tzinfo=UTC)
    told = {**ORDER, "is_buyer_request_cancel": True}
    facts, _ = order_facts(told, Request("4035", "Changed my mind", ends))
    assert facts.cancel_requested
    assert (facts.cancel_request_id, facts.cancel_words) == ("4035", "Changed my mind")
    assert facts.cancel_deadline == ends


@pytest.mark.parametrize(
    ("code", "message", "writes", "kind"),
    [
        ("105002", "expired", True, TokenExpired),
        ("36009004", "x-tts-access-token is invalid", False, TokenExpired),
        ("36009004", "shop_id is invalid", False, Refused),
        ("105005", "scope", False, TokenDead),
        ("36004005", "no authorization", True, TokenDead),
        ("36009002", "too many", False, Throttled),
        ("36009003", "internal", True, Unclear),
        ("36009003", "internal", False, NotSent),
        ("21001003", "later", False, NotSent),
        ("21001003", "later", True, Refused),
        ("25007006", "not found", False, NotFound),
        ("21011041", "cancelled", True, Refused),
    ],
)
def test_every_code_means_what_the_sheet_says(
    code: str, message: str, writes: bool, kind: type[Exception]
) -> None:
    assert type(error_of(code, message, writes=writes, pause=3.0)) is kind


RETURN: dict[str, Any] = {
    "return_id": "4035001",
    "order_id": "577001122334455667",
    "return_status": "RETURN_OR_REFUND_REQUEST_PENDING",
    "return_type": "REFUND",
    "create_time": 1767225600,
    "refund_amount": {"currency": "MYR", "refund_total": "27.50"},
}


@pytest.mark.parametrize(
    ("changes", "moves"),
    [
        ({}, ["refund", "offer", "reject"]),
        ({"buyer_rejected_partial_refund": True}, ["refund", "reject"]),
        ({"return_type": "RETURN_AND_REFUND"}, ["take_back", "offer", "reject"]),
        (
            {"return_type": "RETURN_AND_REFUND", "can_buyer_keep_item": True},
            ["take_back", "refund", "offer", "reject"],
        ),
        ({"return_status": "AWAITING_BUYER_SHIP"}, []),
        ({"return_status": "BUYER_SHIPPED_ITEM"}, ["received", "refuse_goods"]),
        ({"return_status": "BUYER_SHIPPED_ITEM", "is_quick_refund": True}, ["received"]),
        ({"return_status": "REPLACEMENT_REQUEST_PENDING"}, ["take_back", "refund", "reject"]),
        ({"arbitration_status": "IN_PROGRESS"}, []),
        ({"return_status": "SOMETHING_NEW"}, []),
    ],
)
def test_what_can_be_done_about_a_return_follows_from_its_status(
    changes: dict[str, Any], moves: list[str]
) -> None:
    told = {**RETURN, **changes}
    assert moves_of(told) == tuple(ReturnMove(move) for move in moves)
    assert return_facts(told).waits_for_us is bool(moves)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@given(st.sampled_from(sorted(ORDER)), anything)
def test_whatever_a_field_holds_the_order_arrives(name: str, value: Any) -> None:
    told = {**ORDER, name: value}
    if name == "id":
        try:
            order_facts(told)
        except Unreadable:
            return
    else:
        assert order_facts(told)[0].order_id == ORDER["id"]


@given(st.sampled_from(sorted(ORDER["line_items"][0])), anything)  # type: ignore[index]
def test_whatever_a_lines_field_holds_the_line_arrives(name: str, value: Any) -> None:
    lines: Any = ORDER["line_items"]
    told = {**ORDER, "line_items": [{**lines[0], name: value}, lines[1]]}
    assert len(order_facts(told)[0].lines) == 2


@given(st.sampled_from(sorted(RETURN)), anything)
def test_whatever_a_returns_field_holds_it_is_read_or_has_no_id(name: str, value: Any) -> None:
    try:
        return_facts({**RETURN, name: value})
    except Unreadable:
        assert name in ("return_id", "order_id")


def test_a_list_goes_on_by_time_and_only_within_a_crowded_second_by_token() -> None:
    rows = [{"update_time": second} for second in (100, 101, 101)]
    assert json.loads(_next(rows, "update_time", 100, "t0ken") or "") == [101, ""]
    assert json.loads(_next(rows, "update_time", 101, "t0ken") or "") == [101, "t0ken"]
    assert _next(rows, "update_time", 100, "") is None


@pytest.fixture
def delivering(sandbox: RunningSandbox) -> OnStage:
    """The shop that ships some orders with couriers of its own."""
    from crossdock.channels.tiktok.channel import CHANNEL

    return _on_stage(CHANNEL, sandbox, 1)


def test_a_sellers_own_courier_must_be_named(delivering: OnStage) -> None:
    shop, order_id = delivering.shop(), delivering.orders(1, self_delivery=True)[0]
    facts = delivering.read(shop, order_id)
    ways = delivering.known.ways_to_ship(shop, delivering.parcel(facts))
    assert ways.methods == (Method.OWN_COURIER,)
    assert ways.wants_tracking_number
    packages = tuple(package.package_id for package in facts.packages)
    bare = Parcel(order_id, packages, how=HowToShip(Method.OWN_COURIER))
    (told,) = delivering.known.ship(shop, [bare])
    assert not told.ok
    assert "tracking number" in told.words
    assert delivering.ledger(order_id, "ship") == []


def test_one_package_that_is_refused_does_not_hold_back_the_others(delivering: OnStage) -> None:
    shop = delivering.shop()
    delivering.sandbox.post("/strict", system="tiktok", duplicates="refuse")
    good, gone = delivering.orders(2)
    parcels = [delivering.parcel(delivering.read(shop, one)) for one in (good, gone)]
    delivering.known.cancel(
        shop,
        parcels[1],
        reason=delivering.known.cancel_form(shop, parcels[1]).reasons[0].code,
    )
    shipped, refused = delivering.known.ship(shop, parcels)
    assert shipped.ok
    assert not refused.ok
    assert refused.words
    assert not refused.already
