"""Linking: to the marketplace's page and back, once, for one's own company, every shop that comes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from html import escape

import pytest
from django.db import connection
from django.test import Client

from crossdock.channels.contract import App, Grant, GrantedShop
from crossdock.channels.registry import channel
from crossdock.companies.models import Membership
from crossdock.companies.rights import Role
from crossdock.companies.scope import all_companies, company_scope
from crossdock.companies.sealing import open_sealed
from crossdock.stores.calling import call
from crossdock.stores.link import link
from crossdock.stores.models import SpentState, Store
from tests.cast import Cast
from tests.contract.stage import agree
from tests.stores.conftest import Desk, logged_in, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unhurried")]


def test_a_shop_is_linked_in_its_own_region_and_answers(desk: Desk, channel_name: str) -> None:
    shop = desk.shops(channel_name)[0]
    answer = desk.link(shop)
    assert "Linked: " in said(answer)
    assert answer["location"] == "/c/acme/stores/"
    store, told = desk.store(shop), desk.sandbox.shop(shop)
    assert (store.region, store.name) == (told["region"], told["name"])
    assert store.shop_key == told.get("cipher", "")
    with company_scope(desk.company):
        assert call(store, lambda known, shop: known.shop_name(shop)) == told["name"]


def test_linking_again_renews_the_tokens_of_the_same_store(desk: Desk, channel_name: str) -> None:
    shop = desk.shops(channel_name)[0]
    desk.link(shop)
    before = desk.store(shop)
    with company_scope(desk.company):
        Store.objects.update(
            token_dead_words="over", token_warned="dead", name="Our own name", shop_key="old"
        )
    answer = desk.link(shop, store=before.pk)
    after = desk.store(shop)
    assert "Linked again: Our own name" in said(answer)
    assert (after.pk, after.name, after.token_dead_words) == (before.pk, "Our own name", "")
    assert after.token_warned == ""
    assert after.shop_key == desk.sandbox.shop(shop).get("cipher", "")
    assert open_sealed(after.access_token_sealed) != open_sealed(before.access_token_sealed)


def test_another_shop_than_the_one_to_be_linked_again_is_named(
    desk: Desk, channel_name: str
) -> None:
    first, second = desk.shops(channel_name)[:2]
    desk.link(first)
    store = desk.store(first)
    answer = desk.link(first, consent=second, store=store.pk)
    words = said(answer)
    assert f"{store.name} was to be linked again, but the login opened another shop" in words
    assert desk.sandbox.shop(second)["name"] in words
    with company_scope(desk.company):
        assert Store.objects.count() == 1
    unchanged = desk.store(first)
    assert bytes(unchanged.access_token_sealed) == bytes(store.access_token_sealed)


def test_a_shop_of_another_company_is_refused_without_naming_it(
    desk: Desk, bolts_desk: Desk, channel_name: str
) -> None:
    shop = desk.shops(channel_name)[0]
    desk.link(shop)
    words = said(bolts_desk.link(shop))
    assert f"Not linked: {desk.sandbox.shop(shop)['name']}" in words
    assert "Acme" not in words
    with all_companies():
        assert Store.objects.count() == 1


def test_the_shop_can_be_linked_elsewhere_once_it_was_unlinked(
    desk: Desk, bolts_desk: Desk, channel_name: str
) -> None:
    shop = desk.shops(channel_name)[0]
    desk.link(shop)
    ours = desk.store(shop)
    desk.client.post(f"/c/acme/stores/{ours.pk}/unlink/")
    assert "Linked: " in said(bolts_desk.link(shop))
    assert "Not linked" in said(desk.link(shop, store=ours.pk))
    theirs = bolts_desk.store(shop)
    bolts_desk.client.post(f"/c/bolt/stores/{theirs.pk}/unlink/")
    assert "Linked: " in said(desk.link(shop, store=ours.pk))
    assert desk.store(shop).pk == ours.pk, "the same company gets its own store back"


@pytest.fixture
def two_shops(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> list[str]:
    """Lazada with a consent that opens both of its shops, each with the first shop's tokens."""
    known, shops = channel("lazada"), desk.shops("lazada")
    exchange = known.exchange

    def both(app: App, *, region: str, query: dict[str, str]) -> Grant:
        grant = exchange(app, region=region, query=query)
        told = [desk.sandbox.shop(shop) for shop in shops]
        opened = tuple(GrantedShop(one["shop_id"], one["region"], one["name"]) for one in told)
        return Grant(
            grant.access_token, grant.refresh_token, grant.access_expires_at,
            grant.refresh_expires_at, opened,
        )  # fmt: skip

    monkeypatch.setattr(type(known), "exchange", lambda _, app, **more: both(app, **more))
    return shops


