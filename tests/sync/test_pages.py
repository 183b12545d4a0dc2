"""The pages Sync and Completeness, as the company's people use them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crossdock.companies.models import Person
from crossdock.orders import record
from crossdock.orders.models import Order
from crossdock.stores.models import Store
from crossdock.sync.asked import cancel
from crossdock.sync.begin import begin_asked
from crossdock.sync.completeness import go_on as check_on
from crossdock.sync.days import beginning, today
from crossdock.sync.health import health_of
from crossdock.sync.models import DayCheck, Part, Pull, Unread
from crossdock.sync.outcome import of_check, of_run
from crossdock.sync.pull import look_at
from crossdock.sync.unread import set_aside
from tests.cast import PASSWORD, Cast
from tests.sync.playing import Played

pytestmark = pytest.mark.django_db(transaction=True)


def as_person(person: Person) -> Client:
    client = Client()
    assert client.login(email=person.email, password=PASSWORD)
    return client


def wanted(played: Played, cast: Cast, **more: Any) -> dict[str, Any]:
    day = today(cast.acme.zone).isoformat()
    return {"stores": [played.store.pk], "since": day, "until": day, "by": "updated", **more}


def runs(played: Played) -> list[Pull]:
    with played.company():
        rows = Pull.objects.filter(kind=Pull.Kind.ASKED).order_by("pk")
        return list(rows.select_related("store", "person", "cancelled_by"))


def told(client: Client, path: str = "/c/acme/sync/") -> str:
    return re.sub(r"\s+", " ", client.get(path).content.decode())


def test_a_run_over_chosen_days_covers_the_companys_days_and_tells_who_asked(
    played: Played, cast: Cast
) -> None:
    client, day = as_person(cast.pat), today(cast.acme.zone)
    answer = client.post("/c/acme/sync/start/", wanted(played, cast, returns="on", by="created"))
    assert answer.status_code == 302
    orders, returns = runs(played)
    assert (orders.part, returns.part) == (Part.ORDERS, Part.RETURNS)
    assert orders.since == beginning(day, cast.acme.zone)
    assert timezone.now() - orders.until < timedelta(minutes=1)
    assert (orders.by_creation, returns.by_creation) == (True, False)
    assert orders.person == cast.pat
    assert "Pat Devi" in told(client)


def test_asking_twice_is_one_run(played: Played, cast: Cast) -> None:
    client = as_person(cast.mona)
    for _ in range(2):
        client.post("/c/acme/sync/start/", wanted(played, cast))
    assert len(runs(played)) == 1


def test_the_outcome_is_told_in_words(played: Played, cast: Cast) -> None:
    played.orders(3)
    client = as_person(cast.mona)
    client.post("/c/acme/sync/start/", wanted(played, cast))
    assert "0 orders read so far." in told(client)
    (run,) = runs(played)
    done = played.worked(run)
    assert done.finished_at is not None
    assert re.search(r"\d+ orders listed, \d+ brought news\.", told(client))


def test_the_list_of_runs_is_sent_only_when_something_changed(played: Played, cast: Cast) -> None:
    client = as_person(cast.mona)
    client.post("/c/acme/sync/start/", wanted(played, cast))
    path = re.findall(r'hx-get="([^"]+)"', told(client))[0]
    assert client.get(path).status_code == 204
    (run,) = runs(played)
    played.worked(run)
    answer = client.get(path)
    assert answer.status_code == 200
    assert b"hx-get" not in answer.content  # nothing runs any more


def test_a_run_that_is_stopped_keeps_what_it_brought_and_does_no_more(
    played: Played, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = played.orders(150)
    client = as_person(cast.mona)
    client.post("/c/acme/sync/start/", wanted(played, cast))
    (run,) = runs(played)
    plain = type(played.known).changed

    def changed(known: Any, shop: Any, **window: Any) -> Any:
        if window["cursor"]:
            cancel(run, cast.mona)
        return plain(known, shop, **window)

    monkeypatch.setattr(type(played.known), "changed", changed)
    played.worked(run)
    (run,) = runs(played)
    assert run.cancelled_by == cast.mona
    assert len(played.here() & set(made)) > 0
    assert re.fullmatch(r"Stopped by Mona Lim after \d+ orders\.", of_run(run).words)
    client.post(f"/c/acme/sync/{run.pk}/cancel/")
    assert "had ended before" in told(client)


def test_stop_on_the_page_stops_a_run(played: Played, cast: Cast) -> None:
    client = as_person(cast.mona)
    client.post("/c/acme/sync/start/", wanted(played, cast))
    (run,) = runs(played)
    assert client.post(f"/c/acme/sync/{run.pk}/cancel/").status_code == 302
    (run,) = runs(played)
    assert (run.cancelled_by, run.finished_at is not None) == (cast.mona, True)
    assert played.worked(run).listed == 0


def test_a_scheduled_pull_cannot_be_stopped(played: Played, cast: Cast) -> None:
    from crossdock.sync.begin import begin_regular

    with played.company():
        pull = begin_regular(played.store)
        assert pull is not None
    answer = as_person(cast.alice).post(f"/c/acme/sync/{pull.pk}/cancel/")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"stores": []}, "Choose at least one store."),
        ({"since": "2026-13-40"}, "valid date"),
        ({"since": "", "until": ""}, "Say from which day."),
        ({"since": "2026-01-05", "until": "2026-01-02"}, "ends before it begins"),
        ({"since": "2024-01-01", "until": "2026-01-02"}, "At most 366 days"),
        ({"since": "2999-01-01", "until": "2999-01-02"}, "still to come"),
    ],
)
def test_a_wrong_choice_is_told_and_starts_nothing(
    played: Played, cast: Cast, changes: dict[str, Any], words: str
) -> None:
    answer = as_person(cast.mona).post("/c/acme/sync/start/", wanted(played, cast, **changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert runs(played) == []


def test_a_store_that_cannot_be_asked_is_named(played: Played, cast: Cast) -> None:
    with played.company():
        Store.objects.update(paused_at=timezone.now())
    answer = as_person(cast.mona).post("/c/acme/sync/start/", wanted(played, cast))
    assert "Kedai Harian MY is paused" in answer.content.decode()
    assert runs(played) == []


def test_who_only_looks_sees_how_sync_fares_and_starts_nothing(played: Played, cast: Cast) -> None:
    client = as_person(cast.vic)
    page = told(client)
    assert "Kedai Harian MY" in page
    assert 'action="/c/acme/sync/start/"' not in page
    for path in ("start/", "unread/", "completeness/start/"):
        answer = client.post(f"/c/acme/sync/{path}", wanted(played, cast))
        assert answer.status_code == 403
    assert runs(played) == []


def test_a_dead_store_says_what_a_company_can_do(played: Played, cast: Cast) -> None:
    played.regular()
    with played.company():
        now = record.now()
        run = begin_asked(played.store, cast.mona, now - timedelta(1), now, by_creation=False)
        Store.objects.update(token_dead_words="The store must be linked again: it was revoked")
        run = Pull.objects.select_related("store").get(pk=run.pk)
        assert of_run(run).words == "Waits until the store is linked again."
    assert "you link it again" in told(as_person(cast.alice))
    page = told(as_person(cast.mona))
    assert "it was revoked" in page
    assert "an owner links it again" in page
    assert "Nothing is lost" in page


def test_orders_that_could_not_be_read_are_listed_tried_and_forgotten(
    played: Played, cast: Cast
) -> None:
    (order_id,) = played.orders(1)
    with played.company():
        set_aside(played.store, {order_id: "Under review (E77)", "440099": "No such order"})
        later = Unread.objects.get(order_id=order_id)
    client = as_person(cast.pat)
    page = told(client)
    assert order_id in page
    assert "Under review (E77)" in page
    client.post("/c/acme/sync/unread/", {"again": "1"})
    with played.company():
        assert Unread.objects.get(pk=later.pk).next_at <= timezone.now()
        other = Unread.objects.get(order_id="440099")
    client.post("/c/acme/sync/unread/", {"forget": other.pk})
    with played.company():
        assert [row.order_id for row in Unread.objects.all()] == [order_id]
        look_at(played.store, [order_id])
        Order.objects.update(problem="item_price is missing")
    client.post("/c/acme/sync/unread/", {"forget": later.pk})
    assert "is tried until it is whole" in told(client)
    with played.company():
        assert Unread.objects.filter(pk=later.pk).exists()


def test_health_tells_what_the_runs_found(played: Played) -> None:
    played.orders(2)
    pull = played.regular()
    with played.company():
        set_aside(played.store, {"440099": "No such order"})
        (health,) = health_of([played.fresh()])
    assert health.orders is not None
    assert (health.orders.listed, health.orders.changed) == (pull.listed, pull.changed)
    assert health.lag is not None
    assert health.lag < timedelta(minutes=1)
    assert health.unread == 1
    assert health.returns is None


def test_days_are_checked_from_the_page_and_kept_in_the_log(played: Played, cast: Cast) -> None:
    day = today(cast.acme.zone) - timedelta(days=2)
    at = (beginning(day, cast.acme.zone) + timedelta(hours=5)).isoformat()
    made = played.orders(2, created_at=at)
    client = as_person(cast.pat)
    chosen = {"stores": [played.store.pk], "since": day.isoformat(), "until": day.isoformat()}
    assert client.post("/c/acme/sync/completeness/start/", chosen).status_code == 302
    page = told(client, "/c/acme/sync/completeness/")
    path = re.findall(r'hx-get="([^"]+)"', page)[0].replace("&amp;", "&")
    assert client.get(path).status_code == 204
    with played.company():
        while check_on(played.store) is not None:
            continue
        check = DayCheck.objects.select_related("store").get()
    assert set(made) <= set(check.gap_ids)
    assert check.person == cast.pat
    page = client.get(path).content.decode()
    assert of_check(check).words in page
    assert made[0] in page
    assert "Pat Devi" in page


def test_a_missing_order_that_was_fetched_is_no_open_gap(played: Played, cast: Cast) -> None:
    with played.company():
        for gaps, fetched in ((["1", "2", "3"], 1), (["4"], 1)):
            DayCheck.objects.create(
                company=cast.acme, store=played.store, why="asked", gap_ids=gaps, fetched=fetched,
                day=today(cast.acme.zone) - timedelta(days=len(gaps)), since=timezone.now(),
                until=timezone.now(), finished_at=timezone.now(), compared_at=timezone.now(),
            )  # fmt: skip
        (health,) = health_of([played.store])
    assert health.gaps == 2
