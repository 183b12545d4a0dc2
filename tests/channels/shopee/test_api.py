"""Shopee's signature and envelope, and what its error codes mean."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from crossdock.channels.errors import (
    ChannelError,
    NotFound,
    NotSent,
    Refused,
    Throttled,
    TokenDead,
    TokenExpired,
    Unclear,
    Unreadable,
)
from crossdock.channels.shopee import linking
from crossdock.channels.shopee.api import get, post, sign
from crossdock.channels.shopee.refusals import code_of, error_of
from tests.channels.shopee.stage import Played, bad, good


def test_a_shops_call_is_signed_over_the_sheets_base_string() -> None:
    base = b"2001/api/v2/shop/get_shop_info1700000000tok199"
    parts = ("2001", "/api/v2/shop/get_shop_info", "1700000000", "tok1", "99")
    assert sign("key", *parts) == hmac.new(b"key", base, hashlib.sha256).hexdigest()


def test_a_call_is_signed_and_names_the_shop_in_its_query(shopee: Played) -> None:
    shopee.says("shop/get_shop_info", {**good(), "shop_name": "Kedai"})
    assert linking.shop_info(shopee.shop())["shop_name"] == "Kedai"
    told = shopee.calls[0].values
    base = f"2001/api/v2/shop/get_shop_info{told['timestamp']}tok199".encode()
    assert told["sign"] == hmac.new(b"key", base, hashlib.sha256).hexdigest()
    assert (told["partner_id"], told["shop_id"], told["access_token"]) == ("2001", "99", "tok1")


@pytest.mark.parametrize(
    ("answer", "reading", "writing"),
    [
        ((502, b"<html>"), NotSent, Unclear),
        ((200, b"{}"), Unreadable, Unclear),
        ((200, b"[]"), Unreadable, Unclear),
        ((500, b'{"error":"","request_id":"1"}'), NotSent, Unclear),
        ((429, b"slow down"), Throttled, Throttled),
        ((403, b'{"error":"invalid_acceess_token"}'), TokenExpired, TokenExpired),
        ((200, b'{"error":"error_system_busy","message":"busy"}'), NotSent, Unclear),
    ],
)
def test_the_body_decides_at_any_status(
    shopee: Played, answer: tuple[int, bytes], reading: type[Exception], writing: type[Exception]
) -> None:
    shopee.says("x/y", answer)
    with pytest.raises(ChannelError) as read:
        get(shopee.shop(), "x/y")
    assert type(read.value) is reading
    with pytest.raises(ChannelError) as written:
        post(shopee.shop(), "x/y", {}, writes=True)
    assert type(written.value) is writing


def test_no_error_tells_our_token(shopee: Played) -> None:
    shopee.says("x/y", bad("error_param", "access_token tok1 is odd"))
    with pytest.raises(Refused) as refusal:
        get(shopee.shop(), "x/y")
    assert "tok1" not in refusal.value.words


@pytest.mark.parametrize(
    ("code", "message", "writes", "kind"),
    [
        ("invalid_acceess_token", "Invalid access_token, please have a check.", True, TokenExpired),
        ("error_auth", "Invalid access_token.", False, TokenExpired),
        ("error_auth", "Invalid refresh_token.", True, TokenDead),
        ("error_auth", "partner_id is invalid", False, Refused),
        ("shop_no_linked", "Partner and shop has no linked.", False, TokenDead),
        ("error_rate_limit", "Too many requests.", True, Throttled),
        ("error_limit", "daily limit", False, Throttled),
        ("order.error_limit", "Can not cancel this order", True, Refused),
        ("error_server", "Something wrong. Please try later.", True, Unclear),
        ("error_server", "Something wrong. Please try later.", False, NotSent),
        ("logistics.error_timeout", "time out", True, Unclear),
        ("error_not_found", "Wrong parameters, detail: the order is not found.", False, NotFound),
        ("error_param", "The information you queried is not found.", False, NotFound),
        ("error_data", "The return you queried doesn't exist.", False, NotFound),
        ("error_sign", "Wrong sign.", False, Refused),
        ("logistics.ship_order_not_ready_to_ship", "no", True, Refused),
    ],
)
def test_codes_mean_what_the_sheet_says(
    code: str, message: str, writes: bool, kind: type[Exception]
) -> None:
    error = error_of(code, message, writes=writes)
    assert type(error) is kind
    assert error.words == f"{message} ({code})"


@pytest.mark.parametrize("printed", ["", "-", " ", None])
def test_what_the_samples_print_for_success_is_success(printed: str | None) -> None:
    assert code_of(printed) == ""


def test_stray_blanks_in_a_code_are_ours_to_strip() -> None:
    assert code_of("order. error_param") == "order.error_param"


def test_the_daily_limit_lasts_until_midnight_in_shopee_s_day() -> None:
    error = error_of("error_limit", "try again", writes=False)
    assert isinstance(error, Throttled)
    again = datetime.now(UTC) + timedelta(hours=8, seconds=error.wait)
    assert (again + timedelta(minutes=1)).hour == 0
