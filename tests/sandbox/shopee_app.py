"""An app at the sandbox's Shopee, driven by plain HTTP and signed as the sheet says."""

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


def sign(key: str, *parts: object) -> str:
    """The rule of the sheet: a plain joining of partner, path, time and, of a shop's call, token and shop."""
    text = "".join(str(part) for part in parts)
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


@dataclass
class ShopeeApp:
    """The registered app with the token of one shop."""

    sandbox: RunningSandbox
    shop: str = "shopee-my"
    token: str = ""
    key: str = ""
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        known = self.sandbox.identities["shopee"]
        self.partner = known["partner_id"]
        self.key = self.key or known["partner_key"]
        self.shop_id = int(self.sandbox.shop(self.shop)["shop_id"])
        if not self.token:
            answer = self.sandbox.post("/tokens", channel="shopee", shop=self.shop)
            self.token = answer["access_token"]
        self.client = httpx.Client(base_url=known["base_url"], trust_env=False, timeout=60)

    def pass_time(self, hours: float) -> None:
        """Let time pass; access tokens end soon, so that a new one is taken."""
        self.sandbox.post("/advance", hours=hours)
        answer = self.sandbox.post("/tokens", channel="shopee", shop=self.shop)
        self.token = answer["access_token"]

    def call(
        self,
        method: str,
        name: str,
        body: Any = None,
        *,
        public: bool = False,
        timestamp: int | None = None,
        tamper: Mapping[str, str] | None = None,
        files: Any = None,
        form: Mapping[str, str] | None = None,
        **query: Any,
    ) -> httpx.Response:
        """A signed request. ``tamper``: query values changed after signing; "" removes one."""
        path = f"/api/v2/{name}"
        moment = timestamp or int(time.time())
        signed = (self.partner, path, moment, *(() if public else (self.token, self.shop_id)))
        values: dict[str, Any] = {
            "partner_id": str(self.partner),
            "timestamp": str(moment),
            "sign": sign(self.key, *signed),
            **query,
        }
        if not public:
            values |= {"access_token": self.token, "shop_id": str(self.shop_id)}
        values |= tamper or {}
        return self.client.request(
            method,
            path,
            params={name: value for name, value in values.items() if value != ""},
            content=json.dumps(body).encode() if body is not None else None,
            files=files,
            data=form,
            headers={} if files else {"content-type": "application/json"},
        )

    def answer(self, method: str, name: str, body: Any = None, **more: Any) -> dict[str, Any]:
        """The envelope, whatever its error."""
        told: dict[str, Any] = self.call(method, name, body, **more).json()
        return told

    def get(self, name: str, **query: Any) -> Any:
        """The payload of a successful GET."""
        return _payload(self.answer("GET", name, **query))

    def post(self, name: str, body: Any = None, **query: Any) -> Any:
        """The payload of a successful POST."""
        return _payload(self.answer("POST", name, body or {}, **query))

    def error(self, method: str, name: str, body: Any = None, **more: Any) -> str:
        """The error of an answer."""
        return str(self.answer(method, name, body, **more)["error"])

    def order(self, order_sn: str, *fields: str, **more: Any) -> dict[str, Any]:
        """An order by its detail call."""
        query = {"response_optional_fields": ",".join(fields)} if fields else {}
        told = self.get("order/get_order_detail", order_sn_list=order_sn, **query, **more)
        (found,) = told["order_list"]
        return dict(found)

    def package(self, order_sn: str) -> dict[str, Any]:
        """The package of an order, at length."""
        number = self.order(order_sn, "package_list")["package_list"][0]["package_number"]
        told = self.get("order/get_package_detail", package_number_list=number)
        return dict(told["package_list"][0])

    def way(self, order_sn: str) -> dict[str, Any]:
        """The first documented way in which an order can be shipped."""
        told = self.get("logistics/get_shipping_parameter", order_sn=order_sn)
        needed = told["info_needed"]
        if "non_integrated" in needed:
            return {"non_integrated": {"tracking_number": f"OWN{order_sn}"}}
        if "pickup" in needed:
            address = told["pickup"]["address_list"][0]
            slot = address["time_slot_list"][0]["pickup_time_id"]
            return {"pickup": {"address_id": address["address_id"], "pickup_time_id": slot}}
        return {"dropoff": {"branch_id": told["dropoff"]["branch_list"][0]["branch_id"]}}

    def ship(self, order_sn: str) -> None:
        """Arrange the shipment of an order."""
        body = {"order_sn": order_sn, **self.way(order_sn)}
        told = self.answer("POST", "logistics/ship_order", body)
        assert (told["error"], "response" in told) == ("", False), told

    def returned(self, *events: str) -> tuple[str, str]:
        """(order, return) of a delivered order that a buyer wants to give back."""
        (order_sn,) = self.sandbox.orders(1, self.shop, status="TO_CONFIRM_RECEIVE")
        for event in (*events, "request_return"):
            self.sandbox.event(order_sn, event, "shopee")
        listed = self.get("returns/get_return_list", page_no=0, page_size=100)["return"]
        return order_sn, next(row["return_sn"] for row in listed if row["order_sn"] == order_sn)

    def a_return(self, return_sn: str) -> dict[str, Any]:
        """A return by its detail call."""
        return dict(self.get("returns/get_return_detail", return_sn=return_sn))


def _payload(envelope: dict[str, Any]) -> Any:
    assert envelope["error"] == "", envelope
    return envelope.get("response", envelope)
