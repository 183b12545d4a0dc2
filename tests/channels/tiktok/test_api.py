"""Signing and sending, and what the envelope of an answer means."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest

from crossdock.channels.answers import Evidence
from crossdock.channels.contract import Shop
from crossdock.channels.errors import (
    ChannelError,
    NotFound,
    NotPermitted,
    NotSent,
    Refused,
    Throttled,
    TokenDead,
    TokenExpired,
    Unclear,
    Unreadable,
)
from crossdock.channels.tiktok.api import get, post, sign, upload
from crossdock.channels.tiktok.endpoints import ORDERS, SHOPS, UPLOAD_IMAGE
from tests.channels.tiktok.stage import Played, bad, good

SECRET, KEY, AT = "s3cr3tExample", "6exampleappkey", "1767225600"


def test_the_signature_of_a_reading_call_is_the_sheets_own() -> None:
    query = {"app_key": KEY, "timestamp": AT}
    expected = "9fd8ee857ed58b0a01dfa22e95e5dce5ba2376d90ff06ff94d77a1bcee43d0b9"
    assert sign("/authorization/202309/shops", query, b"", SECRET) == expected


def test_the_signature_of_a_posted_body_is_the_sheets_own() -> None:
    query = {
        "app_key": KEY,
        "timestamp": AT,
        "page_size": "20",
        "shop_cipher": "ROW_example01",
        "sort_field": "update_time",
    }
    expected = "d949da7b3a32680d2cddf97126d6835ae0093e1f093b7e7b9d0a868e10c0323a"
    body = b'{"update_time_ge":1767139200}'
    assert sign("/order/202309/orders/search", query, body, SECRET) == expected


def test_what_is_sent_is_what_was_signed_and_a_token_that_needs_encoding_is_signed_decoded(
    tiktok: Played,
) -> None:
    tiktok.says("/x", good())
    post(tiktok.shop(), "/x", {"words": "naïve"}, {"page_token": "a/b+c=="}, writes=False)
    call = tiktok.calls[0]
    assert call.query["page_token"] == "a/b+c=="
    assert call.query["shop_cipher"] == "ROW_cipher1"
    assert call.headers["x-tts-access-token"] == "ROW_token1"
    pairs = "".join(f"{name}{call.query[name]}" for name in sorted(call.query) if name != "sign")
    message = f'{SECRET}/x{pairs}{{"words":"naïve"}}{SECRET}'.encode()
    assert call.query["sign"] == hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest()


def test_calls_that_take_no_cipher_name_no_shop(tiktok: Played) -> None:
    tiktok.says(SHOPS, good(shops=[]))
    tiktok.says(UPLOAD_IMAGE, good(uri="u"))
    get(tiktok.shop(), SHOPS)
    upload(tiktok.shop(), UPLOAD_IMAGE, Evidence("a.png", "image/png", b"\x89PNG"))
    assert all("shop_cipher" not in call.query for call in tiktok.calls)


def test_a_form_is_not_part_of_its_signature(tiktok: Played) -> None:
    tiktok.says(UPLOAD_IMAGE, good(uri="u"))
    upload(tiktok.shop(), UPLOAD_IMAGE, Evidence("a.png", "image/png", b"\x89PNG"))
    query = dict(tiktok.calls[0].query)
    given = query.pop("sign")
    assert given == sign(UPLOAD_IMAGE, query, b"", SECRET)
    assert b'name="data"' in tiktok.calls[0].body


@pytest.mark.parametrize(
    ("answer", "writes", "kind"),
    [
        ((401, bad(105002, "expired")), True, TokenExpired),
        (bad(105002, "expired"), False, TokenExpired),
        (bad(105001, "invalid"), False, TokenExpired),
        ((401, bad(36009004, "x-tts-access-token is invalid")), False, TokenExpired),
        ((400, bad(36009004, "shop_id is invalid")), False, Refused),
        ((403, bad(105005, "the scope seller.order.info is missing")), False, NotPermitted),
        ((403, bad(101000, "token and shop_cipher do not belong together")), False, TokenDead),
        (bad(36004005, "no such authorization"), True, TokenDead),
        ((401, bad(106001, "Invalid sign")), True, Refused),
        ((429, bad(36009002, "too many requests")), True, Throttled),
        ((429, bad(99, "slow down")), True, Throttled),
        ((429, b"slow down"), True, Throttled),
        (bad(36009003, "internal"), True, Unclear),
        (bad(36009003, "internal"), False, NotSent),
        (bad(21001003, "try later"), False, NotSent),
        (bad(21001003, "try later"), True, Refused),
        (bad(25007006, "not found"), False, NotFound),
        (bad(21011041, "cancelled"), True, Refused),
        ((503, bad(77, "overloaded")), True, Unclear),
        ((503, bad(77, "overloaded")), False, NotSent),
        ((502, b"<html>"), True, Unclear),
        ((502, b"<html>"), False, NotSent),
        (b"[]", True, Unclear),
        (b"[]", False, Unreadable),
        ({"code": 0, "message": "Success", "data": None}, False, Unreadable),
    ],
)
def test_every_answer_means_what_the_sheet_says(
    tiktok: Played, answer: Any, writes: bool, kind: type[ChannelError]
) -> None:
    tiktok.says("/x", answer)
    with pytest.raises(ChannelError) as told:
        post(tiktok.shop(), "/x", {}, writes=writes)
    assert type(told.value) is kind


def test_a_written_success_needs_no_data(tiktok: Played) -> None:
    tiktok.says("/x", {"code": 0, "message": "Success", "data": None})
    assert post(tiktok.shop(), "/x", {}, writes=True) == {}


def test_the_hourly_limit_of_a_test_shop_is_waited_for_longer_than_a_second(tiktok: Played) -> None:
    tiktok.says("/x", (429, bad(36009037, "hourly limit")))
    with pytest.raises(Throttled) as told:
        get(tiktok.shop(), "/x")
    assert told.value.wait >= 60


def test_no_secret_comes_back_in_the_words_of_an_error(tiktok: Played) -> None:
    shop = tiktok.shop()
    tiktok.says("/x", bad(7, f"what is {shop.access_token} or {shop.app.secret} or {shop.key}?"))
    with pytest.raises(Refused) as told:
        get(shop, "/x")
    for secret in (shop.access_token, shop.app.secret, shop.key):
        assert secret not in told.value.words
    assert "what is" in told.value.words


def test_every_request_for_a_shop_waits_for_its_turn(tiktok: Played) -> None:
    turns: list[int] = []
    shop = tiktok.shop()
    waiting = Shop(
        shop.app,
        shop.shop_id,
        "MY",
        "t",
        key="k",
        await_turn=lambda: turns.append(len(tiktok.calls)),
    )
    tiktok.says(ORDERS, good(orders=[]))
    tiktok.says(UPLOAD_IMAGE, good(uri="u"))
    get(waiting, ORDERS)
    post(waiting, ORDERS, {}, writes=True)
    upload(waiting, UPLOAD_IMAGE, Evidence("a.png", "image/png", b"\x89PNG"))
    assert turns == [0, 1, 2]
