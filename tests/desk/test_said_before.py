"""What is said before a batch begins: what cannot be done, and what was printed before."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crossdock.companies.models import Company
from crossdock.companies.scope import company_scope
from crossdock.orders.models import Order
from crossdock.rules.facts import Stage
from crossdock.work.batch import AT_ONCE
from crossdock.work.models import Batch
from tests.cast import Cast
from tests.desk.book import order, store_of, take_in

pytestmark = pytest.mark.django_db

ACT = "/c/acme/orders/act/"


def book(company: Company, count: int, **more: Any) -> list[int]:
    """So many orders at To Ship; their keys."""
    with company_scope(company):
        take_in(
            store_of(company),
            [order(number, Stage.READY, **more) for number in range(count)],
        )
        return list(Order.objects.order_by("pk").values_list("pk", flat=True))


def pressed(client: Client, **data: Any) -> str:
    """The page that answers when Print AWB is pressed; "" where the batch simply begins."""
    answer = client.post(ACT, {"action": "print_awb", **data})
    return answer.content.decode() if answer.status_code == 200 else ""


def batches(company: Company) -> int:
    with company_scope(company):
        return Batch.objects.filter(action="print_awb").count()


def test_a_label_that_was_printed_before_is_named_with_whoever_printed_it(
    cast: Cast, client: Client
) -> None:
    one, two = book(cast.acme, 2)
    with company_scope(cast.acme):
        Order.objects.filter(pk=two).update(
            printed_count=2, printed_at=timezone.now(), printed_by=cast.pat
        )
        again = Order.objects.get(pk=two).channel_order_id
        other = Order.objects.get(pk=one).channel_order_id
    client.force_login(cast.mona)
    page = pressed(client, orders=[one, two])
    assert "printed before" in page
    assert again in page
    assert "2×" in page
    assert f"by {cast.pat}" in page
    assert other not in page
    assert batches(cast.acme) == 0, "nothing begins before the answer"
    assert pressed(client, orders=[one, two], sure="1") == ""
    assert batches(cast.acme) == 1


def test_labels_that_were_never_printed_are_printed_without_a_question(
    cast: Cast, client: Client
) -> None:
    keys = book(cast.acme, 2)
    client.force_login(cast.mona)
    assert pressed(client, orders=keys) == ""
    assert batches(cast.acme) == 1


def test_all_that_match_are_looked_at_where_they_are_few(cast: Cast, client: Client) -> None:
    keys = book(cast.acme, 3)
    with company_scope(cast.acme):
        Order.objects.filter(pk=keys[0]).update(printed_count=1)
    client.force_login(cast.mona)
    page = pressed(client, all="1", query="tab=to-ship")
    assert "<strong>1</strong> was printed before" in page
    assert 'name="all" value="1"' in page
    answer = client.post(ACT, {"action": "pack", "all": "1", "query": "tab=to-ship"})
    assert "3 of 3 cannot be done" in answer.content.decode()


def test_where_they_are_many_the_batch_begins_and_its_outcomes_tell(
    cast: Cast, client: Client
) -> None:
    book(cast.acme, AT_ONCE + 1)
    client.force_login(cast.mona)
    answer = client.post(ACT, {"action": "pack", "all": "1", "query": "tab=to-ship"})
    assert answer.status_code == 302
    with company_scope(cast.acme):
        assert Batch.objects.get().selection["filter"]


def test_scanned_orders_are_printed_in_the_order_of_the_scans_also_after_the_question(
    cast: Cast, client: Client
) -> None:
    first, second, third = book(cast.acme, 3)
    with company_scope(cast.acme):
        Order.objects.filter(pk=second).update(printed_count=1)
    client.force_login(cast.mona)
    newest_first = {"orders": [third, second, first], "as_scanned": "1"}
    page = pressed(client, **newest_first)
    held = re.findall(r'name="(orders|as_scanned)" value="(\d+)"', page)
    assert held == [*(("orders", str(one)) for one in (third, second, first)), ("as_scanned", "1")]
    assert pressed(client, **newest_first, sure="1") == ""
    with company_scope(cast.acme):
        options = Batch.objects.get().options
    told_at = options.pop("reprints_asked_at")
    assert datetime.fromisoformat(told_at) <= timezone.now()
    assert options == {"order": [first, second, third], "as_scanned": True}
