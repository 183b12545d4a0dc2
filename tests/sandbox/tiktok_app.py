"""An app at the sandbox's TikTok Shop, driven by plain HTTP and signed as the sheet says."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.sandbox.running import RunningSandbox


def sign(path: str, query: Mapping[str, str], body: str, secret: str) -> str:
    """The rule of the sheet, steps 1 to 5."""
    text = path + "".join(f"{key}{query[key]}" for key in sorted(query) if key != "sign") + body
    return hmac.new(secret.encode(), f"{secret}{text}{secret}".encode(), hashlib.sha256).hexdigest()


@dataclass
class TikTokApp:
    """The registered app with the token of one shop."""

    sandbox: RunningSandbox
    shop: str = "tiktok-my"
    token: str = ""
    cipher: str = ""
    secret: str = ""
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        known = self.sandbox.identities["tiktok"]
        self.key = known["app_key"]
        self.secret = self.secret or known["app_secret"]
        self.cipher = self.cipher or self.sandbox.shop(self.shop)["cipher"]
        if not self.token:
            answer = self.sandbox.post("/tokens", channel="tiktok", shop=self.shop)
            self.token = answer["access_token"]
        self.client = httpx.Client(base_url=known["base_url"], trust_env=False, timeout=60)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        cipher: bool = True,
        token: str | None = None,
        timestamp: int | None = None,
        files: Any = None,
        form: Mapping[str, str] | None = None,
        tamper: Mapping[str, str] | None = None,
        **query: str,
    ) -> httpx.Response:
        """A signed request. ``tamper``: query values changed after signing; "" removes one."""
        values = {"app_key": self.key, "timestamp": str(timestamp or int(time.time())), **query}
        if cipher:
            values["shop_cipher"] = self.cipher
        text = "" if body is None else json.dumps(body, ensure_ascii=False)
        values["sign"] = sign(path, values, "" if files else text, self.secret)
        values |= tamper or {}
        headers = {"x-tts-access-token": self.token if token is None else token}
        if not files:
            headers["content-type"] = "application/json"
        return self.client.request(
            method,
            path,
            params={key: value for key, value in values.items() if value != ""},
            content=text.encode() if text else None,
            files=files,
            data=form,
            headers=headers,
        )

    def answer(self, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
        """The envelope, whatever its code."""
        told: dict[str, Any] = self.call(method, path, body, **more).json()
        return told

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """``data`` of a successful GET."""
        return _data(self.answer("GET", path, **query))

    def post(self, path: str, body: Any = None, **query: Any) -> dict[str, Any]:
        """``data`` of a successful POST."""
        return _data(self.answer("POST", path, {} if body is None else body, **query))

    def code(self, method: str, path: str, body: Any = None, **more: Any) -> int:
        """The code of an answer."""
        return int(self.answer(method, path, body, **more)["code"])

    def order(self, order_id: str) -> dict[str, Any]:
        """An order by its detail call."""
        (found,) = self.get("/order/202309/orders", ids=order_id)["orders"]
        told: dict[str, Any] = found
        return told

    def package(self, order_id: str) -> str:
        """Id of an order's package."""
        return str(self.order(order_id)["packages"][0]["id"])

    def ship(self, order_id: str, body: Any = None) -> str:
        """Arrange the shipment of an order; its package."""
        package = self.package(order_id)
        self.post(f"/fulfillment/202309/packages/{package}/ship", body or {})
        return package


def _data(envelope: dict[str, Any]) -> dict[str, Any]:
    assert envelope["code"] == 0, envelope
    data: dict[str, Any] = envelope["data"]
    return data
