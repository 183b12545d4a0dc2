"""Pack, ready to ship, deliver and labels at Lazada: shape-B answers with a code per item.

``code`` "0" and ``success`` true do not mean that every package worked: each item has its own code.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from crossdock.channels.contract import Label, NoLabel, Parcel, Shop, Told
from crossdock.channels.errors import ChannelError, NotFound, Refused, Unclear
from crossdock.channels.lazada.api import call, download, dumps

_ALREADY_PACKED = "700026"
_WRONG_STATE = "700000"
_AGAIN = frozenset({"6", "1003", "40011", "700024", "700031"})
_NOT_READY_YET = frozenset({"700040", "30012", "34", "E034"})

LABEL_HOSTS = (
    ".lazada.com",
    ".lazada.sg",
    ".lazada.com.my",
    ".lazada.co.th",
    ".lazada.vn",
    ".lazada.com.ph",
    ".lazada.co.id",
)
"""Where ``pdf_url`` may lead: host suffixes, checked before anything is fetched."""


def pack(shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
    """Pack these lines of these orders (at most 20 orders). Allots provider, package and tracking."""
    request = {
        "pack_order_list": [
            {
                "order_id": int(parcel.order_id),
                "order_item_list": [int(line) for line in parcel.line_ids],
            }
            for parcel in parcels
        ],
        "delivery_type": "dropship",
        "shipping_allocate_type": "TFS",
    }
    result = _result(call(shop, "/order/fulfill/pack", {"packReq": dumps(request)}))
    told = {
        str(order.get("order_id")): _told(
            str(order.get("order_id")), _rows(order, "order_item_list"), "order_item_id"
        )
        for order in _rows(result, "pack_order_list")
    }
    return tuple(told.get(parcel.order_id) or _unanswered(parcel) for parcel in parcels)


def ship(shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
    """Tell Lazada that these packages are ready to ship (at most 20)."""
    return _about_packages(shop, "/order/package/rts", "readyToShipReq", parcels)


def deliver(shop: Shop, parcels: Sequence[Parcel]) -> tuple[Told, ...]:
    """Mark packages that the seller delivers as delivered."""
    return _about_packages(shop, "/order/package/sof/delivered", "dbsDeliveryReq", parcels)


def labels(shop: Shop, parcel: Parcel) -> tuple[Label, ...] | NoLabel:
    """The AWBs of an order's packages, each fetched by a call of its own (together they come as one file)."""
    made = []
    for package_id in parcel.package_ids:
        label = _label(shop, parcel.order_id, package_id)
        if isinstance(label, NoLabel):
            return label
        made.append(label)
    return tuple(made)


def _label(shop: Shop, order_id: str, package_id: str) -> Label | NoLabel:
    request = {
        "doc_type": "PDF",
        "packages": [{"package_id": package_id}],
        "print_item_list": False,
    }
    try:
        result = _result(
            call(shop, "/order/package/document/get", {"getDocumentReq": dumps(request)})
        )
    except NotFound as refusal:
        return NoLabel(order_id, refusal.words, again=False)
    except Refused as refusal:
        if type(refusal) is not Refused:
            raise
        return NoLabel(order_id, refusal.words, again=refusal.code in _NOT_READY_YET)
    url = str(result.get("pdf_url") or "") or _framed(str(result.get("file") or ""))
    if not url:
        return NoLabel(order_id, "Lazada is still making the label.", again=True)
    _check_host(shop, url)
    pdf = download(shop.app, url)
    if not pdf.startswith(b"%PDF"):
        return NoLabel(order_id, "Lazada's label is not a PDF yet.", again=True)
    return Label(order_id, package_id, pdf)


def _framed(file: str) -> str:
    """The address inside the HTML fragment that ``file`` decodes to; "" where there is none."""
    try:
        page = base64.b64decode(file).decode("utf-8", "replace")
    except ValueError:
        return ""
    found = re.search(r"""<iframe[^>]*\ssrc=["']([^"']+)""", page)
    return found[1] if found else ""


def _check_host(shop: Shop, url: str) -> None:
    """Raises Refused unless the label lies where Lazada keeps labels."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in shop.app.trusted_hosts or f"{host}:{parts.port}" in shop.app.trusted_hosts:
        return
    if parts.scheme != "https" or not f".{host}".endswith(LABEL_HOSTS):
        raise Refused(
            f"Lazada points to a label on {host or 'no host'}, which is not one of its own."
        )


def _about_packages(
    shop: Shop, path: str, name: str, parcels: Sequence[Parcel]
) -> tuple[Told, ...]:
    packages = [{"package_id": package} for parcel in parcels for package in parcel.package_ids]
    result = _result(call(shop, path, {name: dumps({"packages": packages})}))
    rows = {str(row.get("package_id")): row for row in _rows(result, "packages")}
    return tuple(
        _told(
            parcel.order_id,
            [rows[package] for package in parcel.package_ids if package in rows],
            "package_id",
        )
        if any(package in rows for package in parcel.package_ids)
        else _unanswered(parcel)
        for parcel in parcels
    )


def _told(order_id: str, rows: Sequence[Mapping[str, Any]], key: str) -> Told:
    """What the codes of an order's items (or packages) say together."""
    codes = {str(row.get(key)): str(row.get("item_err_code", "0") or "0") for row in rows}
    done = tuple(part for part, code in codes.items() if code == "0")
    left = tuple(part for part, code in codes.items() if code != "0")
    if not left:
        return Told(order_id, ok=True, done=done)
    first = next(row for row in rows if str(row.get(key)) == left[0])
    bad = {codes[part] for part in left}
    return Told(
        order_id,
        ok=False,
        already=not done and bad <= {_ALREADY_PACKED, _WRONG_STATE},
        words=f"{first.get('msg') or 'refused without a word'} ({codes[left[0]]})",
        code=codes[left[0]],
        again=bad <= _AGAIN or any(str(row.get("retry")).lower() == "true" for row in rows),
        done=done,
        left=left,
    )


def _unanswered(parcel: Parcel) -> Told:
    raise Unclear(f"Lazada's answer does not mention order {parcel.order_id}.")


def _result(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The ``data`` of a shape-B answer. Raises what its own error stands for."""
    result = answer.get("result")
    if not isinstance(result, Mapping):
        raise Unclear("Lazada answered without a result.")
    if str(result.get("success")).lower() == "false":
        code = str(result.get("error_code") or result.get("errorCode") or "")
        words = str(result.get("error_msg") or result.get("errorMsg") or "refused without a word")
        raise _refusal(code, f"{words} ({code})" if code else words)
    data = result.get("data")
    return data if isinstance(data, Mapping) else {}


def _refusal(code: str, words: str) -> ChannelError:
    if code in _AGAIN:
        return Unclear(words, code=code)
    if code in ("600001", "700021", "700025"):
        return NotFound(words, code=code)
    return Refused(words, code=code)


def _rows(source: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = source.get(name)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
