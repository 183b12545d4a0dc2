"""AWBs: where they lie, when there is none yet, and when there is none any more."""

from __future__ import annotations

import pytest

from crossdock.channels.contract import NoLabel, Parcel
from crossdock.channels.errors import NotSent, Refused
from crossdock.channels.tiktok.channel import CHANNEL
from crossdock.channels.tiktok.endpoints import DOCUMENTS
from crossdock.channels.tiktok.labels import LABEL_HOSTS
from tests.channels.tiktok.samples import PACKAGE_ID
from tests.channels.tiktok.stage import Played, bad, good
from tests.contract.stage import OnStage

PARCEL = Parcel("1", (PACKAGE_ID,))
PATH = DOCUMENTS.format(PACKAGE_ID)


def test_a_label_is_fetched_as_an_a6_pdf_without_any_token(tiktok: Played) -> None:
    tiktok.says(PATH, good(doc_url=f"{tiktok.url}/docs/1?sign=x", tracking_number="T1"))
    tiktok.says("/docs/1", b"%PDF-1.7 label")
    answer = CHANNEL.labels(tiktok.shop(), PARCEL)
    assert not isinstance(answer, NoLabel)
    assert [(one.package_id, one.pdf) for one in answer] == [(PACKAGE_ID, b"%PDF-1.7 label")]
    asked, fetched = tiktok.calls
    assert asked.query["document_type"] == "SHIPPING_LABEL"
    assert (asked.query["document_size"], asked.query["document_format"]) == ("A6", "PDF")
    assert "x-tts-access-token" not in fetched.headers
    assert fetched.query == {"sign": "x"}


@pytest.mark.parametrize(
    ("code", "again"),
    [
        (11034037, True),
        (11034023, True),
        (21023022, True),
        (11006010, True),
        (21023035, False),
        (21021010, False),
        (21008017, False),
    ],
)
def test_what_is_still_being_made_is_asked_for_again(
    tiktok: Played, code: int, again: bool
) -> None:
    tiktok.says(PATH, bad(code, "the words"))
    answer = CHANNEL.labels(tiktok.shop(), PARCEL)
    assert isinstance(answer, NoLabel)
    assert answer.again is again
    assert "the words" in answer.words


@pytest.mark.parametrize("code", [21042102, 21023046])
def test_after_the_collection_the_label_is_gone(tiktok: Played, code: int) -> None:
    tiktok.says(PATH, bad(code, "collected"))
    answer = CHANNEL.labels(tiktok.shop(), PARCEL)
    assert isinstance(answer, NoLabel)
    assert not answer.again
    assert answer.words == f"Label no longer available at TikTok Shop: collected ({code})"


def test_a_document_without_address_is_not_there_yet(tiktok: Played) -> None:
    tiktok.says(PATH, good())
    answer = CHANNEL.labels(tiktok.shop(), PARCEL)
    assert isinstance(answer, NoLabel)
    assert answer.again


def test_what_is_no_pdf_comes_as_it_is_to_be_judged_where_labels_are_kept(tiktok: Played) -> None:
    tiktok.says(PATH, good(doc_url=f"{tiktok.url}/docs/1"))
    tiktok.says("/docs/1", b"<html>")
    answer = CHANNEL.labels(tiktok.shop(), PARCEL)
    assert not isinstance(answer, NoLabel)
    assert [one.pdf for one in answer] == [b"<html>"]


def test_a_document_that_cannot_be_fetched_may_be_asked_for_again(tiktok: Played) -> None:
    tiktok.says(PATH, good(doc_url=f"{tiktok.url}/docs/1"))
    tiktok.says("/docs/1", (403, b"expired"))
    with pytest.raises(NotSent):
        CHANNEL.labels(tiktok.shop(), PARCEL)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/label.pdf",
        "https://tiktokshop.com.evil.example/label.pdf",
        "https://eviltiktokshop.com/label.pdf",
        "http://open-fs-sg.tiktokshop.com/label.pdf",
        "https://open-fs-sg.tiktokshop.com@evil.example/label.pdf",
        "file:///etc/passwd",
    ],
)
def test_a_label_elsewhere_is_not_fetched(tiktok: Played, url: str) -> None:
    tiktok.says(PATH, good(doc_url=url))
    with pytest.raises(Refused, match="not one of its own"):
        CHANNEL.labels(tiktok.shop(), PARCEL)


def test_the_hosts_of_live_labels_are_known() -> None:
    for host in ("open-fs-sg.tiktokshop.com", "open-fs-va.tiktokshop.com"):
        assert host.endswith(LABEL_HOSTS)


def test_a_parcel_that_the_seller_ships_has_no_label(delivering: OnStage) -> None:
    shop, order_id = delivering.shop(), delivering.orders(1, self_delivery=True)[0]
    facts = delivering.read(shop, order_id)
    assert delivering.ship(shop, facts).ok
    answer = CHANNEL.labels(shop, delivering.parcel(facts))
    assert isinstance(answer, NoLabel)
    assert not answer.again


def test_a_collected_parcel_has_no_label_any_more(stage: OnStage) -> None:
    shop, order_id = stage.shop(), stage.orders(1)[0]
    facts = stage.shipped(shop, order_id)
    assert stage.labels(shop, facts)
    stage.event(order_id, "pick_up")
    answer = CHANNEL.labels(shop, stage.parcel(facts))
    assert isinstance(answer, NoLabel)
    assert answer.words.startswith("Label no longer available at TikTok Shop")
