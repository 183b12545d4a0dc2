"""Tokens: refreshed once however many meet an expired one, and never silently lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from crossdock.channels.errors import NotSent, Refused, TokenDead
from crossdock.channels.patience import within
from crossdock.companies.scope import company_scope
from crossdock.companies.sealing import open_sealed
from crossdock.stores import tokens
from crossdock.stores.calling import call
from crossdock.stores.models import Store
from tests.cast import Cast, linked_store
from tests.sandbox.running import RunningSandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("unhurried")]


def ask_name(store: Store) -> str:
    """As a worker does: on a connection of its own."""
    try:
        with company_scope(store.company_id):
            return call(Store.objects.get(pk=store.pk), lambda known, shop: known.shop_name(shop))
    finally:
        connection.close()


def ask_all(stores: Sequence[Store]) -> list[str]:
    with ThreadPoolExecutor(len(stores)) as pool:
        return list(pool.map(ask_name, stores))


def first_shop(sandbox: RunningSandbox, channel_name: str) -> str:
    return str(sandbox.identities[channel_name]["shops"][0]["shop"])


def refreshes(sandbox: RunningSandbox, channel_name: str, after: int) -> list[dict[str, Any]]:
    return [row for row in sandbox.ledger("refresh", after) if row["system"] == channel_name]


def last_row(sandbox: RunningSandbox) -> int:
    rows = sandbox.get("/ledger")["calls"]
    return rows[-1]["seq"] if rows else 0


def fresh(store: Store) -> Store:
    with company_scope(store.company_id):
        return Store.objects.get(pk=store.pk)


def run_out(*stores: Store) -> None:
    """Have the access tokens of these stores end in a minute."""
    for store in stores:
        with company_scope(store.company_id):
            Store.objects.filter(pk=store.pk).update(
                access_expires_at=timezone.now() + timedelta(minutes=1)
            )


def test_eight_workers_meet_an_expired_token_and_one_refreshes(
    cast: Cast, sandbox: RunningSandbox, channel_name: str
) -> None:
    shop = first_shop(sandbox, channel_name)
    store, before = linked_store(cast.acme, sandbox, shop), last_row(sandbox)
    sandbox.post("/faults", system=channel_name, kind="expire_token", times=1)
    assert ask_all([store] * 8) == [sandbox.shop(shop)["name"]] * 8
    assert len(refreshes(sandbox, channel_name, before)) == 1


def test_eight_workers_find_a_token_near_its_end_and_one_refreshes(
    cast: Cast, sandbox: RunningSandbox, channel_name: str
) -> None:
    store = linked_store(cast.acme, sandbox, first_shop(sandbox, channel_name))
    before = last_row(sandbox)
    run_out(store)
    ask_all([store] * 8)
    assert len(refreshes(sandbox, channel_name, before)) == 1
    after = fresh(store)
    assert after.access_expires_at is not None
    assert after.access_expires_at > timezone.now() + timedelta(hours=1)
    assert open_sealed(after.access_token_sealed) != open_sealed(store.access_token_sealed)


def test_the_impatience_of_a_person_does_not_cut_a_refresh_short(
    cast: Cast, sandbox: RunningSandbox, channel_name: str
) -> None:
    """A refresh token works once: its answer must be waited for, whoever asked."""
    store = linked_store(cast.acme, sandbox, first_shop(sandbox, channel_name))
    run_out(store)
    sandbox.post("/latency", system=channel_name, ms=700)
    with within(0.5), pytest.raises(NotSent):
        ask_name(store)
    after = fresh(store)
    assert after.token_dead_words == ""
    assert open_sealed(after.access_token_sealed) != open_sealed(store.access_token_sealed)


def shared(cast: Cast, sandbox: RunningSandbox, channel_name: str) -> list[Store]:
    """Four stores of one holder in two companies, with one pair of tokens."""
    first = linked_store(cast.acme, sandbox, first_shop(sandbox, channel_name))
    kept = {field.attname: getattr(first, field.attname) for field in Store._meta.concrete_fields}
    del kept["id"]
    stores = []
    for number, company in enumerate((cast.acme, cast.acme, cast.bolt, cast.bolt)):
        with company_scope(company):
            more = {"company_id": company.pk, "region": f"{first.region}{number}"}
            stores.append(Store.objects.create(**{**kept, **more, "token_holder": "seller-1"}))
    return stores


def test_a_holders_stores_share_one_refresh_across_companies(
    cast: Cast, sandbox: RunningSandbox, channel_name: str
) -> None:
    stores, before = shared(cast, sandbox, channel_name), last_row(sandbox)
    run_out(*stores)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(_renewed, stores * 2))
    assert len(refreshes(sandbox, channel_name, before)) == 1
    pairs = {
        (bytes(one.access_token_sealed), bytes(one.refresh_token_sealed))
        for one in map(fresh, stores)
    }
    assert len(pairs) == 1
    assert pairs != {(stores[0].access_token_sealed, stores[0].refresh_token_sealed)}


def _renewed(store: Store) -> None:
    try:
        with company_scope(store.company_id):
            tokens.living(Store.objects.get(pk=store.pk))
    finally:
        connection.close()


def test_a_dead_pair_is_dead_for_all_that_share_it(cast: Cast, sandbox: RunningSandbox) -> None:
    stores = shared(cast, sandbox, "lazada")
    _revoke(sandbox, "lazada-my")
    run_out(*stores)
    with company_scope(cast.acme), pytest.raises(TokenDead, match="IllegalRefreshToken"):
        tokens.living(fresh(stores[0]))
    assert [fresh(store).needs_relink for store in stores] == [True] * 4


def _revoke(sandbox: RunningSandbox, shop: str) -> None:
    body = {"channel": shop.partition("-")[0], "shop": shop}
    sandbox.control.request("DELETE", "/tokens", json=body).raise_for_status()


def test_a_revoked_store_says_so_in_the_channels_words(
    cast: Cast, sandbox: RunningSandbox, channel_name: str
) -> None:
    shop = first_shop(sandbox, channel_name)
    store = linked_store(cast.acme, sandbox, shop)
    _revoke(sandbox, shop)
    with company_scope(cast.acme), pytest.raises(TokenDead) as refusal:
        call(store, lambda known, shop: known.shop_name(shop))
    words = fresh(store).token_dead_words
    assert words.startswith("The store must be linked again: ")
    assert len(words) > len(tokens.DEAD) + 10
    assert refusal.value.words == words


def test_a_refresh_that_dies_between_the_answer_and_the_commit_shows_as_link_again(
    cast: Cast, sandbox: RunningSandbox, channel_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = linked_store(cast.acme, sandbox, first_shop(sandbox, channel_name))
    run_out(store)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, company_scope(cast.acme):
        patch.setattr(tokens, "tokens_of", die)
        with pytest.raises(KeyboardInterrupt):
            tokens.living(fresh(store))
    assert not fresh(store).needs_relink
    with company_scope(cast.acme), pytest.raises(TokenDead, match="linked again"):
        call(fresh(store), lambda known, shop: known.shop_name(shop))
    assert "cut off" in fresh(store).token_dead_words


_KILLED = """
import os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "crossdock.settings"
import django
django.setup()
from django.conf import settings
from crossdock.channels.contract import App
from crossdock.companies.scope import company_scope
from crossdock.stores import tokens
from crossdock.stores.models import Store
settings.DATABASES["default"]["NAME"] = sys.argv[1]
def answered(*_):
    print("answered", flush=True)
    time.sleep(60)
