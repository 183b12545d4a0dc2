"""Parcels that a seller brings himself at TikTok Shop: his own numbers, his own reports."""

from __future__ import annotations

from typing import Any

import httpx

from tests.sandbox.running import RunningSandbox
from tests.sandbox.tiktok_app import TikTokApp

_F = "/fulfillment/202309"


def _own(played: RunningSandbox, app: TikTokApp) -> tuple[str, str, dict[str, str]]:
    """An order that the seller ships: (order id, package, a shipment of his own)."""
    (order_id,) = played.orders(1, "tiktok-sg", self_delivery=True)
    shipment = {"tracking_number": f"OWN-{order_id[-8:]}", "shipping_provider_id": _provider(app)}
    return order_id, app.package(order_id), shipment


def _provider(app: TikTokApp) -> str:
    warehouses = app.get("/logistics/202309/warehouses")["warehouses"]
    sales = next(one["id"] for one in warehouses if one["type"] == "SALES_WAREHOUSE")
    options = app.get(f"/logistics/202309/warehouses/{sales}/delivery_options")["delivery_options"]
    own = next(one["id"] for one in options if one["type"] == "SEND_BY_SELLER")
    path = f"/logistics/202309/delivery_options/{own}/shipping_providers"
    return str(app.get(path)["shipping_providers"][0]["id"])


def test_the_seller_ships_with_a_number_of_his_own_and_has_no_label(
    played: RunningSandbox, tiktok_sg: TikTokApp
) -> None:
    order_id, package, shipment = _own(played, tiktok_sg)
    path = f"{_F}/packages/{package}/ship"
    assert tiktok_sg.code("POST", path, {}) == 21001001
    missing = {"self_shipment": {"tracking_number": "ABC-1"}}
    assert tiktok_sg.code("POST", path, missing) == 21001001
    wrong = {"self_shipment": {**shipment, "tracking_number": "no blanks"}}
    assert tiktok_sg.code("POST", path, wrong) == 21011022
    wrong = {"self_shipment": {**shipment, "shipping_provider_id": "1"}}
    assert tiktok_sg.code("POST", path, wrong) == 21004012
    assert tiktok_sg.post(path, {"self_shipment": shipment}) == {}
    order = tiktok_sg.order(order_id)
    assert order["tracking_number"] == shipment["tracking_number"]
    assert order["shipping_provider_id"] == shipment["shipping_provider_id"]
    assert _label_code(tiktok_sg, package) == 21008017
    _, other, _ = _own(played, tiktok_sg)
    used = {"self_shipment": shipment}
    assert tiktok_sg.code("POST", f"{_F}/packages/{other}/ship", used) == 21011025


def test_a_sellers_number_is_corrected_once(played: RunningSandbox, tiktok_sg: TikTokApp) -> None:
    order_id, package, shipment = _own(played, tiktok_sg)
    path, new = (
        f"{_F}/orders/{order_id}/shipping_info/update",
        {**shipment, "tracking_number": "NEW-1"},
    )
    new["tracking_number"] = f"NEW-{order_id[-8:]}"
    assert tiktok_sg.code("POST", path, new) == 21011043
    tiktok_sg.post(f"{_F}/packages/{package}/ship", {"self_shipment": shipment})
    assert tiktok_sg.post(path, new) == {}
    assert tiktok_sg.order(order_id)["tracking_number"] == new["tracking_number"]
    again = {"shipping_info_list": [new]}
    by_package = f"/fulfillment/202610/packages/{package}/shipping_info/update"
    assert tiktok_sg.code("POST", by_package, again) == 21011051


def test_the_platforms_number_is_never_corrected(played: RunningSandbox, tiktok: TikTokApp) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    package = tiktok.ship(order_id)
    new = {"tracking_number": "ABC-123", "shipping_provider_id": "7110000000000000001"}
    path = f"{_F}/packages/{package}/shipping_info/update"
    assert tiktok.code("POST", path, new) == 21011004


