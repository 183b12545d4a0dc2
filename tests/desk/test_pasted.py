"""A pasted list of tracking numbers: whatever a spreadsheet or a courier's mail gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.desk.pasted import Pasted, read

IDS = {"260301AB", "260301CD", "260301EF"}
COURIERS = {"7": "Pos Laju", "9": "Ninja Van"}


@pytest.mark.parametrize(
    "text",
    [
        "260301AB,MY1,Pos Laju\n260301CD,MY2,9",
        "260301AB\tMY1\tpos laju\r\n260301CD\tMY2\tninja van\r\n",
        "Order ID,Tracking number,Courier\n260301AB ; MY1 ; 7\n\n260301CD;MY2;Ninja Van",
        '"260301AB","MY1","Pos Laju"\n"260301CD", "MY2", "9"',
        "260301AB MY1 Pos Laju\n  260301CD   MY2   Ninja Van  ",
    ],
)
def test_commas_tabs_semicolons_and_spaces_all_separate(text: str) -> None:
    made = read(text, IDS, COURIERS)
    assert made.problems == []
    assert made.found == {"260301AB": Pasted("MY1", "7"), "260301CD": Pasted("MY2", "9")}


def test_what_cannot_be_read_is_named_by_its_line_and_kept_while_the_rest_counts() -> None:
    text = "260301AB,MY1\n999,MY2\n260301AB,MY3\n260301CD\n260301EF,MY1\n260301EF,MY4,Nobody"
    made = read(text, IDS, COURIERS)
    assert made.found == {"260301AB": Pasted("MY1")}
    assert made.problems == [
        "Line 2: 999 is not one of these orders.",
        "Line 3: 260301AB comes twice.",
        "Line 4: 260301CD has no tracking number.",
        "Line 5: MY1 is given to 260301AB already.",
        "Line 6: there is no courier called Nobody.",
    ]
    assert made.left == text.splitlines()[1:]


@given(st.text())
def test_any_text_is_read_or_named_and_nothing_of_it_is_lost(text: str) -> None:
    made = read(text, IDS, COURIERS)
    assert len(made.left) == len(made.problems)
    assert set(made.found) <= IDS


@given(
    st.dictionaries(
        st.sampled_from(sorted(IDS)), st.from_regex(r"[A-Z]{2}[0-9]{4,12}", fullmatch=True)
    )
)
def test_what_is_written_is_what_is_read(numbers: dict[str, str]) -> None:
    made = read("\n".join(f"{key},{number}" for key, number in numbers.items()), IDS, {})
    if len(set(numbers.values())) == len(numbers):
        assert {key: one.tracking_number for key, one in made.found.items()} == numbers
