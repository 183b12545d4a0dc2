"""Labels of packages: made a little after the shipment was arranged, gone once it is collected."""

from __future__ import annotations

import secrets
import time
from typing import Any

from crossdock_sandbox.label import Label, label_pdf
from crossdock_sandbox.tiktok.failures import Failure
from crossdock_sandbox.tiktok.fields import Fields
from crossdock_sandbox.tiktok.gateway import Call
from crossdock_sandbox.tiktok.label_picture import label_png
from crossdock_sandbox.tiktok.packages import NOT_OF_SHOP, holder
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
    order = holder(call, call.ids["package_id"])
    try:
        kind, size = _asked(Fields(call.query.values, BAD_PARAMETER))
        if order is None:
            raise NOT_OF_SHOP
        _check(order)
    except Failure as failure:
        call.witness(order.order_id if order else "", "label", str(failure.code))
        raise
    call.witness(order.order_id, "label")
    return {
        "doc_url": _kept(call, order, kind, size),
        "tracking_number": order.parcel.tracking,
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
        raise Failure(11034037, "The label is still being made: try again later.")


def _kept(call: Call, order: Purchase, kind: str, size: str) -> str:
    """Make the document and keep it; its address."""
    label, slip = _label(order), _label(order, items=True)
    if kind == "SHIPPING_LABEL_PICTURE":
        file, ending = label_png(label), "png"
    else:
        pages = {"SHIPPING_LABEL": [label], "PACKING_SLIP": [slip]}.get(kind, [label, slip])
        file, ending = label_pdf(pages, size), "pdf"
    present = time.time()
    for key in [key for key, (_, ends) in call.book.files.items() if ends <= present]:
        del call.book.files[key]
    name = f"{secrets.token_hex(20)}.{ending}"
    call.book.files[name] = (file, present + _SECONDS)
    return f"{call.book.stand.url('tiktok')}/documents/{name}"


def _label(order: Purchase, *, items: bool = False) -> Label:
    address = recipient(order)
    return Label(
        courier=order.parcel.provider,
        tracking=order.parcel.tracking,
        order_id=order.order_id,
        package_id=order.parcel.parcel_id,
        recipient=address["name"],
        place=address["full_address"],
        lines=tuple(f"{line.sku}  {line.name}" for line in order.lines) if items else (),
    )
