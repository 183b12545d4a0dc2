"""The calls that move packages: pack, ready to ship, repack, delivered by the seller, labels."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any

from crossdock_sandbox.label import Label, label_pdf
from crossdock_sandbox.lazada.gateway import Call, Failure
from crossdock_sandbox.stand import now
from crossdock_sandbox.world.buyers import masked
from crossdock_sandbox.world.making import PROVIDERS, put_in_package
from crossdock_sandbox.world.orders import Item, Order, Package

MOST = 20
_PDF_SECONDS = 600
_FOR_SELLER = "Seller own fleet"

Outcome = tuple[str, str]
"""(code, message); code "0" is success."""
OK: Outcome = ("0", "success")


def pack(call: Call) -> dict[str, Any]:
    """/order/fulfill/pack: items that may be packed get packages, one per warehouse"""
    request = call.structure("packReq")
    wanted = _list(request, "pack_order_list")
    if request.get("delivery_type") != "dropship":
        return _failed("700004", "PARAM_ILLEGAL: delivery_type must be dropship")
    if request.get("shipping_allocate_type") not in ("TFS", "NTFS"):
        return _failed("700004", "PARAM_ILLEGAL: shipping_allocate_type must be TFS or NTFS")
    if len(wanted) > MOST:
        return _failed("700022", "The batch is too big")
    return _done({"pack_order_list": [_pack_order(call, one) for one in wanted]})


def _pack_order(call: Call, wanted: dict[str, Any]) -> dict[str, Any]:
    order_id = str(wanted.get("order_id", ""))
    ids = [int(one) for one in wanted.get("order_item_list", []) if str(one).isdigit()]
    order = call.book.order(call.of_shop, order_id)
    if order is None:
        call.witness(order_id, "pack", accepted=False, error="700021")
        rows = [_item_row(one, None, ("700021", "Order not found")) for one in ids]
        return {"order_id": int(order_id or 0), "order_item_list": rows}
    again = call.book.stand.takes_duplicates("lazada")
    items = [item for item in order.items if item.item_id in ids]
    outcomes = {item.item_id: _may_pack(order, item, again=again) for item in items}
    good = [item for item in items if outcomes[item.item_id] == OK]
    for warehouse in sorted({item.warehouse for item in good}):
        _new_package(call, order, [item for item in good if item.warehouse == warehouse])
    error = next((code for code, _ in outcomes.values() if code != "0"), "" if items else "700025")
    call.witness(order_id, "pack", accepted=bool(good), error="" if good else error)
    if good:
        order.move(good, "packed", now())
        call.book.save(order)
    by_id = {item.item_id: item for item in items}
    return {
        "order_id": int(order_id),
        "order_item_list": [
            _item_row(one, by_id.get(one), outcomes.get(one, ("700025", "Item not found")))
            for one in ids
        ],
    }


def _may_pack(order: Order, item: Item, *, again: bool) -> Outcome:
    if order.cancel_asked:
        return "700026", "The item waits for an answer to a cancellation request"
    if item.status in ("pending", "repacked") or (
        again and item.status in ("packed", "ready_to_ship_pending")
    ):
        return OK
    return "700026", f"Item status {item.status} is not allowed to pack"


def _new_package(call: Call, order: Order, items: list[Item]) -> None:
    stand = call.book.stand
    for package in {item.package_id for item in items if item.package_id}:
        order.packages[package].void = True
    provider = _FOR_SELLER if items[0].sof else stand.chance.choice(PROVIDERS)
    put_in_package(order, items, call.book.numbers, provider, label_at=stand.later("lazada"))


def _item_row(item_id: int, item: Item | None, outcome: Outcome) -> dict[str, Any]:
    code, message = outcome
    row: dict[str, Any] = {
        "order_item_id": item_id,
        "msg": message,
        "item_err_code": code,
        "tracking_number": None,
        "shipment_provider": None,
        "package_id": None,
        "retry": False,
    }
    if code == "0" and item:
        row |= {
            "tracking_number": item.tracking,
            "shipment_provider": item.provider,
            "package_id": item.package_id,
        }
    return row


def ready_to_ship(call: Call) -> dict[str, Any]:
    """/order/package/rts"""

    def move(order: Order, package: Package, items: list[Item]) -> Outcome:
        again = call.book.stand.takes_duplicates("lazada")
        here = {item.status for item in items}
        late = {"ready_to_ship_pending", "ready_to_ship"}
        if order.cancel_asked or not (here == {"packed"} or (again and here and here <= late)):
            return (
                "700000",
                f"Package status {','.join(sorted(here)) or 'cancelled'} does not allow it",
            )
        if here == {"packed"}:
            order.move(items, "ready_to_ship_pending", now())
            package.ready_at = call.book.stand.later("lazada")
        return OK

    return _each_package(call, "readyToShipReq", "ship", move)


def repack(call: Call) -> dict[str, Any]:
    """/order/package/repack: the package dies, its items are to be packed again"""

    def move(order: Order, package: Package, items: list[Item]) -> Outcome:
        if {item.status for item in items} != {"packed"}:
            return "700000", "Package status does not allow it"
        package.void = True
        for item in items:
            item.package_id = item.tracking = item.provider = ""
        order.move(items, "repacked", now())
        return OK

    return _each_package(call, "rePackReq", "repack", move)


def delivered(call: Call) -> dict[str, Any]:
    """/order/package/sof/delivered"""
    return _each_package(call, "dbsDeliveryReq", "deliver", _by_seller("delivered"))


def failed_delivery(call: Call) -> dict[str, Any]:
    """/order/package/sof/failed_delivery"""
    return _each_package(call, "dbsFailedDeliveryReq", "deliver", _by_seller("failed_delivery"))


def collected(call: Call) -> dict[str, Any]:
    """/order/package/sof/collect: the seller's own parcel went out"""
    return _each_package(call, "dbsCollectReq", "ship", _by_seller("shipped"))


