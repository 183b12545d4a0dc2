"""A buyer cancels after the label is on paper: the row, the manifest, the hand-over, the scanner, the search
and the labels' own PDF all say that the parcel stays here."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Demo, log_in
from tests.journeys.test_scan_to_ship import opened, paper_in, scan
from tests.journeys.walking import (
    agree,
    await_finished,
    await_rows,
    effects,
    event,
    make,
    press,
    tick,
)

pytestmark = pytest.mark.long

STAYS = "Label on paper: keep the parcel here"


@dataclass(frozen=True)
class Pdf:
    """What is on a PDF, page by page."""

    texts: list[str]
    barcodes: list[str]


def read(body: bytes) -> Pdf:
    """Read as another program does: text by pdfium, barcodes by zxing at a label printer's dots."""
    assert body.startswith(b"%PDF"), body[:200]
    with pypdfium2.PdfDocument(body) as document:
        texts = [page.get_textpage().get_text_bounded() for page in document]
        pictures = [page.render(scale=203 / 72).to_pil() for page in document]
    return Pdf(texts, [code.text for one in pictures for code in zxingcpp.read_barcodes(one)])


def on_to_ship(page: Page, demo: Demo, count: int) -> list[str]:
    """Orders of Lazada, packed and shipped on the list."""
    ids = make(demo, "lazada-my", count)
    for tab, button, then in (
        ("new-order", "Pack", "to-process"),
        ("to-process", "To Ship", "to-ship"),
    ):
        await_rows(page, demo, tab, ids)
        tick(page, ids)
        press(page, button)
        await_finished(page)
        await_rows(page, demo, then, ids)
    return ids


def tracking(page: Page, order_id: str) -> str:
    """The number that stands on an order's row."""
    return page.locator(f'tr[data-order-id="{order_id}"] small.mono').last.inner_text()


