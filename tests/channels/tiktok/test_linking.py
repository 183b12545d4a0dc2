"""Letting us in: links, codes, tokens and the shops that they open."""

from __future__ import annotations

import logging
import secrets
import traceback
from datetime import UTC, datetime

import pytest

from crossdock.channels.contract import App
from crossdock.channels.errors import ChannelError, NotSent, Refused, TokenDead, Unclear, Unreadable
from crossdock.channels.tiktok.channel import CHANNEL
from crossdock.channels.tiktok.endpoints import SHOPS
from tests.channels.tiktok.stage import Played, bad, good

GET, REFRESH = "/api/v2/token/get", "/api/v2/token/refresh"
ENDS = 1_798_000_000
TOKENS = {
    "access_token": "ROW_access",
    "access_token_expire_in": ENDS,
    "refresh_token": "ROW_refresh",
    "refresh_token_expire_in": 4_891_000_000,
    "open_id": "seller-1",
    "user_type": 0,
}


def test_the_link_names_the_service_and_never_an_address_to_come_back_to() -> None:
    app = App("6exampleappkey", "s3cr3t", more={"service_id": "7300000000000000000"})
    for region, host in (
        ("WORLD", "services.tiktokshop.com"),
        ("US", "services.us.tiktokshop.com"),
    ):
        url = CHANNEL.authorize_url(
            app, region=region, redirect_uri="https://us/back", state="n0nce"
        )
        assert url == f"https://{host}/open/authorize?service_id=7300000000000000000&state=n0nce"


def test_a_code_becomes_tokens_and_all_the_shops_that_they_open(tiktok: Played) -> None:
    tiktok.says(GET, good(**TOKENS))
    tiktok.says(
        SHOPS,
        good(
            shops=[
                {"id": "71", "name": "One", "region": "MY", "cipher": "ROW_1"},
                {"id": "72", "name": "Two", "region": "SG", "cipher": "ROW_2"},
            ]
        ),
    )
    grant = CHANNEL.exchange(tiktok.app(), region="WORLD", query={"code": "c0de", "locale": "en"})
    assert tiktok.asked(GET)[0].query == {
        "app_key": "6exampleappkey",
        "app_secret": "s3cr3tExample",
        "auth_code": "c0de",
        "grant_type": "authorized_code",
    }
    assert [(one.shop_id, one.region, one.name, one.key) for one in grant.shops] == [
        ("71", "MY", "One", "ROW_1"),
        ("72", "SG", "Two", "ROW_2"),
    ]
    assert grant.holder == "seller-1"
    assert grant.access_expires_at == datetime.fromtimestamp(ENDS, UTC)
    assert grant.refresh_expires_at == datetime.fromtimestamp(4_891_000_000, UTC)


def test_the_refresh_token_that_comes_back_is_the_one_to_keep(tiktok: Played) -> None:
    tiktok.says(REFRESH, good(**TOKENS))
    grant = CHANNEL.refresh(tiktok.app(), region="MY", shop_id="71", refresh_token="old")
    assert (grant.access_token, grant.refresh_token) == ("ROW_access", "ROW_refresh")
    assert (grant.holder, grant.shops) == ("seller-1", ())


@pytest.mark.parametrize("code", [36004001, 36004004, 36004005])
def test_an_authorisation_that_is_gone_means_link_again(tiktok: Played, code: int) -> None:
    tiktok.says(REFRESH, bad(code, "gone"))
    with pytest.raises(TokenDead):
        CHANNEL.refresh(tiktok.app(), region="MY", shop_id="71", refresh_token="old")


def test_a_refresh_whose_answer_is_lost_is_unclear(tiktok: Played) -> None:
    tiktok.says(REFRESH, (502, b"<html>"))
    with pytest.raises(Unclear):
        CHANNEL.refresh(tiktok.app(), region="MY", shop_id="71", refresh_token="old")


def test_an_answer_without_tokens_is_no_grant(tiktok: Played) -> None:
    tiktok.says(REFRESH, good(access_token="only"))
    with pytest.raises(Unreadable):
        CHANNEL.refresh(tiktok.app(), region="MY", shop_id="71", refresh_token="old")


def test_a_seller_who_opens_no_shop_is_told(tiktok: Played) -> None:
    tiktok.says(GET, good(**TOKENS))
    tiktok.says(SHOPS, good(shops=[]))
    with pytest.raises(Refused, match="no shop"):
        CHANNEL.exchange(tiktok.app(), region="WORLD", query={"code": "c0de"})


def test_a_shop_that_the_token_no_longer_opens_must_be_linked_again(tiktok: Played) -> None:
    tiktok.says(SHOPS, good(shops=[{"id": "1", "name": "Another"}]))
    with pytest.raises(TokenDead):
        CHANNEL.shop_name(tiktok.shop())


@pytest.mark.parametrize(
    "host", ["auth.example:1", "http://127.0.0.1:9", "https://no.such.invalid"]
)
def test_the_apps_secret_is_in_no_error_and_in_no_log_though_it_travels_in_an_address(
    host: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    secret, token = secrets.token_hex(), secrets.token_hex()
    app = App("key", secret, {"auth": host}, frozenset({"127.0.0.1"}))
    with pytest.raises(NotSent) as told:
        CHANNEL.refresh(app, region="MY", shop_id="71", refresh_token=token)
    written = "".join(traceback.format_exception(told.value)) + caplog.text
    assert secret not in written
    assert token not in written


def test_an_echoed_secret_is_not_passed_on(tiktok: Played) -> None:
    tiktok.says(REFRESH, bad(9, "app_secret s3cr3tExample and refresh_token r3fresh do not match"))
    with pytest.raises(ChannelError) as told:
        CHANNEL.refresh(tiktok.app(), region="MY", shop_id="71", refresh_token="r3fresh")
    assert "s3cr3tExample" not in told.value.words
    assert "r3fresh" not in told.value.words
