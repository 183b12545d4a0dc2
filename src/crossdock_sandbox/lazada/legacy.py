"""The item based calls of old, as far as their shapes are known; new code does not use them."""

from __future__ import annotations

import base64
from typing import Any

from crossdock_sandbox.label import label_pdf
from crossdock_sandbox.lazada import cancelling, fulfilment
from crossdock_sandbox.lazada.documents import label_of
from crossdock_sandbox.lazada.gateway import Call, Failure
from crossdock_sandbox.stand import now
from crossdock_sandbox.world.making import PROVIDERS
from crossdock_sandbox.world.orders import Item, Order

_KINDS = ("shippingLabel", "invoice", "carrierManifest")


def providers(call: Call) -> dict[str, Any]:
    """/shipment/providers/get"""
    del call
    return {
        "data": {
            "shipment_providers": [
                {
                    "name": name,
                    "is_default": int(number == 0),
                    "cod": 1,
                    "tracking_url": "",
                    "tracking_code_example": "LEXDO0000000001MY",
                    "tracking_code_validation_regex": "",
                    "enabled_delivery_options": ["standard"],
                    "api_integration": 1,
                }
                for number, name in enumerate(PROVIDERS)
            ]
        }
    }


def pack(call: Call) -> dict[str, Any]:
    """/order/pack: items of one order"""
    order, items = _chosen(call, "pack")
    again = call.book.stand.takes_duplicates("lazada")
    refused = [one for one in items if fulfilment.may_pack(order, one, again=again)[0] != "0"]
    call.witness(order.order_id, "pack", accepted=not refused, error="20" if refused else "")
    if refused:
        raise _wrong(refused)
    fulfilment.put_together(call, order, items)
    return {
        "data": {
            "order_items": [
                {
                    "order_item_id": item.item_id,
                    "purchase_order_id": "",
                    "purchase_order_number": "",
                    "package_id": item.package_id,
                    "shipment_provider": item.provider,
                    "tracking_number": item.tracking,
                }
                for item in items
            ]
        }
    }


def ready_to_ship(call: Call) -> dict[str, Any]:
    """/order/rts"""
    order, items = _chosen(call, "ship")
    gone = [item for item in items if item.status == "canceled"]
    refused = gone or [item for item in items if item.status != "packed" or order.is_asked(item)]
    code = ("50008" if gone else "20") if refused else ""
    call.witness(order.order_id, "ship", accepted=not refused, error=code)
    if gone:
        raise Failure("50008", "E50008: An item was cancelled meanwhile")
    if refused:
        raise _wrong(refused)
    fulfilment.call_courier(call, order, items)
    return {"data": {"order_items": [_row(item) for item in items]}}


def repack(call: Call) -> dict[str, Any]:
    """/order/repack: one package"""
    package_id = call.text("package_id")
    order = call.book.holder(call.of_shop, package_id)
    package = order.packages[package_id] if order else None
    items = order.of_package(package) if order and package else []
    good = bool(items) and {item.status for item in items} == {"packed"}
    call.witness(
        order.order_id if order else "", "repack", accepted=good, error="" if good else "20"
    )
    if order is None or package is None or not good:
        raise Failure("20", f'E020: "{package_id}" Invalid Package ID')
    fulfilment.undo(order, package, items)
    call.book.save(order)
    return {"data": {"package_id": package_id}}


def delivered(call: Call) -> dict[str, Any]:
    """/order/sof/delivered"""
    return _by_seller(call, "delivered")


def failed_delivery(call: Call) -> dict[str, Any]:
    """/order/sof/failed_delivery"""
    return _by_seller(call, "failed_delivery")


def _by_seller(call: Call, status: str) -> dict[str, Any]:
    order, items = _chosen(call, "deliver")
    good = all(item.sof and item.status in fulfilment.WITH_SELLER for item in items)
    call.witness(order.order_id, "deliver", accepted=good, error="" if good else "20")
    if not good:
        raise _wrong(items)
    order.move(items, status, now())
    call.book.save(order)
    return {"data": {"order_items": [_row(item) for item in items]}}


