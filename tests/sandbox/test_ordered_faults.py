"""Answers, refusals and labels that can be ordered: what they strike, where they come out, what is refused."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.sandbox.lazada_client import LazadaClient
from tests.sandbox.running import RunningSandbox
from tests.sandbox.shopee_app import ShopeeApp
from tests.sandbox.tiktok_app import TikTokApp

PACK = {"pack_order_list": [], "delivery_type": "dropship", "shipping_allocate_type": "TFS"}


def _pack(client: LazadaClient, order_id: str) -> dict[str, Any]:
    items = [int(item["order_item_id"]) for item in client.items(order_id)]
    wanted = {**PACK, "pack_order_list": [{"order_id": int(order_id), "order_item_list": items}]}
    return client("/order/fulfill/pack", "POST", packReq=wanted)


def _books(sandbox: RunningSandbox, method: str, path: str, body: Any = None) -> httpx.Response:
    """A signed call to SQL Account."""
    keys = sandbox.identities["sqlaccount"]
    content = json.dumps(body) if body is not None else ""
    request = AWSRequest(
        method, keys["base_url"] + path, data=content, headers={"Content-Type": "application/json"}
    )
    pair = Credentials(keys["access_key"], keys["secret_key"])
    SigV4Auth(pair, keys["service"], keys["region"]).add_auth(request)
    return httpx.request(
        method, request.url, content=content, headers=dict(request.headers), trust_env=False
    )


def test_an_answer_is_given_as_it_is_and_the_work_is_not_done(played: RunningSandbox) -> None:
    (order_id,), client = played.orders(1), LazadaClient(played)
    played.post(
        "/faults", system="lazada", kind="answer", path="/order/fulfill/pack",
        status=502, headers={"X-Edge": "17"}, body="<h1>Bad Gateway</h1>",
    )  # fmt: skip
    with pytest.raises(httpx.HTTPStatusError) as refused:
        _pack(client, order_id)
    answer = refused.value.response
    assert (answer.status_code, answer.text) == (502, "<h1>Bad Gateway</h1>")
    assert answer.headers["x-edge"] == "17"
    assert answer.headers["content-type"].startswith("text/html")
    assert played.truth()[order_id]["status"] == "pending"
    with pytest.raises(httpx.HTTPStatusError):  # it stands until the faults are lifted
        _pack(client, order_id)
    played.control.delete("/faults").raise_for_status()
    assert _pack(client, order_id)["code"] == "0"


def test_an_answer_is_given_so_many_times_and_a_json_body_is_sent_as_json(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    body = {"code": 0, "message": "Success", "data": {"orders": []}}
    played.post("/faults", system="tiktok", kind="answer", path="/orders", body=body, times=2)
    (order_id,) = played.orders(1, "tiktok-my")
    for _ in range(2):
        assert tiktok.answer("GET", "/order/202309/orders", ids=order_id) == body
    assert tiktok.order(order_id)["id"] == order_id


def test_an_answer_tells_methods_apart_and_a_part_of_a_path_may_be_anything(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    package = tiktok.package(order_id)
    played.post(
        "/faults", system="tiktok", kind="answer", method="GET", status=503,
        path="/fulfillment/202309/packages/{package_id}",
    )  # fmt: skip
    assert tiktok.call("GET", f"/fulfillment/202309/packages/{package}").status_code == 503
    assert tiktok.post("/fulfillment/202309/packages/search", page_size="50")["packages"]
    played.control.delete("/faults").raise_for_status()
    played.post("/faults", system="sqlaccount", kind="answer", method="POST", status=500)
    assert _books(played, "GET", "/salesinvoice").status_code == 200
    answer = _books(played, "POST", "/salesinvoice", {"docno": "X"})
    assert (answer.status_code, answer.content) == (500, b"")


def test_an_answer_to_calls_about_one_order_leaves_the_others_alone_wherever_it_is_named(
    played: RunningSandbox, tiktok: TikTokApp, shopee: ShopeeApp
) -> None:
    lazada = LazadaClient(played)
    mine, other = played.orders(2)
    played.post("/faults", system="lazada", kind="answer", order=mine, body={"code": "X"})
    assert lazada("/order/get", order_id=mine) == {"code": "X"}
    assert lazada("/orders/items/get", order_ids=f"[{other},{mine}]") == {"code": "X"}
    assert lazada("/orders/items/get", order_ids=f"[{other}]")["code"] == "0"
    items = [int(line["line_id"]) for line in played.truth()[mine]["lines"]]
    wanted = {**PACK, "pack_order_list": [{"order_id": int(mine), "order_item_list": items}]}
    assert lazada("/order/fulfill/pack", "POST", packReq=wanted) == {"code": "X"}
    assert _pack(lazada, other)["code"] == "0"

    mine, other = played.orders(2, "shopee-my")
    played.post("/faults", system="shopee", kind="answer", order=mine, status=500)
    asked = {"response_optional_fields": "item_list"}
    assert shopee.call("GET", "order/get_order_detail", order_sn_list=other, **asked).is_success
    both = f"{other},{mine}"
    told = shopee.call("GET", "order/get_order_detail", order_sn_list=both, **asked)
    assert told.status_code == 500
    body = {"order_list": [{"order_sn": other}, {"order_sn": mine}]}
    name = "logistics/get_shipping_document_parameter"
    assert shopee.call("POST", name, body).status_code == 500
    assert shopee.call("POST", name, {"order_list": body["order_list"][:1]}).status_code == 200

    mine, other = played.orders(2, "tiktok-my")
    packages = [tiktok.package(one) for one in (mine, other)]
    played.post("/faults", system="tiktok", kind="answer", order=mine, status=500)
    prices = "/order/202407/orders/{}/price_detail"
    assert tiktok.call("GET", prices.format(mine)).status_code == 500
    assert tiktok.call("GET", prices.format(other)).status_code == 200
    ship = "/fulfillment/202309/packages/ship"  # names the order by its package
    assert (
        tiktok.call("POST", ship, {"packages": [{"id": one} for one in packages]}).status_code
        == 500
    )
    assert tiktok.call("POST", ship, {"packages": [{"id": packages[1]}]}).status_code == 200


def test_an_answer_of_an_order_s_document_is_given_by_reference_and_by_key(
    played: RunningSandbox,
) -> None:
    def invoice(order: str) -> dict[str, Any]:
        return {
            "docno": f"A-{order}", "docref1": order, "docdate": "2026-03-02", "code": "300-S0001",
            "sdsdocdetail": [{"itemcode": "MUG-WHITE", "qty": "1", "unitprice": "5"}],
        }  # fmt: skip

    customer = _books(played, "GET", "/customer").json()["data"][0]["code"]
    item = _books(played, "GET", "/stockitem").json()["data"][0]["code"]
    made = _books(
        played, "POST", "/salesinvoice",
        {**invoice("O-1"), "code": customer, "sdsdocdetail": [{"itemcode": item, "qty": "1", "unitprice": "5"}]},
    )  # fmt: skip
    assert made.status_code == 201, made.text
    key = made.json()["dockey"]
    played.post("/faults", system="sqlaccount", kind="answer", order="O-1", status=500)
    assert _books(played, "POST", "/salesinvoice", invoice("O-1")).status_code == 500
    assert _books(played, "GET", f"/salesinvoice/{key}").status_code == 500
    assert _books(played, "GET", "/salesinvoice?docno=A-O-1").status_code == 500
    assert _books(played, "GET", "/salesinvoice?docno=A-O-2").status_code == 200


def test_a_refusal_comes_in_each_platforms_own_envelope(
    played: RunningSandbox, tiktok: TikTokApp, shopee: ShopeeApp
) -> None:
    lazada = LazadaClient(played)
    words = {"message": "Not today."}
    for system, code in (
        ("lazada", "700004"), ("shopee", "error_server"), ("tiktok", 21011044), ("sqlaccount", 400),
    ):  # fmt: skip
        played.post("/faults", system=system, kind="refuse", code=code, **words)
    told = lazada("/seller/get")
    assert (told["type"], told["code"], told["message"]) == ("ISV", "700004", "Not today.")
    answer = shopee.call("GET", "shop/get_shop_info")
    assert answer.status_code == 200
    assert (answer.json()["error"], answer.json()["message"]) == ("error_server", "Not today.")
    answer = tiktok.call("POST", "/order/202309/orders/search", {}, page_size="10")
    assert answer.status_code == 200
    assert (answer.json()["code"], answer.json()["message"]) == (21011044, "Not today.")
    answer = _books(played, "GET", "/customer")
    assert answer.status_code == 400
    assert answer.json() == {"error": {"code": 400, "message": "Not today."}}


def test_a_refusal_is_about_one_path_and_one_shop_and_the_gateways_own_codes_keep_their_status(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    other = TikTokApp(played, "tiktok-sg")
    played.post(
        "/faults", system="tiktok", kind="refuse", path="/orders/search", shop="tiktok-my",
        code=105005, message="Access denied.", times=1,
    )  # fmt: skip
    assert other.post("/order/202309/orders/search", page_size="10")["total_count"] >= 0
    (order_id,) = played.orders(1, "tiktok-my")
    assert tiktok.order(order_id)["id"] == order_id
    answer = tiktok.call("POST", "/order/202309/orders/search", {}, page_size="10")
    assert (answer.status_code, answer.json()["code"]) == (403, 105005)
    assert tiktok.post("/order/202309/orders/search", page_size="10")["orders"]


def test_what_a_refused_call_wanted_to_do_stands_in_the_ledger(
    played: RunningSandbox, tiktok: TikTokApp, shopee: ShopeeApp
) -> None:
    lazada = LazadaClient(played)
    of_lazada, of_shopee, of_tiktok = (
        played.orders(1, shop)[0] for shop in ("lazada-my", "shopee-my", "tiktok-my")
    )
    package = tiktok.package(of_tiktok)
    for system in ("lazada", "shopee", "tiktok", "sqlaccount"):
        played.post("/faults", system=system, kind="refuse", code=77, message="Not today.")
    items = [int(line["line_id"]) for line in played.truth()[of_lazada]["lines"]]
    wanted = {**PACK, "pack_order_list": [{"order_id": int(of_lazada), "order_item_list": items}]}
    assert lazada("/order/fulfill/pack", "POST", packReq=wanted)["code"] == "77"
    shopee.call("POST", "logistics/ship_order", {"order_sn": of_shopee, "pickup": {}})
    assert tiktok.code("POST", f"/fulfillment/202309/packages/{package}/ship", {}) == 77
    tiktok.code("GET", "/order/202309/orders", ids=of_tiktok)
    _books(played, "POST", "/salesinvoice", {"docno": "N-7", "docref1": of_lazada})
    rows = [
        (row["system"], row["effect"], row["accepted"])
        for order_id in (of_lazada, of_shopee, of_tiktok)
        for row in played.get(f"/ledger?order={order_id}")["calls"]
    ]
    assert rows == [
        ("lazada", "pack", False),
        ("sqlaccount", "invoice_create", False),
        ("shopee", "ship", False),
        ("tiktok", "ship", False),
    ]


def _ordered_label(order: str, content: bytes, system: str, **more: Any) -> dict[str, Any]:
    file = base64.b64encode(content).decode()
    return {"system": system, "kind": "label", "order": order, "file_base64": file, **more}


def _lazada_package(played: RunningSandbox, client: LazadaClient) -> tuple[str, str]:
    (order_id,) = played.orders(1)
    assert _pack(client, order_id)["code"] == "0"
    return order_id, played.truth()[order_id]["packages"][0]["package_id"]


def test_an_ordered_label_comes_out_behind_lazadas_address(played: RunningSandbox) -> None:
    client = LazadaClient(played)
    (order_id, package), (_, other) = (
        _lazada_package(played, client),
        _lazada_package(played, client),
    )
    played.post("/faults", **_ordered_label(order_id, b"<html>busy</html>", "lazada", times=1))

    def file(package_id: str) -> bytes:
        wanted = {"doc_type": "PDF", "packages": [{"package_id": package_id}]}
        told = client.data("/order/package/document/get", "POST", getDocumentReq=wanted)
        return client.http.get(told["data"]["pdf_url"]).content

    assert file(other).startswith(b"%PDF")
    assert file(package) == b"<html>busy</html>"
    assert file(package).startswith(b"%PDF")
    rows = [row for row in played.ledger("label") if row["order_id"] == order_id]
    assert [row["accepted"] for row in rows] == [True, True]


def test_an_ordered_label_comes_out_of_shopees_download(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    (order_sn,) = played.orders(1, "shopee-my")
    shopee.ship(order_sn)
    played.post("/faults", **_ordered_label(order_sn, b"", "shopee"))
    from tests.sandbox.test_shopee_waybills import printed

    assert printed(shopee, [order_sn]) == b""
    played.control.delete("/faults").raise_for_status()
    assert printed(shopee, [order_sn]).startswith(b"%PDF")
    assert all(row["accepted"] for row in played.ledger("label") if row["order_id"] == order_sn)


def test_an_ordered_label_comes_out_behind_tiktok_shops_address(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    package = tiktok.ship(order_id)
    path = f"/fulfillment/202309/packages/{package}/shipping_documents"
    played.post("/faults", **_ordered_label(order_id, b"PK\x03\x04", "tiktok", package=package))
    url = tiktok.get(path, document_type="SHIPPING_LABEL")["doc_url"]
    assert httpx.get(url, trust_env=False).content == b"PK\x03\x04"


def test_a_label_is_still_being_made_in_each_platforms_own_words(
    played: RunningSandbox, tiktok: TikTokApp, shopee: ShopeeApp
) -> None:
    lazada = LazadaClient(played)
    order_id, package = _lazada_package(played, lazada)
    played.post("/faults", system="lazada", kind="label", order=order_id, seconds=600, times=1)
    wanted = {"doc_type": "PDF", "packages": [{"package_id": package}]}
    told = lazada("/order/package/document/get", "POST", getDocumentReq=wanted)["result"]
    assert (told["success"], told["error_code"]) == (False, "700040")
    told = lazada("/order/package/document/get", "POST", getDocumentReq=wanted)["result"]
    assert told["success"]
    rows = [row for row in played.ledger("label") if row["order_id"] == order_id]
    assert [(row["accepted"], row["error"]) for row in rows] == [(False, "700040"), (True, "")]

    (order_sn,) = played.orders(1, "shopee-my")
    shopee.ship(order_sn)
    number = shopee.package(order_sn)["tracking_number"]
    played.post("/faults", system="shopee", kind="label", order=order_sn, seconds=600)
    asked = {"order_list": [{"order_sn": order_sn, "tracking_number": number}]}
    shopee.post("logistics/create_shipping_document", asked)
    told = shopee.post("logistics/get_shipping_document_result", asked)
    assert told["result_list"][0]["status"] == "PROCESSING"
    answer = shopee.call("POST", "logistics/download_shipping_document", asked)
    assert answer.json()["error"] == "logistics.download_later"

    (order_id,) = played.orders(1, "tiktok-my")
    package = tiktok.ship(order_id)
    played.post("/faults", system="tiktok", kind="label", order=order_id, seconds=600)
    path = f"/fulfillment/202309/packages/{package}/shipping_documents"
    assert tiktok.code("GET", path, document_type="SHIPPING_LABEL") == 11034037


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"system": "sqlaccount", "kind": "label", "order": "1", "seconds": 5}, "lazada, shopee, tiktok"),
        ({"system": "lazada", "kind": "label", "order": "1", "seconds": 5}, "lazada has no order 1"),
        ({"system": "lazada", "kind": "label", "order": "1"}, "file_base64 (what the label is) or seconds"),
        ({"system": "lazada", "kind": "label", "seconds": 5}, "order must be a text"),
        ({"system": "lazada", "kind": "label", "order": "1", "seconds": 5, "file": "x"}, "not file"),
        ({"system": "lazada", "kind": "refuse", "message": "no"}, "code must be a text"),
        ({"system": "lazada", "kind": "refuse", "code": "1", "message": "x", "shop": "a"}, "lazada-my, lazada-sg"),
        ({"system": "sqlaccount", "kind": "refuse", "code": "1", "message": "x", "shop": "a"}, "has no shops"),
        ({"system": "tiktok", "kind": "refuse", "code": "no", "message": "x"}, "must be a number"),
        ({"system": "lazada", "kind": "answer", "body": "a", "body_base64": "YQ=="}, "not both"),
        ({"system": "lazada", "kind": "answer", "body_base64": "?"}, "base64"),
        ({"system": "lazada", "kind": "answer", "status": 99}, "status must be a number from 200 to 599"),
        ({"system": "lazada", "kind": "answer", "method": "FETCH"}, "GET, POST"),
        ({"system": "lazada", "kind": "answer", "headers": {"Content-Length": "1"}}, "Content-Length"),
        ({"system": "lazada", "kind": "answer", "times": 0}, "times must be a number from 1"),
        ({"system": "lazada", "kind": "answer", "seconds": 1}, "answer takes system, kind, times, path"),
    ],
)  # fmt: skip
def test_a_fault_that_cannot_be_is_refused_with_what_is_allowed(
    played: RunningSandbox, body: dict[str, Any], says: str
) -> None:
    answer = played.control.post("/faults", json=body)
    assert 400 <= answer.status_code < 500
    assert says in answer.json()["error"]


def test_a_label_is_ordered_for_a_package_of_its_order_only(played: RunningSandbox) -> None:
    order_id, package = _lazada_package(played, LazadaClient(played))
    more = {"system": "lazada", "kind": "label", "order": order_id, "seconds": 9}
    wrong = played.control.post("/faults", json={**more, "package": "FP1"})
    assert package in wrong.json()["error"]
    wrong = played.control.post("/faults", json={**more, "shop": "lazada-sg"})
    assert (wrong.status_code, wrong.json()) == (
        404, {"error": f"lazada-sg has no order {order_id}"}
    )  # fmt: skip
    played.post("/faults", **more, package=package, shop="lazada-my")