tokens.tokens_of = answered
with company_scope(int(sys.argv[2])):
    tokens.living(Store.objects.get(pk=int(sys.argv[3])))
"""


def test_a_worker_that_is_killed_in_a_refresh_lets_go_and_leaves_its_mark(
    cast: Cast, sandbox: RunningSandbox, tmp_path: Path
) -> None:
    from crossdock.ops.sandbox import apps_of, environment

    store = linked_store(cast.acme, sandbox)
    run_out(store)
    script = tmp_path / "killed.py"
    script.write_text(_KILLED)
    worker = subprocess.Popen(
        [sys.executable, str(script), str(connection.settings_dict["NAME"]), str(cast.acme.pk), str(store.pk)],
        env={**os.environ, **environment(apps_of(sandbox.identities)), "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert worker.stdout is not None
    assert worker.stdout.readline() == "answered\n"
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    with company_scope(cast.acme), pytest.raises(TokenDead, match="cut off"):
        call(fresh(store), lambda known, shop: known.shop_name(shop))
    assert fresh(store).needs_relink


def test_after_a_lost_answer_the_next_try_tells(cast: Cast, sandbox: RunningSandbox) -> None:
    store = linked_store(cast.acme, sandbox)
    run_out(store)
    sandbox.post("/faults", system="lazada", path="/auth/token/refresh", kind="drop_after", times=1)
    with company_scope(cast.acme):
        with pytest.raises(NotSent):
            call(fresh(store), lambda known, shop: known.shop_name(shop))
        assert not fresh(store).needs_relink, "it may live: nobody knows yet"
        with pytest.raises(TokenDead, match="IllegalRefreshToken"):
            call(fresh(store), lambda known, shop: known.shop_name(shop))
    assert fresh(store).needs_relink


def test_a_line_that_fails_before_sending_costs_nothing(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    store = linked_store(cast.acme, sandbox)
    run_out(store)
    sandbox.post("/faults", system="lazada", path="/auth/token/refresh", kind="error_429", times=1)
    with company_scope(cast.acme), pytest.raises(Exception, match="429"):
        tokens.living(fresh(store))
    assert ask_name(store) == "Kedai Harian MY"


def test_a_refusal_that_the_seller_cannot_mend_leaves_the_store_linked(
    cast: Cast, sandbox: RunningSandbox, settings: Any
) -> None:
    store = linked_store(cast.acme, sandbox)
    run_out(store)
    right = settings.CHANNEL_APPS["lazada"]
    settings.CHANNEL_APPS = {
        "lazada": type(right)(right.key, "wrong", right.base_urls, right.trusted_hosts)
    }
    with company_scope(cast.acme), pytest.raises(Refused) as refusal:
        tokens.living(fresh(store))
    assert not isinstance(refusal.value, TokenDead)
    assert not fresh(store).needs_relink
    settings.CHANNEL_APPS = {"lazada": right}
    assert ask_name(store) == "Kedai Harian MY"


def test_a_clock_that_is_ahead_ends_no_link_only_the_marketplaces_refusal_does(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    store, before = linked_store(cast.acme, sandbox), last_row(sandbox)
    run_out(store)
    with company_scope(cast.acme):
        Store.objects.update(refresh_expires_at=timezone.now() - timedelta(days=40))
        assert call(fresh(store), lambda known, shop: known.shop_name(shop)) == "Kedai Harian MY"
    assert len(refreshes(sandbox, "lazada", before)) == 1
    assert not fresh(store).needs_relink


def test_old_news_does_not_bury_a_store_that_was_linked_again(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    old = linked_store(cast.acme, sandbox)
    pair = sandbox.post("/tokens", channel="lazada", shop="lazada-my")
    with company_scope(cast.acme):
        Store.objects.update(access_token_sealed=tokens.seal(pair["access_token"]))
        tokens.bury(old, "the old token is over")
    assert not fresh(old).needs_relink


def test_the_callers_own_copy_keeps_the_new_token(cast: Cast, sandbox: RunningSandbox) -> None:
    store, before = linked_store(cast.acme, sandbox), last_row(sandbox)
    sandbox.post("/faults", system="lazada", path="/seller/get", kind="expire_token", times=1)
    with company_scope(cast.acme):
        for _ in range(3):
            call(store, lambda known, shop: known.shop_name(shop))
    assert len(refreshes(sandbox, "lazada", before)) == 1
    assert bytes(store.access_token_sealed) == bytes(fresh(store).access_token_sealed)


def test_tokens_are_sealed_in_the_database(store: Store) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_token_sealed FROM stores_store WHERE id = %s", [store.pk])
        sealed = bytes(cursor.fetchone()[0])
    assert b"50000" not in sealed
    assert open_sealed(sealed).startswith("50000")
