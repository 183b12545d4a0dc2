"""Labels: a PDF behind an address, or HTML."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Sequence
from typing import Any

from crossdock_sandbox.label import Label, label_pdf
from crossdock_sandbox.lazada.fulfilment import MOST, Outcome, done, failed, rows_of
from crossdock_sandbox.lazada.gateway import Call
from crossdock_sandbox.world.buyers import masked
from crossdock_sandbox.world.orders import Order, Package

_PDF_SECONDS = 600
_BEING_MADE: Outcome = ("700040", "There are no packages that support printing")


def document(call: Call) -> dict[str, Any]:
    """/order/package/document/get: a PDF behind pdf_url, or HTML"""
    request = call.structure("getDocumentReq")
    kind = str(request.get("doc_type", "")).upper()
    if kind not in ("PDF", "HTML"):
        return failed("700004", "PARAM_ILLEGAL: doc_type must be PDF or HTML")
    packages = [str(one.get("package_id", "")) for one in rows_of(request, "packages")]
    if not packages or len(packages) > MOST:
        return failed("700022" if packages else "700017", "Between 1 and 20 packages")
    labels, ordered = [], None
    for package_id in packages:
        order = call.book.holder(call.of_shop, package_id)
        if order is None:
            return failed("600001", "Package not found")
        package = order.packages[package_id]
        if refusal := _no_label(order, package):
            call.witness(order.order_id, "label", accepted=False, error=refusal[0])
            return failed(*refusal)
        fault = call.book.stand.faults.label("lazada", order.shop, order.order_id, package_id)
        if fault and fault.file is None:
            call.witness(order.order_id, "label", accepted=False, error=_BEING_MADE[0])
            return failed(*_BEING_MADE)
        ordered = ordered or fault
        labels.append(label_of(order, package, with_items=bool(request.get("print_item_list"))))
    holders = (call.book.holder(call.of_shop, package) for package in packages)
    for order_id in dict.fromkeys(order.order_id for order in holders if order):
        call.witness(order_id, "label", accepted=True)
    if ordered is not None:
        return done(_file(call, kind, ordered.file or b""))
    return done(_file(call, kind, label_pdf(labels) if kind == "PDF" else _page(labels)))


def _no_label(order: Order, package: Package) -> Outcome | None:
    if package.void:
        return "600002", "Package already cancelled"
    here = order.of_package(package)
    if all(item.sof for item in here):
        return "700013", "No label for parcels that the seller delivers"
    if any(item.status in ("canceled",) for item in here):
        return "600002", "Package already cancelled"
    if package.label_at > time.time():
        return _BEING_MADE
    return None


def label_of(order: Order, package: Package, *, with_items: bool = False) -> Label:
    """What is on the label of a package."""
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


def _page(labels: Sequence[Label]) -> bytes:
    page = "".join(f"<div class=awb>{label.courier} {label.tracking}</div>" for label in labels)
    return page.encode()


def _file(call: Call, kind: str, file: bytes) -> dict[str, Any]:
    if kind == "HTML":
        return {"file": base64.b64encode(file).decode(), "doc_type": "HTML"}
    key = secrets.token_hex(16)
    call.book.files[key] = (file, time.time() + _PDF_SECONDS)
    url = f"{call.book.stand.url('lazada')}/oss/proxy/{key}.pdf"
    frame = f'<iframe src="{url}" width="100%" height="100%"></iframe>'
    return {"file": base64.b64encode(frame.encode()).decode(), "doc_type": "PDF", "pdf_url": url}
