"""Stock Pick's rule: what is scanned against what belongs into the parcel."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.rules.facts import LineFacts, Stage
from crossdock.rules.verification import (
    Meant,
    Standing,
    difference,
    meant,
    standing_of_all,
    targets_of,
)

SKUS = ("MUG-BLUE", "TEA 100", "12*BOX", "")


def line(number: int, sku: str, quantity: int, stage: Stage = Stage.PACKED) -> LineFacts:
    return LineFacts(
        str(number), sku, f"Item {sku}", quantity, Decimal(1), Decimal(0), stage.value, stage,
        channel_sku=f"CH-{sku or number}",
    )  # fmt: skip


orders = st.lists(
    st.tuples(
        st.sampled_from(SKUS), st.integers(1, 5), st.sampled_from((Stage.PACKED, Stage.CANCELLED))
    ),
    min_size=1,
    max_size=6,
).map(lambda rows: [line(number, *row) for number, row in enumerate(rows)])


@given(orders)
def test_targets_are_the_live_units_and_nothing_else(lines: list[LineFacts]) -> None:
    live = sum(one.quantity for one in lines if one.stage.is_live)
    assert sum(target.quantity for target in targets_of(lines)) == live


@given(orders, st.data())
def test_scanning_every_unit_in_any_order_completes_and_one_more_is_too_many(
    lines: list[LineFacts], data: st.DataObject
) -> None:
    targets = targets_of(lines)
    codes = [target.key for target in targets for _ in range(target.quantity)]
    scanned: dict[str, int] = {}
    for place, code in enumerate(data.draw(st.permutations(codes))):
        assert standing_of_all(targets, scanned) is Standing.INCOMPLETE, place
        found = meant(code, targets)
        assert found is not None
        scanned[found.key] = scanned.get(found.key, 0) + found.quantity
    assert standing_of_all(targets, scanned) is Standing.COMPLETE
    assert difference(targets, scanned) == {}
    if codes:
        scanned[codes[0]] += 1
        assert standing_of_all(targets, scanned) is Standing.OVERSCAN


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("MUG-BLUE", Meant("MUG-BLUE")),
        ("mug-blue\r", Meant("MUG-BLUE")),
        ("]C1MUG-BLUE", Meant("MUG-BLUE")),
        ("3*MUG-BLUE", Meant("MUG-BLUE", 3)),
        ("3xmug-blue", Meant("MUG-BLUE", 3)),
        ("TEA 100", Meant("TEA 100")),
        ("12*BOX", Meant("12*BOX")),
        ("2*12*BOX", Meant("12*BOX", 2)),
        ("CH-MUG-BLUE", Meant("MUG-BLUE")),
        ("0*MUG-BLUE", None),
        ("MUG", None),
        ("", None),
    ],
)
def test_a_code_means_an_item_of_this_order_or_nothing(code: str, expected: Meant | None) -> None:
    targets = targets_of([line(number, sku, 2) for number, sku in enumerate(SKUS)])
    assert meant(code, targets) == expected
