"""Orders and items as Lazada's JSON: names and types of ``docs/reference``, odd ones included."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from crossdock_sandbox.overrides import override
from crossdock_sandbox.world.buyers import masked
from crossdock_sandbox.world.catalogue import PRODUCTS
from crossdock_sandbox.world.orders import Item, Order
from crossdock_sandbox.world.reversals import CANCEL
from crossdock_sandbox.world.shops import shop_named

_OFFSETS = {"MY": 8, "SG": 8, "PH": 8, "TH": 7, "VN": 7, "ID": 7}


_LINES = "order_items"


def order_json(order: Order, *, in_list: bool) -> dict[str, Any]:
    """An order, without its items."""
    made = _order(order, in_list=in_list)
    if order.fields:
        made = _with_fields(order, made, _items(order, "", in_batch=True))
        made.pop(_LINES, None)
    return made


def items_json(order: Order, base: str, *, in_batch: bool) -> Any:
    """An order's items, their pictures under ``base``. One field is named otherwise where many orders'
    items are read."""
    made = _items(order, base, in_batch=in_batch)
    if order.fields:
        return _with_fields(order, _order(order, in_list=True), made).get(_LINES)
    return made


def _with_fields(order: Order, told: dict[str, Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    """Order and items together, with what was ordered to be otherwise."""
    whole = {**told, _LINES: items}
    override(whole, order.fields, _LINES)
    return whole


def _items(order: Order, base: str, *, in_batch: bool) -> list[dict[str, Any]]:
    return [_item(order, item, base, in_batch=in_batch) for item in order.items]


def _order(order: Order, *, in_list: bool) -> dict[str, Any]:
    shop = shop_named("lazada", order.shop)
    prices = sum((item.price for item in order.items), Decimal(0))
    seller = sum((item.voucher_seller for item in order.items), Decimal(0))
    platform = sum((item.voucher_platform for item in order.items), Decimal(0))
    made: dict[str, Any] = {
        "order_id": int(order.order_id),
        "order_number": int(order.order_id),
        "created_at": stamp(order.created_at, shop.region),
        "updated_at": stamp(order.updated_at, shop.region),
        "statuses": order.statuses,
        "items_count": len(order.items),
        "price": f"{prices:.2f}",
        "shipping_fee": float(order.shipping_fee),
        "shipping_fee_original": float(order.shipping_fee),
        "shipping_fee_discount_seller": 0,
        "shipping_fee_discount_platform": 0,
        "voucher": float(seller + platform),
        "voucher_seller": float(seller),
        "voucher_platform": float(platform),
        "voucher_code": "V3100" if seller + platform else "",
        "payment_method": order.payment_method,
        "customer_first_name": masked(order.buyer.name),
        "customer_last_name": "",
        "address_shipping": _address(order, shop.region, in_list=in_list),
        "address_billing": _address(order, shop.region, in_list=in_list),
        "warehouse_code": "dropshipping",
        "remarks": "",
        "buyer_note": order.note,
        "delivery_info": "",
        "gift_option": False,
        "gift_message": "",
        "national_registration_number": "",
        "tax_code": "",
        "branch_number": "",
        "promised_shipping_times": "",
        "extra_attributes": "",
        "recipient_info": {"passport_no": "", "identify_no": "", "detail_address": ""},
        "need_cancel_confirm": order.cancel_request is not None,
        "is_cancel_pending": any(item.cancel_pending for item in order.items),
    }
    if in_list:
        made["address_updated_at"] = stamp(order.address_at or order.created_at, shop.region)
    return made


def _item(order: Order, item: Item, base: str, *, in_batch: bool) -> dict[str, Any]:
    """One unit."""
    shop = shop_named("lazada", order.shop)
    number = product_number(item)
    made: dict[str, Any] = {
        "order_item_id": item.item_id,
        "order_id": int(order.order_id),
        "name": item.name,
        "variation": item.variation,
        "sku": item.sku,
        "shop_sku": f"{number}_{shop.region}-{number + 1}",
        "sku_id": str(number + 1),
        "product_id": str(number),
        "status": item.status,
        "item_price": float(item.price),
        "paid_price": float(item.price - item.voucher_seller - item.voucher_platform),
        "voucher_amount": float(item.voucher_seller + item.voucher_platform),
        "voucher_platform": float(item.voucher_platform),
        "voucher_seller": float(item.voucher_seller),
        "voucher_platform_lpi": 0,
        "voucher_seller_lpi": 0,
        "voucher_code": "",
        "voucher_code_platform": "",
        "voucher_code_seller": "",
        "shipping_amount": float(item.shipping),
        "shipping_fee_original": float(item.shipping),
        "shipping_fee_discount_platform": 0,
        "shipping_fee_discount_seller": 0,
        "shipping_service_cost": 0,
        "tax_amount": 0,
        "wallet_credits": 0,
        "currency": order.currency,
        "shipping_type": "Dropshipping",
        "shipping_provider_type": "seller_own_fleet" if item.sof else "standard",
        "shipment_provider": item.provider,
        "tracking_code": item.tracking,
        "tracking_code_pre": "",
        "package_id": item.package_id,
        "delivery_option_sof": int(item.sof),
        "is_fbl": 0,
        "is_digital": 0,
        "is_reroute": 0,
        "digital_delivery_info": "",
        "warehouse_code": item.warehouse,
        "sla_time_stamp": _iso(order.ship_by, shop.region) if item.status != "unpaid" else "",
        "fulfillment_sla": "",
        "priority_fulfillment_tag": "",
        "promised_shipping_time": "",
        "reason": _reason(order, item),
        "reason_detail": "",
        "return_status": _return_status(order, item),
        "cancel_return_initiator": item.initiator,
        "order_type": "Normal",
        "stage_pay_status": None,
        "order_flag": "NORMAL",
        "invoice_number": item.invoice_number,
        "purchase_order_id": "",
        "purchase_order_number": "",
        "product_main_image": f"{base}/pictures/{quote(item.sku, safe='')}.png",
        "product_detail_url": f"https://www.lazada.com.my/products/i{number}.html",
        "shop_id": shop.name,
        "buyer_id": order.buyer.number,
        "created_at": stamp(order.created_at, shop.region),
        "updated_at": stamp(item.updated_at, shop.region),
        "payment_time": int(order.paid_at.timestamp() * 1000) if order.paid_at else 0,
        "extra_attributes": "",
        "pick_up_store_info": {},
        "gift_wrapping": "",
        "personalization": "",
        "show_gift_wrapping_tag" if in_batch else "show_giftwrapping_tag": False,
        "show_personalization_tag": False,
        "mp3_order": False,
        "can_escalate_pickup": False,
        "semi_managed": False,
        "biz_group": 70100,
        "schedule_delivery_start_timeslot": 0,
        "schedule_delivery_end_timeslot": 0,
        "supply_price": "",
        "supply_price_currency": "",
        "need_cancel_confirm": order.is_asked(item),
        "is_cancel_pending": item.cancel_pending,
    }
    if not order.paid_at:
        del made["payment_time"]
    if found := order.open_line(item):
        made["reverse_order_id"] = found[0].reverse_id
        if order.is_asked(item):
            made["cancel_trigger_time"] = int(found[1].sla.timestamp() * 1000)
    return made


def product_number(item: Item) -> int:
    """The catalogue number of what an item is; its SKU's id is the next number."""
    product = PRODUCTS.get(item.sku)
    return product.number if product else item.item_id % 10**9


