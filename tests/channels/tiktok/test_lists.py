"""Lists of changed orders and returns: nothing is missed, whatever moves while we page."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from crossdock.channels.contract import Page
from crossdock.channels.errors import Refused, Unreadable
from crossdock.channels.tiktok.channel import CHANNEL
from crossdock.channels.tiktok.endpoints import CANCELLATIONS_SEARCH, ORDERS_SEARCH, RETURNS_SEARCH
from crossdock.channels.tiktok.paging import Window
from crossdock.rules.facts import Touches
from tests.channels.tiktok.samples import ORDER, ORDER_ID, REQUEST, order
from tests.channels.tiktok.stage import Call, Played, bad, good
from tests.contract.stage import OnStage, ids, recently

START = 1767225600
SINCE, UNTIL = datetime.fromtimestamp(START, UTC), datetime.fromtimestamp(START + 86_400, UTC)


def at_times(*seconds: int) -> list[dict[str, Any]]:
    """Orders that were updated so many seconds after the start."""
    return [
        order(id=f"57700{place:03d}{second}", update_time=START + second)
        for place, second in enumerate(seconds)
    ]


def listed(tiktok: Played, cursor: str | None = None, **more: Any) -> Page:
    return CHANNEL.changed(tiktok.shop(), since=SINCE, until=UNTIL, cursor=cursor, **more)


def test_a_list_is_asked_for_oldest_first_with_both_ends_of_the_window(tiktok: Played) -> None:
    tiktok.says(ORDERS_SEARCH, good(total_count=0))
    assert listed(tiktok) == Page((), None)
    assert listed(tiktok, by_creation=True) == Page((), None)
    updated, created = tiktok.calls
    assert updated.body == {"update_time_ge": START, "update_time_lt": START + 86_401}
    assert created.body == {"create_time_ge": START, "create_time_lt": START + 86_401}
    assert (updated.query["sort_field"], updated.query["sort_order"]) == ("update_time", "ASC")


def test_the_list_tells_orders_whole(tiktok: Played) -> None:
    tiktok.says(ORDERS_SEARCH, good(orders=[ORDER], total_count=1, next_page_token=""))
    (glimpse,) = listed(tiktok).glimpses
    assert glimpse.facts is not None
    assert len(glimpse.facts.lines) == 2
    assert json.loads(glimpse.raw) == ORDER


def test_the_next_page_begins_at_a_time_so_that_no_token_need_last(tiktok: Played) -> None:
    rows = at_times(*range(1, 21))
    tiktok.says(ORDERS_SEARCH, good(orders=rows, next_page_token="t/o+k=="))
    following = listed(tiktok).next
    assert following is not None
    listed(tiktok, following)
    second = tiktok.calls[1]
    assert second.body["update_time_ge"] == START + 16
    assert "page_token" not in second.query


def test_a_row_that_moved_while_it_was_listed_does_not_make_the_next_page_skip_others() -> None:
    window = Window("update_time", START, START + 86_400)
    rows = at_times(10, 11, 12, 13, 80_000)
    assert json.loads(window.after(rows, "t") or "") == [START + 10, ""]
    beyond = at_times(10, 11, 12, 13, 90_000)
    assert json.loads(window.after(beyond, "t") or "") == [START + 10, ""]
    assert json.loads(window.after(at_times(90_000), "t") or "") == [START, "t"]


def test_a_crowded_second_is_walked_by_token(tiktok: Played) -> None:
    tiktok.says(ORDERS_SEARCH, good(orders=at_times(0, 0, 0), next_page_token="t2"))
    following = listed(tiktok).next
    assert json.loads(following or "") == [START, "t2"]
    listed(tiktok, following)
    assert tiktok.calls[1].query["page_token"] == "t2"


def test_a_token_that_is_no_longer_taken_is_done_without(tiktok: Played) -> None:
    def answer(call: Call) -> Any:
        if "page_token" in call.query:
            return 400, bad(36009004, "The page_token is invalid.")
        return good(orders=at_times(0, 0), next_page_token="fresh")

    tiktok.says(ORDERS_SEARCH, answer)
    page = listed(tiktok, json.dumps([START, "old"]))
    assert len(page.glimpses) == 2
    assert json.loads(page.next or "") == [START, "fresh"]


def test_a_wrong_signature_is_not_taken_for_a_dead_token(tiktok: Played) -> None:
    tiktok.says(ORDERS_SEARCH, (401, bad(106001, "Invalid sign")))
    with pytest.raises(Refused):
        listed(tiktok, json.dumps([START, "old"]))
    assert len(tiktok.calls) == 1


def test_a_cursor_of_another_time_is_refused_and_not_guessed(tiktok: Played) -> None:
    with pytest.raises(Refused):
        listed(tiktok, "{}")


def test_a_list_that_counts_orders_and_shows_none_is_not_believed(tiktok: Played) -> None:
    tiktok.says(ORDERS_SEARCH, good(total_count=7))
    with pytest.raises(Unreadable):
        listed(tiktok)


def test_an_order_that_cannot_be_read_whole_stops_no_other_and_says_so(tiktok: Played) -> None:
    rows = [{"id": ""}, order(id="1", create_time="soon", update_time=None), *at_times(1)]
    tiktok.says(ORDERS_SEARCH, good(orders=rows, next_page_token="t"))
    page = listed(tiktok)
    odd, whole = [one.facts for one in page.glimpses]
    assert odd is not None
    assert odd.unread(Touches.MONEY) == ("create_time is no time: 'soon'",)
    assert whole is not None
    assert whole.problems == ()
    assert page.next is not None


def test_all_requests_of_a_page_are_asked_for_in_one_call(tiktok: Played) -> None:
    asking = [order(id=str(number), is_buyer_request_cancel=True) for number in (1, 2)]
    tiktok.says(ORDERS_SEARCH, good(orders=[ORDER, *asking]))
    requests = [{**REQUEST, "order_id": "1"}, {**REQUEST, "order_id": "2", "cancel_id": "40"}]
    tiktok.says(CANCELLATIONS_SEARCH, good(cancellations=requests))
    page = listed(tiktok)
    facts = {one.order_id: one.facts for one in page.glimpses}
    (call,) = tiktok.asked(CANCELLATIONS_SEARCH)
    assert call.body == {"order_ids": ["1", "2"]}
    first, second, quiet = facts["1"], facts["2"], facts[ORDER_ID]
    assert first is not None
    assert second is not None
    assert quiet is not None
    assert (first.cancel_request_id, second.cancel_request_id) == ("4036001", "40")
    assert first.cancel_words == "Better price available"
    assert first.cancel_deadline == datetime.fromtimestamp(1767398400, UTC)
    assert not quiet.cancel_requested


def test_a_refused_search_for_requests_does_not_hold_back_the_orders(tiktok: Played) -> None:
    tiktok.says(ORDERS_SEARCH, good(orders=[ORDER, order(id="1", is_buyer_request_cancel=True)]))
    tiktok.says(CANCELLATIONS_SEARCH, bad(25001001, "bad parameter"))
    refused = listed(tiktok).glimpses
    tiktok.says(CANCELLATIONS_SEARCH, (403, bad(105005, "scope seller.return_refund.basic")))
    forbidden = listed(tiktok).glimpses
    for quiet, asking in ([one.facts for one in told] for told in (refused, forbidden)):
        assert quiet is not None
        assert quiet.problems == ()
        assert asking is not None
        assert "not listed yet" in asking.unread(Touches.NOTHING)[0]


def test_returns_are_listed_by_the_same_rules(tiktok: Played) -> None:
    row = {"return_id": "4", "order_id": "5", "update_time": START + 9}
    tiktok.says(RETURNS_SEARCH, good(return_orders=[row, {"return_id": ""}], next_page_token="t"))
    page = CHANNEL.returns(tiktok.shop(), since=SINCE, until=UNTIL, cursor=None)
    assert [one.return_id for one in page.returns] == ["4"]
    assert json.loads(page.next or "") == [START + 9, ""]
    assert tiktok.calls[0].query["page_size"] == "50"
    tiktok.says(RETURNS_SEARCH, good(total_count=0))
    page = CHANNEL.returns(tiktok.shop(), since=SINCE, until=UNTIL, cursor=None)
    assert (page.returns, page.next) == ((), None)


def test_orders_that_move_on_between_two_pages_are_all_seen(stage: OnStage) -> None:
    made = stage.orders(130)
    since, until = recently()
    first = CHANNEL.changed(stage.shop(), since=since, until=until, cursor=None)
    moved = [one.order_id for one in first.glimpses if one.order_id in made][:10]
    for order_id in moved:
        stage.event(order_id, "change_address")
    seen, cursor = ids([first]), first.next
    while cursor is not None:
        page = CHANNEL.changed(stage.shop(), since=since, until=until, cursor=cursor)
        seen, cursor = seen + ids([page]), page.next
    assert set(made) <= set(seen)
