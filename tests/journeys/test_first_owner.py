"""A new installation's first minutes: ``crossdock up`` prints a link, and in the browser it leads into a company."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from crossdock.ops import embedded
from tests.journeys.conftest import Chromium
from tests.ops.installation import Installation, crossdock, environment

PASSWORD = "correct-horse-battery"
LINK = re.compile(r"http://localhost:\d+/first-owner/([\w-]+)/")

pytestmark = pytest.mark.long


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Installation]:
    """``crossdock up`` on a new data folder."""
    installation = Installation(tmp_path / "up")
    yield installation
    if installation.runs():
        installation.stop()
    embedded.destroy(installation.data)


def test_the_link_of_the_first_start_leads_into_a_company_and_no_log_has_it(
    up: Installation, chromium: Chromium
) -> None:
    up.start()
    lines = [line for line in up.told().splitlines() if LINK.search(line)]
    assert len(lines) == 1, up.told()
    link = LINK.search(lines[0])
    assert link
    assert "crossdock first-owner" in said(up, "check")
    link, before = LINK.match(said(up, "first-owner").strip()), link
    assert link
    assert f":{up.port}/" in link[0], "the command speaks of the port that is served"
    assert up.get(before[0].partition(str(up.port))[2]).status_code == 404
    for theme, width in (("light", 1440), ("dark", 375)):
        for path in (link[0], f"{link[0][:-9]}/"):
            looks_right(chromium, path, theme, width)
    page = chromium.new_page()
    page.goto(link[0])
    page.get_by_label("Company's name").fill("Kedai Ali 阿里商店")
    page.get_by_label("Your name").fill("Olivia Ong")
    page.get_by_label("E-mail").fill("olivia@example.test")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("button", name="Make the company and log in").click()
    page.wait_for_url("**/c/kedai-ali/orders/")
    expect(page.locator("body")).to_contain_text("Kedai Ali 阿里商店")
    assert page.goto(link[0]).status == 404  # type: ignore[union-attr]
    page.context.close()
    assert "first-owner" not in said(up, "check")
    assert up.stop() == 0
    up.start()
    assert "first-owner" not in up.told()
    logs = list((up.data / "logs").iterdir())
    assert logs
    secrets = (before[1], link[1])
    told = {file.name: file.read_text(errors="replace") for file in logs}
    assert [name for name, text in told.items() if any(one in text for one in secrets)] == []


def looks_right(chromium: Chromium, address: str, theme: str, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844}, bypass_csp=True)
    context.add_cookies([{"name": "theme", "value": theme, "url": address}])
    page: Page = context.new_page()
    page.goto(address)
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    context.close()


def said(up: Installation, command: str) -> str:
    """What a command says beside the running installation."""
    told = subprocess.run(
        crossdock(command), env=environment(up.data),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return told.stdout
