"""AWBs of Shopee: ordered, waited for, fetched; what is no PDF is told in words."""

from __future__ import annotations

from typing import Any

import pytest

from crossdock.channels.contract import Label, NoLabel, Parcel
from crossdock.channels.shopee import labels
from tests.channels.shopee.samples import holds
from tests.channels.shopee.stage import Call, Played, bad, good, unknown


def document(shopee: Played, *statuses: str | dict[str, Any], file: bytes = b"%PDF-1.7") -> None:
    """Have the label's result answer these one after the other, and the file be this."""
    queue = list(statuses)

    def result(_: Call) -> dict[str, Any]:
        told = queue.pop(0)
        return told if isinstance(told, dict) else good(result_list=[{"status": told}])

    shopee.says("logistics/get_shipping_document_result", result)
    shopee.says("logistics/create_shipping_document", good(result_list=[{"order_sn": "S1"}]))
    shopee.says("logistics/download_shipping_document", file)


def not_made() -> dict[str, Any]:
    row = {"order_sn": "S1", "fail_error": "logistics.shipping_document_should_print_first",
           "fail_message": "Please print first."}  # fmt: skip
    return {**unknown("S1"), "response": {"result_list": [row]}}


def label(shopee: Played, *numbers: str) -> tuple[Label, ...] | NoLabel:
    return labels.labels(shopee.shop(), Parcel("S1", numbers or ("A",)))


def arranged(shopee: Played, **more: Any) -> None:
    holds(shopee, "A", fulfillment_status="LOGISTICS_REQUEST_CREATED", tracking_number="T1", **more)


def test_a_label_is_ordered_made_and_fetched(shopee: Played) -> None:
    arranged(shopee)
    document(shopee, not_made(), "READY")
    assert label(shopee) == (Label("S1", "A", b"%PDF-1.7"),)
    (made,) = shopee.sent("logistics/create_shipping_document")
    assert made == {"order_list": [{"order_sn": "S1", "tracking_number": "T1"}]}


def test_a_label_that_was_made_before_is_fetched_and_not_ordered_again(shopee: Played) -> None:
    arranged(shopee)
    document(shopee, "READY")
    assert label(shopee)
    assert shopee.sent("logistics/create_shipping_document") == []


def test_a_label_that_failed_is_ordered_again(shopee: Played) -> None:
    arranged(shopee)
    document(shopee, "FAILED", "PROCESSING")
    answer = label(shopee)
    assert isinstance(answer, NoLabel)
    assert answer.again
    assert len(shopee.sent("logistics/create_shipping_document")) == 1


def test_a_label_waits_for_its_tracking_number(shopee: Played) -> None:
    holds(shopee, "A", is_shipment_arranged=True)
    shopee.says("logistics/get_tracking_number", good(tracking_number="", hint="later"))
    answer = label(shopee)
    assert isinstance(answer, NoLabel)
    assert answer.again


def test_a_zip_of_thermal_labels_is_told_with_the_setting_to_change(shopee: Played) -> None:
    arranged(shopee)
    document(shopee, "READY", file=b"PK\x03\x04")
    answer = label(shopee)
    assert isinstance(answer, NoLabel)
    assert "ZIP" in answer.words
    assert not answer.again


@pytest.mark.parametrize("file", [b"<html>", b"^XA"])
def test_any_other_file_comes_as_it_is_to_be_judged_where_labels_are_kept(
    shopee: Played, file: bytes
) -> None:
    arranged(shopee)
    document(shopee, "READY", file=file)
    answer = label(shopee)
    assert not isinstance(answer, NoLabel)
    assert [one.pdf for one in answer] == [file]


def test_a_label_that_is_asked_for_too_late_says_so(shopee: Played) -> None:
    holds(shopee, "A", fulfillment_status="LOGISTICS_PICKUP_DONE", tracking_number="T1")
    document(shopee, bad("logistics.order_status_error", "Order status does not support awb printing."))  # fmt: skip
    answer = label(shopee)
    assert isinstance(answer, NoLabel)
    assert answer.words.startswith("The label is no longer available at Shopee: ")


def test_a_download_that_answers_json_is_a_refusal(shopee: Played) -> None:
    arranged(shopee)
    document(shopee, "READY")
    shopee.says("logistics/download_shipping_document", bad("logistics.download_later", "Later."))
    answer = label(shopee)
    assert isinstance(answer, NoLabel)
    assert answer.again
