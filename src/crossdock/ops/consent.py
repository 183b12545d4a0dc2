"""Walking through a marketplace's authorise page as a seller would: for the demo, at the sandbox."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx


class NoConsent(Exception):
    """The page did not lead back to us; the message holds what it said."""


@dataclass
class _Form(HTMLParser):
    """The page's first form: where it goes, its hidden fields, and its first button with a value."""

    action: str = ""
    hidden: dict[str, str] = field(default_factory=dict)
    button: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember what the form is made of."""
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and not self.action:
            self.action = values.get("action", "")
        elif tag == "input" and values.get("type") == "hidden":
            self.hidden[values["name"]] = values.get("value", "")
        elif tag == "button" and values.get("name") and not self.button:
            self.button = {values["name"]: values.get("value", "")}


def agree(url: str, shop: str) -> dict[str, str]:
    """Open the page, choose the shop of this short name, press its first button; what is sent back to
    our callback. Raises NoConsent."""
    with httpx.Client(timeout=30, trust_env=False) as browser:
        page = browser.get(url).raise_for_status()
        form = _Form()
        form.feed(page.text)
        answer = browser.post(
            urljoin(str(page.url), form.action) if form.action else str(page.url),
            data={**form.hidden, "shop": shop, **form.button},
        )
    if not answer.is_redirect:
        said = re.sub(r"<[^>]+>", " ", answer.text)
        raise NoConsent(f"HTTP {answer.status_code}: {' '.join(said.split())[:300]}")
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))