def _by_seller(status: str) -> Callable[[Order, Package, list[Item]], Outcome]:
    def move(order: Order, package: Package, items: list[Item]) -> Outcome:
        del package
        if not all(item.sof for item in items):
            return "700009", "Not delivered by the seller"
        if not {item.status for item in items} <= {
            "ready_to_ship",
            "ready_to_ship_pending",
            "shipped",
        }:
            return "700000", "Package status does not allow it"
        order.move(items, status, now())
        return OK

    return move


def _each_package(
    call: Call, name: str, effect: str, move: Callable[[Order, Package, list[Item]], Outcome]
) -> dict[str, Any]:
    packages = [str(one.get("package_id", "")) for one in _list(call.structure(name), "packages")]
    if len(packages) > MOST:
        return _failed("700022", "The batch is too big")
    return _done({"packages": [_one_package(call, one, effect, move) for one in packages]})


def _one_package(
    call: Call, package_id: str, effect: str, move: Callable[[Order, Package, list[Item]], Outcome]
) -> dict[str, Any]:
    order = call.book.holder(call.of_shop, package_id)
    if order is None:
        code, message = "600001", "Package not found"
    elif order.packages[package_id].void:
        code, message = "600002", "Package already cancelled"
    else:
        package = order.packages[package_id]
        code, message = move(order, package, order.of_package(package))
    error = "" if code == "0" else code
    call.witness(order.order_id if order else "", effect, accepted=code == "0", error=error)
    if order and code == "0":
        call.book.save(order)
    return {"package_id": package_id, "msg": message, "item_err_code": code, "retry": False}


def digital(call: Call) -> dict[str, Any]:
    """/order/digital/delivered: nothing here is digital"""
    rows = []
    for one in _list(call.structure("digitalDeliveryReq"), "orders"):
        call.witness(str(one.get("order_id", "")), "deliver", accepted=False, error="700020")
        items = [{"order_item_id": item, "msg": "Item not digital", "item_err_code": "700020", "retry": False}
                 for item in one.get("order_item_list", [])]  # fmt: skip
        rows.append({"order_id": one.get("order_id"), "order_item_list": items})
    return _done({"orders": rows})