def stamp(moment: datetime, region: str) -> str:
    """``2018-02-10 11:18:47 +0800``: local time, with a blank before the offset."""
    return local(moment, region).strftime("%Y-%m-%d %H:%M:%S %z")


def _reason(order: Order, item: Item) -> str:
    """Why it is cancelled or returned, or asked to be."""
    found = order.open_line(item)
    return item.reason or (found[1].reason if found else "")


def _return_status(order: Order, item: Item) -> str:
    found = order.last_line(item)
    return found[1].status if found and found[0].kind != CANCEL else ""


def _iso(moment: datetime, region: str) -> str:
    return local(moment, region).isoformat(timespec="seconds")


def local(moment: datetime, region: str) -> datetime:
    """A moment in the country's own time."""
    return moment.astimezone(timezone(timedelta(hours=_OFFSETS.get(region, 8))))


def _address(order: Order, region: str, *, in_list: bool) -> dict[str, Any]:
    buyer = order.buyer
    return {
        "first_name": masked(buyer.name),
        "last_name": "",
        "phone": masked(buyer.phone),
        "phone2": "",
        "address1": masked(buyer.street),
        "address2": "",
        "address3": buyer.state,
        "address4": buyer.city,
        "address5": buyer.post_code,
        "city": buyer.city,
        "post_code": buyer.post_code,
        "country": {"MY": "Malaysia", "SG": "Singapore"}.get(region, region),
        "addressDsitrict" if in_list else "addressDistrict": "",
    }
