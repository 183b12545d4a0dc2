"""Whatever a marketplace tells: a bill is never built from a figure that nobody told, and no unit of
goods gets lost, without the order saying so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.channels.lazada.translate import order_facts as of_lazada
from crossdock.channels.shopee.translate import order_facts as of_shopee
from crossdock.channels.tiktok.translate import order_facts as of_tiktok
from crossdock.rules.allowed import may_pack, may_post
from crossdock.rules.facts import Marks, OrderFacts, Stage, Touches
from crossdock.rules.invoice import billed_total
from tests.channels.shopee import samples as shopee
from tests.channels.tiktok import samples as tiktok

ABSENT = object()
Row = dict[str, Any]

LAZADA_HEAD = {"order_id": 44, "created_at": "2026-03-02 10:15:42 +0800", "price": "30.00"}
LAZADA_ITEM = {
    "order_item_id": 1, "sku": "MUG", "name": "Mug", "status": "delivered", "item_price": 30.0,
    "voucher_seller": 2.5, "voucher_platform": 0, "currency": "MYR",
}  # fmt: skip


def with_field(row: Mapping[str, Any], name: str, value: Any) -> Row:
    """The row with another value there, or without the field."""
    left = {key: one for key, one in row.items() if key != name}
    return left if value is ABSENT else {**left, name: value}


def lazada(*changes: tuple[str, Any]) -> OrderFacts:
    item = LAZADA_ITEM
    for name, value in changes:
        item = with_field(item, name, value)
    return of_lazada(LAZADA_HEAD, [item])


def shopee_order(*changes: tuple[str, Any]) -> OrderFacts:
    item, income = shopee.item(model_quantity_purchased=1), {"voucher_from_seller": Decimal("2.5")}
    for name, value in changes:
        if name in income:
            income = with_field(income, name, value)
        else:
            item = with_field(item, name, value)
    told = shopee.order(item, order_status="COMPLETED", package_list=[])
    return of_shopee(told, {}, {"order_sn": told["order_sn"], "order_income": income})


def tiktok_order(*changes: tuple[str, Any]) -> OrderFacts:
    line = {**tiktok.LINE, "display_status": "DELIVERED"}
    for name, value in changes:
        line = with_field(line, name, value)
    return of_tiktok(tiktok.order(status="DELIVERED", line_items=[line]))


@dataclass(frozen=True)
class Figure:
    """A figure that a bill is built from: where it stands, and what the bill is for a value of it."""

    told: Callable[..., OrderFacts]
    name: str
    bill: Callable[[Decimal], Decimal]
    least: int = 0


FIGURES = [
    Figure(lazada, "item_price", lambda price: price - Decimal("2.5")),
    Figure(lazada, "voucher_seller", lambda voucher: 30 - voucher),
    Figure(shopee_order, "model_discounted_price", lambda price: price - Decimal("2.5")),
    Figure(
        shopee_order,
        "model_quantity_purchased",
        lambda units: Decimal("15.5") * units - Decimal("2.5"),
        1,
    ),
    Figure(shopee_order, "voucher_from_seller", lambda voucher: Decimal("15.5") - abs(voucher), -(10**13)),
    Figure(tiktok_order, "original_price", lambda price: price - Decimal("2.5")),
    Figure(tiktok_order, "seller_discount", lambda discount: 30 - discount),
]  # fmt: skip
ODD = [
    "1,299.00", "1.299,00", "RM 12", "12 RM", "free", "", " ", "-", "NaN", "Infinity", "-Infinity", "1_299",
    "0x10", "12,5", None, ABSENT, True, False, [], {}, [12], {"amount": 12}, float("nan"), float("inf"),
    Decimal("NaN"), Decimal(10) ** 20, 10**13, -1, "-0.01", "1e99",
]  # fmt: skip

values = (
    st.sampled_from(ODD)
    | st.decimals(allow_nan=True, allow_infinity=True, places=2)
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.decimals(min_value=0, max_value=10**9, places=4)
    | st.decimals(min_value=0, max_value=10**9, places=2).map(str)
)


def number(value: Any) -> Decimal | None:
    """The number that a person would read there; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        read = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return read if read.is_finite() else None


def test_every_sample_is_whole() -> None:
    for told in (lazada, shopee_order, tiktok_order):
        assert told().problems == ()
        assert may_post(told(), Marks()).ok


@pytest.mark.parametrize("figure", FIGURES, ids=lambda one: one.name)
@given(value=values)
def test_a_bill_is_never_built_from_a_figure_that_was_not_told(figure: Figure, value: Any) -> None:
    facts = figure.told((figure.name, value))
    if facts.unread(Touches.MONEY, Touches.LINES):
        assert not may_post(facts, Marks()).ok
        assert not may_post(facts, Marks(), invoiced=True).ok
        return
    told = number(value)
    assert told is not None
    assert told > figure.least - Decimal("0.0001")
    if not (told == 0 and figure.name == "model_discounted_price"):  # the escrow knows its price
        assert abs(billed_total(facts) - figure.bill(told)) <= Decimal("0.0001")


