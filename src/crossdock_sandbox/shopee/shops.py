"""The shops that have let the app in."""

from __future__ import annotations

from typing import Any

from crossdock_sandbox.shopee.authorizations import authorization, is_linked
from crossdock_sandbox.shopee.gateway import Call


def authorized(call: Call) -> dict[str, Any]:
    """/api/v2/public/get_shops_by_partner: pages count from 1"""
    size, number = call.given.between("page_size", 1, 100), call.given.between("page_no", 1, 10**6)
    linked = [one for one in call.book.shops if is_linked(call.book, one.shop)]
    shown = linked[(number - 1) * size : number * size]
    return {
        "authed_shop_list": [
            {
                "shop_id": int(one.seller_id),
                "region": one.region,
                **authorization(call.book, one.shop),
                "sip_affi_shop_list": [],
            }
            for one in shown
        ],
        "more": number * size < len(linked),
    }


def info(call: Call) -> dict[str, Any]:
    """/api/v2/shop/get_shop_info"""
    shop = call.seller
    return {
        "shop_name": shop.name,
        "region": shop.region,
        "status": "NORMAL",
        **authorization(call.book, shop.shop),
        "is_cb": False,
        "is_sip": False,
        "is_upgraded_cbsc": False,
        "sip_affi_shops": [],
        "merchant_id": None,
        "shop_fulfillment_flag": "Others",
        "is_main_shop": False,
        "is_direct_shop": False,
        "linked_main_shop_id": 0,
        "linked_direct_shop_list": [],
        "is_one_awb": False,
        "is_mart_shop": False,
        "is_outlet_shop": False,
    }