def test_a_parcel_that_is_cancelled_after_its_label_was_opened_goes_nowhere_unnoticed(
    demo: Demo, desktop: Page
) -> None:
    page = desktop
    log_in(page, demo, "owner")
    ids = on_to_ship(page, demo, 3)
    dead, *living = ids
    numbers = {order_id: tracking(page, order_id) for order_id in ids}
    row = page.locator(f'tr[data-order-id="{dead}"]')

    tick(page, ids)
    press(page, "Print AWB")
    await_finished(page)
    link = page.get_by_role("link", name="Open the AWB PDF").first
    address = f"{demo.url}{link.get_attribute('href')}"
    await_rows(page, demo, "to-ship", ids)
    expect(row).to_contain_text("AWB ready")
    assert sorted(read(page.request.get(address).body()).barcodes) == sorted(numbers.values())
    page.reload()
    expect(row).to_contain_text("printed 1×")

    tick(page, ids)
    tab = opened(page.context, "Print Courier Manifest", page)
    assert sorted(read(paper_in(tab, page)).barcodes) == sorted(numbers.values())

    event(demo, dead, "request_cancel")
    await_rows(page, demo, "to-cancel", [dead])
    expect(row).to_contain_text(STAYS)
    expect(row).to_contain_text(re.compile(r"on manifest M-\d+"))
    tick(page, [dead])
    press(page, "Accept")
    agree(page, "Accept")
    await_rows(page, demo, "others", [dead])
    expect(row).to_contain_text(STAYS)
    for _ in range(240):  # the courier is stopped first, and then the next sync tells
        if row.locator("s").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(row).to_contain_text("cancelled by the buyer")

    row.get_by_role("link", name=re.compile(r"M-\d+")).click()
    page.wait_for_url("**/papers/manifests/**")
    expect(row).to_contain_text("cancelled: keep it here")
    manifest = page.url
    with page.context.expect_page() as again:
        page.get_by_role("link", name="Print again").click()
    printed = read(paper_in(again.value, page))
    assert sorted(printed.barcodes) == sorted(numbers[one] for one in living)
    assert dead in "".join(printed.texts)

    page.goto(manifest)
    press(page, "Handed over")
    expect(page.locator("form.question")).to_contain_text("1 was cancelled: take it out?")
    expect(page.locator("form.question")).to_contain_text(dead)
    press(page, "Take it out and hand over")
    expect(page.locator("main")).to_contain_text("is handed over to")
    expect(row).to_have_count(0)
    expect(page.locator("section", has_text="Taken out")).to_contain_text(dead)

    page.goto(f"{demo.url}/c/demo/scan/")
    for code in (numbers[dead], numbers[dead].lower(), dead):
        scan(page, code)
        expect(page.locator("#verdict")).to_have_attribute("data-answer", "cancelled")
        expect(page.locator("#verdict-title")).to_have_text("Cancelled: keep it here")
        expect(page.locator("#verdict-words")).to_contain_text(dead)
    assert effects(demo, dead).count("ready_to_ship") <= 1

    page.goto(f"{demo.url}/c/demo/orders/?tab=others&q={numbers[dead][-6:]}")
    expect(row).to_be_visible()

    page.goto(address)
    question = page.locator("form.question")
    expect(question).to_contain_text(re.compile(r"opened before by .* at .*: print again\?"))
    expect(question).to_contain_text(dead)
    form = {name: question.locator(f"[name={name}]").get_attribute("value") or "" for name in
            ("csrfmiddlewaretoken", "form_key")}  # fmt: skip
    answer = page.request.post(
        address, form={**form, "sure": "1"}, headers={"Referer": address, "Origin": demo.url}
    )
    second = read(answer.body())
    assert "Left out: 1" in second.texts[0]
    assert dead in second.texts[0]
    assert sorted(second.barcodes) == sorted(numbers[one] for one in living)

    await_rows(page, demo, "to-ship", living)
    page.get_by_role("link", name=living[0], exact=True).click()
    timeline = page.locator("ol.timeline")
    expect(timeline).to_contain_text("AWB ready.")
    expect(timeline).to_contain_text("AWB opened for printing.")
    expect(timeline).to_contain_text("AWB opened for printing again, for the 2nd time.")
    await_rows(page, demo, "others", [dead])
    page.get_by_role("link", name=dead, exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text(STAYS)
    expect(timeline).to_contain_text(re.compile(r"Put on manifest M-\d+ for"))
    expect(timeline).to_contain_text(re.compile(r"Taken out of manifest M-\d+: cancelled\."))


def test_the_old_label_of_an_order_that_was_packed_again_is_void_at_the_scanner(
    demo: Demo, desktop: Page
) -> None:
    page = desktop
    log_in(page, demo, "owner")
    (order_id,) = ids = make(demo, "lazada-my", 1)
    await_rows(page, demo, "new-order", ids)
    tick(page, ids)
    press(page, "Pack")
    await_finished(page)
    await_rows(page, demo, "to-process", ids)
    old = tracking(page, order_id)
    page.get_by_role("link", name=order_id, exact=True).click()
    press(page, "Repack")
    agree(page, "Repack")
    await_rows(page, demo, "new-order", ids)
    tick(page, ids)
    press(page, "Pack")
    await_finished(page)
    await_rows(page, demo, "to-process", ids)
    new = tracking(page, order_id)
    assert new != old

    for place in ("scan", "stock-pick"):
        page.goto(f"{demo.url}/c/demo/{place}/")
        scan(page, old)
        expect(page.locator("#verdict")).to_have_attribute("data-answer", "void")
        expect(page.locator("#verdict-title")).to_have_text("Void label: keep it here")
        expect(page.locator("#verdict-words")).to_contain_text(
            f"Void label: order {order_id} was packed again as {new}."
        )
    page.goto(f"{demo.url}/c/demo/orders/?tab=to-process&q={old}")
    expect(page.locator(f'tr[data-order-id="{order_id}"]')).to_be_visible()
