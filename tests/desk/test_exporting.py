"""A batch's outcomes as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from crossdock.companies.scope import company_scope
from crossdock.orders.models import Order
from crossdock.work.batch import start
from crossdock.work.models import Attempt, Batch, State
from tests.cast import Cast
from tests.desk.book import order, store_of, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(cast: Cast) -> Iterator[Batch]:
    """A run of Post Order: one posted with a credit note, one refused with words like a formula."""
    with company_scope(cast.acme):
        take_in(store_of(cast.acme), [order(1), order(2)])
        keys = list(Order.objects.order_by("pk").values_list("pk", flat=True))
        made = start(cast.acme, cast.bo, "post", form_key="x", order_ids=keys)
        good, bad = Attempt.objects.filter(batch=made).order_by("pk")
        good.state, good.sent = State.DONE, {
            "number": "IV-100001", "total": "7.50", "credit": {"docno": "CN-100001"},
        }  # fmt: skip
        bad.state, bad.words = State.REFUSED, "=cmd()|A1 was refused"
        good.save()
        bad.save()
        yield made


def rows(client: Client, batch: Batch, query: str = "") -> list[tuple[object, ...]]:
    answer = client.get(f"/c/acme/batches/{batch.pk}/outcomes.xlsx{query}")
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content)
    return list(load_workbook(BytesIO(body), read_only=True).active.iter_rows(values_only=True))


def test_a_run_of_postings_names_its_documents_and_their_totals(
    cast: Cast, run: Batch, client: Client
) -> None:
    client.force_login(cast.bo)
    head, good, bad = rows(client, run)
    assert head[:5] == ("Order ID", "Store", "Outcome", "Reason", "Settled at")
    assert good[5:] == ("IV-100001", "CN-100001", "MYR", 7.5)
    assert bad[2:4] == ("refused", "=cmd()|A1 was refused")
    assert [row[0] for row in rows(client, run, "?state=refused")[1:]] == [bad[0]]


def test_whoever_may_not_see_money_gets_no_run_of_postings(
    cast: Cast, run: Batch, client: Client
) -> None:
    client.force_login(cast.pat)
    assert client.get(f"/c/acme/batches/{run.pk}/outcomes.xlsx").status_code == 404


def test_a_text_that_looks_like_a_formula_stays_a_text(
    cast: Cast, run: Batch, client: Client
) -> None:
    client.force_login(cast.bo)
    answer = client.get(f"/c/acme/batches/{run.pk}/outcomes.xlsx")
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    assert [sheet.cell(row=3, column=4).data_type, sheet.cell(row=3, column=1).data_type] == [
        "s",
        "s",
    ]
