"""How fresh a store is: the rule, the line in the page's head, and the banner in the shell of every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crossdock.companies.scope import company_scope
from crossdock.stores.freshness import freshness, stopped
from crossdock.stores.health import Remedy, State, health_of
from crossdock.stores.models import Store
from tests.cast import Cast
from tests.desk.book import store_of

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
DEAD = "The store must be linked again: revoked (105002)"


def before(**span: float) -> datetime:
    return NOW - timedelta(**span)


LATE, LONG, DAYS = before(minutes=4), before(minutes=16), before(days=2)
TABLE: list[tuple[dict[str, Any], State, str, str, Remedy]] = [
    # columns of the store, what matters, in a word, why (a part of it), what helps
    ({"sync_succeeded_at": NOW}, State.FRESH, "fresh", "", Remedy.NOTHING),
    ({"sync_succeeded_at": before(minutes=3)}, State.FRESH, "fresh", "", Remedy.NOTHING),
    ({"sync_succeeded_at": LATE, "sync_started_at": NOW}, State.LATE, "late", "not come to its end", Remedy.LOOK),
    ({"sync_succeeded_at": LATE, "sync_started_at": LATE}, State.LATE, "late", "worker may not be running", Remedy.LOOK),
    ({"sync_succeeded_at": LONG, "sync_started_at": NOW}, State.STOPPED, "stopped", "not come to its end", Remedy.LOOK),
    ({"sync_succeeded_at": LONG, "sync_started_at": LONG}, State.STOPPED, "stopped", "worker may not be running", Remedy.LOOK),
    ({"sync_succeeded_at": NOW, "sync_error": "Busy (ApiCallLimit)"}, State.LATE, "failing", "Busy (ApiCallLimit)", Remedy.LOOK),
    ({"sync_succeeded_at": LATE, "sync_error": "Busy (ApiCallLimit)"}, State.STOPPED, "failing", "Busy (ApiCallLimit)", Remedy.LOOK),
    ({"sync_succeeded_at": None, "sync_error": "No such shop"}, State.STOPPED, "failing", "No such shop", Remedy.LOOK),
    ({"sync_succeeded_at": NOW, "returns_synced_until": before(minutes=9), "sync_error": "Returns: busy"}, State.LATE, "failing", "Returns: busy", Remedy.LOOK),
    ({"sync_succeeded_at": NOW, "returns_synced_until": LONG, "sync_error": "Returns: busy"}, State.STOPPED, "failing", "Returns: busy", Remedy.LOOK),
    ({"sync_succeeded_at": NOW, "paused_at": NOW}, State.STOPPED, "paused", "nothing comes in until it goes on", Remedy.GO_ON),
    ({"sync_succeeded_at": NOW, "token_dead_words": DEAD}, State.STOPPED, "link again", "must be linked again: revoked (105002)", Remedy.RELINK),
    ({"sync_succeeded_at": DAYS, "token_dead_words": DEAD, "paused_at": NOW, "sync_error": "E1"}, State.STOPPED, "link again", "revoked", Remedy.RELINK),
    ({"linked_at": NOW}, State.COMING, "first sync", "the last 3 days are coming in", Remedy.NOTHING),
    ({"linked_at": DAYS, "sync_started_at": NOW}, State.COMING, "first sync", "are coming in", Remedy.NOTHING),
    ({"linked_at": DAYS, "sync_started_at": LONG}, State.STOPPED, "stopped", "first orders have not come", Remedy.LOOK),
    ({"unlinking_at": NOW, "token_dead_words": DEAD}, State.LEAVING, "being unlinked", "awaited", Remedy.NOTHING),
    ({"unlinked_at": NOW, "sync_error": "E1"}, State.GONE, "unlinked", "", Remedy.NOTHING),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "state", "word", "reason", "remedy"), TABLE)
def test_a_store_is_fresh_late_or_stopped_and_says_why(
    columns: dict[str, Any], state: State, word: str, reason: str, remedy: Remedy
) -> None:
    health = health_of(Store(name="Kedai", **columns), NOW)
    assert (health.state, health.word, health.remedy) == (state, word, remedy)
    assert reason in health.reason
    assert bool(health.reason) == (state not in (State.FRESH, State.GONE))


def named(name: str, **columns: Any) -> Store:
    return Store(name=name, **{"sync_succeeded_at": NOW, **columns})


def test_the_sick_come_first_the_worst_of_all_and_the_healthy_the_oldest_first() -> None:
    line = freshness(
        [
            named("Aman", sync_succeeded_at=before(seconds=9)),
            named("Baru", sync_succeeded_at=None, linked_at=NOW),
            named("Cepat"),
            named("Dulu", sync_succeeded_at=LATE),
            named("Esok", paused_at=NOW),
        ],
        NOW,
    )
    assert [one.store.name for one in line.sick] == ["Esok", "Dulu", "Baru"]
    assert [one.store.name for one in line.fresh] == ["Aman", "Cepat"]
    assert not line.folds


def test_stores_that_stopped_for_one_reason_are_told_together() -> None:
    quiet = [named(f"Kedai {n}", sync_succeeded_at=LONG) for n in range(1, 7)]
    one = named("Kedai 9", token_dead_words=DEAD)
    every = stopped([*quiet, one, named("Aman")], NOW)
    first, second = every.groups
    assert every.number == 7
    assert first.names == "Kedai 1, Kedai 2, Kedai 3 and 3 more stores"
    assert first.since == LONG
    assert (second.names, second.remedy) == ("Kedai 9", Remedy.RELINK)
    assert stopped(quiet[:2], NOW).groups[0].names == "Kedai 1 and Kedai 2"


@pytest.fixture
def mine(cast: Cast) -> Iterator[Store]:
    with company_scope(cast.acme):
        store = store_of(cast.acme)
        Store.objects.filter(pk=store.pk).update(sync_succeeded_at=timezone.now())
        yield store


def head(client: Client) -> str:
    html = client.get("/c/acme/orders/").content.decode()
    return html[html.index('id="fresh"') : html.index('id="progress"')]


def banner(client: Client, path: str = "orders/") -> str:
    html = client.get(f"/c/acme/{path}").content.decode()
    return html[html.index('id="stopped"') : html.index('class="frame"')]


@pytest.mark.django_db
def test_twenty_stores_stay_readable(cast: Cast, mine: Store, client: Client) -> None:
    now = timezone.now()
    for n in range(2, 21):
        store_of(cast.acme, str(n), name=f"Kedai {n:02}")
    Store.objects.update(sync_succeeded_at=now - timedelta(seconds=20))
    Store.objects.filter(shop_id="7").update(sync_succeeded_at=now - timedelta(seconds=34))
    Store.objects.filter(shop_id="8").update(sync_error="Illegal access token")
    Store.objects.filter(shop_id="9").update(sync_succeeded_at=now - timedelta(minutes=5))
    client.force_login(cast.vic)
    told = head(client)
    assert (
        told.index("Kedai 08")
        < told.index("Illegal access token")
        < told.index("Kedai 09")
        < told.index("18 stores fresh")
    )
    assert told.index('class="age"', told.index("the oldest")) < told.index("Kedai 07"), (
        "all of them can still be seen one by one, the oldest first"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["orders/", "stores/", "batches/", "sync/", "papers/", "scan/"])
@pytest.mark.parametrize("who", ["alice", "mona", "bo", "pat", "vic"])
def test_a_stopped_store_is_named_with_its_reason_on_every_page_for_everybody(
    cast: Cast, mine: Store, client: Client, path: str, who: str
) -> None:
    Store.objects.filter(pk=mine.pk).update(token_dead_words=DEAD)
    client.force_login(getattr(cast, who))
    told = banner(client, path)
    assert 'class="banner bad stopped"' in told
    html = client.get(f"/c/acme/{path}").content.decode()
    assert re.search(r'href="#stopped">.*1<span class="wide"> store</span> stopped', html)
    assert "<strong>Kedai Satu</strong> has stopped: it must be linked again: revoked" in told
    assert ("/c/acme/stores/link/" in told) == (who == "alice")
    assert ("An owner can link it again" in told) == (who != "alice")


@pytest.mark.django_db
def test_the_banner_goes_when_the_store_is_healthy_again(
    cast: Cast, mine: Store, client: Client
) -> None:
    client.force_login(cast.pat)
    Store.objects.filter(pk=mine.pk).update(paused_at=timezone.now())
    assert "An owner can let it go on" in banner(client)
    Store.objects.filter(pk=mine.pk).update(paused_at=None)
    assert "<aside" not in banner(client)


@pytest.mark.django_db
def test_a_page_that_nobody_reloads_hears_of_a_stop(
    cast: Cast, mine: Store, client: Client
) -> None:
    client.force_login(cast.pat)
    first = client.get("/c/acme/stores/stopped/").json()
    assert "<aside" not in first["stopped"]
    asked = {"known": first["mark"]}
    assert client.get("/c/acme/stores/stopped/", asked).status_code == 204
    Store.objects.filter(pk=mine.pk).update(token_dead_words=DEAD)
    told = client.get("/c/acme/stores/stopped/", asked).json()
    assert "Kedai Satu" in told["stopped"]
    assert "stopped" in told["stopped_mark"]


@pytest.mark.django_db
def test_another_companys_stopped_store_is_not_told(
    cast: Cast, mine: Store, client: Client
) -> None:
    Store.objects.filter(pk=mine.pk).update(token_dead_words=DEAD)
    client.force_login(cast.charlie)
    assert "Kedai" not in client.get("/c/bolt/orders/").content.decode()


@pytest.mark.django_db
def test_the_stores_page_says_the_same_words(cast: Cast, mine: Store, client: Client) -> None:
    Store.objects.filter(pk=mine.pk).update(
        sync_error="Rate limit reached", sync_succeeded_at=timezone.now() - timedelta(minutes=5)
    )
    client.force_login(cast.vic)
    for page in (head(client), banner(client), client.get("/c/acme/stores/").content.decode()):
        assert "Rate limit reached" in page