@pytest.mark.parametrize("figure", FIGURES, ids=lambda one: one.name)
@pytest.mark.parametrize("value", ODD, ids=lambda one: "absent" if one is ABSENT else repr(one))
def test_what_is_no_amount_is_named_with_the_field(figure: Figure, value: Any) -> None:
    facts = figure.told((figure.name, value))
    words = "; ".join(facts.unread(Touches.MONEY, Touches.LINES))
    if figure.least < 0 and value in (-1, "-0.01"):
        assert words == ""  # the sign of Shopee's vouchers is not documented
    else:
        assert figure.name in words or "seller's vouchers" in words


@given(st.integers(1, 999), st.decimals(0, 10**6, places=2), st.decimals(0, 10, places=2))
def test_whole_figures_are_billed_to_the_cent_in_any_form(
    units: int, price: Decimal, voucher: Decimal
) -> None:
    for form in (str, float, lambda one: one):
        off = (("item_price", form(price)), ("voucher_seller", form(voucher)))
        assert billed_total(lazada(*off)) == price - voucher
        off = (("original_price", form(price)), ("seller_discount", form(voucher)))
        assert billed_total(tiktok_order(*off)) == price - voucher
        more = (("model_discounted_price", form(price + 1)), ("voucher_from_seller", form(voucher)))
        facts = shopee_order(("model_quantity_purchased", units), *more)
        assert billed_total(facts) == (price + 1) * units - voucher
        assert facts.problems == ()


def lazada_units(ids: list[Any]) -> OrderFacts:
    return of_lazada(LAZADA_HEAD, [with_field(LAZADA_ITEM, "order_item_id", one) for one in ids])


def shopee_units(ids: list[Any]) -> OrderFacts:
    items = [with_field(shopee.item(), "item_id", one) for one in ids]
    return of_shopee(shopee.order(*items), {}, None)


def tiktok_units(ids: list[Any]) -> OrderFacts:
    lines = [with_field(tiktok.LINE, "id", one) for one in ids]
    return of_tiktok(tiktok.order(line_items=lines))


@pytest.mark.parametrize("told", [lazada_units, shopee_units, tiktok_units])
@pytest.mark.parametrize("bad", [None, "", ABSENT])
def test_units_without_an_id_stay_apart_and_are_named(told: Any, bad: Any) -> None:
    facts = told([bad, bad, 7])
    assert len({line.line_id for line in facts.lines}) == 3
    assert facts.unread(Touches.LINES)
    assert not may_pack(facts, Marks()).ok
    assert not may_post(facts, Marks(), invoiced=True).ok


@pytest.mark.parametrize("told", [lazada_units, tiktok_units])
def test_two_units_with_one_id_stay_two_and_are_named(told: Any) -> None:
    facts = told([7, 7])
    assert len({line.line_id for line in facts.lines}) == 2
    assert "7" in facts.unread(Touches.LINES)[0]


def test_a_row_that_is_no_item_is_not_left_out_in_silence() -> None:
    items: list[Any] = [LAZADA_ITEM, "an item"]
    assert of_lazada(LAZADA_HEAD, items).unread(Touches.LINES) == ("an item cannot be read",)
    told: Row = {**shopee.ORDER, "item_list": [shopee.item(), None]}
    assert of_shopee(told, {}, None).unread(Touches.LINES) == ("item_list cannot be read whole",)
    lines = tiktok.order(line_items=[tiktok.LINE, 5])
    assert of_tiktok(lines).unread(Touches.LINES) == ("line_items cannot be read whole",)


@pytest.mark.parametrize("value", [None, "", ABSENT, "RM", "ringgit", "myr", 5, {}, ["MYR"]])
def test_a_currency_that_is_none_is_a_matter_of_money(value: Any) -> None:
    bare = {"total_amount": "30.00"}
    line = with_field(tiktok.LINE, "currency", value)
    found = [
        lazada(("currency", value)),
        of_shopee(with_field(shopee.ORDER, "currency", value), {}, None),
        of_tiktok(tiktok.order(payment=with_field(bare, "currency", value), line_items=[line])),
    ]
    for facts in found:
        assert "currency" in facts.unread(Touches.MONEY)[0]


def test_items_in_two_currencies_are_a_matter_of_money() -> None:
    items = [LAZADA_ITEM, {**LAZADA_ITEM, "order_item_id": 2, "currency": "SGD"}]
    facts = of_lazada(LAZADA_HEAD, items, "MYR")
    assert facts.unread(Touches.MONEY) == ("the currency is not clear: MYR, SGD",)


def test_an_unknown_word_keeps_the_whole_order_from_being_posted() -> None:
    items = [LAZADA_ITEM, {**LAZADA_ITEM, "order_item_id": 2, "status": "teleported"}]
    lines = [tiktok.LINE, {**tiktok.LINE, "id": "2", "display_status": "TELEPORTED"}]
    found = [
        of_lazada(LAZADA_HEAD, items),
        of_shopee(shopee.order(order_status="TELEPORTED"), {}, None),
        of_tiktok(tiktok.order(line_items=lines)),
        of_tiktok(tiktok.order(status="TELEPORTED")),
    ]
    for facts in found:
        (words,) = facts.unread(Touches.LINES)
        assert "teleported" in words.lower()
        assert "is not known" in words
        assert not may_post(facts, Marks(), invoiced=True).ok
    assert found[0].status == "delivered,teleported"