def test_the_sellers_fleet_reports_delivery_with_proof(
    played: RunningSandbox, tiktok_sg: TikTokApp
) -> None:
    order_id, package, shipment = _own(played, tiktok_sg)
    report = {"packages": [{"id": package, "delivery_type": "DELIVERY_SUCCESS"}]}
    early = tiktok_sg.post(f"{_F}/packages/deliver", report)
    assert [one["code"] for one in early["errors"]] == [21011043]
    tiktok_sg.post(f"{_F}/packages/{package}/ship", {"self_shipment": shipment})
    played.post("/advance", hours=100)
    assert tiktok_sg.order(order_id)["status"] == "AWAITING_COLLECTION"
    url = tiktok_sg.order(order_id)["line_items"][0]["sku_image"]
    picture = {"data": ("proof.png", httpx.get(url, trust_env=False).content, "image/png")}
    proof = _data(tiktok_sg.answer("POST", f"{_F}/images/upload", files=picture))
    assert (proof["width"], proof["height"]) == (256, 256)
    assert httpx.get(proof["url"], trust_env=False).headers["content-type"] == "image/png"
    report["packages"][0] |= {"file_type": "IMG", "file_url": proof["url"]}
    assert tiktok_sg.post(f"{_F}/packages/deliver", report) == {}
    assert tiktok_sg.order(order_id)["status"] == "DELIVERED"
    again = tiktok_sg.post(f"{_F}/packages/deliver", report)
    assert [one["code"] for one in again["errors"]] == [21011027]
    rows = played.get(f"/ledger?order={order_id}")["calls"]
    assert [(row["effect"], row["accepted"]) for row in rows] == [
        ("deliver", False),
        ("ship", True),
        ("deliver", True),
        ("deliver", False),
    ]


def _data(envelope: dict[str, Any]) -> dict[str, Any]:
    assert envelope["code"] == 0, envelope
    return dict(envelope["data"])


def test_a_refused_parcel_of_the_sellers_fleet_cancels_the_order(
    played: RunningSandbox, tiktok_sg: TikTokApp
) -> None:
    order_id, package, shipment = _own(played, tiktok_sg)
    tiktok_sg.post(f"{_F}/packages/{package}/ship", {"self_shipment": shipment})
    failed = {"id": package, "delivery_type": "DELIVERY_FAILED"}
    path = f"{_F}/packages/deliver"
    refused = tiktok_sg.post(path, {"packages": [failed]})
    assert [one["code"] for one in refused["errors"]] == [21001001]
    away = {**failed, "fail_delivery_reason": "UNABLE_CONTACT_BUYER"}
    assert tiktok_sg.post(path, {"packages": [away]}) == {}
    assert tiktok_sg.order(order_id)["status"] == "AWAITING_COLLECTION"
    gone = {**failed, "fail_delivery_reason": "BUYER_REFUSED"}
    assert tiktok_sg.post(path, {"packages": [gone]}) == {}
    assert tiktok_sg.order(order_id)["status"] == "CANCELLED"


def test_what_the_platform_ships_is_not_delivered_by_the_seller(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    report = {"id": tiktok.ship(order_id), "delivery_type": "DELIVERY_SUCCESS"}
    data = tiktok.post(f"{_F}/packages/deliver", {"packages": [report]})
    assert [one["code"] for one in data["errors"]] == [10007014]
    assert tiktok.order(order_id)["status"] == "AWAITING_COLLECTION"


def test_uploads_are_checked(tiktok: TikTokApp) -> None:
    path = f"{_F}/images/upload"
    text = {"data": ("a.png", b"not a picture", "image/png")}
    assert tiktok.code("POST", path, files=text) == 36009004
    large = {"data": ("a.pdf", b"%PDF-" + b"0" * 11 * 1024 * 1024, "application/pdf")}
    assert (
        tiktok.code("POST", f"{_F}/files/upload", files=large, form={"name": "a.pdf"}) == 36009021
    )


def _label_code(app: TikTokApp, package: str) -> int:
    path = f"{_F}/packages/{package}/shipping_documents"
    return app.code("GET", path, document_type="SHIPPING_LABEL")
