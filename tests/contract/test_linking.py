"""Letting us in: the authorise page, codes, tokens and what ends them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crossdock.channels.contract import Grant, Shop
from crossdock.channels.errors import Refused, TokenDead, TokenExpired
from tests.contract.stage import CALLBACK, OnStage, agree


def linked(stage: OnStage) -> tuple[Grant, Shop]:
    """What a seller's consent gives, and the shop that it opens."""
    region = region_of(stage)
    url = stage.known.authorize_url(stage.app, region=region, redirect_uri=CALLBACK, state="n0nce")
    stage.sandbox.post("/apps", channel=stage.system, redirect_uri=CALLBACK)
    query = agree(url, stage.name)
    assert query["state"] == "n0nce"
    grant = stage.known.exchange(stage.app, region=region, query=query)
    shop = grant.shops[0]
    return grant, Shop(stage.app, shop.shop_id, shop.region, grant.access_token, key=shop.key)


def region_of(stage: OnStage) -> str:
    """The shop's own region where one links by country; else the first."""
    codes = [region.code for region in stage.known.regions]
    own = stage.sandbox.shop(stage.name)["region"]
    return own if own in codes else codes[0]


def test_a_sellers_consent_opens_the_shop_that_was_chosen(stage: OnStage) -> None:
    grant, shop = linked(stage)
    told = stage.sandbox.shop(stage.name)
    assert (shop.shop_id, shop.region) == (told["shop_id"], told["region"])
    assert stage.known.shop_name(shop) == told["name"]
    assert grant.access_expires_at > datetime.now(UTC) + timedelta(hours=1)
    assert grant.refresh_expires_at is None or grant.refresh_expires_at > grant.access_expires_at


def test_a_refresh_gives_tokens_that_work(stage: OnStage) -> None:
    grant, shop = linked(stage)
    fresh = stage.known.refresh(
        stage.app, region=shop.region, shop_id=shop.shop_id, refresh_token=grant.refresh_token
    )
    assert fresh.access_token != grant.access_token
    assert fresh.holder == grant.holder
    assert stage.known.shop_name(replace(shop, access_token=fresh.access_token))


def test_a_wrong_code_is_refused_in_the_channels_words(stage: OnStage) -> None:
    with pytest.raises(Refused) as refusal:
        stage.known.exchange(
            stage.app,
            region=region_of(stage),
            query={"code": "wrong", "shop_id": stage.sandbox.shop(stage.name)["shop_id"]},
        )
    assert refusal.value.words
    assert stage.app.secret not in refusal.value.words


def test_coming_back_without_consent_is_refused(stage: OnStage) -> None:
    with pytest.raises(Refused):
        stage.known.exchange(stage.app, region=region_of(stage), query={})


def test_a_refresh_token_that_nobody_gave_means_link_again(stage: OnStage) -> None:
    shop = stage.shop()
    with pytest.raises(TokenDead):
        stage.known.refresh(
            stage.app, region=shop.region, shop_id=shop.shop_id, refresh_token="made-up"
        )


def test_an_access_token_that_is_over_is_told_apart_from_a_refusal(stage: OnStage) -> None:
    shop = stage.shop()
    stage.fault("expire_token", times=1)
    with pytest.raises((TokenExpired, TokenDead)):
        stage.known.shop_name(shop)
    with pytest.raises((TokenExpired, TokenDead)):
        stage.known.fetch(shop, stage.orders())


def test_a_revoked_authorisation_is_noticed(stage: OnStage) -> None:
    shop = stage.shop()
    stage.sandbox.control.request(
        "DELETE", "/tokens", json={"channel": stage.system, "shop": stage.name}
    ).raise_for_status()
    with pytest.raises((TokenExpired, TokenDead)):
        stage.known.shop_name(shop)
