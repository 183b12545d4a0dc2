"""What comes from outside is a number or none, and a text that can be kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.rules.from_outside import LARGEST_KEY, is_plain, plain, whole

ODD_NUMBERS = (
    "", " ", "²", "٣", "-1", "+1", "1e9", "1_0", " 1", "1 ", "1\n", "1.0", "0x1", "9" * 19, "9" * 25, "7" * 5000,
    "NaN", "1\x00", None, True, 1.0, [1], LARGEST_KEY + 1, -1,
)  # fmt: skip


@pytest.mark.parametrize("told", ODD_NUMBERS)
def test_what_is_no_plain_number_is_none(told: object) -> None:
    assert whole(told) is None


@given(st.integers(0, LARGEST_KEY))
def test_a_number_that_can_be_kept_is_itself_as_text_and_as_a_number(number: int) -> None:
    assert whole(str(number)) == whole(number) == number


def test_bounds_are_kept() -> None:
    assert [whole(told, least=1, most=3) for told in "01234"] == [None, 1, 2, 3, None]


@given(st.text(st.characters()))
def test_a_plain_text_can_be_kept_by_every_store_and_loses_nothing_else(told: str) -> None:
    kept = plain(told)
    kept.encode()
    assert is_plain(kept)
    assert "\x00" not in kept
    assert is_plain(told) is (kept == told)
    assert plain(kept) == kept


def test_line_breaks_tabs_and_whole_emoji_stay_and_halves_go() -> None:
    assert plain("Dear seller,\r\n\tthank you 😀\ud83d\x1b[1m\x00") == (
        "Dear seller,\r\n\tthank you 😀[1m"
    )
    assert plain("abcdef", 3) == "abc"
