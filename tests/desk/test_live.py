"""News for a list that stays as it is: counts, changed rows, rows that left, new orders, batches, stores."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crossdock.companies.scope import company_scope
from crossdock.desk.news import OnScreen, came
from crossdock.orders import record
from crossdock.orders.models import Order, Package, Return
from crossdock.orders.returns import take_in_returns
from crossdock.rules.facts import ReturnFacts, ReturnMove, Stage
from crossdock.stores.models import Store
from crossdock.work.batch import start
from tests.cast import Cast
from tests.desk.book import MOMENT, order, store_of, take_in

pytestmark = pytest.mark.django_db
LIST = "/c/acme/orders/"


@pytest.fixture
def mine(cast: Cast, client: Client) -> Iterator[Store]:
    client.force_login(cast.pat)
    with company_scope(cast.acme):
        yield store_of(cast.acme)


@dataclass
class Screen:
    """A list as a browser shows it, and what it asks with."""

    client: Client
    live: str
    rows: dict[int, str]

    def told(self, **more: Any) -> dict[str, Any]:
        """The news; {} for none."""
        rows = "-".join(f"{pk}.{version}" for pk, version in self.rows.items())
        answer = self.client.get(f"{self.live}&{urlencode({'rows': rows, **more})}")
        if answer.status_code == 204:
            return {}
        assert answer.status_code == 200
        news: dict[str, Any] = json.loads(answer.content)
        return news

    @property
    def left(self) -> dict[str, str]:
        """Order id → where it is now, of those that have left."""
        ids = dict(Order.objects.values_list("pk", "channel_order_id"))
        return {ids[one["pk"]]: one["tab"] for one in self.told()["gone"]}


def look(client: Client, query: str = "tab=new-order") -> Screen:
    html = client.get(f"{LIST}?{query}").content.decode()
    found = re.search(r'id="list"[^>]* data-live="([^"]+)"', html)
    assert found
    rows = re.findall(r'data-pk="(\d+)" data-version="(\w+)"', html)
    return Screen(client, unescape(found[1]), {int(pk): version for pk, version in rows})


def named(*numbers: int) -> Any:
    return Order.objects.filter(channel_order_id__in=[str(100000 + one) for one in numbers])


def test_nothing_new_is_no_answer(mine: Store, client: Client) -> None:
    take_in(mine, [order(1), order(2)])
    screen = look(client)
    first = screen.told()
    assert (first["news"], first["rows"], first["gone"]) == (0, [], [])
    assert screen.told(known=first["mark"]) == {}
    named(1).update(printed_count=1)
    assert screen.told(known=first["mark"])["mark"] != first["mark"]


def test_time_that_passes_is_no_news(mine: Store, client: Client, monkeypatch: Any) -> None:
    take_in(mine, [order(1)])
    Store.objects.update(sync_succeeded_at=timezone.now())
    screen = look(client)
    first = screen.told()
    later = timezone.now() + timedelta(seconds=40)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert screen.told(known=first["mark"]) == {}


def test_counts_follow_for_every_tab_and_the_filter(mine: Store, client: Client) -> None:
    take_in(mine, [order(n) for n in range(4)])
    screen = look(client, f"tab=new-order&store={mine.pk}")
    take_in(store_of(mine.company, "2", name="Lain"), [order(9)])
    named(1).update(tab="to-process")
    counts = screen.told()["counts"]
    assert (counts["new-order"], counts["to-process"]) == ("3", "1")


@pytest.mark.parametrize("query", ["tab=new-order&store=999999", "tab=to-ship&channel=nobody"])
def test_a_filter_that_nothing_can_match_has_no_news(
    mine: Store, client: Client, query: str
) -> None:
    take_in(mine, [order(1)])
    told = look(client, query).told()
    assert (told["news"], set(told["counts"].values())) == (0, {"0"})


class TestNewOrders:
    """How many are told."""

    def test_new_ones_are_told_and_what_moves_up_from_below_is_not(
        self, mine: Store, client: Client
    ) -> None:
        take_in(mine, [order(n) for n in range(60)])
        screen = look(client)
        assert screen.told()["news"] == 0
        take_in(mine, [order(n) for n in range(60, 63)])
        named(59, 58).update(tab="to-process")
        assert screen.told()["news"] == 3

    def test_more_than_a_page_of_them(self, mine: Store, client: Client) -> None:
        take_in(mine, [order(n) for n in range(60)])
        screen = look(client)
        take_in(mine, [order(n) for n in range(60, 200)])
        assert screen.told()["news"] == 140

    def test_all_that_was_on_the_screen_has_left(self, mine: Store, client: Client) -> None:
        take_in(mine, [order(n) for n in range(80)])
        screen = look(client)
        Order.objects.filter(pk__in=list(screen.rows)).update(tab="to-process")
        assert screen.told()["news"] == 0
        take_in(mine, [order(90)])
        assert screen.told()["news"] == 1

    def test_an_empty_list_hears_of_its_first_order(self, mine: Store, client: Client) -> None:
        screen = look(client)
        assert screen.told()["news"] == 0
        take_in(mine, [order(1)])
        assert screen.told()["news"] == 1

    def test_orders_that_moved_into_the_tab_are_new_here(self, mine: Store, client: Client) -> None:
        take_in(mine, [order(n) for n in range(1, 8)])
        named(5).update(tab="to-process")
        screen = look(client, "tab=to-process")
        named(1, 3, 7).update(tab="to-process")
        assert screen.told()["news"] == 3

    def test_orders_that_moved_in_further_down_are_told_too(
        self, mine: Store, client: Client
    ) -> None:
        take_in(mine, [order(n) for n in range(70)])
        Order.objects.update(tab="to-process")
        named(0, 1).update(tab="new-order")
        screen = look(client, "tab=to-process")
        named(0, 1).update(tab="to-process")
        named(69).update(tab="to-ship")
        assert screen.told()["news"] == 2

    @pytest.mark.parametrize("sort", ["created", "shipby", "total", "-shipby", "-updated"])
    def test_in_any_order_of_the_rows(self, mine: Store, client: Client, sort: str) -> None:
        due = MOMENT + timedelta(days=1)
        take_in(mine, [order(n, ship_by=due if n % 2 else None) for n in range(60)])
        screen = look(client, f"tab=new-order&sort={sort}")
        assert screen.told()["news"] == 0
        take_in(mine, [order(70), order(71, ship_by=due)])
        assert screen.told()["news"] == 2

    def test_on_a_later_page_by_how_many_the_tab_has_grown(
        self, mine: Store, client: Client
    ) -> None:
        take_in(mine, [order(n) for n in range(120)])
        html = client.get(f"{LIST}?tab=new-order").content.decode()
        older = re.search(r'href="\?([^"]+)" rel="next"', html)
        assert older
        screen = look(client, unescape(older[1]))
        assert screen.told()["news"] == 0
        take_in(mine, [order(n) for n in range(130, 135)])
        assert screen.told()["news"] == 5

    def test_only_those_that_match_the_filter(self, mine: Store, client: Client) -> None:
        take_in(mine, [order(1)])
        named(1).update(printed_count=1)
        screen = look(client, "tab=new-order&printed=yes")
        take_in(mine, [order(2)])
        assert screen.told()["news"] == 0
        found = look(client, "tab=new-order&q=10000")
        assert len(found.rows) == 2
        take_in(mine, [order(3), order(500000)])
        assert found.told()["news"] == 1

    @pytest.mark.parametrize(
        ("keys", "in_tab", "left", "held", "number"),
        [
            ([1, 2], 2, 0, 2, 0),
            ([1, 2, 3], 3, 0, 2, 1),
            ([1], 1, 1, 2, 0),
            ([1], 2, 1, 2, 1),  # one left, and one came in elsewhere
            ([1, 2, 8, 9], 10_001, 0, 10_001, 2),  # too many to be counted
            ([1, 2], 10_001, 0, 9_999, 0),
            ([1, 2, 8], 7, 0, None, 1),
        ],
    )
    def test_the_larger_of_two_bounds(
        self, keys: list[int], in_tab: int, left: int, held: int | None, number: int
    ) -> None:
        screen = OnScreen({1: "a", 2: "b"}, frozenset(), "", "", held)
        assert came(screen, keys, in_tab, left) == number


class TestRows:
    """Rows on the screen."""

    def test_one_that_changed_comes_anew_by_the_lists_own_template(
        self, mine: Store, client: Client
    ) -> None:
        take_in(mine, [order(1), order(2)])
        screen = look(client)
        named(1).update(printed_count=1)
        (changed,) = screen.told()["rows"]
        listed = client.get(f"{LIST}?tab=new-order").content.decode()
        assert "printed 1×" in changed["html"]
        assert changed["html"].strip() in listed

    def test_a_tracking_number_that_comes_later_is_a_change(
        self, mine: Store, client: Client
    ) -> None:
        take_in(mine, [order(1), order(2)])
        screen = look(client)
        Package.objects.filter(order__in=named(2)).update(tracking_number="LATER9")
        (changed,) = screen.told()["rows"]
        assert "LATER9" in changed["html"]

    def test_a_return_whose_next_move_changed_is_a_change(
        self, mine: Store, client: Client
    ) -> None:
        take_in(mine, [order(1, Stage.DELIVERED)])
        take_in_returns(mine, [returned("ASKED")], fetched_at=record.now())
        screen = look(client, "tab=to-return")
        assert screen.told()["rows"] == []
        Return.objects.update(reason="Broken", updated_at=timezone.now())
        (changed,) = screen.told()["rows"]
        assert "Broken" in changed["html"]

    def test_one_that_left_says_where_it_went(self, mine: Store, client: Client) -> None:
        take_in(mine, [order(n) for n in range(1, 4)])
        screen = look(client)
        named(1).update(tab="to-ship")
        named(3).update(tab="others")
        assert screen.left == {"100001": "To Ship", "100003": "Others"}

    def test_one_that_was_posted_went_to_the_archived(self, mine: Store, client: Client) -> None:
        take_in(mine, [order(n, Stage.SHIPPED) for n in (1, 2)])
        screen = look(client, "tab=shipped")
        named(1).update(archived=True, posted_fingerprint="x")
        assert screen.left == {"100001": "Archived Orders"}
        archived = look(client, "tab=shipped&archived=1")
        named(1).update(archived=False)
        assert archived.left == {"100001": "Shipped again"}

    def test_rows_of_another_company_are_not_told(
        self, cast: Cast, mine: Store, client: Client
    ) -> None:
        take_in(mine, [order(1)])
        client.force_login(cast.charlie)
        pk = Order.objects.get().pk
        answer = client.get("/c/bolt/orders/live/", {"tab": "to-ship", "rows": f"{pk}.0"})
        told = json.loads(answer.content)
        assert (told["rows"], told["gone"], told["news"]) == ([], [], 0)

    @pytest.mark.parametrize("rows", ["", "-", "x.y", "1", "99999999999999999999.0", "1.a-1.b-²."])
    def test_nonsense_is_no_error(self, mine: Store, client: Client, rows: str) -> None:
        query = {"rows": rows, "begins": "soon|9", "ends": "||", "held": "many", "batches": "a-²"}
        assert client.get(f"{LIST}live/", query).status_code == 200


def returned(status: str) -> ReturnFacts:
    return ReturnFacts(
        return_id="7", order_id="100001", status=status, goods_back=True, currency="MYR",
        amount=order(1).lines[0].unit_price, created_at=MOMENT, updated_at=MOMENT, is_open=True,
        waits_for_us=True, moves=(ReturnMove.REJECT,),
    )  # fmt: skip


def test_a_colleagues_batch_is_told_once_with_who_began_it(
    cast: Cast, mine: Store, client: Client
) -> None:
    take_in(mine, [order(1)])
    screen = look(client)
    batch = start(cast.acme, cast.mona, "pack", form_key="k", order_ids=[Order.objects.get().pk])
    (panel,) = screen.told()["progress"]
    assert f'id="batch-{batch.pk}"' in panel
    assert "Mona Lim" in panel
    assert screen.told(batches=str(batch.pk))["progress"] == []


def test_a_store_that_stops_is_told_in_the_line_and_in_the_banner(
    mine: Store, client: Client
) -> None:
    Store.objects.update(sync_succeeded_at=timezone.now())
    screen = look(client)
    first = screen.told()
    assert "<aside" not in first["stopped"]
    Store.objects.update(token_dead_words="The store must be linked again: revoked")
    told = screen.told(known=first["mark"])
    assert "Kedai Satu" in told["stopped"]
    assert "must be linked again: revoked" in told["fresh"]


def test_who_may_not_see_money_and_buyers_does_not_get_them_with_the_news(
    cast: Cast, mine: Store, client: Client
) -> None:
    take_in(mine, [order(1)])
    screen = look(client)
    named(1).update(buyer_name="Tan Siew Ling", buyer_total=5, printed_count=1)
    (row,) = screen.told()["rows"]
    assert "Tan" not in row["html"]
    assert "money" not in row["html"]


OURS = ("stores_", "orders_", "work_", "desk_")


@pytest.mark.parametrize("query", ["tab=new-order", "tab=new-order&size=200&sort=-total"])
def test_a_poll_costs_four_queries_and_three_more_when_rows_changed(
    mine: Store, client: Client, query: str
) -> None:
    take_in(mine, [order(n) for n in range(220)])
    screen = look(client, query)
    assert queries_of(screen) == 4
    Order.objects.filter(pk__in=list(screen.rows)).update(printed_count=3)
    assert queries_of(screen) == 7


def test_a_poll_costs_one_more_on_the_tab_of_returns(mine: Store, client: Client) -> None:
    take_in(mine, [order(1, Stage.DELIVERED)])
    take_in_returns(mine, [returned("ASKED")], fetched_at=record.now())
    screen = look(client, "tab=to-return")
    Return.objects.update(updated_at=timezone.now())
    assert queries_of(screen) == 8


def queries_of(screen: Screen) -> int:
    """To our own tables; the session, the person and the membership come before."""
    with CaptureQueriesContext(connection) as caught:
        screen.told()
    texts = [query["sql"] for query in caught.captured_queries]
    return sum(any(f'"{name}' in text for name in OURS) for text in texts)
