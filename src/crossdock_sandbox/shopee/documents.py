"""Waybills: ordered, made a little later, downloaded as one PDF; only until they are collected."""

from __future__ import annotations

import time
from typing import Any

from starlette.responses import Response

from crossdock_sandbox.label import Label, label_pdf
from crossdock_sandbox.shopee.answers import Told, one_by_one
from crossdock_sandbox.shopee.clockwork import at
from crossdock_sandbox.shopee.failures import Failure
from crossdock_sandbox.shopee.fields import Fields
from crossdock_sandbox.shopee.gateway import Call
from crossdock_sandbox.shopee.orders import find
from crossdock_sandbox.shopee.package_json import tracking_number
from crossdock_sandbox.world.purchases import Purchase, Step

_TYPES = ("NORMAL_AIR_WAYBILL", "THERMAL_AIR_WAYBILL")
_SUGGESTED = _TYPES[0]
_MOST = 50
_LATER = Failure("logistics.download_later", "Please download the document later.")


def parameter(call: Call) -> Told:
    """/api/v2/logistics/get_shipping_document_parameter"""

    def told(one: Fields) -> dict[str, Any]:
        order = _printable(call, one)
        return {
            **_named(order),
            "suggest_shipping_document_type": _SUGGESTED,
            "selectable_shipping_document_type": list(_TYPES),
        }

    return one_by_one(call.given.objects("order_list", _MOST), told)


def create(call: Call) -> Told:
    """/api/v2/logistics/create_shipping_document: as often as one likes"""

    def order_it(one: Fields) -> dict[str, Any]:
        order_sn = one.text("order_sn")
        try:
            order = _printable(call, one)
            kind = _kind(one)
            if one.text("tracking_number", "") != tracking_number(order):
                raise Failure(
                    "logistics.tracking_number_invalid", "The tracking number is invalid."
                )
        except Failure as failure:
            call.witness(order_sn, "label", failure.error)
            raise
        _begin(call, order, kind)
        call.witness(order_sn, "label")
        return _named(order)

    return one_by_one(call.given.objects("order_list", _MOST), order_it)


def result(call: Call) -> Told:
    """/api/v2/logistics/get_shipping_document_result"""

    def told(one: Fields) -> dict[str, Any]:
        order = _printable(call, one)
        ready = _ordered(order, _kind(one)) <= time.time() and not _is_held_up(call, order)
        return {**_named(order), "status": "READY" if ready else "PROCESSING"}

    return one_by_one(call.given.objects("order_list", _MOST), told)


def _is_held_up(call: Call, order: Purchase) -> bool:
    """Whether it was ordered to be still in the making."""
    parcel = order.parcel.parcel_id
    return call.book.stand.faults.holds_up("shopee", order.shop, order.order_id, parcel)


def download(call: Call) -> Response:
    """/api/v2/logistics/download_shipping_document: a file, or an error; never some of both"""
    kind, orders = _kind(call.given), []
    file: bytes | None = None
    for one in call.given.objects("order_list", _MOST):
        order_sn = one.text("order_sn")
        try:
            order = _printable(call, one)
            if _ordered(order, kind) > time.time():
                raise _LATER
            given = _given(call, order)
            file = given if file is None else file
        except Failure as failure:
            call.witness(order_sn, "label", failure.error)
            raise
        orders.append(order)
    for order in orders:
        call.witness(order.order_id, "label")
    if file is None:
        file = label_pdf([_label(order) for order in orders])
    return Response(file, media_type="application/pdf")


def _given(call: Call, order: Purchase) -> bytes | None:
    """The file that was ordered to come out as this label; None: the real one."""
    fault = call.book.stand.faults.label(
        "shopee", order.shop, order.order_id, order.parcel.parcel_id
    )
    if fault and fault.file is None:
        raise _LATER
    return fault.file if fault else None


def _printable(call: Call, one: Fields) -> Purchase:
    """The order of an element, if its waybill can be had at all."""
    order = find(call, one.text("order_sn"), _not_there)
    if one.text("package_number", order.parcel.parcel_id) != order.parcel.parcel_id:
        raise Failure("logistics.package_number_not_exist", "The package number is not exist.")
    if order.seller_delivers:
        raise Failure("logistics.package_can_not_print", "The package can not be printed.")
    if order.step is not Step.ARRANGED or order.cancel_id:
        raise Failure("logistics.order_status_error", "Order status does not support awb printing.")
    return order


def _not_there() -> Failure:
    return Failure("logistics.order_not_exist", "The order is not exist.")


def _kind(given: Fields) -> str:
    kind = given.text("shipping_document_type", _SUGGESTED)
    if kind not in _TYPES:
        raise Failure(
            "logistics.shipping_document_type_invalid", "The shipping document type is invalid."
        )
    return kind


def _ordered(order: Purchase, kind: str) -> float:
    """Unix time from which a document that was ordered can be had."""
    documents: dict[str, float] = order.more.get("documents", {})
    if kind not in documents:
        raise Failure(
            "logistics.shipping_document_should_print_first",
            "The shipping document should be created first.",
        )
    return documents[kind]


def _begin(call: Call, order: Purchase, kind: str) -> None:
    """Make a document, unless it is made or being made."""
    documents: dict[str, float] = order.more.setdefault("documents", {})
    if kind in documents:
        return
    documents[kind] = call.book.stand.later("shopee")
    call.book.save(order)
    at(documents[kind], lambda: call.book.on_document(order, kind))


def _named(order: Purchase) -> dict[str, Any]:
    return {"order_sn": order.order_id, "package_number": order.parcel.parcel_id}


def _label(order: Purchase) -> Label:
    """The label alone tells who gets it."""
    buyer = order.buyer
    return Label(
        courier=order.parcel.provider,
        tracking=order.parcel.tracking,
        order_id=order.order_id,
        package_id=order.parcel.parcel_id,
        recipient=buyer.name,
        place=f"{buyer.street}, {buyer.post_code} {buyer.city}, {buyer.state}",
    )
