"""The pictures of whatever orders are written are wanted, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from crossdock.companies.scope import company_scope
from crossdock.pictures import jobs
from crossdock.pictures.models import Picture
from crossdock.rules.facts import OrderFacts
from crossdock.stores.models import Store
from tests.cast import Cast
from tests.desk.book import order, store_of, take_in
from tests.pictures.cdn import Cdn
from tests.pictures.drawn import drawn, kept_picture

pytestmark = pytest.mark.django_db
MUG, CUP = "https://img.example/mug.jpg", "https://img.example/cup.jpg"


@pytest.fixture
def store(acme: Cast) -> Store:
    return store_of(acme.acme)


def with_pictures(number: int, *urls: str, **more: Any) -> OrderFacts:
    made = order(number, **more)
    lines = [
        replace(made.lines[0], line_id=f"{number}-{place}", image_url=url)
        for place, url in enumerate(urls)
    ]
    return replace(made, lines=tuple(lines))


def wanted() -> list[list[str]]:
    jobs = ProcrastinateJob.objects.filter(task_name="pictures.want", status="todo")
    return [sorted(job.args["urls"]) for job in jobs.order_by("id")]


def work(company_id: int) -> None:
    """Do what was put off, as the workers do."""
    for job in ProcrastinateJob.objects.filter(task_name="pictures.want", status="todo"):
        jobs.want_pictures(**job.args)
    ProcrastinateJob.objects.filter(task_name="pictures.want")._raw_delete("default")


def test_pictures_of_new_orders_are_wanted_and_fetched(store: Store, cdn: Cdn) -> None:
    mug, cup = cdn.put("/mug.png", drawn()), cdn.put("/cup.png", drawn())
    take_in(store, [with_pictures(1, mug, cup), with_pictures(2, mug, "")])
    assert wanted() == [sorted([mug, cup])]
    work(store.company_id)
    fetching = ProcrastinateJob.objects.get(task_name="pictures.fetch")
    jobs.fetch_pictures(**fetching.args)
    assert Picture.objects.exclude(fetched_at=None).count() == 2
    assert sorted(cdn.asked) == ["/cup.png", "/mug.png"]


def test_a_picture_that_is_known_is_not_wanted_again(store: Store) -> None:
    take_in(store, [with_pictures(1, MUG)])
    work(store.company_id)
    take_in(store, [with_pictures(2, MUG), with_pictures(3, MUG)])
    assert wanted() == []
    take_in(store, [with_pictures(1, CUP)])
    assert wanted() == [[CUP]], "the seller has put another picture there"


def test_looking_costs_one_query_however_many_orders_come(store: Store) -> None:
    take_in(store, [with_pictures(number, f"{MUG}?{number}") for number in range(60)])
    work(store.company_id)
    with CaptureQueriesContext(connection) as caught:
        take_in(store, [with_pictures(100 + number, f"{MUG}?{number}") for number in range(60)])
    asked = [query for query in caught.captured_queries if "pictures_picture" in query["sql"]]
    assert len(asked) == 1


def test_what_was_not_written_wants_no_picture(store: Store) -> None:
    with transaction.atomic():
        take_in(store, [with_pictures(1, MUG)])
        assert wanted() == [[MUG]]
        transaction.set_rollback(True)
    assert wanted() == []


@pytest.mark.parametrize(
    "url", ["", "mug.jpg", "data:image/png;base64,AAAA", "https://[broken", f"{MUG}?{'x' * 990}"]
)
def test_what_is_no_address_is_left_alone(store: Store, url: str) -> None:
    take_in(store, [with_pictures(1, url)])
    assert wanted() == []


def test_that_a_picture_is_in_use_is_noted_once_a_day(store: Store) -> None:
    take_in(store, [with_pictures(1, MUG)])
    work(store.company_id)
    Picture.objects.update(seen_at=F("seen_at") - timedelta(days=170))
    take_in(store, [with_pictures(2, MUG)])
    work(store.company_id)
    first_noted = Picture.objects.get().seen_at
    take_in(store, [with_pictures(3, MUG)])
    work(store.company_id)
    assert Picture.objects.get().seen_at == first_noted


def test_another_companys_pictures_are_not_ours(cast: Cast, store: Store) -> None:
    kept_picture(cast.bolt, MUG)
    take_in(store, [with_pictures(1, MUG)])
    assert wanted() == [[MUG]]


def test_every_minute_the_companies_are_served_that_have_something_due(
    cast: Cast, store: Store
) -> None:
    kept_picture(cast.bolt, MUG)
    with company_scope(cast.acme):
        jobs.want_pictures(cast.acme.pk, [MUG])
        ProcrastinateJob.objects.filter(task_name="pictures.fetch")._raw_delete("default")
    jobs.try_again(0)
    jobs.try_again(0)
    waiting = ProcrastinateJob.objects.filter(task_name="pictures.fetch")
    assert [job.args for job in waiting] == [{"company_id": cast.acme.pk}]
