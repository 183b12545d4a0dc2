"""Labels of packages: made a little after the shipment was arranged, gone once it is collected."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from typing import Any

from crossdock_sandbox.label import Label, label_pdf
from crossdock_sandbox.tiktok.failures import Failure
from crossdock_sandbox.tiktok.fields import Fields
from crossdock_sandbox.tiktok.gateway import Call
from crossdock_sandbox.tiktok.label_picture import label_png
from crossdock_sandbox.tiktok.packages import NOT_OF_SHOP, holders
from crossdock_sandbox.tiktok.places import recipient
from crossdock_sandbox.tiktok.shipping import BAD_PARAMETER
from crossdock_sandbox.world.purchases import Purchase, Step

_KINDS = (
    "SHIPPING_LABEL",
    "PACKING_SLIP",
    "SHIPPING_LABEL_AND_PACKING_SLIP",
    "SHIPPING_LABEL_PICTURE",
)
_ELSEWHERE = ("HAZMAT_LABEL", "INVOICE_LABEL")
"""Documents for dangerous goods and for Brazil: nothing here needs them."""
_SECONDS = 24 * 3600
_COLLECTED = Failure(21042102, "The package is collected: its label can no longer be printed.")
_BEING_MADE = Failure(11034037, "The label is still being made: try again later.")
_REFUSALS = {
    Step.HELD: Failure(21011044, "The order is on hold."),
    Step.TO_SHIP: Failure(21023035, "The shipment of the package is not arranged yet."),
    Step.SHIPPED: _COLLECTED,
    Step.DELIVERED: _COLLECTED,
    Step.COMPLETED: _COLLECTED,
    Step.CANCELLED: Failure(21023059, "The package is cancelled."),
}


def document(call: Call) -> dict[str, Any]:
    """/fulfillment/202309/packages/{package_id}/shipping_documents: an address good for 24 hours"""
    orders = holders(call, call.ids["package_id"])
    try:
        kind, size = _asked(Fields(call.query.values, BAD_PARAMETER))
        if not orders:
            raise NOT_OF_SHOP
        for order in orders:
            _check(order)
        file, ending = _file(orders, kind, size)
        if (ordered := _ordered(call, orders)) is not None:
            file = ordered
    except Failure as failure:
        for order_id in [order.order_id for order in orders] or [""]:
            call.witness(order_id, "label", str(failure.code))
        raise
    for order in orders:
        call.witness(order.order_id, "label")
    return {
        "doc_url": _kept(call, file, ending),
        "tracking_number": orders[0].parcel.tracking,
    }


def _asked(query: Fields) -> tuple[str, str]:
    """(document, paper)."""
    kind = query.one_of("document_type", (*_KINDS, *_ELSEWHERE))
    size = query.one_of("document_size", ("A6", "A5"), "A6")
    wanted_format = query.one_of("document_format", ("PDF", "ZPL"), "PDF")
    if kind in _ELSEWHERE or wanted_format == "ZPL":
        raise query.refused("document_type", "is not available for this package")
    return kind, size


def _check(order: Purchase) -> None:
    if order.step in _REFUSALS:
        raise _REFUSALS[order.step]
    if order.seller_delivers:
        raise Failure(21008017, "A package that the seller ships has no label.")
    if order.parcel.label_at > time.time():
        raise _BEING_MADE


def _ordered(call: Call, orders: Sequence[Purchase]) -> bytes | None:
    """The file that was ordered to come out as this label; None: the real one."""
    for order in orders:
        fault = call.book.stand.faults.label(
            "tiktok", order.shop, order.order_id, order.parcel.parcel_id
        )
        if fault and fault.file is None:
            raise _BEING_MADE
        if fault:
            return fault.file
    return None


def _file(orders: Sequence[Purchase], kind: str, size: str) -> tuple[bytes, str]:
    """(document, ending of its name): one label, however many orders are in the package."""
    label, slip = _label(orders), _label(orders, items=True)
    if kind == "SHIPPING_LABEL_PICTURE":
        return label_png(label), "png"
    pages = {"SHIPPING_LABEL": [label], "PACKING_SLIP": [slip]}.get(kind, [label, slip])
    return label_pdf(pages, size), "pdf"


def _kept(call: Call, file: bytes, ending: str) -> str:
    """Keep a document; its address."""
    present = time.time()
    for key in [key for key, (_, ends) in call.book.files.items() if ends <= present]:
        del call.book.files[key]
    name = f"{secrets.token_hex(20)}.{ending}"
    call.book.files[name] = (file, present + _SECONDS)
    return f"{call.book.stand.url('tiktok')}/documents/{name}"


def _label(orders: Sequence[Purchase], *, items: bool = False) -> Label:
    first, address = orders[0], recipient(orders[0])
    lines = [f"{line.sku}  {line.name}" for order in orders for line in order.lines]
    return Label(
        courier=first.parcel.provider,
        tracking=first.parcel.tracking,
        order_id=", ".join(order.order_id for order in orders),
        package_id=first.parcel.parcel_id,
        recipient=address["name"],
        place=address["full_address"],
        lines=tuple(lines) if items else (),
    )
