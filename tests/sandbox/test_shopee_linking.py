"""How a seller lets the app in at Shopee, how tokens live, and how it all ends."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.sandbox.running import RunningSandbox
from tests.sandbox.shopee_app import ShopeeApp, sign

BACK = "http://localhost:8000/back"
OLD, NEW = "/api/v2/shop/auth_partner", "/auth"


@pytest.fixture
def seller(played: RunningSandbox) -> Seller:
    return Seller(played)


class Seller:
    """Somebody with a browser."""

    def __init__(self, played: RunningSandbox) -> None:
        known = played.identities["shopee"]
        self.partner, self.key = known["partner_id"], known["partner_key"]
        self.browser = httpx.Client(base_url=known["base_url"], trust_env=False, timeout=30)

    def old_link(self, path: str = OLD, redirect: str = BACK, age: int = 0) -> str:
        """The signed link."""
        moment = int(time.time()) - age
        query = {
            "partner_id": self.partner,
            "timestamp": moment,
            "sign": sign(self.key, self.partner, path, moment),
            "redirect": redirect,
        }
        return f"{path}?{httpx.QueryParams(query)}"

    def new_link(self, path: str = NEW, redirect: str = BACK, **more: str) -> str:
        """The unsigned link."""
        query = {
            "partner_id": self.partner,
            "auth_type": "seller",
            "redirect_uri": redirect,
            "response_type": "code",
            **more,
        }
        return f"{path}?{httpx.QueryParams(query)}"

    def agree(self, link: str, shop: str = "shopee-my", **more: str) -> dict[str, str]:
        """Look at the page and press its button; what comes back to the app."""
        page = self.browser.get(link)
        assert page.headers["content-type"].startswith("text/html")
        assert "<button" in page.text
        answer = self.browser.post(link, data={"shop": shop, "decision": "yes", **more})
        assert answer.status_code == 302, answer.text
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        return {name: values[0] for name, values in query.items()}


def exchanged(app: ShopeeApp, back: dict[str, str]) -> dict[str, Any]:
    """What a code of a shop gives."""
    body = {
        "code": back["code"],
        "partner_id": app.partner,
        "shop_id": int(back["shop_id"]),
    }
    return app.answer("POST", "auth/token/get", body, public=True)


def refreshed(app: ShopeeApp, token: str, shop_id: int | None = None) -> dict[str, Any]:
    """What a refresh token gives."""
    body = {
        "refresh_token": token,
        "partner_id": app.partner,
        "shop_id": shop_id or app.shop_id,
    }
    return app.answer("POST", "auth/access_token/get", body, public=True)


def test_the_signed_link_leads_back_with_code_and_shop(seller: Seller, shopee: ShopeeApp) -> None:
    back = seller.agree(seller.old_link(redirect=f"{BACK}?nonce=n1"))
    assert (back["nonce"], back["shop_id"]) == ("n1", "300011")
    told = exchanged(shopee, back)
    assert (told["error"], "response" in told) == ("", False)
    assert 14390 < told["expire_in"] <= 14400
    shopee.token = told["access_token"]
    assert shopee.get("shop/get_shop_info")["shop_name"] == "harian.my"


def test_the_new_link_gives_the_state_back(seller: Seller) -> None:
    back = seller.agree(seller.new_link(state="s 1&2"))
    assert set(back) == {"code", "shop_id", "state"}
    assert back["state"] == "s 1&2"


def test_a_code_works_once(seller: Seller, shopee: ShopeeApp) -> None:
    back = seller.agree(seller.new_link())
    assert exchanged(shopee, back)["error"] == ""
    assert exchanged(shopee, back)["error"] == "invalid_code"


def test_a_code_belongs_to_its_shop(seller: Seller, shopee: ShopeeApp) -> None:
    back = seller.agree(seller.new_link())
    assert exchanged(shopee, {**back, "shop_id": "300012"})["error"] == "invalid_shop_id"


def test_the_signed_link_dies_after_five_minutes(seller: Seller) -> None:
    answer = seller.browser.get(seller.old_link(age=301))
    assert (answer.status_code, answer.json()["message"]) == (400, "Timestamp is expired.")


def test_a_link_with_a_wrong_signature_opens_nothing(seller: Seller) -> None:
    link = seller.old_link().replace("sign=", "sign=0")
    assert seller.browser.get(link).json()["error"] == "error_sign"


def test_only_the_domain_that_is_registered_is_led_back_to(
    played: RunningSandbox, seller: Seller
) -> None:
    answer = seller.browser.get(seller.new_link(redirect="https://evil.test/"))
    assert "Redirect URL Domain" in answer.json()["message"]
    played.post("/apps", channel="shopee", redirect_uri="https://desk.test/oauth")
    assert seller.browser.get(seller.new_link()).status_code == 400
    back = seller.agree(seller.new_link(redirect="https://desk.test/another/path"))
    assert back["code"]


def test_who_goes_back_sends_nothing(seller: Seller) -> None:
    answer = seller.browser.post(seller.new_link(), data={"shop": "shopee-my", "decision": "no"})
    assert (answer.status_code, "location" in answer.headers) == (200, False)


def test_a_refresh_token_is_used_once_and_the_old_access_token_lives_on(
    seller: Seller, shopee: ShopeeApp, played: RunningSandbox
) -> None:
    first = exchanged(shopee, seller.agree(seller.new_link()))
    second = refreshed(shopee, first["refresh_token"])
    assert (second["expire_in"], second["shop_id"]) == (14400, 300011)
    assert second["partner_id"] == shopee.partner
    assert refreshed(shopee, first["refresh_token"])["error"] == "error_shop_refresh_token"
    shopee.token = first["access_token"]
    assert shopee.error("GET", "shop/get_shop_info") == ""
    played.post("/advance", hours=0.1)
    assert shopee.error("GET", "shop/get_shop_info") == "invalid_acceess_token"
    shopee.token = second["access_token"]
    assert shopee.error("GET", "shop/get_shop_info") == ""


def test_tokens_have_their_lifetimes(
    seller: Seller, shopee: ShopeeApp, played: RunningSandbox
) -> None:
    told = exchanged(shopee, seller.agree(seller.new_link()))
    shopee.token = told["access_token"]
    played.post("/advance", hours=5)
    assert shopee.error("GET", "shop/get_shop_info") == "invalid_acceess_token"
    played.post("/advance", hours=24 * 31)
    assert refreshed(shopee, told["refresh_token"])["error"] == "refresh_token_expired"


def test_refreshes_are_told_in_the_ledger(
    seller: Seller, shopee: ShopeeApp, played: RunningSandbox
) -> None:
    told = exchanged(shopee, seller.agree(seller.new_link()))
    after = max((row["seq"] for row in played.get("/ledger")["calls"]), default=0)
    refreshed(shopee, told["refresh_token"])
    refreshed(shopee, told["refresh_token"])
    rows = played.ledger("refresh", after)
    assert [row["accepted"] for row in rows] == [True, False]


def test_a_main_accounts_first_refresh_token_serves_each_shop_once(
    seller: Seller, shopee: ShopeeApp
) -> None:
    back = seller.agree(seller.new_link(), "main")
    main = int(back["main_account_id"])
    body = {"code": back["code"], "partner_id": shopee.partner, "main_account_id": main}
    told = shopee.answer("POST", "auth/token/get", body, public=True)
    assert told["shop_id_list"] == [300011, 300012]
    chains = [refreshed(shopee, told["refresh_token"], shop) for shop in told["shop_id_list"]]
    assert [one["shop_id"] for one in chains] == [300011, 300012]
    assert len({one["refresh_token"] for one in chains}) == 2
    assert refreshed(shopee, told["refresh_token"])["error"] == "error_shop_refresh_token"
    assert refreshed(shopee, chains[0]["refresh_token"], 300012)["error"] != ""
    assert refreshed(shopee, chains[0]["refresh_token"], 300011)["error"] == ""


def test_the_token_of_a_main_account_opens_all_its_shops(
    seller: Seller, shopee: ShopeeApp, shopee_sg: ShopeeApp
) -> None:
    back = seller.agree(seller.new_link(), "main")
    body = {
        "code": back["code"],
        "partner_id": shopee.partner,
        "main_account_id": int(back["main_account_id"]),
    }
    told = shopee.answer("POST", "auth/token/get", body, public=True)
    for app in (shopee, shopee_sg):
        app.token = told["access_token"]
        assert app.error("GET", "shop/get_shop_info") == ""


def test_one_of_shop_and_main_account_is_named(seller: Seller, shopee: ShopeeApp) -> None:
    back = seller.agree(seller.new_link())
    body = {"code": back["code"], "partner_id": shopee.partner}
    assert shopee.error("POST", "auth/token/get", body, public=True) == "error_param"
    both = {**body, "shop_id": 300011, "main_account_id": 980001}
    assert shopee.error("POST", "auth/token/get", both, public=True) == "error_param"


def test_the_authorized_shops_are_listed_with_their_end(
    seller: Seller, shopee: ShopeeApp, played: RunningSandbox
) -> None:
    exchanged(shopee, seller.agree(seller.new_link(), days="30"))
    told = shopee.answer(
        "GET", "public/get_shops_by_partner", public=True, page_size=100, page_no=1
    )
    (row,) = [one for one in told["authed_shop_list"] if one["shop_id"] == 300011]
    assert row["expire_time"] - row["auth_time"] == 30 * 86400
    assert row["region"] == "MY"
    played.post("/advance", hours=24 * 31)
    assert shopee.error("GET", "shop/get_shop_info") == "shop_no_linked"


@pytest.mark.parametrize("old", [True, False])
def test_a_seller_takes_the_authorization_back(
    seller: Seller, shopee: ShopeeApp, old: bool
) -> None:
    path = "/api/v2/shop/cancel_auth_partner" if old else "/cancel_auth"
    link = seller.old_link(path) if old else seller.new_link(path)
    assert shopee.error("GET", "shop/get_shop_info") == ""
    assert seller.agree(link) == {"shop_id": "300011"}
    assert shopee.error("GET", "shop/get_shop_info") == "shop_no_linked"
    assert refreshed(shopee, "f" * 64)["error"] == "shop_no_linked"
