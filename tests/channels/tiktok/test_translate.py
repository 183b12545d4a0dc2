"""TikTok Shop's JSON → facts: units, prices, packages, holds, and garbage in any field."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.channels.errors import Unreadable
from crossdock.channels.tiktok.cancellation_facts import Request
from crossdock.channels.tiktok.return_facts import return_facts
from crossdock.channels.tiktok.translate import order_facts
from crossdock.rules.facts import Marks, Stage, Tab, Touches
from crossdock.rules.invoice import billed_total
from crossdock.rules.tabs import tab_of
from tests.channels.tiktok.samples import LINE, ORDER, PACKAGE_ID, RETURN, at, order


def test_a_unit_is_a_line_and_the_seller_bears_its_own_discount_only() -> None:
    facts = order_facts(ORDER)
    assert facts.problems == ()
    assert [line.quantity for line in facts.lines] == [1, 1]
    assert [line.line_id for line in facts.lines] == [LINE["id"], "577001122334455702"]
    assert billed_total(facts) == Decimal("55.00")
    assert facts.buyer_total == Decimal("54.40")
    assert {line.stage for line in facts.lines} == {Stage.TO_PACK}
    assert {line.package_id for line in facts.lines} == {PACKAGE_ID}


def test_the_time_to_ship_by_is_that_of_our_own_step() -> None:
    assert order_facts(ORDER).ship_by == datetime.fromtimestamp(1767398400, UTC)
    without = {name: value for name, value in ORDER.items() if name != "rts_sla_time"}
    assert order_facts(without).ship_by == datetime.fromtimestamp(1767484800, UTC)


def test_a_line_without_its_price_is_named_since_its_invoice_would_be_wrong() -> None:
    bare = {name: value for name, value in LINE.items() if name != "original_price"}
    facts = order_facts(order(line_items=[LINE, bare]))
    assert len(facts.lines) == 2
    assert facts.unread(Touches.MONEY) == ("original_price is missing",)


@pytest.mark.parametrize(
    ("status", "tab"),
    [
        ("UNPAID", Tab.UNPAID),
        ("ON_HOLD", Tab.OTHERS),
        ("AWAITING_SHIPMENT", Tab.NEW_ORDER),
        ("AWAITING_COLLECTION", Tab.TO_SHIP),
        ("IN_TRANSIT", Tab.SHIPPED),
        ("DELIVERED", Tab.DELIVERED),
        ("COMPLETED", Tab.COMPLETED),
        ("CANCELLED", Tab.OTHERS),
        ("CANCEL", Tab.OTHERS),
        ("NEVER_SEEN_BEFORE", Tab.OTHERS),
    ],
)
def test_every_status_has_its_tab(status: str, tab: Tab) -> None:
    assert tab_of(order_facts(at(status)), Marks()) is tab


def test_an_order_on_hold_is_held_whatever_its_lines_say() -> None:
    facts = order_facts(order(status="ON_HOLD"))
    assert {line.stage for line in facts.lines} == {Stage.HELD}


def test_an_order_that_is_partly_shipped_stands_where_its_least_advanced_line_stands() -> None:
    shipped = {**LINE, "id": "2", "display_status": "AWAITING_COLLECTION"}
    facts = order_facts(order(status="PARTIALLY_SHIPPING", line_items=[LINE, shipped]))
    assert [line.stage for line in facts.lines] == [Stage.TO_PACK, Stage.READY]
    without = [{**LINE, "display_status": ""}]
    facts = order_facts(order(status="PARTIALLY_SHIPPING", line_items=without))
    assert tab_of(facts, Marks()) is Tab.TO_PROCESS


def test_each_package_has_the_number_and_the_courier_of_its_own_lines() -> None:
    first = {**LINE, "tracking_number": "T1", "shipping_provider_name": "J&T"}
    other = {**LINE, "id": "2", "package_id": "1153000000000000002", "package_status": "PROCESSING"}
    facts = order_facts(
        order(line_items=[first, other], tracking_number="T1", shipping_provider="J&T")
    )
    assert [
        (one.package_id, one.tracking_number, one.shipment_provider) for one in facts.packages
    ] == [
        (PACKAGE_ID, "T1", "J&T"),
        ("1153000000000000002", "", ""),
    ]
    assert [one.status for one in facts.packages] == ["TO_FULFILL", "PROCESSING"]


def test_the_only_package_may_have_what_the_order_tells_of_it() -> None:
    facts = order_facts(order(tracking_number="T1", shipping_provider="J&T"))
    (package,) = facts.packages
    assert (package.tracking_number, package.shipment_provider) == ("T1", "J&T")
    assert (package.logistics_id, package.logistics_name) == ("7091000000000000001", "Standard")


def test_a_cancelled_unit_does_not_hide_the_state_of_its_package() -> None:
    gone = {**LINE, "package_status": "CANCELLED", "display_status": "CANCELLED"}
    living = {**LINE, "id": "2", "package_status": "PROCESSING", "tracking_number": "T1"}
    (package,) = order_facts(order(line_items=[gone, living])).packages
    assert (package.status, package.tracking_number) == ("PROCESSING", "T1")


def test_a_bundle_lies_in_the_package_of_its_units() -> None:
    unit = {"id": "9", "package_id": PACKAGE_ID, "package_status": "PROCESSING"}
    bundle = {**LINE, "package_id": "", "sub_item_info": [unit]}
    facts = order_facts(order(line_items=[bundle], packages=[]))
    assert facts.lines[0].package_id == PACKAGE_ID
    assert [one.package_id for one in facts.packages] == [PACKAGE_ID]


def test_who_delivers_and_who_packs_is_told() -> None:
    assert not order_facts(ORDER).seller_delivers
    assert order_facts(order(shipping_type="SELLER")).seller_delivers
    assert not order_facts(ORDER).fulfilled_by_channel
    assert order_facts(order(fulfillment_type="FULFILLMENT_BY_TIKTOK")).fulfilled_by_channel
    assert not order_facts(ORDER).no_parcel
    assert order_facts(order(shipping_type="TIKTOK_DIGITAL")).no_parcel
    assert order_facts(order(order_type="VIRTUAL_ORDER")).no_parcel


def test_a_buyers_request_brings_its_id_its_reason_and_its_deadline() -> None:
    ends = datetime(2026, 1, 2, tzinfo=UTC)
    told = order(is_buyer_request_cancel=True)
    facts = order_facts(told, Request("4035", "Changed my mind", ends))
    assert facts.problems == ()
    assert facts.cancel_requested
    assert (facts.cancel_request_id, facts.cancel_words) == ("4035", "Changed my mind")
    assert facts.cancel_deadline == ends


def test_a_request_that_is_not_listed_yet_is_named_so_that_it_is_asked_for_again() -> None:
    facts = order_facts(order(is_buyer_request_cancel=True))
    assert facts.cancel_requested
    assert "not listed yet" in facts.unread(Touches.NOTHING)[0]


def test_a_cancelled_order_waits_for_no_answer() -> None:
    facts = order_facts(at("CANCELLED", is_buyer_request_cancel=True))
    assert not facts.cancel_requested
    assert facts.problems == ()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@given(st.sampled_from(sorted(ORDER)), anything)
def test_whatever_a_field_holds_the_order_arrives(name: str, value: Any) -> None:
    try:
        facts = order_facts({**ORDER, name: value})
    except Unreadable:
        assert name == "id"
    else:
        assert name == "id" or facts.order_id == ORDER["id"]


@given(st.sampled_from(sorted({*LINE, "sub_item_info"})), anything)
def test_whatever_a_lines_field_holds_the_line_arrives(name: str, value: Any) -> None:
    told = order(line_items=[{**LINE, name: value}, {**LINE, "id": "2"}])
    assert len(order_facts(told).lines) == 2


@given(st.sampled_from(["payment", "recipient_address"]), st.text(max_size=12), anything)
def test_whatever_lies_inside_a_part_the_order_arrives(part: str, name: str, value: Any) -> None:
    told = order(**{part: {**ORDER[part], name: value, "total_amount": value, "name": value}})
    assert order_facts(told).order_id == ORDER["id"]


@given(st.sampled_from(sorted({*RETURN, "seller_next_action_response"})), anything)
def test_whatever_a_returns_field_holds_it_is_read_or_has_no_id(name: str, value: Any) -> None:
    try:
        return_facts({**RETURN, name: value}, [{"role": "BUYER", "images": value, "note": value}])
    except Unreadable:
        assert name in ("return_id", "order_id")


@pytest.mark.parametrize(
    ("by", "reason", "words"),
    [
        ("BUYER", "ecom_order_to_ship_canceled_reason_no_need", "cancelled by the buyer: No need"),
        ("SELLER", "seller_cancel_reason_out_of_stock", "cancelled by the seller: Out of stock"),
        ("SYSTEM", "package_lost", "cancelled by the marketplace: Package lost"),
        ("", "Change of mind", "cancelled: Change of mind"),
        ("BUYER", "", "cancelled by the buyer"),
        ("", "", ""),
    ],
)
def test_a_cancelled_order_tells_who_cancelled_it_and_why(by: str, reason: str, words: str) -> None:
    told = order(status="CANCELLED", cancellation_initiator=by, cancel_reason=reason)
    assert order_facts(told).cancel_words == words
    assert order_facts(order(cancel_reason=reason)).cancel_words == "", "it lives"
