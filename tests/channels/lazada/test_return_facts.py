"""A reverse order's JSON becomes a return: what it is worth, what can be done, and nothing loses it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.channels.errors import Unreadable
from crossdock.channels.lazada.countries import COUNTRIES
from crossdock.channels.lazada.return_facts import is_return, return_facts
from crossdock.rules.facts import Problem, ReturnFacts, ReturnMove, Touches

LINE = {
    "reverse_order_line_id": 660011000002026, "trade_order_line_id": 550011000001009, "reverse_status": "REQUEST_INITIATE",
    "ofc_status": "", "reason_code": 10000201, "reason_text": "Item is damaged", "refund_amount": 3690, "item_unit_price": 3990,
    "is_dispute": False, "tracking_number": "", "return_order_line_gmt_create": 1772417742,
    "return_order_line_gmt_modified": 1772417942, "sla": 1772590542000,
}  # fmt: skip
RETURN = {
    "reverse_order_id": 660011000001013,
    "trade_order_id": 440011000001337,
    "request_type": "RETURN",
    "is_rtm": True,
    "shipping_type": "PICK_UP",
    "reverse_order_lines": [LINE],
}


def read(region: str = "MY", lines: list[Any] | None = None, **changes: Any) -> ReturnFacts:
    told = {**RETURN, **({} if lines is None else {"reverse_order_lines": lines}), **changes}
    return return_facts(told, COUNTRIES[region])[0]


def test_ids_amounts_and_times_are_read() -> None:
    second = {**LINE, "reverse_order_line_id": 7, "trade_order_line_id": 8, "sla": 1772590000000}
    facts = read(lines=[LINE, second])
    assert (facts.return_id, facts.order_id) == ("660011000001013", "440011000001337")
    assert facts.parts == ("660011000002026", "7")
    assert facts.line_ids == ("550011000001009", "8")
    assert (facts.amount, facts.currency) == (Decimal("73.80"), "MYR")
    assert facts.created_at == datetime(2026, 3, 2, 2, 15, 42, tzinfo=UTC)
    assert facts.updated_at == datetime(2026, 3, 2, 2, 19, 2, tzinfo=UTC)
    assert facts.deadline == datetime.fromtimestamp(1772590000, UTC)
    assert (facts.reason, facts.status) == ("Item is damaged", "REQUEST_INITIATE")
    assert facts.goods_back
    assert facts.is_open
    assert facts.waits_for_us


def test_vietnam_has_no_cents() -> None:
    facts = read("VN", lines=[{**LINE, "refund_amount": 100000}])
    assert (facts.amount, facts.currency) == (Decimal(100000), "VND")


ASKED = (ReturnMove.TAKE_BACK, ReturnMove.REFUND, ReturnMove.REJECT)
BACK = (ReturnMove.RECEIVED, ReturnMove.REFUSE_GOODS)
MONEY = (ReturnMove.REFUND, ReturnMove.DISPUTE)


@pytest.mark.parametrize(
    ("kind", "rtm", "status", "ofc", "moves", "is_open"),
    [
        ("RETURN", True, "REQUEST_INITIATE", "", ASKED, True),
        ("RETURN", None, "REQUEST_INITIATE", "", ASKED, True),
        ("RETURN", "false", "REQUEST_INITIATE", "", (), True),
        ("RETURN", True, "SELLER_AGREE_RETURN", "", (), True),
        ("RETURN", True, "BUYER_RETURN_ITEM", "", (), True),
        ("RETURN", True, "BUYER_RETURN_ITEM", "RETURN_RTM_DELIVERED", BACK, True),
        ("RETURN", True, "REFUND_PENDING", "RETURN_RTM_DELIVERED", BACK, True),
        ("RETURN", True, "REFUND_PENDING", "", (), True),
        ("RETURN", True, "REFUND_AUTHORIZED", "RETURN_RTM_DELIVERED", (), True),
        ("RETURN", True, "REFUND_SUCCESS", "RETURN_RTM_DELIVERED", (), False),
        ("RETURN", True, "REQUEST_REJECT", "", (), False),
        ("RETURN", True, "SELLER_REJECT_RETURN", "", (), False),
        ("ONLY_REFUND", True, "REQUEST_INITIATE", "", MONEY, True),
        ("ONLY_REFUND", False, "REQUEST_INITIATE", "", MONEY, True),
        ("ONLY_REFUND", True, "CS_APPROVING", "", (), True),
        ("ONLY_REFUND", True, "REFUND_REJECT", "", (), False),
        ("RETURN", True, "teleported", "", (), True),
    ],
)
def test_what_can_be_done_follows_from_kind_status_and_where_the_goods_are(
    kind: str, rtm: Any, status: str, ofc: str, moves: tuple[ReturnMove, ...], is_open: bool
) -> None:
    line = {**LINE, "reverse_status": status, "ofc_status": ofc}
    facts = read(lines=[line], request_type=kind, is_rtm=rtm)
    assert (facts.moves, facts.is_open) == (moves, is_open)
    assert facts.waits_for_us == bool(moves)
    assert (facts.deadline is not None) == bool(moves)
    assert facts.goods_back == (kind == "RETURN")


def test_a_refused_return_that_is_disputed_is_still_open() -> None:
    assert read(
        lines=[{**LINE, "reverse_status": "SELLER_REJECT_RETURN", "is_dispute": True}]
    ).is_open


def test_parts_that_stand_at_different_places_are_told_together() -> None:
    facts = read(
        lines=[LINE, {**LINE, "reverse_order_line_id": 7, "reverse_status": "REFUND_SUCCESS"}]
    )
    assert facts.status == "REQUEST_INITIATE,REFUND_SUCCESS"
    assert facts.moves == ASKED


def test_a_status_of_many_words_keeps_whole_ones() -> None:
    words = ["REQUEST_INITIATE", "SELLER_AGREE_RETURN", "BUYER_RETURN_ITEM", "REFUND_SUCCESS"]
    lines = [
        {**LINE, "reverse_order_line_id": place, "reverse_status": word}
        for place, word in enumerate(words)
    ]
    assert read(lines=lines).status == "REQUEST_INITIATE,SELLER_AGREE_RETURN,BUYER_RETURN_ITEM"


def test_the_detail_is_read_as_the_list_is() -> None:
    detail = {**RETURN, "reverseOrderLineDTOList": [LINE]}
    del detail["reverse_order_lines"]
    assert return_facts(detail, COUNTRIES["MY"])[0] == read()


def test_cancellations_and_what_has_no_ids_are_no_returns() -> None:
    assert is_return(RETURN)
    assert not is_return({**RETURN, "request_type": "CANCEL"})
    assert not is_return({**RETURN, "reverse_order_id": None})
    with pytest.raises(Unreadable):
        return_facts({**RETURN, "trade_order_id": ""}, COUNTRIES["MY"])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**40), 10**40) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from(sorted(LINE)), json_values),
    st.dictionaries(st.sampled_from(["request_type", "is_rtm", "shipping_type"]), json_values),
    json_values,
)
def test_no_field_however_odd_loses_a_return(
    in_line: dict[str, Any], in_head: dict[str, Any], in_list: Any
) -> None:
    told = {**RETURN, **in_head, "reverse_order_lines": [{**LINE, **in_line}, in_list]}
    facts, problems = return_facts(told, COUNTRIES["SG"])
    assert facts.return_id == "660011000001013"
    assert facts.amount.is_finite()
    assert all(isinstance(problem, Problem) for problem in problems)


def test_an_unreadable_amount_is_named() -> None:
    told = {**RETURN, "reverse_order_lines": [{**LINE, "refund_amount": "all of it"}]}
    facts, problems = return_facts(told, COUNTRIES["MY"])
    assert facts.amount == 0
    assert problems == (Problem(Touches.MONEY, "refund_amount is no amount: 'all of it'"),)
