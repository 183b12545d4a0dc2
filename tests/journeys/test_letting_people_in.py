"""Letting people in: an owner asks, and whoever is asked agrees before anything happens."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD, Chromium, Demo, log_in

NEW_PASSWORD = "nina-likes-long-words"


def let_in(page: Page, demo: Demo, company: str, email: str, role: str) -> str:
    """Let somebody in as an owner does who has no mail server; the link."""
    page.goto(f"{demo.url}/c/{company}/people/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Name").fill("Nina Tan")
    page.get_by_label("Role:", exact=True).select_option(label=role)
    page.get_by_role("button", name="Let in").click()
    link = page.get_by_role("status").locator("code").inner_text()
    assert link.startswith(f"{demo.url}/join/")
    return link


def log_in_with(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_a_newcomer_sets_a_password_and_stands_on_the_orders_page(
    demo: Demo, chromium: Chromium
) -> None:
    owner, newcomer = chromium.new_page(), chromium.new_page()
    log_in(owner, demo, "owner")
    link = let_in(owner, demo, "demo", "nina@example.test", "Packer")
    expect(owner.get_by_role("region", name="Invitations")).to_contain_text("nina@example.test")
    newcomer.goto(link)
    newcomer.get_by_label("New password:").fill(NEW_PASSWORD)
    newcomer.get_by_label("New password confirmation:").fill(NEW_PASSWORD)
    newcomer.get_by_role("button", name="Set password and join").click()
    expect(newcomer.get_by_role("status")).to_contain_text("You are in Demo Trading Sdn. Bhd. now")
    log_in_with(newcomer, "nina@example.test", NEW_PASSWORD)
    newcomer.wait_for_url("**/c/demo/orders/")
    expect(newcomer.get_by_role("link", name="People")).to_have_count(0)
    newcomer.goto(link)
    expect(newcomer.get_by_role("heading", level=1)).to_have_text(
        "This invitation is not good any more"
    )
    owner.reload()
    expect(owner.get_by_role("region", name="Members")).to_contain_text("nina@example.test")
    owner.get_by_role("button", name="Remove Nina Tan").click()
    expect(owner.get_by_role("heading", level=1)).to_have_text("Remove Nina Tan?")
    owner.get_by_role("button", name="Remove").click()
    expect(owner.get_by_role("region", name="Members")).not_to_contain_text("nina@example.test")
    assert newcomer.goto(f"{demo.url}/c/demo/orders/").status == 404  # type: ignore[union-attr]
    for page in (owner, newcomer):
        page.context.close()


def test_somebody_of_another_company_is_asked_and_chooses(demo: Demo, chromium: Chromium) -> None:
    second_company(demo)
    owner, packer = chromium.new_page(), chromium.new_page()
    owner.goto(f"{demo.url}/")
    log_in_with(owner, "owner@second.test", NEW_PASSWORD)
    owner.wait_for_url("**/c/second-desk/orders/")
    link = let_in(owner, demo, "second-desk", "packer@demo.test", "Viewer")
    expect(owner.locator("main")).not_to_contain_text("Pia Packer")
    packer.goto(link)
    expect(packer.locator("main")).to_contain_text("packer@demo.test can log in here already")
    packer.get_by_role("link", name="Log in").click()
    log_in_with(packer, "packer@demo.test", PASSWORD)
    packer.get_by_role("button", name="Join", exact=True).click()
    packer.wait_for_url("**/c/second-desk/orders/")
    packer.goto(f"{demo.url}/")
    for name in ("Demo Trading Sdn. Bhd.", "Second Desk"):
        expect(packer.get_by_role("link", name=name)).to_be_visible()
    owner.reload()
    owner.get_by_role("button", name="Remove Pia Packer").click()
    owner.get_by_role("button", name="Remove").click()
    expect(owner.get_by_role("region", name="Members")).not_to_contain_text("Pia Packer")
    packer.goto(f"{demo.url}/")
    packer.wait_for_url("**/c/demo/orders/")
    for page in (owner, packer):
        page.context.close()


def second_company(demo: Demo) -> None:
    """Another company in the same installation, made as the operator makes it."""
    clean = ("CROSSDOCK_", "DATABASE_URL", "DJANGO_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(clean)}
    subprocess.run(
        [sys.executable, "-m", "crossdock.cli", "create-owner", "--company", "Second Desk", "--email",
         "owner@second.test", "--name", "Sam Second", "--password", NEW_PASSWORD],
        env={**env, "PYTHONPATH": os.pathsep.join(sys.path), "CROSSDOCK_DATA": str(demo.data)},
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("theme", "width"), [("light", 1440), pytest.param("dark", 375, marks=pytest.mark.long)]
)
def test_the_page_of_an_invitation_is_accessible_and_fits(
    demo: Demo, chromium: Chromium, width: int, theme: str
) -> None:
    with_owner = chromium.new_page()
    log_in(with_owner, demo, "owner")
    new = let_in(with_owner, demo, "demo", f"{theme}-{width}@example.test", "Viewer")
    with_owner.context.close()
    context = chromium.new_context(viewport={"width": width, "height": 844}, bypass_csp=True)
    context.add_cookies([{"name": "theme", "value": theme, "url": demo.url}])
    page = context.new_page()
    for path in (new, f"{demo.url}/join/1.1:gone/"):
        page.goto(path)
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.goto(f"{demo.url}/")
    log_in_with(page, "owner@demo.test", PASSWORD)
    page.wait_for_url(re.compile(r"/orders/"))
    for path in (new, f"{demo.url}/accounts/email/", f"{demo.url}/c/demo/people/1/?remove=1"):
        page.goto(path)
        assert Axe().run(page).response["violations"] == [], path
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    context.close()
