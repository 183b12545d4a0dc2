"""The tab rule: the joined table of every channel's words, and what holds for any mixture of items."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.channels.lazada.statuses import WORDS as LAZADA
from crossdock.channels.shopee.statuses import WORDS as SHOPEE
from crossdock.channels.shopee.statuses import stage_of
from crossdock.channels.tiktok.statuses import WORDS as TIKTOK
from crossdock.rules.facts import LineFacts, Marks, OrderFacts, Stage, Tab
from crossdock.rules.tabs import least_advanced, tab_of

WHEN = datetime(2026, 3, 2, tzinfo=UTC)
PACKED, UNTOUCHED = Marks(packed_here=True), Marks()

TABLE = {
    "lazada": {
        Tab.UNPAID: "unpaid",
        Tab.NEW_ORDER: "pending topack repacked",
        Tab.TO_PROCESS: "packed toship",
        Tab.TO_SHIP: "ready_to_ship_pending ready_to_ship",
        Tab.SHIPPED: "shipped shipping",
        Tab.DELIVERED: "delivered",
        Tab.COMPLETED: "confirmed",
        Tab.OTHERS: "canceled cancelled returned failed failed_delivery shipped_back shipped_back_success "
        "shipped_back_failed lost lost_by_3pl damaged_by_3pl package_scrapped",
    },
    "shopee": {
        Tab.UNPAID: "UNPAID",
        Tab.NEW_ORDER: "READY_TO_SHIP",
        Tab.TO_PROCESS: "RETRY_SHIP",
        Tab.TO_SHIP: "PROCESSED",
        Tab.SHIPPED: "SHIPPED",
        Tab.DELIVERED: "TO_CONFIRM_RECEIVE TO_RETURN",
        Tab.COMPLETED: "COMPLETED",
        Tab.TO_CANCEL: "IN_CANCEL",
        Tab.OTHERS: "CANCELLED PENDING INVOICE_PENDING",
    },
    "tiktok": {
        Tab.UNPAID: "UNPAID",
        Tab.NEW_ORDER: "AWAITING_SHIPMENT",
        Tab.TO_PROCESS: "PARTIALLY_SHIPPING",
        Tab.TO_SHIP: "AWAITING_COLLECTION",
        Tab.SHIPPED: "IN_TRANSIT",
        Tab.DELIVERED: "DELIVERED",
        Tab.COMPLETED: "COMPLETED",
        Tab.OTHERS: "CANCELLED CANCEL ON_HOLD",
    },
}
"""What the product promises: docs/tabs.md."""


def order(*stages: Stage, **more: object) -> OrderFacts:
    lines = tuple(
        LineFacts(str(number), "SKU", "Thing", 1, Decimal("9.90"), Decimal(0), stage.value, stage)
        for number, stage in enumerate(stages)
    )
    return OrderFacts("1", "", Stage.UNKNOWN, "MYR", WHEN, WHEN, lines=lines, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("channel", ["lazada", "shopee", "tiktok"])
def test_every_word_of_a_channel_stands_under_the_tab_that_the_table_promises(channel: str) -> None:
    words = {"lazada": LAZADA, "shopee": SHOPEE, "tiktok": TIKTOK}[channel]
    joined: dict[Tab, set[str]] = {}
    for word, stage in words.items():
        joined.setdefault(tab_of(order(stage), UNTOUCHED), set()).add(word)
    print({tab.heading: sorted(found) for tab, found in joined.items()})
    assert joined == {tab: set(text.split()) for tab, text in TABLE[channel].items()}


def printed_words(channel: str) -> dict[Tab, set[str]]:
    """Tab → the channel's words in the table of docs/tabs.md."""
    column = ["lazada", "shopee", "tiktok"].index(channel) + 1
    words = {"lazada": LAZADA, "shopee": SHOPEE, "tiktok": TIKTOK}[channel]
    headings = {tab.heading: tab for tab in Tab}
    found = {}
    for line in (Path(__file__).parents[2] / "docs/tabs.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] in headings:
            found[headings[cells[0]]] = set(re.findall(r"[A-Za-z_0-9]+", cells[column])) & set(
                words
            )
    return found


@pytest.mark.parametrize("channel", ["lazada", "shopee", "tiktok"])
def test_the_printed_table_says_the_same(channel: str) -> None:
    ours = {"READY_TO_SHIP": {Tab.TO_PROCESS, Tab.TO_SHIP}, "AWAITING_SHIPMENT": {Tab.TO_PROCESS}}
    printed = printed_words(channel)
    assert set(printed) == set(Tab)
    for tab, words in printed.items():
        promised = set(TABLE[channel].get(tab, "").split())
        if tab in (Tab.SELF_DELIVER, Tab.TO_CANCEL):
            promised |= words  # the other two follow from what an order says beside its words
        by_our_marks = {word for word in words if tab in ours.get(word, ())}
        assert words - by_our_marks == promised - by_our_marks, tab.heading


@pytest.mark.parametrize("word", ["READY_TO_SHIP", "AWAITING_SHIPMENT"])
def test_packed_here_moves_an_order_to_process_where_packing_is_a_local_mark(word: str) -> None:
    stage = {**SHOPEE, **TIKTOK}[word]
    assert tab_of(order(stage), PACKED) is Tab.TO_PROCESS


@pytest.mark.parametrize(
    ("packages", "arranged", "tab"),
    [
        (["LOGISTICS_READY"], False, Tab.NEW_ORDER),
        (["LOGISTICS_READY"], True, Tab.TO_SHIP),
        (["LOGISTICS_REQUEST_CREATED"], False, Tab.TO_SHIP),
        (["LOGISTICS_REQUEST_CREATED", "LOGISTICS_READY"], False, Tab.NEW_ORDER),
        (["LOGISTICS_REQUEST_CREATED", "LOGISTICS_INVALID"], False, Tab.TO_SHIP),
    ],
)
def test_shopee_orders_count_as_arranged_by_their_packages(
    packages: list[str], arranged: bool, tab: Tab
) -> None:
    assert tab_of(order(stage_of("READY_TO_SHIP", packages, arranged=arranged)), UNTOUCHED) is tab


def test_an_open_cancellation_wins_over_a_return_and_over_self_deliver() -> None:
    facts = order(
        Stage.READY, cancel_requested=True, return_waits_for_us=True, seller_delivers=True
    )
    assert tab_of(facts, UNTOUCHED) is Tab.TO_CANCEL


def test_a_return_that_waits_for_us_wins_over_the_stage() -> None:
    assert tab_of(order(Stage.DELIVERED, return_waits_for_us=True), UNTOUCHED) is Tab.TO_RETURN


@pytest.mark.parametrize(
    ("stage", "tab"),
    [(Stage.PACKED, Tab.TO_PROCESS), (Stage.READY, Tab.SELF_DELIVER), (Stage.SHIPPED, Tab.SELF_DELIVER),
     (Stage.DELIVERED, Tab.DELIVERED)],
)  # fmt: skip
def test_orders_that_the_seller_delivers_wait_in_self_deliver(stage: Stage, tab: Tab) -> None:
    assert tab_of(order(stage, seller_delivers=True), UNTOUCHED) is tab


def test_an_order_without_lines_stands_where_its_own_stage_says() -> None:
    facts = OrderFacts("1", "pending", Stage.TO_PACK, "", WHEN, WHEN)
    assert tab_of(facts, UNTOUCHED) is Tab.NEW_ORDER


stages = st.lists(st.sampled_from(Stage), min_size=1, max_size=6)
known_live = [
    Stage.UNPAID,
    Stage.TO_PACK,
    Stage.PACKED,
    Stage.READY,
    Stage.SHIPPED,
    Stage.DELIVERED,
    Stage.COMPLETED,
]


@given(stages)
def test_dead_items_count_only_when_all_are_dead(mixture: list[Stage]) -> None:
    live = [stage for stage in mixture if stage.is_live]
    expected = tab_of(order(*live), UNTOUCHED) if live else Tab.OTHERS
    assert tab_of(order(*mixture), UNTOUCHED) is expected


@given(stages)
def test_an_unknown_word_never_moves_an_order_whose_other_items_are_known(
    mixture: list[Stage],
) -> None:
    known = [stage for stage in mixture if stage in known_live]
    expected = tab_of(order(*known), UNTOUCHED) if known else None
    found = tab_of(order(*mixture, Stage.UNKNOWN), UNTOUCHED)
    if Stage.CANCEL_REQUESTED not in mixture:
        assert found is (expected or Tab.OTHERS)


@given(st.lists(st.sampled_from(known_live), min_size=1, max_size=6))
def test_the_least_advanced_live_item_decides(mixture: list[Stage]) -> None:
    first = min(mixture, key=known_live.index)
    assert least_advanced(mixture) is first
    assert tab_of(order(*mixture), UNTOUCHED) is tab_of(order(first), UNTOUCHED)


@given(st.lists(st.sampled_from(known_live), min_size=1, max_size=4), st.booleans(), st.booleans())
def test_our_marks_never_hold_an_order_in_an_earlier_tab_than_the_channel(
    mixture: list[Stage], packed: bool, delivered: bool
) -> None:
    way = [
        Tab.UNPAID,
        Tab.NEW_ORDER,
        Tab.TO_PROCESS,
        Tab.TO_SHIP,
        Tab.SHIPPED,
        Tab.DELIVERED,
        Tab.COMPLETED,
    ]
    plain = tab_of(order(*mixture), UNTOUCHED)
    marked = tab_of(order(*mixture), Marks(packed_here=packed, delivered_here=delivered))
    assert way.index(marked) >= way.index(plain)
