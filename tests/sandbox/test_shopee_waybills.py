"""Shopee's waybills: ordered, made, merged into one file, and gone once the courier has come."""

from __future__ import annotations

from io import BytesIO

import pypdfium2
import zxingcpp

from tests.sandbox.running import RunningSandbox
from tests.sandbox.shopee_app import ShopeeApp


def printed(app: ShopeeApp, orders: list[str], kind: str = "") -> bytes:
    """The waybills of orders, as one file."""
    named = {"shipping_document_type": kind} if kind else {}
    documents = [
        {
            "order_sn": one,
            "tracking_number": app.get("logistics/get_tracking_number", order_sn=one)[
                "tracking_number"
            ],
            **named,
        }
        for one in orders
    ]
    app.post("logistics/create_shipping_document", {"order_list": documents})
    told = app.post("logistics/get_shipping_document_result", {"order_list": documents})
    assert {row["status"] for row in told["result_list"]} == {"READY"}
    body = {"order_list": [{"order_sn": one} for one in orders], **named}
    answer = app.call("POST", "logistics/download_shipping_document", body)
    assert answer.headers["content-type"] == "application/pdf", answer.text
    return answer.content


def test_several_waybills_are_one_file_of_a6_pages(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    orders = played.orders(3, "shopee-my")
    for order_sn in orders:
        shopee.ship(order_sn)
    document = pypdfium2.PdfDocument(BytesIO(printed(shopee, orders)))
    numbers = []
    for page in document:
        width, height = page.get_size()
        assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (105, 148)
        numbers += [code.text for code in zxingcpp.read_barcodes(page.render(scale=3).to_pil())]
    assert numbers == [shopee.package(one)["tracking_number"] for one in orders]
    rows = [row for row in played.ledger("label") if row["order_id"] in orders]
    assert [row["accepted"] for row in rows] == [True] * 6


def test_a_waybill_is_made_before_it_can_be_had(played: RunningSandbox, shopee: ShopeeApp) -> None:
    (order_sn,) = played.orders(1, "shopee-my")
    shopee.ship(order_sn)
    number = shopee.package(order_sn)["tracking_number"]
    ask = {"order_list": [{"order_sn": order_sn}]}
    told = shopee.post("logistics/get_shipping_document_parameter", ask)
    assert told["result_list"][0]["suggest_shipping_document_type"] == "NORMAL_AIR_WAYBILL"
    download = "logistics/download_shipping_document"
    first = "logistics.shipping_document_should_print_first"
    assert shopee.error("POST", download, ask) == first
    played.post("/latency", system="shopee", async_ms=600_000)
    order = {"order_list": [{"order_sn": order_sn, "tracking_number": number}]}
    shopee.post("logistics/create_shipping_document", order)
    told = shopee.post("logistics/get_shipping_document_result", ask)
    assert told["result_list"][0]["status"] == "PROCESSING"
    assert shopee.error("POST", download, ask) == "logistics.download_later"
    thermal = {**ask, "shipping_document_type": "THERMAL_AIR_WAYBILL"}
    assert shopee.error("POST", download, thermal) == first
    odd = {**ask, "shipping_document_type": "PICTURE"}
    assert shopee.error("POST", download, odd) == "logistics.shipping_document_type_invalid"


def test_a_batch_says_what_failed_and_what_did_not(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    good, bad = played.orders(2, "shopee-my")
    shopee.ship(good)
    number = shopee.package(good)["tracking_number"]
    rows = [{"order_sn": good, "tracking_number": number}, {"order_sn": bad}]
    told = shopee.answer("POST", "logistics/create_shipping_document", {"order_list": rows})
    assert told["error"] == ""
    assert told["warning"] == [{"order_sn": bad, "package_number": ""}]
    first, second = told["response"]["result_list"]
    assert "fail_error" not in first
    assert second["fail_error"] == "logistics.order_status_error"
    alone = shopee.answer("POST", "logistics/create_shipping_document", {"order_list": rows[1:]})
    assert alone["error"] == "common.batch_api_all_failed"
    assert alone["response"]["result_list"] == [second]
    wrong = {"order_list": [{"order_sn": good, "tracking_number": "X"}]}
    told = shopee.answer("POST", "logistics/create_shipping_document", wrong)
    row = told["response"]["result_list"][0]
    assert row["fail_error"] == "logistics.tracking_number_invalid"


def test_a_waybill_is_gone_once_the_courier_has_come(
    played: RunningSandbox, shopee: ShopeeApp
) -> None:
    (order_sn,) = played.orders(1, "shopee-my")
    shopee.ship(order_sn)
    assert printed(shopee, [order_sn], "THERMAL_AIR_WAYBILL").startswith(b"%PDF")
    played.event(order_sn, "pick_up", "shopee")
    ask = {"order_list": [{"order_sn": order_sn}]}
    told = shopee.answer("POST", "logistics/download_shipping_document", ask)
    assert told["error"] == "logistics.order_status_error"
