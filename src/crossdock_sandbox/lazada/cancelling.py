"""Cancellations, by the seller and asked for by buyers; invoice numbers; transactions; products."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from crossdock_sandbox.lazada.gateway import Call, Failure
from crossdock_sandbox.stand import now
from crossdock_sandbox.world.catalogue import KNOWN, UNKNOWN
from crossdock_sandbox.world.orders import BEFORE_COURIER, Item, Order
from crossdock_sandbox.world.shops import shop_named

_REASONS = {
    "10000019": "Sourcing Delay",
    "10000021": "Out of Stock",
    "10000023": "Wrong Price or Pricing Error",
}


def validate(call: Call) -> dict[str, Any]:
    """/order/reverse/cancel/validate"""
    _, items = _chosen(call)
    if not items or any(item.status not in BEFORE_COURIER for item in items):
        tip = {"tip_content": "These items cannot be cancelled any more.", "tip_type": "error"}
        return {"data": {**tip, "reason_options": []}}
    options = [{"reason_id": key, "reason_name": name} for key, name in _REASONS.items()]
    tip = {"tip_content": "Cancelling hurts the shop's rating.", "tip_type": "warning"}
    return {"data": {**tip, "reason_options": options}}


def create(call: Call) -> dict[str, Any]:
    """/order/reverse/cancel/create: the seller cancels"""
    order, items = _chosen(call)
    reason = call.text("reason_id")
    refused = (
        "Reason not valid"
        if reason not in _REASONS
        else "These items cannot be cancelled any more."
        if not items or any(item.status not in BEFORE_COURIER for item in items)
        else ""
    )
    call.witness(order.order_id, "cancel", accepted=not refused, error=refused)
    if refused:
        return {"data": {"tip_content": refused, "tip_type": "error"}}
    order.cancel(items, now(), who="cancellation-seller", reason=_REASONS[reason])
    call.book.save(order)
    return {"data": {"tip_content": "The items are cancelled.", "tip_type": "success"}}


def decide(call: Call) -> dict[str, Any]:
    """/order/reverse/cancel/seller/decide: the seller answers a buyer"""
    agrees = call.text("agree_cancel").lower() == "true"
    effect = "accept_cancel" if agrees else "reject_cancel"
    reverse_id = call.text("reverse_order_id")
    order = next(
        (one for one in call.book.of_shop(call.of_shop) if str(one.cancel_asked) == reverse_id),
        None,
    )
    if order is None:
        call.witness("", effect, accepted=False, error="131")
        raise Failure("131", "E0131: no decision for this reverse order")
    call.witness(order.order_id, effect, accepted=True)
    if agrees:
        waiting = [item for item in order.items if item.status in BEFORE_COURIER]
        order.cancel(waiting, now(), who="cancellation-customer", reason=order.cancel_reason)
    order.end_request(now())
    call.book.save(order)
    return {"data": None}


def set_invoice_number(call: Call) -> dict[str, Any]:
    """/order/invoice_number/set"""
    wanted = call.text("order_item_id")
    number = call.text("invoice_number")
    for order in call.book.of_shop(call.of_shop):
        for item in order.items:
            if str(item.item_id) == wanted:
                if not item.package_id:
                    raise Failure("34", "E034: Order Item must be packed")
                return {"data": {"order_item_id": item.item_id, "invoice_number": number}}
    raise Failure("20", f'E020: "{wanted}" Invalid Order Item ID(s)')


def transactions(call: Call) -> dict[str, Any]:
    """/finance/transaction/details/get: what delivered orders earned and cost"""
    call.text("start_time")
    call.text("end_time")
    only = call.values.get("trade_order_id", "")
    rows = []
    for order in call.book.of_shop(call.of_shop):
        if only and order.order_id != only:
            continue
        for item in order.items:
            if item.status in ("delivered", "confirmed"):
                rows += _lines_of(order, item)
    offset, limit = int(call.values.get("offset", "0")), int(call.values.get("limit", "100"))
    return {"data": rows[offset : offset + min(limit, 500)]}


def _lines_of(order: Order, item: Item) -> list[dict[str, str]]:
    price = item.price - item.voucher_seller
    shares = (
        ("Item Price Credit", "13", price),
        ("Commission", "16", -(price * Decimal("0.0325")).quantize(Decimal("0.01"))),
        ("Payment Fee", "3", -(price * Decimal("0.0212")).quantize(Decimal("0.01"))),
    )
    return [
        {
            "transaction_date": (item.updated_at + timedelta(0)).strftime("%d %b %Y"),
            "transaction_type": "Orders-Sales" if kind == "13" else "Orders-Lazada Fees",
            "transaction_number": f"{order.order_id}-{item.item_id % 1000}-{kind}",
            "fee_name": name,
            "fee_type": kind,
            "amount": str(amount),
            "VAT_in_amount": "0.00",
            "WHT_amount": "0.00",
            "WHT_included_in_amount": "No",
            "statement": "",
            "paid_status": "Not paid",
            "order_no": order.order_id,
            "orderItem_no": str(item.item_id),
            "orderItem_status": item.status,
            "seller_sku": item.sku,
            "lazada_sku": "",
            "details": item.name,
            "reference": "",
            "comment": "",
            "payment_ref_id": "",
            "shipping_provider": item.provider,
            "shipping_speed": "standard",
            "shipment_type": "",
        }
        for name, kind, amount in shares
    ]


def products(call: Call) -> dict[str, Any]:
    """/products/get"""
    shop = shop_named("lazada", call.of_shop)
    shelf = (*KNOWN, *UNKNOWN) if shop.sells_unknown else KNOWN
    offset, limit = (
        int(call.values.get("offset", "0")),
        min(int(call.values.get("limit", "20")), 50),
    )
    made = [
        {
            "item_id": product.number,
            "primary_category": 100,
            "created_time": "1760000000000",
            "updated_time": "1760000000000",
            "status": "Active",
            "attributes": {"name": product.name, "brand": "No Brand"},
            "images": [],
            "skus": [
                {
                    "SkuId": product.number + 1,
                    "SellerSku": product.sku,
                    "ShopSku": f"{product.number}_{shop.region}-{product.number + 1}",
                    "Status": "active",
                    "quantity": 100,
                    "Available": 100,
                    "price": float(product.price),
                    "special_price": 0,
                    "Url": "",
                    "Images": [],
                    "saleProp": {},
                }
            ],
        }
        for product in shelf[offset : offset + limit]
    ]
    return {"data": {"total_products": len(shelf), **({"products": made} if made else {})}}


def _chosen(call: Call) -> tuple[Order, list[Item]]:
    order = call.book.order(call.of_shop, call.text("order_id"))
    if order is None:
        raise Failure("16", f'E016: "{call.text("order_id")}" Invalid Order ID')
    wanted = {str(one) for one in call.structure("order_item_id_list")}
    return order, [item for item in order.items if str(item.item_id) in wanted]
