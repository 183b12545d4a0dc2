"""Orders and packages as Shopee tells them, and a Shopee that knows some of them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from tests.channels.shopee.stage import Call, Played, bad, good

ORDER: dict[str, Any] = json.loads(
    """{"order_sn":"260301ABCD1234","region":"MY","currency":"MYR","cod":false,
 "order_status":"READY_TO_SHIP","create_time":1772330000,"update_time":1772330600,"days_to_ship":2,
 "ship_by_date":1772503400,"total_amount":35.5,"pay_time":1772330100,
 "recipient_address":{"name":"****","phone":"****","town":"","district":"","city":"Klang",
 "state":"Selangor","region":"MY","zipcode":"41000","full_address":"1******"},
 "item_list":[{"item_id":111,"item_name":"Mug","item_sku":"MUG","model_id":222,"model_sku":"MUG-R",
 "model_quantity_purchased":2,"model_original_price":18,"model_discounted_price":15.5,
 "order_item_id":111,"product_location_id":["MYZ"]}],
 "package_list":[{"package_number":"OFG1001","logistics_status":"LOGISTICS_READY",
 "logistics_channel_id":20021,"shipping_carrier":"Standard Delivery",
 "item_list":[{"item_id":111,"model_id":222,"model_quantity":2,"order_item_id":111,
 "product_location_id":"MYZ"}]}]}""",
    parse_float=Decimal,
)


def order(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**ORDER, **({"item_list": list(items)} if items else {}), **changes}


def item(**changes: Any) -> dict[str, Any]:
    return {**ORDER["item_list"][0], **changes}


def package(number: str, status: str, *held: dict[str, Any]) -> dict[str, Any]:
    return {"package_number": number, "logistics_status": status, "item_list": list(held)}


def escrow(*items: dict[str, Any], **income: Any) -> dict[str, Any]:
    told = {"voucher_from_seller": 0, **income}
    return {"order_sn": "260301ABCD1234", "order_income": {"items": list(items), **told}}


def plain(value: Any) -> Any:
    """JSON without Decimals, for a test's own answers."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return float(value) if isinstance(value, Decimal) else value


def knows(shopee: Played, *found: dict[str, Any]) -> None:
    """Have get_order_detail know these orders, and refuse a call that names another."""
    known = {one["order_sn"]: plain(one) for one in found}

    def told(call: Call) -> dict[str, Any]:
        asked = call.values["order_sn_list"].split(",")
        if not set(asked) <= set(known):
            return bad("error_not_found", "Wrong parameters, detail: the order is not found.")
        return good(order_list=[known[one] for one in asked])

    shopee.says("order/get_order_detail", told)


def holds(shopee: Played, *numbers: str, **more: Any) -> None:
    """Have get_package_detail know these packages."""
    rows = {
        number: {
            "order_sn": "S1",
            "package_number": number,
            "fulfillment_status": "LOGISTICS_READY",
            "is_shipment_arranged": False,
            "is_split_up": len(numbers) > 1,
            "tracking_number": "",
            "logistics_channel_id": 20021,
            "shipping_carrier": "Standard Delivery",
            **more,
        }
        for number in numbers
    }

    def told(call: Call) -> dict[str, Any]:
        asked = call.values["package_number_list"].split(",")
        return good(package_list=[rows[one] for one in asked if one in rows])

    shopee.says("order/get_package_detail", told)
