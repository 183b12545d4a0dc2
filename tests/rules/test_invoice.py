"""Invoices to the cent, and fingerprints that follow billed facts alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.rules.facts import Fee, LineFacts, OrderFacts, PackageFacts, Settlement, Stage
from crossdock.rules.invoice import (
    CentGate,
    Documents,
    Heading,
    billed_total,
    build,
    check,
    credit_number,
    document_number,
    fingerprint,
)
from crossdock.rules.invoice_lines import Codes, InvoiceLine, ItemPart, NoCode

WHEN = datetime(2026, 3, 2, tzinfo=UTC)
SKUS = ("MUG", "TEA", "LAMP")
CODES = Codes(
    "300-L0001",
    {
        "MUG": [ItemPart("MUG")],
        "TEA": [ItemPart("TEA", "CTN")],
        "LAMP": [
            ItemPart("LAMP", quantity=Decimal(1), share=Decimal("0.65")),
            ItemPart("BULB", quantity=Decimal(3), share=Decimal("0.35")),
        ],
    },
    discount_item="DISC",
    voucher_item="VOUCHER",
    shipping_item="SHIP",
    transaction_item="FEE",
)
HEADING = Heading("1", "Kedai", date(2026, 3, 2), credit_number="1-CN")

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


def built(facts: OrderFacts, codes: Codes = CODES) -> Documents:
    return build(facts, codes, HEADING)


def lines_of(made: Documents) -> tuple[InvoiceLine, ...]:
    return made.invoice.lines if made.invoice else ()


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
    deductions = [line for line in lines_of(built(facts)) if line.item_code in ("DISC", "VOUCHER")]
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
        built(facts, replace(CODES, voucher_item=""))


def test_units_of_one_price_become_one_line() -> None:
    units = tuple(
        LineFacts(str(n), "MUG", "Mug", 1, Decimal("18.00"), Decimal(0), "shipped", Stage.SHIPPED)
        for n in range(3)
    )
    facts = OrderFacts("1", "shipped", Stage.SHIPPED, "MYR", WHEN, WHEN, lines=units)
    (line,) = lines_of(built(facts))
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
    assert [line.amount for line in lines_of(built(facts, codes))] == [Decimal("10.00")]
    assert billed_total(facts) == Decimal(10)


@given(orders, st.data())
def test_what_comes_back_after_it_was_invoiced_is_credited_and_the_rest_is_the_billed_total(
    facts: OrderFacts, data: st.DataObject
) -> None:
    first = built(facts)
    back = data.draw(st.sets(st.sampled_from([line.line_id for line in facts.lines])))
    later = replace(
        facts,
        lines=tuple(
            replace(line, stage=Stage.RETURNED)
            if line.line_id in back and line.stage.is_live
            else line
            for line in facts.lines
        ),
    )
    made = build(later, CODES, HEADING, invoiced=first.line_ids)
    assert made.total == billed_total(later).quantize(Decimal("0.01"))
    if first.invoice:
        assert made.invoice
        assert made.invoice.total == first.invoice.total
    came_back = back & set(first.line_ids)
    assert bool(made.credit) == bool(came_back)


@given(orders)
def test_what_came_back_before_the_first_posting_is_on_no_document(facts: OrderFacts) -> None:
    gone = replace(facts, lines=tuple(replace(one, stage=Stage.RETURNED) for one in facts.lines))
    assert (built(gone).invoice, built(gone).credit) == (None, None)


@given(orders)
def test_an_order_that_is_cancelled_whole_wants_no_invoice_and_no_credit_note(
    facts: OrderFacts,
) -> None:
    first = built(facts)
    gone = replace(facts, lines=tuple(replace(one, stage=Stage.CANCELLED) for one in facts.lines))
    made = build(gone, CODES, HEADING, invoiced=first.line_ids)
    assert (made.invoice, made.credit, made.total) == (None, None, Decimal(0))


@given(
    orders, st.lists(st.integers(-5000, 5000).map(lambda n: Decimal(n) / 100), max_size=4), cents
)
def test_with_fees_an_invoice_adds_up_to_the_settlement(
    facts: OrderFacts, taken: list[Decimal], shipping: Decimal
) -> None:
    amount = billed_total(facts) + shipping + sum(taken, Decimal(0))
    told = Settlement(
        facts.order_id, "MYR", amount, True, shipping,
        tuple(Fee(f"fee {number}", fee) for number, fee in enumerate(taken)),
    )  # fmt: skip
    made = build(facts, CODES, HEADING, settlement=told)
    if not facts.live_lines:
        return
    assert made.with_fees
    assert made.total == amount


def test_a_settlement_of_other_goods_is_left_aside() -> None:
    facts = OrderFacts(
        "1", "shipped", Stage.SHIPPED, "MYR", WHEN, WHEN,
        lines=(LineFacts("1", "MUG", "Mug", 1, Decimal(18), Decimal(0), "s", Stage.SHIPPED),),
    )  # fmt: skip
    told = Settlement("1", "MYR", Decimal(30), True, Decimal(0), (Fee("commission", Decimal(-2)),))
    made = build(facts, CODES, HEADING, settlement=told)
    assert (made.with_fees, made.total) == (False, Decimal("18.00"))


@given(st.integers(1, 9), cents, st.lists(st.integers(1, 99), min_size=2, max_size=5))
def test_the_parts_of_a_bundle_are_worth_the_bundle(
    quantity: int, price: Decimal, weights: list[int]
) -> None:
    whole = sum(weights)
    shares = [Decimal(weight) / whole for weight in weights]
    parts = [
        ItemPart(f"PART-{n}", quantity=Decimal(n + 1), share=share)
        for n, share in enumerate(shares)
    ]
    bundle = LineFacts("1", "SET", "Set", quantity, price, Decimal(0), "s", Stage.SHIPPED)
    facts = OrderFacts("1", "shipped", Stage.SHIPPED, "MYR", WHEN, WHEN, lines=(bundle,))
    lines = lines_of(built(facts, replace(CODES, items={"SET": parts})))
    assert sum(line.amount for line in lines) == price * quantity
    assert [line.quantity for line in lines] == [quantity * part.quantity for part in parts]


def test_a_slot_without_a_code_takes_the_default() -> None:
    facts = OrderFacts(
        "1", "shipped", Stage.SHIPPED, "MYR", WHEN, WHEN,
        lines=(
            LineFacts("1", "MUG", "Mug", 1, Decimal(18), Decimal(0), "s", Stage.SHIPPED, seller_voucher=Decimal(1)),
        ),
    )  # fmt: skip
    codes = replace(CODES, voucher_item="", default_item="OTHER")
    assert [line.item_code for line in lines_of(built(facts, codes))] == ["MUG", "OTHER"]


@given(st.text("0123456789ABC", min_size=14, max_size=20))
def test_a_credit_notes_number_fits_and_is_not_the_invoices(number: str) -> None:
    assert len(credit_number(number)) <= 20
    assert credit_number(number) != number
