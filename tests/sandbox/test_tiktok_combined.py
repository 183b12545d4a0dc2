"""TikTok Shop's combined packages: one parcel, one label, one tracking number, several orders."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import httpx
import pypdfium2
import pytest

from tests.sandbox.running import RunningSandbox, start_sandbox
from tests.sandbox.tiktok_app import TikTokApp

PACKAGES = "/fulfillment/202309/packages"


def combined(played: RunningSandbox, **more: str) -> tuple[str, str]:
    """Two orders in one parcel."""
    (first,) = played.orders(1, "tiktok-my", **more)
    (second,) = played.orders(1, "tiktok-my", combine_with=first)
    return first, second


def test_a_combined_package_lists_both_orders_and_their_lines_name_it(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    (first,) = played.orders(1, "tiktok-my")
    alone = tiktok.package(first)
    (second,) = played.orders(1, "tiktok-my", combine_with=first)
    package = tiktok.package(first)
    assert package != alone  # old package ids vanish, a new id appears
    assert tiktok.code("GET", f"{PACKAGES}/{alone}") == 21011028
    for order_id in (first, second):
        told = tiktok.order(order_id)
        assert told["split_or_combine_tag"] == "COMBINED"
        assert told["packages"] == [{"id": package}]
        assert {line["package_id"] for line in told["line_items"]} == {package}
    lines = [line["id"] for one in (first, second) for line in tiktok.order(one)["line_items"]]
    detail = tiktok.get(f"{PACKAGES}/{package}")
    found = tiktok.post(f"{PACKAGES}/search", page_size="50")["packages"]
    (row,) = [one for one in found if one["id"] == package]
    for told in (detail, row):
        assert [one["id"] for one in told["orders"]] == [first, second]
        assert told["order_line_item_ids"] == lines
    assert detail["split_and_combine_tag"] == "COMBINE"
    truth = played.truth("tiktok-my")
    for order_id in (first, second):
        (parcel,) = truth[order_id]["packages"]
        assert (parcel["package_id"], parcel["order_ids"]) == (package, [first, second])


def test_shipping_a_combined_package_ships_both_with_one_number_and_one_label(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    first, second = combined(played)
    package = tiktok.ship(second)
    truth = played.truth("tiktok-my")
    numbers = {truth[one]["packages"][0]["tracking_number"] for one in (first, second)}
    assert len(numbers) == 1
    assert "" not in numbers
    assert {truth[one]["status"] for one in (first, second)} == {"AWAITING_COLLECTION"}
    rows = [row["order_id"] for row in played.ledger("ship")]
    assert rows.count(first) == rows.count(second) == 1
    told = tiktok.get(f"{PACKAGES}/{package}/shipping_documents", document_type="SHIPPING_LABEL")
    assert {told["tracking_number"]} == numbers
    pages = pypdfium2.PdfDocument(BytesIO(httpx.get(told["doc_url"], trust_env=False).content))
    assert len(pages) == 1
    text = pages[0].get_textpage().get_text_range()
    assert first in text
    assert second in text
    labels = [row["order_id"] for row in played.ledger("label")]
    assert labels.count(first) == labels.count(second) == 1


def test_a_courier_moves_the_parcel_and_with_it_every_order(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    first, second = combined(played, status="AWAITING_COLLECTION")
    assert tiktok.package(first) == tiktok.package(second)
    for event, word in (("pick_up", "IN_TRANSIT"), ("deliver", "DELIVERED")):
        played.event(first, event, "tiktok")
        assert [tiktok.order(one)["status"] for one in (first, second)] == [word, word]
    played.event(first, "complete", "tiktok")
    assert [tiktok.order(one)["status"] for one in (first, second)] == ["COMPLETED", "DELIVERED"]


def test_a_cancelled_order_leaves_the_combined_package(
    played: RunningSandbox, tiktok: TikTokApp
) -> None:
    first, second = combined(played)
    played.event(first, "request_cancel", "tiktok")
    played.post("/advance", hours=25)
    tiktok = TikTokApp(played)
    package = tiktok.package(second)
    assert tiktok.order(first)["status"] == "CANCELLED"
    assert [one["id"] for one in tiktok.get(f"{PACKAGES}/{package}")["orders"]] == [second]
    assert "split_or_combine_tag" not in tiktok.order(second)
    tiktok.ship(second)
    assert tiktok.order(second)["status"] == "AWAITING_COLLECTION"
    assert tiktok.order(first)["status"] == "CANCELLED"


def test_a_combined_package_is_taken_apart_again(played: RunningSandbox, tiktok: TikTokApp) -> None:
    first, second = combined(played)
    package = tiktok.package(first)
    told = tiktok.post(f"{PACKAGES}/{package}/uncombine", {"order_ids": [second]})["packages"]
    assert sorted(one["order_ids"] for one in told) == sorted([[first], [second]])
    assert tiktok.package(first) != tiktok.package(second)
    assert package not in (tiktok.package(first), tiktok.package(second))
    assert "split_or_combine_tag" not in tiktok.order(first)
    own = tiktok.package(first)
    assert tiktok.code("POST", f"{PACKAGES}/{own}/uncombine", {}) == 21011003


def test_a_combined_package_survives_a_restart(tmp_path: Path) -> None:
    before = start_sandbox(data=tmp_path)
    first, second = combined(before)
    before.close()
    after = start_sandbox(data=tmp_path)
    app = TikTokApp(after)
    app.ship(first)
    assert app.order(second)["status"] == "AWAITING_COLLECTION"
    after.close()


@pytest.mark.parametrize("shop", ["lazada-my", "shopee-my"])
def test_a_channel_without_combined_parcels_says_so(played: RunningSandbox, shop: str) -> None:
    (order_id,) = played.orders(1, shop)
    body = {"channel": shop.partition("-")[0], "shop": shop, "combine_with": order_id}
    answer = played.control.post("/orders", json=body)
    assert answer.status_code == 409
    assert "combine_with is for tiktok" in answer.json()["error"]


def test_orders_that_cannot_travel_together_are_refused(played: RunningSandbox) -> None:
    body = {"channel": "tiktok", "shop": "tiktok-my"}

    def refusal(**more: str) -> str:
        answer = played.control.post("/orders", json={**body, **more})
        assert answer.status_code == 409
        return str(answer.json()["error"])

    (unpaid,) = played.orders(1, "tiktok-my", status="UNPAID")
    (waiting,) = played.orders(1, "tiktok-my")
    assert "has no order 1 to combine with" in refusal(combine_with="1")
    assert "is unpaid" in refusal(combine_with=unpaid)
    assert "same status" in refusal(combine_with=waiting, status="IN_TRANSIT")
