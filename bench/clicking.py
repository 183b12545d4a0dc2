"""People at their browsers, without the browsers: they log in, open pages, press buttons, scan.

Every answer is kept count of; an error page is kept whole in ``broken``.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from html import unescape

import httpx

_PASSWORD = "crossdock-demo"
_TICKED = re.compile(r'name="orders" value="(\d+)"')
_ID = re.compile(r'data-order-id="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_WAY = re.compile(r'<input type="radio" name="(way-[^"]+)" value="([^"]*)" required( checked)?')
_COURIER = re.compile(r'<select name="(courier-\d+)".*?<option value="([^"]+)"', re.S)
_NUMBER = re.compile(r'name="(number-\d+)"')


@dataclass
class Answers:
    """What all these people were answered. Threads may share it."""

    statuses: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, answer: httpx.Response, seconds: float) -> None:
        """Keep count of an answer, and the words of an error page."""
        with self.lock:
            self.statuses[answer.status_code] += 1
            self.waits.append(seconds)
            if answer.is_server_error:
                words = " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())[:300]
                asked = f"{answer.request.method} {answer.request.url.path}"
                self.broken.append(f"{answer.status_code} {asked}: {words}")


class Somebody:
    """One person of the demo company."""

    def __init__(self, base_url: str, email: str, answers: Answers) -> None:
        self.answers = answers
        self._client = httpx.Client(
            base_url=base_url, trust_env=False, timeout=60, follow_redirects=True
        )
        self._client.headers["Referer"] = base_url
        page = self.open("/accounts/login/")
        self.send("/accounts/login/", {"login": email, "password": _PASSWORD}, page)

    def open(self, path: str) -> str:
        """A page's text."""
        return self._asked("GET", path).text

    def send(self, path: str, form: dict[str, str | list[str]], page: str) -> httpx.Response:
        """Send a form of this page."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        data = {**form, "csrfmiddlewaretoken": token[1] if token else ""}
        return self._asked("POST", path, data)

    def listed(self, tab: str, where: str = "") -> list[str]:
        """The order ids that a tab shows first, of those that a filter (``&channel=lazada``) lets through."""
        return list(dict.fromkeys(_ID.findall(self.open(f"/c/demo/orders/?tab={tab}{where}"))))

    def press(self, action: str, tab: str, most: int, where: str = "") -> int:
        """Tick the oldest of the orders that a tab shows, press a button, and answer what it asks;
        how many orders it was."""
        page = self.open(f"/c/demo/orders/?tab={tab}&sort=created{where}")
        ticked = list(dict.fromkeys(_TICKED.findall(page)))[:most]
        if not ticked:
            return 0
        form: dict[str, str | list[str]] = {
            "action": action, "orders": ticked, "sure": "1", "query": f"tab={tab}",
            "form_key": secrets.token_urlsafe(16),
        }  # fmt: skip
        answer = self.send("/c/demo/orders/act/", form, page)
        if answer.url.path == "/c/demo/orders/how/":
            self._say_how(answer)
        return len(ticked)

    def scan(self, code: str) -> str:
        """Scan To Ship; what the scanner is told at once."""
        page = self.open("/c/demo/scan/")
        form: dict[str, str | list[str]] = {"code": code, "nonce": secrets.token_urlsafe(16)}
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        form["csrfmiddlewaretoken"] = token[1] if token else ""
        accept = {"Accept": "application/json"}
        answer = self._asked("POST", "/c/demo/scan/take/", form, accept)
        return str(answer.json()["answer"]) if answer.is_success else ""

    def close(self) -> None:
        """Leave."""
        self._client.close()

    def _say_how(self, asked: httpx.Response) -> None:
        """How parcels are handed over: the way that stands first, a courier and number of our own."""
        form: dict[str, str | list[str]] = {"sure": "1"}
        for name, value in _HIDDEN.findall(asked.text):
            known = form.setdefault(name, [])
            if isinstance(known, list):
                known.append(unescape(value))
        for name, value, is_checked in _WAY.findall(asked.text):
            if is_checked or name not in form:
                form[name] = unescape(value)
        form |= {name: unescape(value) for name, value in _COURIER.findall(asked.text)}
        form |= {name: f"OWN{secrets.token_hex(5)}" for name in _NUMBER.findall(asked.text)}
        form.pop("csrfmiddlewaretoken", None)
        self.send("/c/demo/orders/how/", form, asked.text)

    def _asked(
        self,
        method: str,
        path: str,
        data: dict[str, str | list[str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        began = time.monotonic()
        answer = self._client.request(method, path, data=data, headers=headers)
        self.answers.note(answer, time.monotonic() - began)
        return answer
