"""Shopee's gateway: partner, clock, sign, token, limits; the envelope and its HTTP status."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.sandbox.running import RunningSandbox
from tests.sandbox.shopee_app import ShopeeApp, sign

INFO = "shop/get_shop_info"


def test_the_signature_is_the_one_of_the_sheets_example(shopee: ShopeeApp) -> None:
    """``2001/api/v2/shop/get_shop_info1700000000tok199``"""
    parts = (2001, "/api/v2/shop/get_shop_info", 1700000000, "tok1", 99)
    whole = "2001/api/v2/shop/get_shop_info1700000000tok199"
    assert sign("key", *parts) == sign("key", whole)
    assert len(shopee.call("GET", INFO).request.url.params["sign"]) == 64


def test_a_success_has_an_empty_error_and_a_request_id(shopee: ShopeeApp) -> None:
    told = shopee.answer("GET", INFO)
    assert (told["error"], told["message"]) == ("", "")
    assert told["request_id"]
    assert "response" not in told
    assert (told["shop_name"], told["region"], told["status"]) == ("harian.my", "MY", "NORMAL")


def test_a_wrong_signature_is_refused_and_counted(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    before = played.get("/stats")["rejected_signatures"]
    wrong = ShopeeApp(played, token=shopee.token, key="wrong")
    answer = wrong.call("GET", INFO)
    assert (answer.status_code, answer.json()["error"]) == (403, "error_sign")
    assert played.get("/stats")["rejected_signatures"] == before + 1


def test_a_parameter_of_a_signed_part_cannot_be_changed(shopee: ShopeeApp) -> None:
    assert shopee.error("GET", INFO, tamper={"shop_id": "300012"}) == "error_sign"


@pytest.mark.parametrize("name", ["partner_id", "timestamp", "sign", "access_token", "shop_id"])
def test_a_common_parameter_that_is_missing_is_named(shopee: ShopeeApp, name: str) -> None:
    answer = shopee.call("GET", INFO, tamper={name: ""})
    assert answer.status_code == 400
    told = answer.json()
    assert (told["error"], told["message"]) == ("error_param", f"There is no {name} in query.")


@pytest.mark.parametrize(
    ("seconds", "message"), [(-301, "Timestamp is expired."), (400, "Invalid timestamp.")]
)
def test_a_clock_that_is_five_minutes_off_is_refused(
    shopee: ShopeeApp, seconds: int, message: str
) -> None:
    told = shopee.answer("GET", INFO, timestamp=int(time.time()) + seconds)
    assert (told["error"], told["message"]) == ("error_param", message)


def test_a_strange_partner_belongs_to_another_environment(shopee: ShopeeApp) -> None:
    assert shopee.error("GET", INFO, tamper={"partner_id": "7"}) == "invalid_partner_id"
    assert shopee.error("GET", INFO, tamper={"partner_id": "x"}) == "error_param"


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("GET", "order/no_such_call"),
        ("POST", INFO),
        ("DELETE", INFO),
        ("GET", "order/cancel_order"),
    ],
)
def test_an_unknown_path_or_method_is_not_there(shopee: ShopeeApp, method: str, name: str) -> None:
    told = shopee.answer(method, name)
    assert told["error"] == "error_param"
    assert "the request path is incorrect" in told["message"]


def test_a_strange_token_is_told_apart_from_a_shop_that_never_agreed(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    wrong = ShopeeApp(played, token="made-up")
    answer = wrong.call("GET", INFO)
    assert (answer.status_code, answer.json()["error"]) == (403, "invalid_acceess_token")
    played.control.request(
        "DELETE", "/tokens", json={"channel": "shopee", "shop": "shopee-my"}
    ).raise_for_status()
    assert shopee.error("GET", INFO) == "shop_no_linked"


def test_a_token_of_one_shop_does_not_open_another(
    played: RunningSandbox, shopee: ShopeeApp, shopee_sg: ShopeeApp
) -> None:
    shopee.token = shopee_sg.token
    assert shopee.error("GET", INFO) == "error_auth"


def test_too_many_calls_are_refused_with_429(played: RunningSandbox, shopee: ShopeeApp) -> None:
    played.post("/limits", system="shopee", per_shop=1)
    answers = [shopee.call("GET", INFO) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert answers[-1].json()["error"] == "error_rate_limit"
    assert played.get("/stats")["refused_rate_limit"]["shopee"] > 0


def test_business_errors_come_with_200(shopee: ShopeeApp) -> None:
    answer = shopee.call("GET", "order/get_order_detail", order_sn_list="26010100000000")
    assert (answer.status_code, answer.json()["error"]) == (200, "error_not_found")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "order_sn is a required field"),
        ({"order_sn": 7, "note": "x"}, "order_sn should be a string"),
        (["order_sn"], "JSON object"),
    ],
)
def test_a_wrong_parameter_is_named(shopee: ShopeeApp, body: Any, says: str) -> None:
    told = shopee.answer("POST", "order/set_note", body)
    assert told["error"] == "error_param"
    assert says in told["message"]


def test_a_token_can_be_made_to_expire(played: RunningSandbox, shopee: ShopeeApp) -> None:
    played.post("/faults", system="shopee", kind="expire_token", times=1)
    assert shopee.error("GET", INFO) == "invalid_acceess_token"
