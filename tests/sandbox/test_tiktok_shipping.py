"""From a paid order to a delivered one at TikTok Shop: ship, label, hand over, deliver."""

from __future__ import annotations

import io
import time
from typing import Any

import httpx
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from tests.sandbox.running import RunningSandbox
from tests.sandbox.tiktok_app import TikTokApp

_F = "/fulfillment/202309"


def _document(app: TikTokApp, package: str, **more: str) -> dict[str, Any]:
    query = {"document_type": "SHIPPING_LABEL", **more}
    return app.answer("GET", f"{_F}/packages/{package}/shipping_documents", **query)


def _fetched(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False)


def test_shipping_brings_a_tracking_number_and_a_courier(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    before = tiktok.order(order_id)
    assert (before["tracking_number"], before["shipping_provider"]) == ("", "")
    package = tiktok.ship(order_id)
    order = tiktok.order(order_id)
    assert order["status"] == "AWAITING_COLLECTION"
    assert order["tracking_number"].startswith("JNTMY")
    assert order["shipping_provider"]
    assert order["rts_time"] >= before["create_time"]
    assert {line["display_status"] for line in order["line_items"]} == {"AWAITING_COLLECTION"}
    assert {line["package_status"] for line in order["line_items"]} == {"PROCESSING"}
    detail = tiktok.get(f"{_F}/packages/{package}")
    assert (detail["package_status"], detail["package_sub_status"]) == ("PROCESSING", "RTS")
    assert detail["tracking_number"] == order["tracking_number"]


def test_a_label_is_made_a_little_later_and_is_a_real_pdf_with_a_barcode(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    package = tiktok.package(order_id)
    assert _document(tiktok, package)["code"] == 21023035
    played.post("/latency", system="tiktok", async_ms=400)
    tiktok.ship(order_id)
    assert _document(tiktok, package)["code"] == 11034037
    assert tiktok.get(f"{_F}/packages/{package}")["package_sub_status"] == "RTSING"
    end = time.monotonic() + 5
    while _document(tiktok, package)["code"] == 11034037 and time.monotonic() < end:
        time.sleep(0.05)
    data = _document(tiktok, package)["data"]
    answer = _fetched(data["doc_url"])
    assert answer.headers["content-type"] == "application/pdf"
    page = pypdfium2.PdfDocument(answer.content)[0]
    assert [round(side / 72 * 25.4) for side in page.get_size()] == [105, 148]
    read = zxingcpp.read_barcodes(page.render(scale=3).to_pil())
    assert [code.text for code in read] == [data["tracking_number"]]
    assert data["tracking_number"] == tiktok.order(order_id)["tracking_number"]


def test_slips_and_other_papers_are_there_and_wrong_ones_are_refused(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    package = tiktok.ship(order_id)
    both = _document(tiktok, package, document_type="SHIPPING_LABEL_AND_PACKING_SLIP")
    assert len(pypdfium2.PdfDocument(_fetched(both["data"]["doc_url"]).content)) == 2
    large = _document(tiktok, package, document_size="A5")["data"]["doc_url"]
    size = pypdfium2.PdfDocument(_fetched(large).content)[0].get_size()
    assert [round(side / 72 * 25.4) for side in size] == [148, 210]
    picture = _document(tiktok, package, document_type="SHIPPING_LABEL_PICTURE")["data"]
    image = Image.open(io.BytesIO(_fetched(picture["doc_url"]).content))
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [picture["tracking_number"]]
    for wrong in ({"document_type": "AWB"}, {"document_size": "A4"}, {"document_format": "ZPL"}):
        assert _document(tiktok, package, **wrong)["code"] == 21001001


def test_an_address_of_a_label_ends_after_a_day(played: RunningSandbox, tiktok: TikTokApp) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    url = _document(tiktok, tiktok.ship(order_id))["data"]["doc_url"]
    played.post("/advance", hours=23)
    assert _fetched(url).status_code == 200
    played.post("/advance", hours=2)
    assert _fetched(url).status_code == 403


def test_after_collection_there_is_no_label_and_the_courier_brings_it(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    package = tiktok.ship(order_id)
    seen = []
    for event in ("pick_up", "deliver", "complete"):
        played.event(order_id, event, "tiktok")
        order = tiktok.order(order_id)
        seen.append((order["status"], order["line_items"][0]["package_status"]))
        assert _document(tiktok, package)["code"] == 21042102
    assert seen == [
        ("IN_TRANSIT", "FULFILLING"),
        ("DELIVERED", "COMPLETED"),
        ("COMPLETED", "COMPLETED"),
    ]
    assert order["rts_time"] <= order["collection_time"] <= order["delivery_time"]
    tracking = tiktok.get(f"{_F}/orders/{order_id}/tracking")["tracking"]
    assert len(tracking) == 3
    assert tracking[-1]["update_time_millis"] == order["rts_time"] * 1000


def test_time_alone_collects_delivers_and_completes(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    tiktok.ship(order_id)
    for hours, status in ((12, "IN_TRANSIT"), (48, "DELIVERED"), (168, "COMPLETED")):
        played.post("/advance", hours=hours)
        assert played.truth("tiktok-my")[order_id]["status"] == status


def test_a_lost_parcel_cancels_its_order(played: RunningSandbox, tiktok: TikTokApp) -> None:
    for event, reason in (("lose", "PACKAGE_LOST"), ("send_back", "RETURNED_TO_SHIPPER")):
        (order_id,) = played.orders(1, "tiktok-my")
        package = tiktok.ship(order_id)
        played.event(order_id, "pick_up", "tiktok")
        played.event(order_id, event, "tiktok")
        detail, order = tiktok.get(f"{_F}/packages/{package}"), tiktok.order(order_id)
        assert (order["status"], order["cancellation_initiator"]) == ("CANCELLED", "SYSTEM")
        assert (detail["package_status"], detail["ship_exception_reason"]) == ("CANCELLED", reason)
        assert _document(tiktok, package)["code"] == 21023059


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("UNPAID", 21011028),
        ("ON_HOLD", 21011044),
        ("AWAITING_COLLECTION", 21011020),
        ("IN_TRANSIT", 21011020),
        ("DELIVERED", 21011027),
        ("COMPLETED", 21011027),
        ("CANCELLED", 21011041),
    ],
)
def test_only_an_order_that_awaits_shipment_is_shipped(
    played: RunningSandbox, tiktok: TikTokApp, status: str, code: int
) -> None:
    (order_id,) = played.orders(1, "tiktok-my", status=status)
    (package,) = played.truth("tiktok-my")[order_id]["packages"] or [{"package_id": "1153"}]
    path = f"{_F}/packages/{package['package_id']}/ship"
    assert tiktok.code("POST", path, {}) == code
    assert tiktok.order(order_id)["status"] == status


def test_an_open_cancellation_request_blocks_shipping(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    package = tiktok.package(order_id)
    played.event(order_id, "request_cancel", "tiktok")
    assert tiktok.code("POST", f"{_F}/packages/{package}/ship", {}) == 21011007
    played.event(order_id, "withdraw_cancel", "tiktok")
    assert tiktok.code("POST", f"{_F}/packages/{package}/ship", {}) == 0


def test_a_second_ship_is_refused_or_taken_and_the_ledger_tells(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    package = tiktok.ship(order_id)
    path = f"{_F}/packages/{package}/ship"
    assert tiktok.code("POST", path, {}) == 21011020
    played.post("/strict", system="tiktok", duplicates="take")
    assert tiktok.code("POST", path, {}) == 0
    rows = played.get(f"/ledger?system=tiktok&order={order_id}")["calls"]
    assert [(row["effect"], row["accepted"], row["error"]) for row in rows] == [
        ("ship", True, ""),
        ("ship", False, "21011020"),
        ("ship", True, ""),
    ]
    assert rows[0]["path"] == path
    assert tiktok.order(order_id)["status"] == "AWAITING_COLLECTION"


def test_a_batch_ships_what_it_can_and_names_the_rest(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    good = played.orders(2, "tiktok-my")
    (held,) = played.orders(1, "tiktok-my", status="ON_HOLD")
    packages = [tiktok.package(one) for one in (*good, held)]
    body = {"packages": [{"id": one} for one in (*packages, "1153999999999999999")]}
    data = tiktok.post(f"{_F}/packages/ship", body)
    assert [(one["code"], one["detail"]["package_id"]) for one in data["errors"]] == [
        (21011044, packages[2]),
        (21011028, "1153999999999999999"),
    ]
    assert {tiktok.order(one)["status"] for one in good} == {"AWAITING_COLLECTION"}
    (more,) = played.orders(1, "tiktok-my")
    all_good = {"packages": [{"id": tiktok.package(more)}]}
    assert tiktok.post(f"{_F}/packages/ship", all_good) == {}
    assert tiktok.code("POST", f"{_F}/packages/ship", {"packages": []}) == 21001001
    too_many = {"packages": [{"id": "1"}] * 51}
    assert tiktok.code("POST", f"{_F}/packages/ship", too_many) == 21001001


def test_a_package_of_another_shop_is_not_there(played: RunningSandbox, tiktok: TikTokApp) -> None:
    (order_id,) = played.orders(1, "tiktok-sg")
    package = TikTokApp(played, "tiktok-sg").package(order_id)
    assert tiktok.code("POST", f"{_F}/packages/{package}/ship", {}) == 21011028
    assert tiktok.code("GET", f"{_F}/packages/{package}") == 21011028
    assert _document(tiktok, package)["code"] == 21011028


def test_calls_of_other_regions_are_refused(played: RunningSandbox, tiktok: TikTokApp) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    body = {"tracking_number": "ABC-123", "shipping_provider_id": "7110000000000000001"}
    assert tiktok.code("POST", f"{_F}/orders/{order_id}/packages", body) == 21008106
    assert tiktok.code("POST", f"{_F}/packages", {"order_id": order_id}) == 21008106
    path = f"{_F}/orders/{order_id}/shipping_services/query"
    assert tiktok.code("POST", path, {}) == 21008106
    effects = [row["effect"] for row in played.get(f"/ledger?order={order_id}")["calls"]]
    assert effects == ["ship", "pack"]


def test_one_order_one_package_is_neither_split_nor_combined(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (order_id,) = played.orders(1, "tiktok-my", lines=2)
    package = tiktok.package(order_id)
    (attributes,) = tiktok.get(f"{_F}/orders/split_attributes", order_ids=order_id)[
        "split_attributes"
    ]
    assert (attributes["can_split"], attributes["must_split"]) == (False, False)
    lines = [line["id"] for line in tiktok.order(order_id)["line_items"]]
    groups = [{"id": str(place), "order_line_item_ids": [one]} for place, one in enumerate(lines)]
    path = f"{_F}/orders/{order_id}/split"
    assert tiktok.code("POST", path, {"splittable_groups": groups}) == 21011005
    found = tiktok.get(f"{_F}/combinable_packages/search", page_size="20")
    assert found["combinable_packages"] == []
    wanted = {"combinable_packages": [{"id": package, "order_ids": [order_id]}]}
    data = tiktok.post(f"{_F}/packages/combine", wanted)
    assert [one["code"] for one in data["errors"]] == [10007014]
    assert tiktok.code("POST", f"{_F}/packages/{package}/uncombine", {}) == 21011003


def test_packages_are_found_by_status_and_page(played: RunningSandbox, tiktok: TikTokApp) -> None:
    ids = played.orders(3, "tiktok-my")
    shipped = tiktok.ship(ids[0])
    packages = {shipped, *(tiktok.package(one) for one in ids[1:])}
    since, found, token = {"create_time_ge": int(time.time()) - 60}, [], ""
    while True:
        more = {"page_token": token} if token else {}
        data = tiktok.post(f"{_F}/packages/search", since, page_size="2", **more)
        found += [one["id"] for one in data["packages"]]
        token = data["next_page_token"]
        if not token:
            break
    assert packages <= set(found)
    assert len(found) == len(set(found)) == data["total_count"]
    rows = tiktok.post(
        f"{_F}/packages/search", {**since, "package_status": "PROCESSING"}, page_size="50"
    )["packages"]
    (row,) = [one for one in rows if one["id"] in packages]
    assert (row["id"], row["orders"][0]["id"]) == (shipped, ids[0])
    assert row["tracking_number"]


def test_slots_are_offered_for_the_platforms_parcels(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    path = f"{_F}/packages/{tiktok.package(order_id)}/handover_time_slots"
    data = tiktok.get(path)
    assert data["can_pickup"] is True
    assert {type(slot["avaliable"]) for slot in data["pickup_slots"]} == {bool}
    slot = {name: data["pickup_slots"][0][name] for name in ("start_time", "end_time")}
    package = tiktok.ship(order_id, {"handover_method": "PICKUP", "pickup_slot": slot})
    assert tiktok.get(f"{_F}/packages/{package}")["package_status"] == "PROCESSING"


def test_a_ship_whose_answer_is_lost_was_done(played: RunningSandbox, tiktok: TikTokApp) -> None:
    (order_id,) = played.orders(1, "tiktok-my")
    package = tiktok.package(order_id)
    played.post("/faults", system="tiktok", kind="drop_after", path="/ship", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        tiktok.post(f"{_F}/packages/{package}/ship", {})
    (row,) = played.get(f"/ledger?order={order_id}")["calls"]
    assert (row["accepted"], row["answered"]) == (True, False)
    assert tiktok.code("POST", f"{_F}/packages/{package}/ship", {}) == 21011020
