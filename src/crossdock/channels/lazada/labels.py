"""The AWBs of Lazada's packages: PDFs behind an address that lasts ten minutes."""

from __future__ import annotations

import base64
import re
from urllib.parse import urlsplit

from crossdock.channels.contract import Label, NoLabel, Parcel, Shop
from crossdock.channels.errors import NotFound, Refused, ends_token
from crossdock.channels.lazada.api import call, download, dumps
from crossdock.channels.lazada.fulfilment import result_of

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
        result = result_of(
            call(shop, "/order/package/document/get", {"getDocumentReq": dumps(request)})
        )
    except NotFound as refusal:
        return NoLabel(order_id, refusal.words, again=False)
    except Refused as refusal:
        if ends_token(refusal):
            raise
        return NoLabel(order_id, refusal.words, again=refusal.code in _NOT_READY_YET)
    url = str(result.get("pdf_url") or "") or _framed(str(result.get("file") or ""))
    if not url:
        return NoLabel(order_id, "Lazada is still making the label.", again=True)
    _check_host(shop, url)
    return Label(order_id, package_id, download(shop.app, url))


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
