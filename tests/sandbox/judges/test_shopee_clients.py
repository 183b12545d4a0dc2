"""A Shopee client written by others, pointed at the sandbox by its base URL only."""

from __future__ import annotations

import sys
import time
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pypdfium2
import pytest
import requests
import zxingcpp

from tests.sandbox.running import RunningSandbox

BACK = "http://localhost:5000/back"


@pytest.fixture
def client(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``pyshopee``, of the Malaysian shop. It logs in through a browser that it drives; we walk the page."""
    selenium = ModuleType("selenium")
    selenium.webdriver = ModuleType("selenium.webdriver")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "selenium", selenium)
    from pyshopee2 import Client

    shopee = sandbox.identities["shopee"]
    monkeypatch.setattr(Client, "BASE_URL", shopee["base_url"])
    shop_id = sandbox.shop("shopee-my")["shop_id"]
    made = Client(shop_id, shopee["partner_id"], shopee["partner_key"], BACK)
    made.code, made.shop_id = _consent(made.shop_authorization(BACK))
    made.get_token()
    return made


def _consent(url: str) -> tuple[str, int]:
    """(code, shop_id) of a seller who agrees."""
    assert "<form" in requests.get(url, timeout=30).text
    decided = {"shop": "shopee-my", "decision": "yes"}
    back = requests.post(url, data=decided, allow_redirects=False, timeout=30).headers["location"]
    assert back.startswith(f"{BACK}?")
    query = parse_qs(urlsplit(back).query)
    return query["code"][0], int(query["shop_id"][0])


def test_pyshopee_logs_in_and_refreshes(client: Any) -> None:
    assert client.shop.get_shop_info()["shop_name"] == "harian.my"
    first = client.access_token
    client.get_access_token(
        client.shop_id, client.partner_id, client.partner_key, client.refresh_token
    )
    assert client.access_token != first
    assert client.shop.get_shop_info()["error"] == ""


def test_pyshopee_lists_reads_ships_and_fetches_a_label(
    client: Any, sandbox: RunningSandbox
) -> None:
    (order_sn,) = sandbox.orders(1, "shopee-my")
    assert order_sn in _listed(client)
    detail = client.order.get_order_detail(
        order_sn_list=order_sn, response_optional_fields="item_list,package_list"
    )["response"]["order_list"][0]
    assert detail["package_list"][0]["logistics_status"] == "LOGISTICS_READY"
    way = _way(client.logistics.get_shipping_parameter(order_sn=order_sn)["response"])
    assert client.logistics.ship_order(order_sn=order_sn, **way)["error"] == ""
    told = client.logistics.get_tracking_number(order_sn=order_sn)["response"]
    document = [{"order_sn": order_sn, "tracking_number": told["tracking_number"]}]
    made = client.logistics.create_shipping_document(order_list=document)["response"]
    assert "fail_error" not in made["result_list"][0]
    result = client.logistics.get_shipping_document_result(order_list=document)["response"]
    assert [row["status"] for row in result["result_list"]] == ["READY"]
    image = pypdfium2.PdfDocument(_downloaded(client, order_sn))[0].render(scale=3).to_pil()
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [told["tracking_number"]]
    income = client.payment.get_escrow_detail(order_sn=order_sn)["response"]["order_income"]
    assert 0 < income["escrow_amount"] < income["order_selling_price"] + 10


def _listed(client: Any) -> set[str]:
    """Every order of the last day, page by page."""
    until, cursor, found = int(time.time()) + 5, "", set()
    while True:
        more = {"cursor": cursor} if cursor else {}
        told = client.order.get_order_list(
            time_range_field="create_time", time_from=until - 86400, time_to=until, page_size=50, **more
        )["response"]  # fmt: skip
        found |= {row["order_sn"] for row in told["order_list"]}
        cursor = told["next_cursor"]
        if not told["more"]:
            return found


def _way(told: dict[str, Any]) -> dict[str, Any]:
    if "pickup" in told["info_needed"]:
        address = told["pickup"]["address_list"][0]
        slot = address["time_slot_list"][0]["pickup_time_id"]
        return {"pickup": {"address_id": address["address_id"], "pickup_time_id": slot}}
    return {"dropoff": {"branch_id": told["dropoff"]["branch_list"][0]["branch_id"]}}


def _downloaded(client: Any, order_sn: str) -> bytes:
    """The client reads every answer as JSON: its own request is sent for it, and the bytes kept."""
    body = {"order_list": [{"order_sn": order_sn}]}
    request = client._build_request("logistics/download_shipping_document", "POST", body)
    answer = requests.Session().send(request.prepare(), timeout=30)
    assert answer.headers["content-type"] == "application/pdf"
    return answer.content


def test_pyshopee_with_a_wrong_key_is_refused(client: Any) -> None:
    client.partner_key = "wrong"
    assert client.shop.get_shop_info()["error"] == 403