@pytest.mark.parametrize(
    "field", ["sla_time_stamp", "cancel_trigger_time", "need_cancel_confirm", "product_id"]
)
def test_what_matters_to_nobody_stops_nothing(field: str) -> None:
    facts = lazada((field, "no time at all"), ("need_cancel_confirm", False))
    assert facts.unread(Touches.MONEY, Touches.LINES, Touches.ADDRESS) == ()
    assert may_post(facts, Marks()).ok


@pytest.mark.parametrize("field", ["created_at", "updated_at"])
def test_a_day_that_an_invoice_may_carry_is_a_matter_of_money(field: str) -> None:
    facts = of_lazada({**LAZADA_HEAD, field: "soon"}, [LAZADA_ITEM])
    assert bool(facts.unread(Touches.MONEY)) == (field == "created_at")
    assert lazada(("payment_time", "soon")).unread(Touches.MONEY)


def test_an_address_that_cannot_be_read_is_named_without_a_word_of_it() -> None:
    street = "Jalan Satu 1, Klang"
    found = [
        of_lazada({**LAZADA_HEAD, "address_shipping": street}, [LAZADA_ITEM]),
        of_shopee(shopee.order(recipient_address=[street]), {}, None),
        of_tiktok(tiktok.order(recipient_address=street)),
    ]
    for facts in found:
        assert facts.unread(Touches.ADDRESS)
        assert facts.unread(Touches.MONEY, Touches.LINES) == ()
        assert "Jalan" not in str(facts.problems)


def test_a_goods_code_that_is_no_text_is_a_matter_of_lines() -> None:
    for facts in (lazada(("sku", {"a": 1})), tiktok_order(("seller_sku", ["A"]))):
        assert facts.unread(Touches.LINES)
    assert shopee_order(("model_sku", ["A"])).unread(Touches.LINES)
    assert lazada(("sku", None)).problems == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [("cancelled_qty", "one"), ("returned_qty", -1), ("cancelled_qty", 5), ("returned_qty", 1.5)],
)
def test_units_that_went_and_cannot_be_counted_are_a_matter_of_lines(
    field: str, value: Any
) -> None:
    assert shopee_order((field, value)).unread(Touches.LINES)


def test_an_escrow_without_its_income_is_a_matter_of_money() -> None:
    facts = of_shopee(shopee.order(), {}, {"order_sn": "260301ABCD1234", "order_income": None})
    assert facts.unread(Touches.MONEY) == ("the escrow does not tell the seller's vouchers",)


def test_a_bundle_that_the_escrow_prices_below_its_priced_items_is_a_matter_of_money() -> None:
    lines = (
        shopee.item(),
        shopee.item(model_discounted_price=0, promotion_group_id=4, model_quantity_purchased=1),
    )
    row = {"item_id": 111, "model_id": 222, "discounted_price": Decimal("30.9")}
    facts = of_shopee(shopee.order(*lines), {}, shopee.escrow(row))
    assert facts.unread(Touches.MONEY)


BACK = [
    "INFO_ST_DOMESTIC_BACK_TO_SHIPPER", "INFO_ST_DOMESTIC_RETURN_WITH_LAST_MILE_3PL",
    "INFO_ST_DOMESTIC_RETURN_AT_TRANSIT_HUB", "INFO_ST_DOMESTIC_PACKAGE_RETURNED",
    "INFO_ST_DOMESTIC_PACKAGE_RETURNED_FAILED", "INFO_ST_DOMESTIC_DELIVERY_FAILED",
    "INFO_ST_DOMESTIC_SHIPPER_RECEIVED", "INFO_ST_DOMESTIC_WAREHOUSE_RETURNED",
    "ON_THE_WAY_BACK_TO_SHIPPER", "DELIVER_FAILED", "LOST_BY_3PL", "DAMAGE_BY_3PL", "PACKAGE_SCRAPPED",
]  # fmt: skip


@pytest.mark.parametrize("word", BACK)
def test_goods_on_the_couriers_way_back_are_neither_alive_nor_billed(word: str) -> None:
    back = {**LAZADA_ITEM, "order_item_id": 2, "item_price": 36.4, "status": word}
    facts = of_lazada(LAZADA_HEAD, [LAZADA_ITEM, back])
    assert facts.problems == ()
    assert [line.stage.is_live for line in facts.lines] == [True, False]
    assert facts.lines[1].stage in (Stage.FAILED, Stage.RETURNED)
    assert billed_total(facts) == Decimal("27.5")


def test_a_scan_word_that_nobody_listed_stops_the_order_and_is_shown_as_it_came() -> None:
    facts = lazada(("status", "INFO_ST_DOMESTIC_SOMETHING_NEW"))
    assert facts.status == "INFO_ST_DOMESTIC_SOMETHING_NEW"
    assert facts.unread(Touches.LINES)
