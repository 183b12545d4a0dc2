"""How an app is let in at TikTok Shop: the authorize page, codes, tokens, and how they end."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from tests.sandbox.running import RunningSandbox
from tests.sandbox.tiktok_app import TikTokApp

_BACK = "http://127.0.0.1:9/back"


class Seller:
    """A person at the authorize page."""

    def __init__(self, played: RunningSandbox) -> None:
        self.known = played.identities["tiktok"]
        self.client = httpx.Client(base_url=self.known["base_url"], trust_env=False)

    def page(self, path: str = "/open/authorize", **query: str) -> httpx.Response:
        named = {"service_id": self.known["service_id"], "redirect_uri": _BACK}
        return self.client.get(path, params={**named, **query})

    def decides(self, shop: str, decision: str = "yes", **query: Any) -> httpx.Response:
        named = {"service_id": self.known["service_id"], "redirect_uri": _BACK, **query}
        without = named.pop("without", [])
        form = {"shop": shop, "decision": decision, "without": without}
        return self.client.post("/open/authorize", params=named, data=form)

    def code(self, shop: str, **query: Any) -> str:
        answer = self.decides(shop, **query)
        return httpx.URL(answer.headers["location"]).params["code"]

    def token(self, way: str, **query: str) -> dict[str, Any]:
        kind = {"get": "authorized_code", "refresh": "refresh_token"}[way]
        named = {"app_key": self.known["app_key"], "app_secret": self.known["app_secret"]}
        answer = self.client.get(
            f"/api/v2/token/{way}", params={**named, "grant_type": kind, **query}
        )
        told: dict[str, Any] = answer.json()
        return told


@pytest.fixture
def seller(played: RunningSandbox) -> Seller:
    return Seller(played)


def test_the_page_offers_each_shop_and_all_with_a_button(seller: Seller) -> None:
    page = seller.page(state="x")
    assert page.status_code == 200
    for words in ('value="tiktok-my"', 'value="tiktok-sg"', 'value="all"', ">Authorize</button>"):
        assert words in page.text


def test_the_app_key_is_no_service_id_and_the_older_address_takes_it(seller: Seller) -> None:
    wrong = seller.page(service_id=seller.known["app_key"])
    assert (wrong.status_code, "This service does not exist." in wrong.text) == (400, True)
    assert seller.page("/oauth/authorize", app_key=seller.known["app_key"]).status_code == 200
    assert seller.page("/oauth/authorize", app_key="someone").status_code == 400


def test_the_code_goes_to_the_registered_address_whatever_the_link_says(
    played: RunningSandbox, seller: Seller
) -> None:
    played.post("/apps", channel="tiktok", redirect_uri="http://127.0.0.1:8/registered?x=1")
    place = httpx.URL(seller.decides("tiktok-my", state="a b/+=").headers["location"])
    assert (place.port, place.path) == (8, "/registered")
    assert (place.params["x"], place.params["state"]) == ("1", "a b/+=")
    assert place.params["code"].startswith("ROW_")


def test_without_a_registered_address_only_loopback_is_taken(seller: Seller) -> None:
    assert seller.page(redirect_uri="https://elsewhere.test/").status_code == 400
    refused = seller.page(redirect_uri="")
    assert "POST /apps" in refused.text


def test_state_is_absent_when_none_was_given_and_a_no_sends_nothing(seller: Seller) -> None:
    assert "state" not in httpx.URL(seller.decides("tiktok-my").headers["location"]).params
    assert seller.decides("tiktok-my", "no").status_code == 200


def test_a_code_gives_tokens_once_with_ends_as_epochs(seller: Seller) -> None:
    code = seller.code("tiktok-sg")
    told = seller.token("get", auth_code=code)
    data = told["data"]
    assert (told["code"], told["message"]) == (0, "success")
    assert abs(data["access_token_expire_in"] - time.time() - 7 * 86400) < 5
    assert abs(data["refresh_token_expire_in"] - time.time() - 365 * 86400) < 5
    assert data["access_token"].startswith("ROW_")
    assert (data["seller_name"], data["seller_base_region"], data["user_type"]) == (
        "Harian SG",
        "SG",
        0,
    )
    assert "seller.order.info" in data["granted_scopes"]
    assert seller.token("get", auth_code=code)["code"] == 36004004


def test_a_code_ends_after_half_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    from crossdock_sandbox import grants
    from crossdock_sandbox.stand import Stand
    from crossdock_sandbox.tiktok.book import open_book

    book = open_book(Stand(1))
    code = book.grants.code("tiktok-my")
    late = time.time() + 1801
    monkeypatch.setattr(grants.time, "time", lambda: late)
    assert book.grants.redeem(code) is None


def test_the_app_must_prove_itself(seller: Seller) -> None:
    code = seller.code("tiktok-my")
    assert seller.token("get", auth_code=code, app_secret="wrong")["code"] == 36009004
    assert seller.token("get", auth_code=code, grant_type="code")["code"] == 36009004
    assert seller.token("get", auth_code=code)["code"] == 0


def test_one_authorization_of_all_shops_reads_both(seller: Seller, played: RunningSandbox) -> None:
    token = seller.token("get", auth_code=seller.code("all"))["data"]["access_token"]
    app = TikTokApp(played, token=token)
    shops = app.get("/authorization/202309/shops", cipher=False)["shops"]
    assert [shop["seller_type"] for shop in shops] == ["CROSS_BORDER", "CROSS_BORDER"]
    for shop in shops:
        there = TikTokApp(played, token=token, cipher=shop["cipher"])
        assert there.post("/order/202309/orders/search", page_size="1")["total_count"] >= 0
    regions = app.get("/seller/202309/shops", cipher=False)["shops"]
    assert [set(shop) for shop in regions] == [{"id", "region"}] * 2


def test_refreshing_gives_new_tokens_until_the_authorization_ends(
    seller: Seller, played: RunningSandbox
) -> None:
    first = seller.token("get", auth_code=seller.code("tiktok-my"))["data"]
    after = played.get("/ledger")["calls"][-1:]
    fresh = seller.token("refresh", refresh_token=first["refresh_token"])["data"]
    assert fresh["access_token"] != first["access_token"]
    assert fresh["refresh_token_expire_in"] == first["refresh_token_expire_in"]
    assert TikTokApp(played, token=fresh["access_token"]).get(
        "/authorization/202309/shops", cipher=False
    )
    assert seller.token("refresh", refresh_token="unknown")["code"] == 36004005
    seq = after[0]["seq"] if after else 0
    rows = played.ledger("refresh", seq)
    assert [(row["accepted"], row["error"]) for row in rows] == [(True, ""), (False, "36004005")]


def test_a_year_later_the_refresh_token_is_expired(seller: Seller, played: RunningSandbox) -> None:
    first = seller.token("get", auth_code=seller.code("tiktok-my"))["data"]
    played.post("/advance", hours=8 * 24)
    app = TikTokApp(played, token=first["access_token"])
    assert app.code("GET", "/authorization/202309/shops", cipher=False) == 105002
    played.post("/advance", hours=360 * 24)
    told = seller.token("refresh", refresh_token=first["refresh_token"])
    assert told["code"] == 36004001


def test_what_the_seller_did_not_allow_is_refused(seller: Seller, played: RunningSandbox) -> None:
    code = seller.code("tiktok-my", without=["seller.finance.info"])
    data = seller.token("get", auth_code=code)["data"]
    app = TikTokApp(played, token=data["access_token"])
    assert "seller.finance.info" not in data["granted_scopes"]
    path = "/finance/202309/statements"
    assert app.code("GET", path, sort_field="statement_time") == 105005
    fresh = seller.token("refresh", refresh_token=data["refresh_token"])["data"]
    app = TikTokApp(played, token=fresh["access_token"])
    assert app.code("GET", path, sort_field="statement_time") == 105005
    assert app.code("POST", "/order/202309/orders/search", page_size="1") == 0


def test_revoking_ends_every_token_of_the_shop(seller: Seller, played: RunningSandbox) -> None:
    data = seller.token("get", auth_code=seller.code("all"))["data"]
    gone = {"channel": "tiktok", "shop": "tiktok-sg"}
    played.control.request("DELETE", "/tokens", json=gone).raise_for_status()
    app = TikTokApp(played, token=data["access_token"])
    assert app.code("GET", "/authorization/202309/shops", cipher=False) == 36009004
    assert seller.token("refresh", refresh_token=data["refresh_token"])["code"] == 36004005
