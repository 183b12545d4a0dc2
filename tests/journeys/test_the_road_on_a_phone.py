"""A packer's whole day with nothing but a phone: pack, pick, scan, label, hand over, deliver."""

from __future__ import annotations

import re

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Demo, log_in
from tests.journeys.test_scan_to_ship import opened, packed, paper_in, scan
from tests.journeys.walking import await_finished, await_rows, effects, make, press, tick

pytestmark = pytest.mark.long


def barcodes(pdf: bytes) -> list[str]:
    """The Code 128 barcodes of a paper, page by page."""
    with pypdfium2.PdfDocument(pdf) as document:
        pictures = [page.render(scale=203 / 72).to_pil() for page in document]
    return [
        code.text
        for picture in pictures
        for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.Code128)
    ]


def printed(page: Page, menu: str, item: str) -> bytes:
    """The paper that an entry of a button's menu prints."""
    page.get_by_role("button", name=menu).click()
    with page.context.expect_page() as tab:
        page.get_by_role("menuitem", name=item, exact=True).click()
    return paper_in(tab.value, page)


def awb(page: Page, demo: Demo) -> bytes:
    """The labels of the batch that this page began."""
    link = page.get_by_role("link", name="Open the AWB PDF").first
    link.wait_for(timeout=60_000)
    return page.request.get(f"{demo.url}{link.get_attribute('href')}").body()


def fits(page: Page) -> bool:
    """Whether nothing has to be pushed sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_the_road_from_a_new_order_to_the_courier_and_to_the_buyers_door(
    demo: Demo, phone: Page
) -> None:
    page = phone
    log_in(page, demo, "packer")
    ids = packed(page, demo, 4)
    assert fits(page)

    tick(page, ids)
    assert printed(page, "Print Picking List", "Picking List Summary").startswith(b"%PDF")
    picking = barcodes(printed(page, "Print Picking List", "Picking List"))
    assert sorted(picking) == sorted(ids)

    page.get_by_role("link", name="Scan To Ship").click()
    page.wait_for_url("**/scan/")
    press(page, "New list")
    page.wait_for_load_state()
    verdict = page.locator("#verdict")
    for code in picking[:3]:
        scan(page, code)
        expect(verdict).to_have_attribute("data-answer", "ready")
        expect(page.locator("#verdict-words")).to_contain_text(code)
    scan(page, picking[0])
    expect(verdict).to_have_attribute("data-answer", "already")
    scan(page, "NOSUCHCODE")
    expect(verdict).to_have_attribute("data-answer", "unknown")
    for order_id in picking[:3]:
        row = page.locator(f'#rows tr[data-order-id="{order_id}"]')
        expect(row).to_have_attribute("data-standing", "shipped", timeout=30_000)
        assert effects(demo, order_id, "tiktok") == ["ship"]
    page.reload()
    assert page.locator("#rows tr").count() == 3
    assert fits(page)

    labels = opened(page.context, "Print AWB", page)
    labels.wait_for_url(re.compile(r"/batches/\d+/"))
    scanned = awb(labels, demo)
    with pypdfium2.PdfDocument(scanned) as pdf:
        assert len(pdf) == 3
    labels.close()
    manifest = opened(page.context, "Print Courier Manifest", page)
    assert paper_in(manifest, page).startswith(b"%PDF")
    page.goto(f"{demo.url}/c/demo/papers/manifests/")
    page.get_by_role("link", name=re.compile(r"^M-\d+$")).first.click()
    page.get_by_role("button", name="Handed over").click()
    expect(page.get_by_text(re.compile("is handed over to"))).to_be_visible()

    await_rows(page, demo, "to-ship", picking[:3])
    tick(page, picking[:1])
    press(page, "Print AWB")
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("printed before")
    expect(asked).to_contain_text(picking[0])
    expect(asked).to_contain_text("Pia Packer")
    asked.get_by_role("button", name="Print AWB", exact=True).click()
    assert barcodes(awb(page, demo)) == barcodes(scanned)[:1]
    _by_our_own_driver(page, demo)


def _by_our_own_driver(page: Page, demo: Demo) -> None:
    own = make(demo, "lazada-sg", 1, status="ready_to_ship", self_delivery=True)
    await_rows(page, demo, "self-deliver", own)
    assert fits(page)
    tick(page, own)
    press(page, "Mark as Delivered")
    await_finished(page)
    await_rows(page, demo, "delivered", own)
