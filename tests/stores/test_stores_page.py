"""The Stores page and a store's settings: how it fares, in words, and what can be done about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from crossdock.companies.rights import Role
from crossdock.companies.scope import company_scope
from crossdock.stores.health import LATE_AFTER, health_of, lag_of
from crossdock.stores.models import Store
from crossdock.sync.models import Part, Pull
from tests.cast import Cast
from tests.stores.conftest import Desk, logged_in, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unhurried")]

NOW = datetime(2026, 11, 1, 12, tzinfo=timezone.get_default_timezone())
LONG_AGO = NOW - LATE_AFTER - timedelta(minutes=1)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({}, "first sync"),
        ({"sync_succeeded_at": NOW}, "fresh"),
        ({"sync_succeeded_at": LONG_AGO}, "late"),
        ({"sync_succeeded_at": NOW, "sync_error": "E1"}, "failing"),
        ({"sync_error": "E1", "paused_at": NOW}, "paused"),
        ({"paused_at": NOW, "token_dead_words": "over"}, "link again"),
        ({"token_dead_words": "over", "unlinking_at": NOW}, "being unlinked"),
        ({"unlinking_at": None, "unlinked_at": NOW}, "unlinked"),
    ],
)
def test_what_hinders_most_is_said_first(fields: dict[str, Any], word: str) -> None:
    assert health_of(Store(name="Kedai", **fields), NOW).word == word


def test_the_lag_is_how_old_the_book_can_be() -> None:
    assert lag_of(Store(), NOW) is None
    assert lag_of(Store(synced_until=NOW - timedelta(minutes=4)), NOW) == timedelta(minutes=4)


def update(store: Store, **fields: Any) -> None:
    with company_scope(store.company_id):
        Store.objects.filter(pk=store.pk).update(**fields)


def again(store: Store) -> Store:
    with company_scope(store.company_id):
        return Store.objects.get(pk=store.pk)


def test_a_failure_is_shown_in_the_channels_words(desk: Desk, store: Store) -> None:
    update(store, sync_error="Rate <limit> reached (ApiCallLimit)")
    page = desk.client.get("/c/acme/stores/").content.decode()
    assert "Rate &lt;limit&gt; reached (ApiCallLimit)" in page
    assert ">failing<" in page


def test_a_card_looks_again_by_itself_while_something_moves(desk: Desk, store: Store) -> None:
    path = f"/c/acme/stores/{store.pk}/health/"
    assert "hx-trigger" in desk.client.get(path).content.decode()
    update(store, sync_succeeded_at=timezone.now())
    part = desk.client.get(path).content.decode()
    assert "hx-trigger" not in part
    assert "29 days left" in part


def test_the_card_leads_to_the_sync_page(desk: Desk, store: Store) -> None:
    page = desk.client.get("/c/acme/stores/").content.decode()
    assert f'href="/c/acme/sync/?store={store.pk}"' in page
    form = desk.client.get(f"/c/acme/sync/?store={store.pk}").content.decode()
    assert f'value="{store.pk}" checked' in form
    assert (
        " checked"
        not in desk.client.get("/c/acme/sync/?store=0").content.decode().split("From<")[0]
    )


def test_sync_now_begins_a_run(desk: Desk, store: Store) -> None:
    assert "is being synced" in said(desk.client.post(f"/c/acme/stores/{store.pk}/sync/"))
    with company_scope(desk.company):
        assert Pull.objects.filter(store=store, part=Part.ORDERS).count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"paused_at": timezone.now()}, "is paused: let it go on first"),
        ({"token_dead_words": "over"}, "must be linked again first"),
    ],
)
def test_sync_now_says_why_it_cannot(
    desk: Desk, store: Store, fields: dict[str, Any], words: str
) -> None:
    update(store, **fields)
    assert words in said(desk.client.post(f"/c/acme/stores/{store.pk}/sync/"))
    with company_scope(desk.company):
        assert not Pull.objects.exists()


def test_a_pause_holds_until_it_is_ended_and_then_catches_up(desk: Desk, store: Store) -> None:
    path = f"/c/acme/stores/{store.pk}/pause/"
    desk.client.post(path)
    desk.client.post(path)
    assert again(store).paused_at is not None, "pressing it twice does not end it"
    desk.client.post(path, {"go_on": "1"})
    assert again(store).paused_at is None
    with company_scope(desk.company):
        assert Pull.objects.filter(store=store).exists()


def settings_form(**changes: str) -> dict[str, str]:
    return {"name": "Kedai Harian MY", "first_days": "3", "syncs": "on"} | changes


def test_settings_rename_and_pause(desk: Desk, store: Store) -> None:
    path = f"/c/acme/stores/{store.pk}/settings/"
    form = settings_form(name="Main shop")
    del form["syncs"]
    assert said(desk.client.post(path, form)) == "Saved."
    changed = again(store)
    assert changed.name == "Main shop"
    assert changed.paused_at is not None


def test_more_days_than_before_are_fetched_at_once(desk: Desk, store: Store) -> None:
    path = f"/c/acme/stores/{store.pk}/settings/"
    desk.client.post(path, settings_form())
    with company_scope(desk.company):
        assert not Pull.objects.exists()
    desk.client.post(path, settings_form(first_days="30"))
    with company_scope(desk.company):
        run = Pull.objects.get(store=store, part=Part.ORDERS, kind=Pull.Kind.ASKED)
    assert run.until - run.since == timedelta(days=30)
    assert again(store).first_days == 30


@pytest.mark.parametrize("changes", [{"name": ""}, {"name": "x" * 121}, {"first_days": "4000"}])
def test_a_wrong_setting_is_told_and_changes_nothing(
    desk: Desk, store: Store, changes: dict[str, str]
) -> None:
    answer = desk.client.post(f"/c/acme/stores/{store.pk}/settings/", settings_form(**changes))
    assert "errorlist" in answer.content.decode()
    assert again(store).name == "Kedai Harian MY"


def test_only_owners_see_what_only_owners_may_do(cast: Cast, store: Store) -> None:
    for role, person in cast.of_acme.items():
        page = logged_in(person).get("/c/acme/stores/").content.decode()
        assert ("Link a store" in page) == (role is Role.OWNER)
        assert ("/unlink/" in page) == (role is Role.OWNER)
        assert ("Sync now" in page) == (role is not Role.VIEWER)


def test_linking_at_an_unregistered_marketplace_says_what_to_set(desk: Desk, settings: Any) -> None:
    settings.CHANNEL_APPS = {}
    words = said(desk.client.post("/c/acme/stores/link/", {"where": "lazada:MY"}))
    assert "CROSSDOCK_LAZADA_APP_KEY" in words
    assert "no region" in said(desk.client.post("/c/acme/stores/link/", {"where": "lazada:XX"}))