def test_every_shop_of_a_consent_is_linked(desk: Desk, two_shops: list[str]) -> None:
    words = said(desk.link(two_shops[0]))
    assert "Linked: Kedai Harian MY and Harian Living SG" in words
    stores = [desk.store(shop) for shop in two_shops]
    assert [store.region for store in stores] == ["MY", "SG"]
    assert {open_sealed(store.refresh_token_sealed) for store in stores} == {
        open_sealed(stores[0].refresh_token_sealed)
    }


def test_of_several_shops_the_taken_one_is_named_and_the_others_are_linked(
    desk: Desk, bolts_desk: Desk, two_shops: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bolts_desk.link(two_shops[0])
    bolt = bolts_desk.store(two_shops[1])
    bolts_desk.client.post(f"/c/bolt/stores/{bolt.pk}/unlink/")
    words = said(desk.link(two_shops[0]))
    assert "Linked: Harian Living SG." in words
    assert "Not linked: Kedai Harian MY." in words
    with company_scope(desk.company):
        assert [store.region for store in Store.objects.all()] == ["SG"]


def test_linking_one_store_again_revives_no_other(desk: Desk, two_shops: list[str]) -> None:
    desk.link(two_shops[0])
    first, second = (desk.store(shop) for shop in two_shops)
    desk.client.post(f"/c/acme/stores/{second.pk}/unlink/")
    words = said(desk.link(two_shops[0], store=first.pk))
    assert "Linked again: Kedai Harian MY" in words
    assert "also opens Harian Living SG" in words
    assert desk.store(two_shops[1]).unlinked_at is not None


def test_a_refusal_at_the_marketplace_is_told_in_its_words(desk: Desk) -> None:
    url = desk.begin(where="lazada:MY")
    state = agree(url, "lazada-my")["state"]
    answer = desk.come_back("lazada", {"error": "access_denied", "state": state})
    assert "access_denied" in said(answer)
    assert answer["location"] == "/c/acme/stores/"


def test_a_used_visit_links_nothing_more(desk: Desk, channel_name: str) -> None:
    shop = desk.shops(channel_name)[0]
    query = agree(desk.begin(where=desk.where(shop)), shop)
    assert "Linked: " in said(desk.come_back(channel_name, query))
    assert "was used already" in said(desk.come_back(channel_name, query))


def test_a_visit_of_another_browser_is_refused(desk: Desk, cast: Cast) -> None:
    query = agree(desk.begin(where="lazada:MY"), "lazada-my")
    elsewhere = Desk(desk.sandbox, logged_in(cast.alice), cast.acme)
    assert "another browser" in said(elsewhere.come_back("lazada", query))
    assert "Linked: " in said(desk.come_back("lazada", query)), "it is still good where it began"


@pytest.mark.parametrize("state", ["made-up", "eyJhIjoxfQ:1x:yyyy"])
def test_a_state_that_we_did_not_sign_is_refused(desk: Desk, state: str) -> None:
    words = said(desk.come_back("lazada", {"code": "0_1", "state": state}))
    assert "did not begin here" in words


def test_a_visit_that_took_too_long_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    query = agree(desk.begin(where="lazada:MY"), "lazada-my")
    monkeypatch.setattr("crossdock.stores.visit._MINUTES", -1)
    assert "took longer" in said(desk.come_back("lazada", query))


def test_the_right_is_asked_again_on_the_way_back(desk: Desk, cast: Cast) -> None:
    query = agree(desk.begin(where="lazada:MY"), "lazada-my")
    Membership.objects.filter(person=cast.alice).update(role=Role.MANAGER)
    answer = desk.come_back("lazada", query)
    assert answer.status_code == 403
    assert "Only an owner links stores" in answer.content.decode()
    with all_companies():
        assert not Store.objects.exists()


def test_a_visitor_who_is_logged_out_meanwhile_is_asked_to_log_in(desk: Desk) -> None:
    query = agree(desk.begin(where="lazada:MY"), "lazada-my")
    desk.client = Client()
    answer = desk.come_back("lazada", query)
    assert answer.status_code == 302
    assert answer["location"].startswith("/accounts/login/")


def test_an_unknown_marketplace_is_told(desk: Desk) -> None:
    assert "There is no channel called" in said(desk.come_back("amazon", {"state": "x"}))


@pytest.mark.django_db(transaction=True)
def test_two_callbacks_at_once_link_the_shop_once(desk: Desk, channel_name: str) -> None:
    shop = desk.shops(channel_name)[0]
    query = agree(desk.begin(where=desk.where(shop)), shop)
    cookies = desk.client.cookies.output(header="", sep=";").strip()

    def come_back(_: int) -> str:
        client = Client(headers={"cookie": cookies})
        client.cookies.update(desk.client.cookies)
        try:
            return said(Desk(desk.sandbox, client, desk.company).come_back(channel_name, query))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        words = list(pool.map(come_back, range(4)))
    assert sorted("Linked: " in one for one in words) == [False, False, False, True], words
    assert sum("was used already" in one for one in words) == 3
    assert SpentState.objects.count() == 1
    with all_companies():
        assert Store.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_companies_that_link_one_shop_at_once_do_not_both_get_it(
    desk: Desk, bolts_desk: Desk, channel_name: str
) -> None:
    shop = desk.shops(channel_name)[0]
    visits = [(one, agree(one.begin(where=one.where(shop)), shop)) for one in (desk, bolts_desk)]

    def come_back(visit: tuple[Desk, dict[str, str]]) -> str:
        try:
            return said(visit[0].come_back(channel_name, visit[1]))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        words = list(pool.map(come_back, visits))
    assert sum("Linked: " in one for one in words) == 1, words
    assert sum("Not linked: " in one for one in words) == 1, words


class TestWithoutState:
    """The seller began at the marketplace: nothing is exchanged before a person chose a company."""

    def arrive(self, desk: Desk) -> dict[str, str]:
        query = agree(desk.begin(where="lazada:MY"), "lazada-my")
        return {name: value for name, value in query.items() if name != "state"}

    def test_an_owner_is_asked_for_which_company(self, desk: Desk) -> None:
        query = self.arrive(desk)
        calls = desk.sandbox.get("/stats")["calls"]
        answer = desk.come_back("lazada", query)
        assert answer["location"] == "/oauth/lazada/company/"
        page = desk.client.get(answer["location"]).content.decode()
        assert "Link to which company?" in page
        assert query["code"] not in page
        assert desk.sandbox.get("/stats")["calls"] == calls, "nothing was exchanged yet"

        answer = desk.client.post(
            "/oauth/lazada/company/", {"company": "acme", "region": "MY", "days": "7"}
        )
        assert "Linked: " in said(answer)
        assert desk.store("lazada-my").first_days == 7

    def test_a_refusal_is_told_and_asks_nothing(self, desk: Desk) -> None:
        answer = desk.come_back("lazada", {"error": "access_denied"})
        assert "Nothing was linked at Lazada: access_denied." in said(answer)
        assert "nothing came with you" in said(desk.come_back("lazada", {}))

    def test_the_answer_counts_once(self, desk: Desk) -> None:
        desk.come_back("lazada", self.arrive(desk))
        form = {"company": "acme", "region": "MY"}
        assert "Linked: " in said(desk.client.post("/oauth/lazada/company/", form))
        assert "is over" in said(desk.client.post("/oauth/lazada/company/", form))

    def test_a_code_that_waited_too_long_is_over(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.come_back("lazada", self.arrive(desk))
        monkeypatch.setattr("crossdock.stores.visit._ARRIVED_SECONDS", -1)
        assert "is over" in said(desk.client.get("/oauth/lazada/company/"))

    def test_somebody_elses_company_cannot_be_chosen(self, desk: Desk) -> None:
        desk.come_back("lazada", self.arrive(desk))
        answer = desk.client.post("/oauth/lazada/company/", {"company": "bolt", "region": "MY"})
        assert answer.status_code == 403

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.PACKER])
    def test_only_owners_are_asked(self, desk: Desk, cast: Cast, role: Role) -> None:
        query = self.arrive(desk)
        other = Desk(desk.sandbox, logged_in(cast.of_acme[role]), cast.acme)
        answer = other.come_back("lazada", query)
        assert "Only an owner links stores" in said(answer)
        assert other.client.get("/oauth/lazada/company/").status_code == 302


def test_a_shop_whose_name_cannot_be_read_is_linked_all_the_same(desk: Desk, cast: Cast) -> None:
    desk.sandbox.post("/faults", system="lazada", path="/seller/get", kind="error_500", times=9)
    query = agree(desk.begin(where="lazada:MY"), "lazada-my")
    found = link(cast.acme, channel_name="lazada", region="MY", query=query)
    assert [store.name for store in found.new] == ["Lazada 1001"]


@pytest.mark.parametrize("shop", ["lazada-my", "shopee-my", "tiktok-my"])
def test_forms_lead_to_our_own_host_alone_and_the_page_after_it_goes_on_to_the_marketplace(
    shop: str, desk: Desk
) -> None:
    answer = desk.client.post("/c/acme/stores/link/", {"where": desk.where(shop)})
    assert answer.status_code == 200, "browsers stop a form's redirect to another host"
    assert "form-action 'self';" in answer.headers["Content-Security-Policy"]
    url = answer.headers["Refresh"].removeprefix("0; url=")
    assert f'href="{escape(url)}"' in answer.content.decode(), (
        "for whom it does not go on by itself"
    )
    assert desk.come_back(shop.partition("-")[0], agree(url, shop)).status_code == 302
    assert desk.store(shop).name
