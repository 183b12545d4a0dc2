"""Push messages of Shopee, signed: orders, packages, waybills, returns, authorizations."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock_sandbox.delivery import Delivery
from crossdock_sandbox.shopee.authorizations import forget, is_over
from crossdock_sandbox.shopee.book import ShopeeBook, order_status, parcel_status
from crossdock_sandbox.shopee.gateway import PARTNER
from crossdock_sandbox.shopee.package_json import tracking_number
from crossdock_sandbox.shopee.push_config import callback_url, signature, wants
from crossdock_sandbox.shopee.return_json import proof, reverse_status
from crossdock_sandbox.shopee.returning import STATUSES, requests
from crossdock_sandbox.shopee.tokens import MAIN_ACCOUNT, shop_number
from crossdock_sandbox.world.purchases import Purchase, Refund, Step


@dataclass(frozen=True)
class Known:
    """An order as its messages last told it."""

    status: str = ""
    scenario: str = ""
    package: str = ""
    tracking: str = ""
    returns: dict[str, dict[str, str]] = field(default_factory=dict)


class Webhooks:
    """Sends messages for every change, where an address is registered."""

    def __init__(self, book: ShopeeBook, delivery: Delivery) -> None:
        self.book, self.delivery = book, delivery
        self.known = {key: _known(order) for key, order in book.orders.items()}
        book.on_change = self.on_change
        book.on_document = self.on_document
        book.on_authorized = self.on_authorized
        book.grants.on_revoke = self.on_revoke
        book.lost_messages = lambda: delivery.lost("shopee")

    def on_change(self, order: Purchase) -> None:
        """What is new about an order."""
        key = (order.shop, order.order_id)
        before, after = self.known.get(key, Known()), _known(order)
        self.known[key] = after
        if before.package != after.package:
            self._send(order, 30, _package(order, after.package))
        if after.tracking and before.tracking != after.tracking:
            self._send(order, 4, _tracking(order, after.tracking))
        if (before.status, before.scenario) != (after.status, after.scenario):
            self._send(order, 3, _status(order, after))
        for refund in requests(order):
            known = before.returns.get(refund.refund_id, {})
            if changes := _changes(refund, known, after.returns[refund.refund_id]):
                told = {
                    "order_sn": order.order_id,
                    "return_sn": refund.refund_id,
                    "updated_values": changes,
                }
                self._send(order, 29, told)

    def on_document(self, order: Purchase, kind: str) -> None:
        """A waybill is ready."""
        del kind
        told = {
            "order_sn": order.order_id,
            "package_number": order.parcel.parcel_id,
            "status": "READY",
        }
        self._send(order, 15, told)

    def on_authorized(self, shops: Sequence[str]) -> None:
        """A seller has let the app in; a main account names all its shops."""
        told: dict[str, Any] = {"authorize_type": "shop authorization by user", "extra": "", "success": 1}  # fmt: skip
        if len(shops) > 1:
            told |= {
                "main_account_id": MAIN_ACCOUNT,
                "shop_id_list": [shop_number(one) for one in shops],
            }
        else:
            told["shop_id"] = shop_number(shops[0])
        self._of_partner(1, told)

    def on_revoke(self, shop: str) -> None:
        """A seller has taken back what the app was allowed, or it was allowed for so long only."""
        why = "expiry" if is_over(self.book, shop) else "user cancel shop authorization"
        forget(self.book, shop)
        told = {
            "authorize_type": why,
            "extra": "",
            "success": 1,
            "shop_id": shop_number(shop),
        }
        self._of_partner(2, told)

    def _send(self, order: Purchase, code: int, data: dict[str, Any]) -> None:
        shop_id = shop_number(order.shop)
        if wants(self.book, code, shop_id):
            envelope = {"data": data, "shop_id": shop_id}
            self._post(order.order_id, code, envelope)

    def _of_partner(self, code: int, data: dict[str, Any]) -> None:
        if wants(self.book, code):
            self._post("", code, {"data": data, "partner_id": int(PARTNER.key)})

    def _post(self, order_sn: str, code: int, envelope: dict[str, Any]) -> None:
        url = callback_url(self.book)
        if not url:
            return
        whole = {**envelope, "code": code, "timestamp": int(time.time())}
        body = json.dumps(whole, separators=(",", ":"))
        headers = {"Authorization": signature(url, body.encode())}
        self.delivery.send("shopee", order_sn, url, body, headers, taken=taken)


def _known(order: Purchase) -> Known:
    return Known(
        order_status(order),
        _scenario(order),
        parcel_status(order),
        tracking_number(order),
        {one.refund_id: _told_of(one) for one in requests(order)},
    )


def _told_of(refund: Refund) -> dict[str, str]:
    """The fields of a return whose changes are told."""
    return {
        "return_status": STATUSES[refund.state],
        "return_solution": "0" if refund.goods_back else "1",
        "seller_proof_status": proof(refund),
        "logistics_status": reverse_status(refund),
    }


def _changes(refund: Refund, before: dict[str, str], after: dict[str, str]) -> list[dict[str, Any]]:
    changed_at = int((refund.updated_at or refund.created_at).timestamp())
    return [
        {
            "update_field": name,
            "old_value": before.get(name, ""),
            "new_value": value,
            "update_time": changed_at,
        }
        for name, value in after.items()
        if before.get(name, "") != value
    ]


def _scenario(order: Purchase) -> str:
    """``completed_scenario``."""
    if order.step is not Step.COMPLETED:
        return ""
    afterwards = any(one.more.get("after_completion") for one in requests(order))
    return "RRAOC" if afterwards else "NORMAL"


def _status(order: Purchase, known: Known) -> dict[str, Any]:
    return {
        "items": [],
        "ordersn": order.order_id,
        "status": known.status,
        "completed_scenario": known.scenario,
        "update_time": int(order.updated_at.timestamp()),
    }


def _package(order: Purchase, status: str) -> dict[str, Any]:
    return {
        "ordersn": order.order_id,
        "package_number": order.parcel.parcel_id,
        "fulfillment_status": status,
        "update_time": int(order.updated_at.timestamp()),
    }


def _tracking(order: Purchase, tracking: str) -> dict[str, Any]:
    package = order.parcel.parcel_id
    return {
        "ordersn": order.order_id,
        "forder_id": package,
        "package_number": package,
        "tracking_no": tracking,
    }


def taken(status: int, body: bytes) -> bool:
    """2xx with an empty body: received."""
    return 200 <= status < 300 and not body
