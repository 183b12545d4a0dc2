"""AWBs: a tracking number, a document that Shopee is asked to make, and the file.

Shopee v2: the document is there from when shipment is arranged until the courier collects. One
package a call, since several come back as one merged file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.channels.contract import Label, NoLabel, Parcel, Shop
from crossdock.channels.errors import Refused, ends_token
from crossdock.channels.reading import rows, text
from crossdock.channels.shopee.api import answer_of, download, get, post
from crossdock.channels.shopee.fulfilment import refused_or
from crossdock.channels.shopee.packages import Package, packages_of
from crossdock.channels.shopee.refusals import bare, code_of, error_of

_BEFORE = frozenset({"LOGISTICS_READY", "LOGISTICS_NOT_START", "LOGISTICS_NOT_STARTED"})
_GONE = frozenset({"LOGISTICS_PICKUP_DONE", "LOGISTICS_DELIVERY_DONE"})
_NOT_MADE = "shipping_document_should_print_first"
_WAIT = frozenset({"download_later", "package_print_failed", "tracking_number_invalid", _NOT_MADE})
"""Codes after which asking again may help: a failed print is simply ordered anew."""


class _NoneYet(Exception):
    """There is no label; ``again`` as in NoLabel."""

    def __init__(self, words: str, *, again: bool) -> None:
        super().__init__(words)
        self.words, self.again = words, again


def labels(shop: Shop, parcel: Parcel) -> tuple[Label, ...] | NoLabel:
    """The AWBs of an order's packages, one PDF a package."""
    packages = refused_or(lambda: packages_of(shop, parcel))
    if isinstance(packages, Refused):
        return NoLabel(parcel.order_id, packages.words, again=False)
    made = []
    for package in packages:
        try:
            made.append(Label(parcel.order_id, package.number, _label(shop, package)))
        except _NoneYet as none:
            return NoLabel(parcel.order_id, none.words, again=none.again)
        except Refused as refusal:
            if ends_token(refusal):
                raise
            return NoLabel(parcel.order_id, *_why(package, refusal))
    return tuple(made)


def _label(shop: Shop, package: Package) -> bytes:
    if package.status in _BEFORE and not package.is_arranged:
        raise _NoneYet("There is no label before the shipment is arranged.", again=False)
    tracking = package.tracking_number or _tracking_number(shop, package)
    if not tracking:
        raise _NoneYet("The courier has not given a tracking number yet.", again=True)
    status = _status(shop, package)
    if status != "READY" and status != "PROCESSING":
        _order_document(shop, package, tracking)
        status = _status(shop, package)
    if status != "READY":
        raise _NoneYet("Shopee is still making the label.", again=True)
    return _pdf(download(shop, "logistics/download_shipping_document", _about(package)))


def _tracking_number(shop: Shop, package: Package) -> str:
    told = answer_of(get(shop, "logistics/get_tracking_number", package.names))
    return text(told, "tracking_number")


def _status(shop: Shop, package: Package) -> str:
    """READY, PROCESSING or FAILED; "" where no document was ordered yet."""
    try:
        told = post(shop, "logistics/get_shipping_document_result", _about(package), writes=False)
        return text(_only(told), "status")
    except Refused as refusal:
        if bare(refusal.code) == _NOT_MADE:
            return ""
        raise


def _order_document(shop: Shop, package: Package, tracking: str) -> None:
    """Have the document made: of the type that Shopee suggests, since none is named."""
    body = _about(package, tracking_number=tracking)
    _only(post(shop, "logistics/create_shipping_document", body, writes=False))


def _about(package: Package, **more: str) -> dict[str, Any]:
    return {"order_list": [{**package.names, **more}]}


def _only(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one element of a batch answer. Raises what its own error stands for."""
    listed = rows(answer_of(told), "result_list")
    row = listed[0] if listed else {}
    if code := code_of(row.get("fail_error")):
        raise error_of(code, text(row, "fail_message"), writes=False)
    return row


def _pdf(file: bytes) -> bytes:
    """The file as it came. Raises _NoneYet in words that say what to change in Shopee's settings."""
    if file.startswith(b"PK"):
        raise _NoneYet(
            "Shopee gave a ZIP file and not a PDF: the shop prints thermal labels. Choose the "
            "normal A6 air waybill under Shipping Settings in Shopee's Seller Centre.",
            again=False,
        )
    return file


def _why(package: Package, refusal: Refused) -> tuple[str, bool]:
    if package.status in _GONE:
        return f"The label is no longer available at Shopee: {refusal.words}", False
    return refusal.words, bare(refusal.code) in _WAIT
