"""Logins that own several shops: a Shopee main account, a TikTok Shop seller in several countries."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from crossdock.companies.scope import all_companies, company_scope
from crossdock.stores.calendar import Stage, ending_of
from crossdock.stores.calling import call
from crossdock.stores.models import Store
from tests.stores.conftest import Desk, said
from tests.stores.test_tokens import last_row, refreshes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unhurried")]


def all_shops(desk: Desk, channel_name: str) -> str:
    """What the marketplace's page calls the login that owns all shops."""
    url = desk.begin(where=desk.where(desk.shops(channel_name)[0]))
    page = httpx.get(url, timeout=30, trust_env=False).text
    radios = re.findall(r'type="radio" name="shop" value="([^"]*)"', page)
    more = sorted(set(radios) - set(desk.shops(channel_name)))
    if not more:
        pytest.skip(f"{channel_name} has no login that owns several shops")
    return more[0]


def link_all(desk: Desk, channel_name: str) -> str:
    everything = all_shops(desk, channel_name)
    return said(desk.link(desk.shops(channel_name)[0], consent=everything))


def stores(desk: Desk, channel_name: str) -> list[Store]:
    return [desk.store(shop) for shop in desk.shops(channel_name)]


def names(*rows: Store) -> list[str]:
    """What the shops call themselves, asked with each store's own token."""
    found = []
    for store in rows:
        with company_scope(store.company_id):
            kept = Store.objects.get(pk=store.pk)
            found.append(call(kept, lambda known, shop: known.shop_name(shop)))
    return found


def run_out() -> None:
    with all_companies():
        Store.objects.update(access_expires_at=timezone.now() + timedelta(minutes=1))


def pair(store: Store) -> tuple[bytes, bytes]:
    with company_scope(store.company_id):
        kept = Store.objects.get(pk=store.pk)
    return bytes(kept.access_token_sealed), bytes(kept.refresh_token_sealed)


def test_all_shops_of_a_login_are_linked_each_in_its_own_region(
    desk: Desk, channel_name: str
) -> None:
    words = link_all(desk, channel_name)
    told = [desk.sandbox.shop(shop) for shop in desk.shops(channel_name)]
    found = stores(desk, channel_name)
    assert f"Linked: {told[0]['name']} and {told[1]['name']}." in words
    assert [store.region for store in found] == [one["region"] for one in told]
    assert [store.shop_key for store in found] == [one.get("cipher", "") for one in told]
    assert names(*found) == [one["name"] for one in told]


def test_a_holders_stores_go_on_with_one_pair_the_others_each_with_their_own(
    desk: Desk, channel_name: str
) -> None:
    link_all(desk, channel_name)
    first, second = stores(desk, channel_name)
    assert pair(first) == pair(second), "they begin with the same pair"
    before, share = last_row(desk.sandbox), bool(first.token_holder)
    for _ in range(2):
        run_out()
        assert len(names(first, second)) == 2
    assert len(refreshes(desk.sandbox, channel_name, before)) == (2 if share else 4)
    assert (pair(first) == pair(second)) == share


def test_a_holder_in_two_companies_is_linked_anew_for_both(
    desk: Desk, bolts_desk: Desk, channel_name: str
) -> None:
    link_all(desk, channel_name)
    ours, let_go = stores(desk, channel_name)
    desk.client.post(f"/c/acme/stores/{let_go.pk}/unlink/")
    old = pair(ours)
    words = link_all(bolts_desk, channel_name)
    assert f"Not linked: {ours.name}." in words
    assert f"Linked: {let_go.name}." in words
    theirs = bolts_desk.store(desk.shops(channel_name)[1])
    assert names(ours, theirs) == [ours.name, let_go.name]
    if ours.token_holder:
        assert pair(ours) == pair(theirs) != old
    else:
        assert pair(ours) == old != pair(theirs)


def test_letting_one_shop_go_leaves_the_other_its_tokens(desk: Desk, channel_name: str) -> None:
    link_all(desk, channel_name)
    kept, let_go = stores(desk, channel_name)
    desk.client.post(f"/c/acme/stores/{let_go.pk}/unlink/")
    run_out()
    assert names(kept) == [kept.name]
    assert pair(let_go) == (b"", b"")


def test_a_consent_that_was_extended_at_the_marketplace_is_believed(
    desk: Desk, channel_name: str
) -> None:
    shop = desk.shops(channel_name)[0]
    desk.link(shop)
    store = desk.store(shop)
    if store.consent_ends_at is None:
        pytest.skip(f"{channel_name} does not tell a consent's end apart from its tokens'")
    assert ending_of(store).days in (364, 365), "not the 30 days of a refresh token"
    with all_companies():
        Store.objects.update(consent_ends_at=timezone.now() - timedelta(days=1))
    assert ending_of(desk.store(shop)).stage is Stage.DEAD
    run_out()
    assert names(store) == [store.name]
    assert ending_of(desk.store(shop)).days in (364, 365)
