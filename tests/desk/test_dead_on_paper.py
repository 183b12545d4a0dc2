"""A dead order whose label is on paper says so, loudly and in words, on every tab and on its own page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crossdock.companies.scope import company_scope
from crossdock.orders.labels import mark_opened, mark_ready
from crossdock.orders.models import Order
from crossdock.papers.handing_over import Answer, hand_over
from crossdock.papers.models import Kind, Manifest, ManifestParcel, Paper, Size
from crossdock.papers.parcels import parcels_of
from crossdock.rules.facts import LineFacts, OrderFacts, PackageFacts, Stage
from crossdock.stores.models import Store
from tests.cast import Cast
from tests.desk.book import order, store_of, take_in

pytestmark = pytest.mark.django_db
STAYS = "Label on paper: keep the parcel here"
Look = Callable[..., str]


@pytest.fixture
def mine(cast: Cast) -> Iterator[Store]:
    with company_scope(cast.acme):
        yield store_of(cast.acme)


@pytest.fixture
def look(cast: Cast, client: Client) -> Look:
    client.force_login(cast.mona)

    def shown(query: str = "", number: int = 0) -> str:
        if query:
            address = f"/c/acme/orders/?{query}"
        else:
            found = Order.objects.get(channel_order_id=str(100000 + number))
            address = f"/c/acme/orders/{found.pk}/"
        answer = client.get(address)
        assert answer.status_code == 200
        return answer.content.decode()

    return shown


def row(html: str, number: int = 0) -> str:
    found = re.search(rf'<tr data-order-id="{100000 + number}".*?</tr>', html, re.DOTALL)
    assert found
    return found[0]


def printed(cast: Cast, *numbers: int) -> None:
    """Pat opens the labels of these orders."""
    ids = [str(100000 + number) for number in numbers]
    found = list(Order.objects.filter(channel_order_id__in=ids).prefetch_related("packages"))
    keys = [one.pk for order in found for one in order.packages.all()]
    mark_opened(found, keys, at=timezone.now(), person=cast.pat, batch_id=1)


def on_manifest(cast: Cast, number: int = 0) -> Manifest:
    package = Order.objects.get(channel_order_id=str(100000 + number)).packages.get()
    paper = Paper.objects.create(
        company=cast.acme, kind=Kind.MANIFEST, number=1, person=cast.pat, form_key="m", size=Size.A4
    )
    made = Manifest.objects.create(
        company=cast.acme, paper=paper, number=5, shipment_provider="J&T"
    )
    ManifestParcel.objects.create(company=cast.acme, manifest=made, package=package, place=1)
    return made


def cancelled(number: int = 0, **more: Any) -> OrderFacts:
    return order(number, Stage.CANCELLED, **{"packages": (), **more})


def asking(number: int = 0) -> OrderFacts:
    return order(number, Stage.READY, cancel_requested=True)


@pytest.mark.parametrize(
    ("dead", "tab"),
    [
        (cancelled(), "others"),
        (order(0, Stage.CANCELLED), "others"),
        (asking(), "to-cancel"),
        (order(0, Stage.HELD), "others"),
    ],
    ids=["cancelled", "cancelled, its package stays", "asking", "being stopped"],
)
def test_a_dead_order_whose_label_is_on_paper_says_so_on_its_row_and_on_its_page(
    cast: Cast, mine: Store, look: Look, dead: OrderFacts, tab: str
) -> None:
    take_in(mine, [order(0, Stage.READY), order(1, Stage.READY)])
    take_in(mine, [dead])
    assert STAYS not in look(f"tab={tab}"), "nothing is on paper yet"
    printed(cast, 0, 1)
    assert STAYS in row(look(f"tab={tab}"))
    assert STAYS in look(number=0)
    assert STAYS not in look("tab=to-ship")
    assert STAYS not in look(number=1)


def test_a_label_that_is_ready_but_was_never_opened_is_no_alarm_and_is_not_called_printed(
    cast: Cast, mine: Store, look: Look
) -> None:
    take_in(mine, [order(0, Stage.READY)])
    mark_ready(list(Order.objects.values_list("pk", flat=True)), timezone.now())
    shown = row(look("tab=to-ship"))
    assert "AWB ready" in shown
    assert "printed" not in shown
    assert 'data-order-id="100000"' in look("tab=to-ship&printed=no")
    assert 'data-order-id="100000"' not in look("tab=to-ship&printed=yes")
    take_in(mine, [cancelled()])
    assert STAYS not in look("tab=others")
    assert "AWB ready" not in look("tab=others")


def test_a_label_that_was_opened_is_called_printed(cast: Cast, mine: Store, look: Look) -> None:
    take_in(mine, [order(0, Stage.READY)])
    printed(cast, 0)
    shown = row(look("tab=to-ship"))
    assert "printed 1×" in shown
    assert "AWB ready" not in shown
    assert 'data-order-id="100000"' in look("tab=to-ship&printed=yes")


def test_labels_printed_before_openings_were_noted_are_on_paper_all_the_same(
    mine: Store, look: Look
) -> None:
    take_in(mine, [order(0, Stage.READY)])
    Order.objects.update(printed_count=1, printed_at=timezone.now())
    take_in(mine, [cancelled()])
    assert STAYS in row(look("tab=others"))


def test_the_row_and_the_page_link_the_manifest_that_a_dead_parcel_is_on(
    cast: Cast, mine: Store, look: Look, client: Client
) -> None:
    take_in(mine, [order(0, Stage.READY)])
    printed(cast, 0)
    made = on_manifest(cast)
    assert "M-5" in look(number=0), "the page of a living one tells it, too"
    take_in(mine, [asking()])
    link = f'href="/c/acme/papers/manifests/{made.pk}/"'
    for html in (row(look("tab=to-cancel")), look(number=0)):
        assert STAYS in html
        assert "on manifest" in html
        assert link in html
    client.force_login(cast.bo)
    assert "M-5" in row(look("tab=to-cancel"))
    assert link not in look("tab=to-cancel"), "no way for whoever may not go there"


def test_a_dead_parcel_on_an_open_manifest_is_an_alarm_without_a_label_of_ours(
    cast: Cast, mine: Store, look: Look
) -> None:
    take_in(mine, [order(0, Stage.READY)])
    on_manifest(cast)
    take_in(mine, [cancelled()])
    assert "Keep the parcel here" in row(look("tab=others"))


def test_what_was_handed_over_is_not_to_be_kept_here(cast: Cast, mine: Store, look: Look) -> None:
    take_in(mine, [order(0, Stage.READY)])
    printed(cast, 0)
    made = on_manifest(cast)
    assert hand_over(made, cast.pat).is_done
    take_in(mine, [cancelled()])
    shown = row(look("tab=others"))
    assert STAYS not in shown
    assert "The parcel was handed over before" in shown
    assert "M-5" in shown


def test_a_parcel_that_was_taken_out_of_its_manifest_is_still_to_be_kept_here(
    cast: Cast, mine: Store, look: Look
) -> None:
    take_in(mine, [order(0, Stage.READY)])
    printed(cast, 0)
    made = on_manifest(cast)
    take_in(mine, [cancelled()])
    seen = frozenset(one.mark for one in parcels_of(made))
    assert hand_over(made, cast.pat, Answer(seen, takes_out=True)).is_done
    shown = row(look("tab=others"))
    assert STAYS in shown
    assert "M-5" not in shown


def test_an_order_that_was_cancelled_on_its_way_is_no_alarm_for_the_bench(
    cast: Cast, mine: Store, look: Look
) -> None:
    take_in(mine, [order(0, Stage.READY)])
    printed(cast, 0)
    take_in(mine, [order(0, Stage.SHIPPED)])
    take_in(mine, [cancelled()])
    assert STAYS not in look("tab=others")


def test_a_void_label_on_paper_is_said_of_an_order_that_was_packed_again(
    cast: Cast, mine: Store, look: Look
) -> None:
    take_in(mine, [order(0, Stage.PACKED)])
    printed(cast, 0)
    take_in(mine, [order(0, Stage.PACKED, packages=(PackageFacts("NEW", "J&T", "NEW1"),))])
    shown = row(look("tab=to-process"))
    assert "Void label on paper: was packed again as NEW1" in shown
    assert "printed" not in shown


def test_others_shows_the_goods_to_unpack_struck_through_with_the_reason(
    cast: Cast, mine: Store, look: Look
) -> None:
    take_in(mine, [order(0, Stage.READY)])
    take_in(mine, [cancelled(cancel_words="cancelled by the buyer: Change of mind")])
    shown = row(look("tab=others"))
    assert re.search(r"<s>1 × Thing", shown)
    assert "cancelled by the buyer: Change of mind" in shown
    assert re.search(r"<s[^>]*>MYTRACK000000</s>", shown), "the number on the parcel"


def test_dead_lines_of_a_living_order_are_not_among_its_goods(mine: Store, look: Look) -> None:
    facts = order(0, Stage.READY)
    dead: LineFacts = replace(facts.lines[0], line_id="x", name="Gone", stage=Stage.CANCELLED)
    take_in(mine, [replace(facts, lines=(*facts.lines, dead))])
    shown = row(look("tab=to-ship"))
    assert "Thing" in shown
    assert "Gone" not in shown


@pytest.mark.parametrize("tab", ["others", "to-cancel"])
def test_a_page_of_dead_orders_costs_no_more_for_many_than_for_few(
    cast: Cast, mine: Store, look: Look, client: Client, tab: str
) -> None:
    made = [order(number, Stage.READY) for number in range(40)]
    take_in(mine, made)
    printed(cast, *range(40))
    die = cancelled if tab == "others" else asking

    def cost(*numbers: int) -> int:
        take_in(mine, [die(number) for number in numbers])
        with CaptureQueriesContext(connection) as caught:
            look(f"tab={tab}")
        ours = ("orders_", "work_", "papers_", "stores_", "desk_", "posting_", "pictures_")
        texts = [query["sql"] for query in caught.captured_queries]
        return sum(any(f'"{name}' in text for name in ours) for text in texts)

    few = cost(0, 1)
    assert cost(*range(40)) == few
    assert few <= 12


def test_a_row_that_dies_on_the_screen_is_told_with_its_alarm(
    cast: Cast, mine: Store, look: Look, client: Client
) -> None:
    take_in(mine, [asking()])
    shown = row(look("tab=to-cancel"))
    version = re.search(r'data-version="([^"]+)"', shown)
    assert version
    printed(cast, 0)
    pk = Order.objects.get().pk
    told = client.get(
        "/c/acme/orders/live/", {"tab": "to-cancel", "rows": f"{pk}.{version[1]}", "held": "1"}
    ).json()
    (fresh,) = told["rows"]
    assert STAYS in fresh["html"]
