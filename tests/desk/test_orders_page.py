"""The orders page: columns and views that are remembered, badges, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crossdock.companies.models import Membership
from crossdock.companies.scope import company_scope
from crossdock.desk.models import SavedView
from crossdock.orders.models import Line, Order
from crossdock.rules.facts import Stage
from crossdock.stores.models import Store
from crossdock.work.batch import start
from tests.cast import Cast
from tests.desk.book import MOMENT, order, store_of, take_in

pytestmark = pytest.mark.django_db
LIST = "/c/acme/orders/"


@pytest.fixture
def mine(cast: Cast) -> Iterator[Store]:
    with company_scope(cast.acme):
        yield store_of(cast.acme)


def page(client: Client, query: str = "tab=new-order") -> str:
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def heads(html: str) -> list[str]:
    head = html[html.index("<thead>") : html.index("</thead>")]
    return [part.split(">", 1)[1].split("<")[0] for part in head.split("<th ")[2:]]


def test_what_is_searched_for_under_the_wrong_tab_is_said_to_be_under_the_right_one(
    cast: Cast, mine: Store, client: Client
) -> None:
    take_in(mine, [order(7)])
    client.force_login(cast.mona)
    html = page(client, "tab=shipped&q=fp7")
    assert "fp7 is in" in html
    assert ">New Order (1)</a>" in html
    assert "Nothing matches" not in html
    assert "Nothing matches" in page(client, "tab=shipped&q=fp8")


def test_columns_are_shown_hidden_and_ordered_as_each_person_chose(
    cast: Cast, mine: Store, client: Client
) -> None:
    take_in(mine, [order(1)])
    client.force_login(cast.mona)
    assert heads(page(client)) == [
        "Order",
        "Items",
        "Buyer",
        "Total",
        "Courier",
        "Ship by",
        "Created",
    ]
    chosen = {
        "order": ["total", "units", "items"],
        "column": ["total", "units"],
        "query": "tab=new-order",
    }
    client.post(f"{LIST}columns/", chosen)
    assert heads(page(client)) == ["Order", "Total", "Units"]
    client.post(f"{LIST}columns/", {**chosen, "down": "total"})
    assert heads(page(client)) == ["Order", "Units", "Total"]
    client.force_login(cast.alice)
    assert heads(page(client))[1] == "Items"
    client.force_login(cast.mona)
    client.post(f"{LIST}columns/", {"reset": "1"})
    assert heads(page(client))[1] == "Items"


def test_a_column_of_money_is_not_shown_to_who_may_not_see_it(
    cast: Cast, mine: Store, client: Client
) -> None:
    take_in(mine, [order(1)])
    Membership.objects.filter(person=cast.pat).update(columns=["total", "payment", "items"])
    client.force_login(cast.pat)
    assert heads(page(client)) == ["Order", "Items"]


def test_a_view_is_saved_shared_renamed_and_deleted(
    cast: Cast, mine: Store, client: Client
) -> None:
    client.force_login(cast.mona)
    form = {"name": "Due today", "query": "tab=to-process&shipby=today&range=7d"}
    answer = client.post(f"{LIST}views/", {**form, "shared": "1"})
    assert answer.headers["Location"].startswith(
        f"{LIST}?tab=to-process&range=7d&shipby=today&view="
    )
    assert (
        "You have a view called" in client.post(f"{LIST}views/", form, follow=True).content.decode()
    )
    client.post(f"{LIST}views/", {**form, "name": "My own"})
    client.force_login(cast.pat)
    seen = page(client)
    assert "Due today" in seen
    assert "My own</a>" not in seen
    shared = SavedView.objects.get(name="Due today")
    assert client.post(f"{LIST}views/{shared.pk}/", {"delete": "1"}).status_code == 403
    client.force_login(cast.alice)
    client.post(f"{LIST}views/{shared.pk}/", {"name": "Today", "shared": "1"})
    assert "Today" in page(client)
    client.post(f"{LIST}views/{shared.pk}/", {"delete": "1"})
    assert not SavedView.objects.filter(name="Today").exists()


def test_a_view_without_a_name_is_refused_and_nothing_is_kept(
    cast: Cast, mine: Store, client: Client
) -> None:
    client.force_login(cast.mona)
    answer = client.post(f"{LIST}views/", {"name": "  ", "query": "tab=others"}, follow=True)
    assert "Give the view a name first." in answer.content.decode()
    assert not SavedView.objects.exists()


def test_every_set_filter_can_be_taken_off_by_itself(
    cast: Cast, mine: Store, client: Client
) -> None:
    client.force_login(cast.mona)
    html = page(
        client, f"tab=to-ship&q=kedai&printed=no&shipby=overdue&store={mine.pk}&courier=GDEX"
    )
    chips = html[html.index('class="row chips"') :]
    for words in ("not printed", "overdue", "Kedai Satu", "GDEX"):
        assert words in chips
    assert (
        f"?tab=to-ship&amp;q=kedai&amp;store={mine.pk}&amp;courier=GDEX&amp;shipby=overdue" in chips
    )


def test_badges_tell_what_a_packer_must_notice(cast: Cast, mine: Store, client: Client) -> None:
    take_in(mine, [order(1, buyer_note="Ring twice")])
    known = Order.objects.get()
    Line.objects.create(
        company=cast.acme, order=known, line_id="gone", name="Gone", quantity=1, unit_price=1,
        status="canceled", stage=Stage.CANCELLED.value, live=False,
    )  # fmt: skip
    Order.objects.update(
        printed_count=2,
        verified_at=timezone.now(),
        address_changed_at=MOMENT,
        posted_fingerprint="x",
    )
    client.force_login(cast.pat)
    html = page(client)
    for words in (
        "note",
        "item cancelled",
        "address changed",
        "printed 2×",
        "verified",
        "changed since posting",
    ):
        assert f"{words}</span>" in html, words


def test_the_page_stays_within_twelve_queries_whatever_is_asked(
    cast: Cast, mine: Store, client: Client, django_assert_max_num_queries: Any
) -> None:
    take_in(mine, [order(n) for n in range(60)])
    start(
        cast.acme,
        cast.mona,
        "pack",
        form_key="k",
        order_ids=list(Order.objects.values_list("pk", flat=True)),
    )
    client.force_login(cast.alice)
    for query in (
        "tab=new-order",
        "tab=shipped&q=kedai&range=7d&channel=lazada",
        "tab=to-return",
        "tab=new-order&size=200&sort=total",
    ):
        page(client, query)
        with django_assert_max_num_queries(12):
            page(client, query)
