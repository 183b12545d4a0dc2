"""What keeps a parcel here: one rule for rows, papers and the scanner."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crossdock.rules.facts import LineFacts, OrderFacts, PackageFacts, Stage
from crossdock.rules.fate import Fate, fate_of

WHEN = datetime(2026, 3, 2, tzinfo=UTC)


def line(stage: Stage, package_id: str = "") -> LineFacts:
    return LineFacts(
        f"{stage}{package_id}", "MUG", "Mug", 1, Decimal(5), Decimal(0), stage.value, stage,
        package_id=package_id,
    )  # fmt: skip


def order(*lines: LineFacts, **more: object) -> OrderFacts:
    facts = OrderFacts(
        "1", "", Stage.READY, "MYR", WHEN, WHEN, lines=lines, packages=(PackageFacts("P1"),)
    )
    return replace(facts, **more)  # type: ignore[arg-type]


READY, GONE = line(Stage.READY, "P1"), line(Stage.CANCELLED, "P2")


@pytest.mark.parametrize(
    ("facts", "package_id", "is_void", "fate"),
    [
        (order(READY), "P1", False, Fate.GOING),
        (order(READY), "", False, Fate.GOING),
        (order(line(Stage.CANCELLED)), "P1", False, Fate.CANCELLED),
        (order(line(Stage.CANCELLED)), "P0", True, Fate.CANCELLED),
        (order(READY, cancel_requested=True), "P1", False, Fate.ASKS),
        (order(READY, cancel_requested=True), "P0", True, Fate.ASKS),
        (order(line(Stage.CANCEL_REQUESTED)), "", False, Fate.ASKS),
        (order(READY), "P0", True, Fate.VOID),
        (order(READY, GONE), "P2", False, Fate.CANCELLED),
        (order(READY, GONE), "P2", True, Fate.CANCELLED),
        (order(READY, GONE), "P1", False, Fate.GOING),
        (order(line(Stage.HELD, "P1")), "P1", False, Fate.STOPPED),
        (order(line(Stage.HELD), packages=()), "", False, Fate.GOING),
        (order(line(Stage.RETURNED)), "P1", False, Fate.GOING),
        (order(line(Stage.FAILED)), "P1", False, Fate.GOING),
        (order(stage=Stage.CANCELLED), "", False, Fate.CANCELLED),
        (order(line(Stage.CANCELLED), cancel_requested=True), "", False, Fate.CANCELLED),
    ],
)
def test_a_parcel_goes_unless_its_goods_were_cancelled_are_asked_to_be_or_its_label_is_void(
    facts: OrderFacts, package_id: str, is_void: bool, fate: Fate
) -> None:
    assert fate_of(facts, package_id, is_void=is_void) is fate


def test_every_fate_but_going_is_dead() -> None:
    assert [fate for fate in Fate if not fate.is_dead] == [Fate.GOING]
