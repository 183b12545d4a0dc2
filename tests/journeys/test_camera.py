"""A phone's camera as the scanner, in a browser that cannot read barcodes by itself."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Chromium, Demo, log_in
from tests.journeys.test_scan_to_ship import packed
from tests.scanning.drawn import barcode_picture, film


def test_an_order_held_before_the_camera_is_shipped_once(
    demo: Demo, chromium: Chromium, desktop: Page, tmp_path: Path
) -> None:
    log_in(desktop, demo, "manager")
    (order_id,) = packed(desktop, demo, 1)
    film(barcode_picture(order_id), tmp_path / "bench.y4m")
    camera = chromium.browser_type.launch(
        executable_path="/usr/bin/chromium",
        args=[
            "--no-sandbox",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={tmp_path / 'bench.y4m'}",
        ],
    )
    try:
        page = camera.new_context(viewport={"width": 390, "height": 844}).new_page()
        log_in(page, demo, "packer")
        page.goto(f"{demo.url}/c/demo/scan/")
        assert page.evaluate("!('BarcodeDetector' in window)"), "else this shows nothing"
        page.get_by_role("button", name="Camera").click()
        expect(page.locator("#verdict-words")).to_contain_text(order_id, timeout=30_000)
        row = page.locator(f'#rows tr[data-order-id="{order_id}"]')
        expect(row).to_have_attribute("data-standing", "shipped", timeout=30_000)
        expect(page.locator("#verdict")).to_have_attribute("data-answer", "already", timeout=30_000)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.get_by_role("button", name="Camera").click()
        expect(page.locator("#viewfinder")).to_be_hidden()
    finally:
        camera.close()
