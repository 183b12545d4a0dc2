"""Lazada's return calls in the sandbox: every answer that a seller has, and what time does without one."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from crossdock_sandbox.world.product_picture import picture
from tests.sandbox.lazada_client import LazadaClient
from tests.sandbox.running import RunningSandbox

PICTURE = picture("MUG-BLUE")


@pytest.fixture
def lazada(sandbox: RunningSandbox) -> LazadaClient:
    return LazadaClient(sandbox)


def asked(lazada: LazadaClient, kind: str, *, lines: int = 1) -> tuple[str, dict[str, Any]]:
    """A delivered order whose buyer asks for a return of this kind, and the request."""
    for _ in range(40):
        (order_id,) = lazada.sandbox.orders(1, status="delivered", lines=lines)
        lazada.sandbox.event(order_id, "request_return")
        reverse = lazada.reverse(order_id)
        if reverse["request_type"] == kind:
            return order_id, reverse
    raise AssertionError(f"no buyer asks for {kind}")


def came_back(lazada: LazadaClient, *, lines: int = 1) -> tuple[str, dict[str, Any]]:
    """A return whose goods have reached the seller."""
    order_id, reverse = asked(lazada, "RETURN", lines=lines)
    assert lazada.update("agreeReturn", reverse)["code"] == "0"
    for event in ("send_back", "deliver"):
        lazada.sandbox.event(order_id, event)
    return order_id, lazada.reverse(order_id)


def words(reverse: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["reverse_status"], one["ofc_status"]) for one in reverse["reverse_order_lines"]}


def reason(lazada: LazadaClient, reverse: dict[str, Any]) -> int:
    line = reverse["reverse_order_lines"][0]["reverse_order_line_id"]
    return int(
        lazada.data("/order/reverse/reason/list", reverse_order_line_id=line)[0]["reason_id"]
    )


def test_buyers_ask_for_both_kinds_and_what_they_ask_for_is_listed_and_told_in_full(
    lazada: LazadaClient,
) -> None:
    for kind in ("RETURN", "ONLY_REFUND"):
        order_id, reverse = asked(lazada, kind, lines=2)
        assert set(reverse) == {
            "reverse_order_id", "trade_order_id", "request_type", "is_rtm", "shipping_type", "reverse_order_lines",
        }  # fmt: skip
        items = {item["order_item_id"]: item for item in lazada.items(order_id)}
        for line in reverse["reverse_order_lines"]:
            item = items[line["trade_order_line_id"]]
            assert line["refund_amount"] == round(item["paid_price"] * 100)
            assert line["item_unit_price"] == round(item["item_price"] * 100)
            assert line["seller_sku_id"] == item["sku"]
            assert line["sla"] > 10**12 > line["return_order_line_gmt_modified"]
            assert (line["reverse_status"], line["is_dispute"]) == ("REQUEST_INITIATE", False)
        detail = lazada.data(
            "/order/reverse/return/detail/list", reverse_order_id=reverse["reverse_order_id"]
        )
        told = detail["reverseOrderLineDTOList"]
        assert [one["reverse_order_line_id"] for one in told] == [
            one["reverse_order_line_id"] for one in reverse["reverse_order_lines"]
        ]
        assert set(told[0]["productDTO"]) == {"product_id", "sku"}
        assert set(told[0]["buyer"]) == {"user_id"}


def test_goods_travel_back_are_looked_at_and_paid(lazada: LazadaClient) -> None:
    order_id, reverse = asked(lazada, "RETURN", lines=2)
    assert lazada.update("agreeReturn", reverse)["code"] == "0"
    assert words(lazada.reverse(order_id)) == {("SELLER_AGREE_RETURN", "")}
    lazada.sandbox.event(order_id, "send_back")
    sent = lazada.reverse(order_id)
    assert words(sent) == {("BUYER_RETURN_ITEM", "")}
    assert all(line["tracking_number"] for line in sent["reverse_order_lines"])
    lazada.sandbox.event(order_id, "deliver")
    assert words(lazada.reverse(order_id)) == {("BUYER_RETURN_ITEM", "RETURN_RTM_DELIVERED")}
    assert lazada.update("agreeRefund", reverse)["code"] == "114"
    assert lazada.update("confirmDelivery", reverse)["code"] == "0"
    told = lazada.update("agreeRefund", reverse)["data"]
    assert told["total_refund"] == str(
        sum(line["refund_amount"] for line in reverse["reverse_order_lines"])
    )
    assert {status for status, _ in words(lazada.reverse(order_id))} == {"REFUND_SUCCESS"}
    assert set(lazada.statuses(order_id)) == {"returned"}
    assert lazada.sandbox.truth()[order_id]["total"] == "0.00"


def test_a_refund_at_once_takes_its_time_and_the_items_are_returned_then(
    lazada: LazadaClient,
) -> None:
    order_id, reverse = asked(lazada, "RETURN")
    lazada.sandbox.post("/latency", system="lazada", async_ms=3_600_000)
    try:
        assert lazada.update("instantRefund", reverse)["code"] == "0"
        assert words(lazada.reverse(order_id)) == {("REFUND_AUTHORIZED", "")}
        assert lazada.statuses(order_id) == ["delivered"]
        lazada.sandbox.post("/advance", hours=1)
    finally:
        lazada.sandbox.post("/latency", system="lazada", async_ms=0)
    assert words(lazada.reverse(order_id)) == {("REFUND_SUCCESS", "")}
    assert lazada.statuses(order_id) == ["returned"]


def test_a_refusal_needs_a_reason_and_words_and_is_about_one_line(lazada: LazadaClient) -> None:
    order_id, reverse = asked(lazada, "RETURN", lines=2)
    first, second = (line["reverse_order_line_id"] for line in reverse["reverse_order_lines"])
    good = {"reason_id": reason(lazada, reverse), "comment": "It was whole."}
    for wrong, code in (
        (good, "111"),
        ({"comment": "It was whole.", "reverse_order_item_ids": [first]}, "108"),
        ({**good, "reason_id": 1, "reverse_order_item_ids": [first]}, "104"),
        ({"reason_id": good["reason_id"], "reverse_order_item_ids": [first]}, "109"),
    ):
        assert lazada.update("refuseReturn", reverse, **wrong)["code"] == code
    for line in (first, second):
        assert (
            lazada.update("refuseReturn", reverse, **good, reverse_order_item_ids=[line])["code"]
            == "0"
        )
    assert words(lazada.reverse(order_id)) == {("REQUEST_REJECT", "")}
    assert set(lazada.statuses(order_id)) == {"delivered"}
    rows = [row for row in lazada.sandbox.ledger("reject_return") if row["order_id"] == order_id]
    assert [row["error"] for row in rows] == ["111", "108", "104", "109", "", ""]
    assert [row["accepted"] for row in rows] == [False] * 4 + [True] * 2


def test_refusing_what_came_back_needs_pictures(lazada: LazadaClient) -> None:
    order_id, reverse = came_back(lazada)
    assert lazada.update("confirmDelivery", reverse)["code"] == "0"
    good = {"reason_id": reason(lazada, reverse), "comment": "Another mug was sent back."}
    assert lazada.update("refuseRefund", reverse, **good)["code"] == "110"
    uploaded = lazada("/image/upload", "POST", files={"image": PICTURE})["data"]["image"]
    assert httpx.get(uploaded["url"], trust_env=False).content == PICTURE
    evidence = [{"name": "mug.png", "url": uploaded["url"]}]
    assert lazada.update("refuseRefund", reverse, **good, image_info=evidence)["code"] == "0"
    assert words(lazada.reverse(order_id)) == {("REFUND_REJECT", "RETURN_RTM_DELIVERED")}
    line = reverse["reverse_order_lines"][0]["reverse_order_line_id"]
    told = lazada.data("/order/reverse/return/history/list", reverse_order_line_id=line)
    assert told["list"][0]["picture"] == [uploaded["url"]]
    assert [one["operator"] for one in told["list"]][::-1] == [
        "BUYER", "SELLER", "BUYER", "COURIER", "SELLER", "SELLER",
    ]  # fmt: skip
    assert told["page_info"] == {"page_size": 10, "current_page_number": 1, "total": 6}


def test_what_is_no_picture_is_not_taken(lazada: LazadaClient) -> None:
    assert lazada("/image/upload", "POST", files={"image": b"GIF89a"})["code"] == "300"
    assert lazada("/image/upload", "POST")["code"] == "MissingParameter"


def test_the_money_only_is_decided_line_by_line(lazada: LazadaClient) -> None:
    order_id, reverse = asked(lazada, "ONLY_REFUND", lines=2)
    first, second = (line["reverse_order_line_id"] for line in reverse["reverse_order_lines"])
    both = {"reverse_order_item_ids": [first, second]}
    assert lazada.decide("agreeRefund", reverse, **both)["code"] == "133"
    assert lazada.decide("agreeReturn", reverse)["code"] == "107"
    assert lazada.decide("agreeRefund", reverse)["data"] is None
    assert lazada.decide("agreeRefund", reverse)["code"] == "114"
    dispute = {"reverse_order_item_ids": [second], "comment": "It was whole."}
    assert lazada.decide("startDispute", reverse, reverse_order_item_ids=[second])["code"] == "109"
    assert lazada.decide("startDispute", reverse, **dispute)["code"] == "110"
    pictures = [{"file_name": "a.png", "file_url": "https://img.example/a.png"}]
    assert (
        lazada.decide("startDispute", reverse, **dispute, image_info_list=pictures)["code"] == "0"
    )
    assert words(lazada.reverse(order_id)) == {("REFUND_SUCCESS", ""), ("CS_APPROVING", "")}
    assert sorted(lazada.statuses(order_id)) == ["delivered", "returned"]
    lazada.sandbox.post("/advance", hours=73)
    decided = {status for status, _ in words(lazada.reverse(order_id))} - {"REFUND_SUCCESS"}
    assert decided <= {"REFUND_REJECT"}
    assert lazada.update("instantRefund", reverse)["code"] == "114"


def test_who_does_not_answer_has_decided_for_the_buyer(lazada: LazadaClient) -> None:
    refunded, _ = asked(lazada, "ONLY_REFUND")
    returned, _ = asked(lazada, "RETURN")
    lazada.sandbox.post("/advance", hours=47)
    assert words(lazada.reverse(returned)) == {("REQUEST_INITIATE", "")}
    lazada.sandbox.post("/advance", hours=2)
    assert words(lazada.reverse(refunded)) == {("REFUND_SUCCESS", "")}
    assert words(lazada.reverse(returned)) == {("SELLER_AGREE_RETURN", "")}
    lazada.sandbox.post("/advance", hours=24 + 72 + 48)
    lazada = LazadaClient(lazada.sandbox)
    assert words(lazada.reverse(returned)) <= {
        ("REFUND_SUCCESS", "RETURN_RTM_DELIVERED"),
        ("REQUEST_CANCEL", "RETURN_CANCELED"),
    }


def test_the_list_is_filtered_paged_and_ends_at_page_100(lazada: LazadaClient) -> None:
    made = [asked(lazada, kind) for kind in ("RETURN", "ONLY_REFUND", "RETURN")]
    ids = [reverse["reverse_order_id"] for _, reverse in made]
    lazada.update("instantRefund", made[2][1])

    def listed(**filters: Any) -> list[int]:
        found = lazada.data(
            "/reverse/getreverseordersforseller", "POST", page_no=1, page_size=100, **filters
        )
        return [one["reverse_order_id"] for one in found["items"] if one["reverse_order_id"] in ids]

    assert listed(request_type_list=["RETURN"]) == [ids[2], ids[0]]
    assert listed(request_type_list=["ONLY_REFUND"]) == [ids[1]]
    assert listed(reverse_status_list=["REQUEST_INITIATE"]) == [ids[1], ids[0]]
    assert listed(reverse_order_id=ids[0]) == [ids[0]]
    assert listed(return_to_type="RTW") == []
    assert listed(dispute_in_progress=True) == []
    assert listed(QC_Decision="scrap") == []
    assert listed(ofc_status_list=["RETURN_RTM_DELIVERED"]) == []
    moment = made[0][1]["reverse_order_lines"][0]["return_order_line_gmt_modified"] * 1000
    assert set(listed(ReverseOrderLineModifiedTimeRangeStart=moment)) == set(ids)
    assert listed(ReverseOrderLineModifiedTimeRangeEnd=moment - 1) == []
    assert listed(ReverseOrderLineTimeRangeStart=moment + 3_600_000) == []
    assert listed(TradeOrderLineCreatedTimeRangeEnd=1) == []
    for wrong, code in (
        ({"page_no": 1}, "MissingParameter"),
        ({"page_no": 0, "page_size": 10}, "121"),
        ({"page_no": 1, "page_size": 101}, "120"),
    ):
        assert lazada("/reverse/getreverseordersforseller", **wrong)["code"] == code
    late = lazada.data("/reverse/getreverseordersforseller", page_no=101, page_size=1)
    assert (late["items"], late["total"] >= 3) == ([], True)


def test_ids_of_another_kind_or_shop_are_told_apart(lazada: LazadaClient) -> None:
    order_id, reverse = asked(lazada, "RETURN")
    _, other = asked(lazada, "RETURN")
    line = other["reverse_order_lines"][0]["reverse_order_line_id"]
    stranger = LazadaClient(lazada.sandbox, "lazada-sg")
    detail = "/order/reverse/return/detail/list"
    assert lazada(detail, reverse_order_id="x")["code"] == "105"
    assert lazada(detail, reverse_order_id=order_id)["code"] == "106"
    assert stranger(detail, reverse_order_id=reverse["reverse_order_id"])["code"] == "106"
    assert lazada(detail, "POST", reverse_order_id=1)["code"] == "UnsupportedHTTPMethod"
    assert lazada.update("agreeReturn", {**reverse, "reverse_order_id": "x"})["code"] == "125"
    assert lazada.update("agreeReturn", {**reverse, "reverse_order_id": 7})["code"] == "112"
    assert lazada.update("agreeReturn", reverse, reverse_order_item_ids=[])["code"] == "100"
    assert lazada.update("agreeReturn", reverse, reverse_order_item_ids=[line])["code"] == "126"
    assert lazada.update("dance", reverse)["code"] == "107"
    assert stranger.update("agreeReturn", reverse)["code"] == "112"


def test_a_buyers_cancellation_is_a_reverse_order_too(lazada: LazadaClient) -> None:
    (order_id,) = lazada.sandbox.orders(1, lines=2)
    lazada.sandbox.event(order_id, "request_cancel")
    reverse = lazada.reverse(order_id)
    assert (reverse["request_type"], words(reverse)) == ("CANCEL", {("REQUEST_INITIATE", "")})
    item = lazada.items(order_id)[0]
    assert item["need_cancel_confirm"] is True
    assert item["reverse_order_id"] == reverse["reverse_order_id"]
    assert item["cancel_trigger_time"] == reverse["reverse_order_lines"][0]["sla"]
    assert lazada.update("agreeReturn", reverse)["code"] == "114"
    decide = "/order/reverse/cancel/seller/decide"
    answer = {"reverse_order_id": reverse["reverse_order_id"], "agree_cancel": "false"}
    assert lazada(decide, **{**answer, "reverse_order_id": "x"})["code"] == "105"
    assert lazada(decide, **{**answer, "reverse_order_id": 7})["code"] == "106"
    assert lazada(decide, **answer, reason_code=reason(lazada, reverse))["data"] is None
    assert words(lazada.reverse(order_id)) == {("REJECT_CANCEL_ORDER", "")}
    assert lazada(decide, **answer)["code"] == "131"
    assert lazada.items(order_id)[0]["need_cancel_confirm"] is False


def test_a_parcel_that_waits_for_its_courier_is_stopped_before_it_is_cancelled(
    lazada: LazadaClient,
) -> None:
    (order_id,) = lazada.sandbox.orders(1, status="ready_to_ship")
    lazada.sandbox.event(order_id, "request_cancel")
    reverse = lazada.reverse(order_id)["reverse_order_id"]
    lazada.sandbox.post("/latency", system="lazada", async_ms=3_600_000)
    try:
        lazada.data(
            "/order/reverse/cancel/seller/decide", reverse_order_id=reverse, agree_cancel="true"
        )
    finally:
        lazada.sandbox.post("/latency", system="lazada", async_ms=0)
    item = lazada.items(order_id)[0]
    assert (item["status"], item["is_cancel_pending"]) == ("ready_to_ship", True)
    assert lazada.data("/order/get", order_id=order_id)["is_cancel_pending"] is True
    lazada.sandbox.post("/advance", hours=1)
    item = lazada.items(order_id)[0]
    assert (item["status"], item["is_cancel_pending"]) == ("canceled", False)
    assert words(lazada.reverse(order_id)) == {("CANCEL_SUCCESS", "")}


def test_a_cancellation_that_nobody_answers_is_granted(lazada: LazadaClient) -> None:
    (order_id,) = lazada.sandbox.orders(1)
    lazada.sandbox.event(order_id, "request_cancel")
    lazada.sandbox.post("/advance", hours=49)
    assert set(lazada.statuses(order_id)) == {"canceled"}
    assert words(lazada.reverse(order_id)) == {("CANCEL_SUCCESS", "")}


def test_a_seller_cancels_by_the_package_and_wrong_ids_are_named(lazada: LazadaClient) -> None:
    (order_id,) = lazada.sandbox.orders(1, lines=2, status="packed")
    first, second = (str(item["order_item_id"]) for item in lazada.items(order_id))
    values = {"order_id": order_id, "order_item_id_list": [first]}
    told = lazada.data("/order/reverse/cancel/validate", **values)
    assert told["tip_type"] == "warning"
    why = told["reason_options"][0]["reason_id"]
    create = "/order/reverse/cancel/create"
    assert lazada(create, **{**values, "order_id": "1"}, reason_id=why)["code"] == "122"
    assert lazada(create, order_id=order_id, order_item_id_list=[7], reason_id=why)["code"] == "123"
    assert lazada(create, **values, reason_id="1")["code"] == "104"
    assert lazada.data(create, **values, reason_id=why)["tip_type"] == "success"
    assert lazada.statuses(order_id) == ["canceled", "canceled"]
    assert lazada.data(create, **values, reason_id=why)["tip_type"] == "error"
    lines = lazada.reverse(order_id)["reverse_order_lines"]
    assert {str(line["trade_order_line_id"]) for line in lines} == {first, second}


@pytest.mark.long
def test_returns_survive_a_restart(tmp_path: Any) -> None:
    from tests.sandbox.running import start_sandbox

    first = start_sandbox(data=tmp_path)
    first.unlimited()
    order_id, reverse = came_back(LazadaClient(first))
    first.close()
    second = start_sandbox(data=tmp_path)
    assert LazadaClient(second).reverse(order_id) == reverse
    second.close()
