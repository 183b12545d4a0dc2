"""Tokens: refreshed once however many meet an expired one, and never silently lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from crossdock.channels.errors import TokenDead
from crossdock.companies.scope import company_scope
from crossdock.stores.calling import call
from crossdock.stores.models import Store
from crossdock.stores.sealing import open_sealed
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]


def ask_name(store: Store) -> str:
    try:
        with company_scope(store.company_id):
            return call(Store.objects.get(pk=store.pk), lambda known, shop: known.shop_name(shop))
    finally:
        connection.close()


def test_eight_workers_meet_an_expired_token_and_one_refreshes(
    store: Store, sandbox: RunningSandbox
) -> None:
    begin = sandbox.get("/ledger")["calls"]
    sandbox.post("/faults", system="lazada", path="/seller/get", kind="expire_token", times=1)
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(ask_name, [store] * 8))
    after = begin[-1]["seq"] if begin else 0
    assert names == ["Kedai Harian MY"] * 8
    assert len(sandbox.ledger("refresh", after)) == 1


def test_a_refresh_that_was_cut_off_shows_as_link_again(
    store: Store, sandbox: RunningSandbox
) -> None:
    sandbox.post("/faults", system="lazada", path="/seller/get", kind="expire_token", times=1)
    with company_scope(store.company_id):
        Store.objects.filter(pk=store.pk).update(refresh_started_at=timezone.now())
        with pytest.raises(TokenDead, match="linked again"):
            call(store, lambda known, shop: known.shop_name(shop))
        store.refresh_from_db()
        assert "cut off" in store.token_dead_words


def test_a_revoked_store_says_so_in_the_channels_words(
    store: Store, sandbox: RunningSandbox
) -> None:
    sandbox.control.request(
        "DELETE", "/tokens", json={"channel": "lazada", "shop": "lazada-my"}
    ).raise_for_status()
    with company_scope(store.company_id):
        with pytest.raises(TokenDead, match="IllegalRefreshToken"):
            call(store, lambda known, shop: known.shop_name(shop))
        store.refresh_from_db()
        assert store.needs_relink


def test_tokens_are_sealed_in_the_database(store: Store) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_token_sealed FROM stores_store WHERE id = %s", [store.pk])
        sealed = bytes(cursor.fetchone()[0])
    assert b"50000" not in sealed
    assert open_sealed(sealed).startswith("50000")
