"""TikTok Shop's gateway: what is checked before anything is done, and in which order."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from crossdock_sandbox.tiktok import gateway, webhooks
from tests.sandbox.running import RunningSandbox
from tests.sandbox.tiktok_app import TikTokApp, sign

SHOPS = "/authorization/202309/shops"
SEARCH = "/order/202309/orders/search"
_SECRET = "s3cr3tExample"
_COMMON = {"app_key": "6exampleappkey", "timestamp": "1767225600"}
_VECTORS = [
    (SHOPS, _COMMON, "", "9fd8ee857ed58b0a01dfa22e95e5dce5ba2376d90ff06ff94d77a1bcee43d0b9"),
    (
        SEARCH,
        {**_COMMON, "page_size": "20", "shop_cipher": "ROW_example01", "sort_field": "update_time"},
        '{"update_time_ge":1767139200}',
        "d949da7b3a32680d2cddf97126d6835ae0093e1f093b7e7b9d0a868e10c0323a",
    ),
]


@pytest.mark.parametrize(("path", "query", "body", "expected"), _VECTORS)
def test_the_sheets_vectors_come_out_on_both_sides(
    path: str, query: dict[str, str], body: str, expected: str
) -> None:
    assert sign(path, query, body, _SECRET) == expected
    shuffled = {**dict(reversed(query.items())), "sign": "x", "access_token": "y"}
    assert gateway.sign(path, shuffled.items(), body.encode(), _SECRET) == expected


def test_a_push_message_is_signed_as_the_sheets_vector(monkeypatch: pytest.MonkeyPatch) -> None:
    body = (
        b'{"type":1,"tts_notification_id":"7400000000000000001","shop_id":"7490000000000000001","timestamp":1767229500,'
        b'"data":{"order_id":"577001122334455667","order_status":"AWAITING_SHIPMENT","is_on_hold_order":true,'
        b'"update_time":1767229500}}'
    )
    app = webhooks.APPS["tiktok"].__class__("6exampleappkey", _SECRET)
    monkeypatch.setitem(webhooks.APPS, "tiktok", app)
    expected = "4ebd39ac04104160b004fa798217ec38ab1deb9a622aea58741a4b5152e1d948"
    assert webhooks.signature(body) == expected


def test_a_success_is_an_envelope_with_data(tiktok: TikTokApp) -> None:
    answer = tiktok.call("GET", SHOPS, cipher=False)
    told = answer.json()
    assert (answer.status_code, told["code"], told["message"]) == (200, 0, "Success")
    assert len(told["request_id"]) == 34
    assert told["data"]["shops"] == [
        {
            "id": tiktok.sandbox.shop("tiktok-my")["id"],
            "name": "Harian MY",
            "region": "MY",
            "seller_type": "LOCAL",
            "cipher": tiktok.cipher,
            "code": "MYLC000011",
        }
    ]


def test_a_wrong_signature_is_refused_and_counted(tiktok: TikTokApp) -> None:
    before = tiktok.sandbox.get("/stats")["rejected_signatures"]
    answer = tiktok.call("GET", SHOPS, cipher=False, tamper={"sign": "0" * 64})
    assert (answer.status_code, answer.json()["code"]) == (401, 106001)
    assert answer.json()["data"] is None
    assert tiktok.sandbox.get("/stats")["rejected_signatures"] == before + 1


@pytest.mark.parametrize(
    ("tamper", "status", "code", "word"),
    [
        ({"app_key": "someone"}, 400, 36009004, "app_key"),
        ({"sign": ""}, 400, 36009004, "sign"),
        ({"page_size": "30"}, 401, 106001, "sign"),
        ({"shop_cipher": "ROW_else"}, 401, 106001, "sign"),
        ({"access_token": "in-the-query"}, 200, 0, "Success"),
    ],
)
def test_what_is_changed_after_signing_is_noticed(
    tiktok: TikTokApp, tamper: dict[str, str], status: int, code: int, word: str
) -> None:
    answer = tiktok.call("POST", SEARCH, {}, page_size="20", tamper=tamper)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert word in answer.json()["message"]


def test_the_body_is_signed_byte_for_byte_and_a_get_may_have_none(tiktok: TikTokApp) -> None:
    values = {"app_key": tiktok.key, "timestamp": str(int(time.time())), "page_size": "5"}
    values["shop_cipher"] = tiktok.cipher
    values["sign"] = sign(SEARCH, values, '{"order_status": "UNPAID"}', tiktok.secret)
    headers = {"x-tts-access-token": tiktok.token, "content-type": "application/json"}
    codes = [
        tiktok.client.post(SEARCH, params=values, content=body, headers=headers).json()["code"]
        for body in ('{"order_status": "UNPAID"}', '{"order_status":"UNPAID"}')
    ]
    assert codes == [0, 106001]


@pytest.mark.parametrize(
    ("off", "code"), [(0, 0), (-290, 0), (20, 0), (-310, 36009004), (40, 36009004)]
)
def test_the_clock_may_be_five_minutes_behind_and_half_a_minute_ahead(
    tiktok: TikTokApp, off: int, code: int
) -> None:
    timestamp = int(time.time()) + off
    assert tiktok.code("GET", SHOPS, cipher=False, timestamp=timestamp) == code
    assert "negative" in tiktok.answer("GET", SHOPS, cipher=False, timestamp=-5)["message"]


def test_the_order_of_checks_is_path_app_sign_token_cipher(tiktok: TikTokApp) -> None:
    wrong: dict[str, Any] = {"page_size": "20", "token": "no", "cipher": False}
    nowhere = tiktok.answer("GET", "/order/202309/nothing", tamper={"app_key": "x"}, **wrong)
    assert nowhere["code"] == 36009009
    assert tiktok.code("POST", SEARCH, {}, tamper={"app_key": "x"}, **wrong) == 36009004
    assert tiktok.code("POST", SEARCH, {}, tamper={"sign": "0"}, **wrong) == 106001
    assert "x-tts-access-token" in tiktok.answer("POST", SEARCH, {}, **wrong)["message"]
    assert tiktok.code("POST", SEARCH, {}, **{**wrong, "token": None}) == 106013


def test_unknown_paths_methods_and_versions_have_codes_of_their_own(tiktok: TikTokApp) -> None:
    answer = tiktok.call("GET", "/orders")
    assert (answer.status_code, answer.json()["code"]) == (404, 36009009)
    assert tiktok.code("GET", SEARCH) == 36009010
    assert tiktok.code("POST", "/order/202212/orders/search", {}, page_size="1") == 36009014


def test_a_cipher_must_be_there_be_ours_and_not_be_where_none_belongs(tiktok: TikTokApp) -> None:
    assert tiktok.code("POST", SEARCH, {}, cipher=False, page_size="1") == 106013
    other = TikTokApp(tiktok.sandbox, cipher=tiktok.sandbox.shop("tiktok-sg")["cipher"])
    assert other.code("POST", SEARCH, {}, page_size="1") == 101000
    refused = tiktok.answer("GET", SHOPS)
    assert refused["code"] == 36009004
    assert "shop_cipher" in refused["message"]


def test_an_expired_token_says_so_and_an_unknown_one_is_invalid(tiktok: TikTokApp) -> None:
    tiktok.sandbox.post("/faults", system="tiktok", kind="expire_token", times=1)
    answer = tiktok.call("GET", SHOPS, cipher=False)
    assert (answer.status_code, answer.json()["code"]) == (401, 105002)
    assert tiktok.code("GET", SHOPS, cipher=False, token="") == 36009004


def test_too_many_calls_of_a_shop_get_a_429_with_retry_after(tiktok: TikTokApp) -> None:
    tiktok.sandbox.post("/limits", system="tiktok", per_shop=2)
    before = tiktok.sandbox.get("/stats")["refused_rate_limit"]["tiktok"]
    answers = [tiktok.call("POST", SEARCH, {}, page_size="1") for _ in range(4)]
    late = [answer for answer in answers if answer.status_code == 429]
    assert late
    assert late[0].json()["code"] == 36009002
    assert late[0].headers["Retry-After"] == "1"
    assert tiktok.sandbox.get("/stats")["refused_rate_limit"]["tiktok"] == before + len(late)


def test_a_body_that_is_no_json_object_is_refused_and_none_counts_as_empty(
    tiktok: TikTokApp,
) -> None:
    assert tiktok.code("POST", SEARCH, [1], page_size="1") == 36009022
    assert tiktok.code("POST", SEARCH, page_size="1") == 0


def test_uploads_must_be_multipart_and_their_bodies_are_not_signed(tiktok: TikTokApp) -> None:
    path = "/fulfillment/202309/files/upload"
    assert tiktok.code("POST", path, {}) == 36009023
    files = {"data": ("proof.pdf", b"%PDF-1.4", "application/pdf")}
    assert tiktok.code("POST", path, files=files, form={"name": "proof.pdf"}) == 0


def test_a_list_may_be_joined_by_commas_or_its_key_repeated(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    ids = played.orders(2, "tiktok-my")
    path, common = "/order/202309/orders", {"app_key": tiktok.key, "shop_cipher": tiktok.cipher}
    common["timestamp"] = str(int(time.time()))
    pairs = sorted([*common.items(), *(("ids", one) for one in ids)], key=lambda pair: pair[0])
    signed = gateway.sign(path, pairs, b"", tiktok.secret)
    answer = tiktok.client.get(
        path,
        params=[*pairs, ("sign", signed)],
        headers={"x-tts-access-token": tiktok.token},
    )
    joined = tiktok.get(path, ids=",".join(ids))
    assert [one["id"] for one in json.loads(answer.content)["data"]["orders"]] == ids
    assert [one["id"] for one in joined["orders"]] == ids