def cancel(call: Call) -> dict[str, Any]:
    """/order/cancel: one item, for one of the reasons of /order/failure_reason/get"""
    item_id, reason = call.text("order_item_id"), call.text("reason_id")
    found = call.book.of_item(call.of_shop, item_id)
    refusal = (
        Failure("20", f'E020: "{item_id}" Invalid Order Item ID(s)')
        if found is None or not cancelling.can_be_cancelled([found[1]])
        else Failure("104", "E0104: reason is empty or invalid")
        if reason not in cancelling.REASONS
        else None
    )
    call.witness(
        found[0].order_id if found else "",
        "cancel",
        accepted=refusal is None,
        error=refusal.code if refusal else "",
    )
    if refusal or found is None:
        raise refusal or Failure("20", "E020")
    cancelling.cancel(call, found[0], [found[1]], reason)
    return {"data": {}}


def failure_reasons(call: Call) -> dict[str, Any]:
    """/order/failure_reason/get"""
    del call
    return {
        "data": [
            {"reason_id": key, "type": "canceled", "name": name}
            for key, name in cancelling.REASONS.items()
        ]
    }


def document(call: Call) -> dict[str, Any]:
    """/order/document/get: HTML only"""
    kind = call.text("doc_type")
    if kind not in _KINDS:
        raise Failure("32", "E032: Document type is not valid")
    return _document(kind, "text/html", _page(_packed(call)).encode())


def awb_html(call: Call) -> dict[str, Any]:
    """/order/document/awb/html/get"""
    return _document("shippingLabel", "text/html", _page(_packed(call)).encode())


def awb_pdf(call: Call) -> dict[str, Any]:
    """/order/document/awb/pdf/get: here ``file`` is the PDF itself"""
    found = _packed(call)
    parcels = dict.fromkeys((order.order_id, item.package_id) for order, item in found)
    orders = {order.order_id: order for order, _ in found}
    labels = [
        label_of(orders[order_id], orders[order_id].packages[package_id])
        for order_id, package_id in parcels
    ]
    faults = call.book.stand.faults
    for order_id, package_id in parcels:
        ordered = faults.label("lazada", call.of_shop, order_id, package_id)
        if ordered and ordered.file is None:
            raise Failure("700040", "There are no packages that support printing")
        if ordered:
            return _document("shippingLabel", "application/pdf", ordered.file or b"")
    return _document("shippingLabel", "application/pdf", label_pdf(labels))


def _packed(call: Call) -> list[tuple[Order, Item]]:
    """Orders and items of which there is a paper. Raises the errors of the document calls."""
    wanted = [str(one) for one in call.structure("order_item_ids")]
    found = [one for item_id in wanted if (one := call.book.of_item(call.of_shop, item_id))]
    if not found or len(found) != len(wanted):
        raise Failure("20", f'E020: "{",".join(wanted)}" Invalid Order Item ID(s)')
    if any(item.sof for _, item in found):
        raise Failure("50008", "E50008: Delivered by the seller")
    if not all(item.package_id for _, item in found):
        raise Failure(
            "34", "E034: Order Item must be packed. Please call setStatusToReadyToShip before"
        )
    for order in {id(order): order for order, _ in found}.values():
        call.witness(order.order_id, "label", accepted=True)
    return found


def _page(found: list[tuple[Order, Item]]) -> str:
    return "".join(f"<div class=awb>{item.provider} {item.tracking}</div>" for _, item in found)


def _document(kind: str, media_type: str, body: bytes) -> dict[str, Any]:
    file = base64.b64encode(body).decode()
    return {"data": {"document": {"file": file, "mime_type": media_type, "document_type": kind}}}


def _chosen(call: Call, effect: str) -> tuple[Order, list[Item]]:
    """One order and the items of it that are named. Raises code 20."""
    wanted = [str(one) for one in call.structure("order_item_ids")]
    found = [one for item_id in wanted if (one := call.book.of_item(call.of_shop, item_id))]
    if not found or len(found) != len(wanted) or len({id(order) for order, _ in found}) > 1:
        call.witness(found[0][0].order_id if found else "", effect, accepted=False, error="20")
        raise Failure("20", f'E020: "{",".join(wanted)}" Invalid Order Item ID(s)')
    return found[0][0], [item for _, item in found]


def _row(item: Item) -> dict[str, Any]:
    return {"order_item_id": item.item_id, "purchase_order_id": "", "purchase_order_number": ""}


def _wrong(items: list[Item]) -> Failure:
    ids = ",".join(str(item.item_id) for item in items)
    return Failure("20", f'E020: "{ids}" Invalid Order Item ID(s)')
