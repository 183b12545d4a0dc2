"""A plain client of Lazada's API, for tests of the sandbox: it signs, sends, and hands the answer back."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import httpx

from tests.sandbox.running import RunningSandbox


class LazadaClient:
    """Calls for one shop."""

    def __init__(self, sandbox: RunningSandbox, shop: str = "lazada-my") -> None:
        self.sandbox, self.shop = sandbox, shop
        self.about = sandbox.identities["lazada"]
        tokens = sandbox.post("/tokens", channel="lazada", shop=shop)
        self.token = str(tokens["access_token"])
        self.http = httpx.Client(trust_env=False, timeout=30)

    def __call__(
        self, path: str, method: str = "GET", files: dict[str, bytes] | None = None, **values: Any
    ) -> dict[str, Any]:
        """The whole answer. Lists and objects are sent as JSON text."""
        sent = {name: _text(value) for name, value in values.items() if value is not None}
        sent |= {
            "app_key": self.about["app_key"],
            "access_token": self.token,
            "timestamp": str(int(time.time() * 1000)),
            "sign_method": "sha256",
        }
        sent["sign"] = self._sign(path, sent)
        url = self.about["base_url"] + path
        if method == "GET":
            answer = self.http.get(url, params=sent)
        else:
            parts = {name: (f"{name}.png", body) for name, body in (files or {}).items()}
            answer = self.http.post(url, data=sent, files=parts or None)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    def data(self, path: str, method: str = "GET", **values: Any) -> Any:
        """The data of an answer that must be good."""
        answer = self(path, method, **values)
        assert answer["code"] == "0", answer
        return answer["data"] if "data" in answer else answer["result"]

    def items(self, order_id: str) -> list[dict[str, Any]]:
        """The items of an order."""
        return list(self.data("/order/items/get", order_id=order_id))

    def statuses(self, order_id: str) -> list[str]:
        """The statuses of an order's items."""
        return [item["status"] for item in self.items(order_id)]

    def reverse(self, order_id: str) -> dict[str, Any]:
        """The only request about an order."""
        listed = self.data(
            "/reverse/getreverseordersforseller", page_no=1, page_size=10, trade_order_id=order_id
        )
        assert listed["success"] is True
        (only,) = listed["items"]
        return dict(only)

    def update(self, action: str, reverse: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A move in a return, for all its lines unless others are named."""
        lines = [line["reverse_order_line_id"] for line in reverse["reverse_order_lines"]]
        values = {"reverse_order_item_ids": lines, **more}
        return self(
            "/order/reverse/return/update",
            action=action,
            reverse_order_id=reverse["reverse_order_id"],
            **values,
        )

    def decide(self, action: str, reverse: dict[str, Any], **more: Any) -> dict[str, Any]:
        """An answer to a request for the money only."""
        lines = [line["reverse_order_line_id"] for line in reverse["reverse_order_lines"]]
        values = {"reverse_order_item_ids": lines[:1], **more}
        return self(
            "/order/reverse/onlyrefund/seller/decide",
            action=action,
            reverse_order_id=reverse["reverse_order_id"],
            **values,
        )

    def _sign(self, path: str, values: dict[str, str]) -> str:
        text = path + "".join(f"{name}{values[name]}" for name in sorted(values))
        secret = self.about["app_secret"].encode()
        return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest().upper()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
