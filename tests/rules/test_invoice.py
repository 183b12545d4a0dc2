"""Invoices to the cent, and fingerprints that follow billed facts alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.rules.facts import LineFacts, OrderFacts, PackageFacts, Stage
from crossdock.rules.invoice import (
    CentGate,
    Codes,
    ItemCode,
    NoCode,
    billed_total,
    build,
    check,
    document_number,
    fingerprint,
)

WHEN = datetime(2026, 3, 2, tzinfo=UTC)
SKUS = ("MUG", "TEA", "LAMP")
CODES = Codes(
    "300-L0001", {sku: ItemCode(sku) for sku in SKUS}, discount_item="DISC", voucher_item="VOUCHER"
)

cents = st.integers(0, 100_000).map(lambda number: Decimal(number) / 100)
lines = st.builds(
    LineFacts,
    line_id=st.uuids().map(str),
    sku=st.sampled_from(SKUS),
    name=st.sampled_from(("Mug", "Tea")),
    quantity=st.integers(1, 5),
    unit_price=cents,
    seller_discount=cents,
    status=st.just("shipped"),
    stage=st.sampled_from((Stage.SHIPPED, Stage.DELIVERED, Stage.CANCELLED)),
    seller_voucher=cents,
    platform_discount=cents,
)
orders = st.builds(
    OrderFacts,
    order_id=st.just("440011122133344"),
    status=st.just("shipped"),
    stage=st.just(Stage.SHIPPED),
    currency=st.just("MYR"),
    created_at=st.just(WHEN),
    updated_at=st.just(WHEN),
    lines=st.lists(lines, min_size=1, max_size=6).map(tuple),
    voucher_beyond_lines=cents,
)


def built(facts: OrderFacts):  # type: ignore[no-untyped-def]
    return build(facts, CODES, number="1", store="Kedai", day=date(2026, 3, 2), rate=None)


@given(orders)
def test_an_invoice_adds_up_to_the_billed_total_to_the_cent(facts: OrderFacts) -> None:
    assert built(facts).total == billed_total(facts).quantize(Decimal("0.01"))


@given(orders)
def test_cancelled_lines_are_not_billed(facts: OrderFacts) -> None:
    without = replace(facts, lines=facts.live_lines)
    assert billed_total(facts) == billed_total(without)
    assert fingerprint(facts) == fingerprint(without)


@given(orders)
def test_vouchers_that_the_platform_funds_are_not_deducted(facts: OrderFacts) -> None:
    generous = replace(
        facts, lines=tuple(replace(line, platform_discount=Decimal(5)) for line in facts.lines)
    )
    assert billed_total(generous) == billed_total(facts)


@given(orders)
def test_no_line_of_an_invoice_is_zero_unless_the_goods_are_free(facts: OrderFacts) -> None:
    deductions = [line for line in built(facts).lines if line.item_code in ("DISC", "VOUCHER")]
    assert all(line.amount < 0 for line in deductions)


@given(orders)
def test_a_fingerprint_ignores_stage_tracking_and_note(facts: OrderFacts) -> None:
    moved = replace(
        facts,
        status="delivered",
        buyer_note="Ring twice",
        packages=(PackageFacts("FP1", "LEX", "T1"),),
        lines=tuple(
            replace(line, stage=Stage.COMPLETED, status="confirmed") if line.stage.is_live else line
            for line in facts.lines
        ),
    )
    assert fingerprint(moved) == fingerprint(facts)


@given(orders, st.sampled_from(["unit_price", "seller_discount", "seller_voucher", "quantity"]))
def test_a_fingerprint_changes_with_any_billed_fact(facts: OrderFacts, name: str) -> None:
    if not facts.live_lines:
        return
    first = facts.live_lines[0]
    changed = replace(first, **{name: getattr(first, name) + 1})
    moved = replace(facts, lines=tuple(changed if line is first else line for line in facts.lines))
    assert fingerprint(moved) != fingerprint(facts)


def test_the_cent_gate_says_which_part_differs() -> None:
    facts = OrderFacts(
        "1", "shipped", Stage.SHIPPED, "MYR", WHEN, WHEN,
        lines=(LineFacts("1", "MUG", "Mug", 1, Decimal("18.00"), Decimal(0), "shipped", Stage.SHIPPED),),
    )  # fmt: skip
    dearer = replace(facts, lines=(replace(facts.lines[0], unit_price=Decimal("18.01")),))
    with pytest.raises(CentGate, match="goods differ"):
        check(built(facts), dearer)


def test_a_voucher_without_a_code_is_refused_by_name() -> None:
    facts = OrderFacts(
        "1", "shipped", Stage.SHIPPED, "MYR", WHEN, WHEN,
        lines=(
            LineFacts("1", "MUG", "Mug", 1, Decimal(18), Decimal(0), "s", Stage.SHIPPED, seller_voucher=Decimal(1)),
        ),
    )  # fmt: skip
    with pytest.raises(NoCode, match="Voucher"):
        build(
            facts,
            replace(CODES, voucher_item=""),
            number="1",
            store="",
            day=date(2026, 3, 2),
            rate=None,
        )


def test_units_of_one_price_become_one_line() -> None:
    units = tuple(
        LineFacts(str(n), "MUG", "Mug", 1, Decimal("18.00"), Decimal(0), "shipped", Stage.SHIPPED)
        for n in range(3)
    )
    facts = OrderFacts("1", "shipped", Stage.SHIPPED, "MYR", WHEN, WHEN, lines=units)
    (line,) = built(facts).lines
    assert (line.quantity, line.amount) == (3, Decimal("54.00"))


@given(
    st.text("0123456789", min_size=14, max_size=40),
    st.text("0123456789", min_size=14, max_size=40),
    st.booleans(),
)
def test_document_numbers_fit_and_never_meet(one: str, other: str, taken: bool) -> None:
    first, second = (document_number(order_id, taken, "1001") for order_id in (one, other))
    assert len(first) <= 20
    assert (first == second) == (one == other)


def test_an_order_id_that_fits_is_the_document_number() -> None:
    assert document_number("440011122133344", False, "1001") == "440011122133344"


def test_a_rest_below_half_a_cent_needs_no_code_and_changes_no_total() -> None:
    bundle = LineFacts("1", "MUG", "Mug", 3, Decimal("3.3334"), Decimal(0), "s", Stage.SHIPPED)
    facts = OrderFacts(
        "1", "shipped", Stage.SHIPPED, "MYR", WHEN, WHEN,
        lines=(bundle,), voucher_beyond_lines=Decimal("0.0002"),
    )  # fmt: skip
    codes = replace(CODES, voucher_item="")
    invoice = build(facts, codes, number="1", store="", day=date(2026, 3, 2), rate=None)
    assert [line.amount for line in invoice.lines] == [Decimal("10.00")]
    assert billed_total(facts) == Decimal(10)