def document(call: Call) -> dict[str, Any]:
    """/order/package/document/get: a PDF behind pdf_url, or HTML"""
    request = call.structure("getDocumentReq")
    kind = str(request.get("doc_type", "")).upper()
    if kind not in ("PDF", "HTML"):
        return _failed("700004", "PARAM_ILLEGAL: doc_type must be PDF or HTML")
    packages = [str(one.get("package_id", "")) for one in _list(request, "packages")]
    if not packages or len(packages) > MOST:
        return _failed("700022" if packages else "700017", "Between 1 and 20 packages")
    labels = []
    for package_id in packages:
        order = call.book.holder(call.of_shop, package_id)
        if order is None:
            return _failed("600001", "Package not found")
        refusal = _no_label(order, order.packages[package_id])
        if refusal:
            return _failed(*refusal)
        labels.append(
            _label(
                order, order.packages[package_id], with_items=bool(request.get("print_item_list"))
            )
        )
    for package_id in packages:
        found = call.book.holder(call.of_shop, package_id)
        call.witness(found.order_id if found else "", "label", accepted=True)
    return _done(_file(call, kind, labels))


def _no_label(order: Order, package: Package) -> Outcome | None:
    if package.void:
        return "600002", "Package already cancelled"
    here = order.of_package(package)
    if all(item.sof for item in here):
        return "700013", "No label for parcels that the seller delivers"
    if any(item.status in ("canceled",) for item in here):
        return "600002", "Package already cancelled"
    if package.label_at > time.time():
        return "700040", "There are no packages that support printing"
    return None


def _label(order: Order, package: Package, *, with_items: bool) -> Label:
    lines = [f"{item.sku}  {item.name}" for item in order.of_package(package)] if with_items else []
    return Label(
        courier=package.provider,
        tracking=package.tracking,
        order_id=order.order_id,
        package_id=package.package_id,
        recipient=masked(order.buyer.name),
        place=f"{order.buyer.post_code} {order.buyer.city}, {order.buyer.state}",
        lines=tuple(lines),
    )


def _file(call: Call, kind: str, labels: Sequence[Label]) -> dict[str, Any]:
    if kind == "HTML":
        page = "".join(f"<div class=awb>{label.courier} {label.tracking}</div>" for label in labels)
        return {"file": _base64(page), "doc_type": "HTML"}
    key = secrets.token_hex(16)
    call.book.files[key] = (label_pdf(labels), time.time() + _PDF_SECONDS)
    url = f"{call.book.stand.url('lazada')}/oss/proxy/{key}.pdf"
    frame = f'<iframe src="{url}" width="100%" height="100%"></iframe>'
    return {"file": _base64(frame), "doc_type": "PDF", "pdf_url": url}


def legacy_document(call: Call) -> dict[str, Any]:
    """/order/document/get: HTML only"""
    if call.text("doc_type") not in ("shippingLabel", "invoice", "carrierManifest"):
        raise Failure("32", "E032: Document type is not valid")
    wanted = {int(one) for one in call.structure("order_item_ids") if str(one).isdigit()}
    found = [(order, item) for order in call.book.of_shop(call.of_shop) for item in order.items
             if item.item_id in wanted]  # fmt: skip
    if not found:
        raise Failure("20", 'E020: "" Invalid Order Item ID(s)')
    if not all(item.package_id for _, item in found):
        raise Failure(
            "34", "E034: Order Item must be packed. Please call setStatusToReadyToShip before"
        )
    page = "".join(f"<div class=awb>{item.provider} {item.tracking}</div>" for _, item in found)
    made = {"file": _base64(page), "mime_type": "text/html", "document_type": call.text("doc_type")}
    return {"data": {"document": made}}


def _list(request: Any, name: str) -> list[dict[str, Any]]:
    rows = request.get(name) if isinstance(request, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Failure("5", "E005: Invalid Request Format")
    return rows


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _done(data: dict[str, Any]) -> dict[str, Any]:
    return {"result": {"success": True, "data": data, "error_code": None, "error_msg": None}}


def _failed(code: str, message: str) -> dict[str, Any]:
    return {"result": {"success": False, "data": None, "error_code": code, "error_msg": message}}
