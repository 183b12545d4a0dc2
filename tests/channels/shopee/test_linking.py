"""Letting us in at Shopee: its two links, its codes and tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crossdock.channels.contract import App
from crossdock.channels.errors import ChannelError, Refused, TokenDead, Unclear
from crossdock.channels.shopee import linking
from tests.channels.shopee.stage import Call, Played, bad, good

APP = App("2001", "key")


def token(**more: Any) -> dict[str, Any]:
    return {"request_id": "1", "error": "", "access_token": "a", "refresh_token": "r",
            "expire_in": 14400, **more}  # fmt: skip


def test_a_main_account_opens_all_its_shops_with_one_first_pair(shopee: Played) -> None:
    shopee.says("auth/token/get", token(shop_id_list=[7, 8, 9]))

    def info(call: Call) -> dict[str, Any]:
        if call.values["shop_id"] == "8":
            return bad("shop_banned", "The shop is banned.")
        return {**good(), "shop_name": f"Shop {call.values['shop_id']}", "region": "SG"}

    shopee.says("shop/get_shop_info", info)
    query = {"code": "c0de", "main_account_id": "5"}
    grant = linking.exchange(shopee.shop().app, region="SEA", query=query)
    assert shopee.calls[0].body == {"code": "c0de", "main_account_id": 5, "partner_id": 2001}
    assert [(one.shop_id, one.region, one.name) for one in grant.shops] == [
        ("7", "SG", "Shop 7"),
        ("9", "SG", "Shop 9"),
    ]
    assert grant.holder == ""


def test_an_end_that_is_told_as_a_moment_is_read_as_one(shopee: Played) -> None:
    shopee.says("auth/access_token/get", token(expire_in=1_893_456_000))
    grant = linking.refresh(
        shopee.shop().app, region="MY", shop_id="99", refresh_token="old-refresh"
    )
    assert grant.access_expires_at == datetime.fromtimestamp(1_893_456_000, UTC)
    body = {"refresh_token": "old-refresh", "shop_id": 99, "partner_id": 2001}
    assert shopee.calls[0].body == body


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("error_shop_refresh_token", TokenDead),
        ("shop_access_expired", TokenDead),
        ("error_partner_key_expired", Refused),
        ("source_ip_undeclared", Refused),
        ("error_inner", Unclear),
    ],
)
def test_a_refresh_asks_for_the_seller_only_when_the_seller_can_help(
    shopee: Played, error: str, kind: type[Exception]
) -> None:
    shopee.says("auth/access_token/get", bad(error))
    with pytest.raises(ChannelError) as refusal:
        linking.refresh(shopee.shop().app, region="MY", shop_id="99", refresh_token="x")
    assert type(refusal.value) is kind


def test_the_portal_gives_our_state_back_and_the_signed_link_keeps_it_in_the_address() -> None:
    way = {"region": "SEA", "redirect_uri": "https://desk.example/oauth?a=1", "state": "x:y"}
    portal = linking.authorize_url(APP, **way)
    assert portal.startswith("https://open.shopee.com/auth?partner_id=2001&auth_type=seller&")
    assert portal.endswith("&response_type=code&state=x%3Ay")
    old = linking.authorize_url(App("2001", "key", more={"link": "signed"}), **way)
    assert old.startswith(
        "https://partner.shopeemobile.com/api/v2/shop/auth_partner?partner_id=2001"
    )
    assert "redirect=https%3A%2F%2Fdesk.example%2Foauth%3Fa%3D1%26state%3Dx%253Ay" in old


@pytest.mark.parametrize(
    ("region", "page"),
    [("BR", "https://open.shopee.com.br/auth?"), ("CN", "https://open.shopee.cn/auth?")],
)
def test_each_region_has_a_page_of_its_own(region: str, page: str) -> None:
    url = linking.authorize_url(APP, region=region, redirect_uri="https://d.example", state="s")
    assert url.startswith(page)


def test_a_partner_id_that_is_no_number_is_told_to_the_operator() -> None:
    with pytest.raises(Refused, match="CROSSDOCK_SHOPEE_APP_KEY"):
        linking.authorize_url(
            App("abc", "key"), region="SEA", redirect_uri="https://d.example", state="s"
        )
