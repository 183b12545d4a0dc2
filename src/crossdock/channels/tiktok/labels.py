"""AWBs at TikTok Shop: a document a package, to be had between our Ship call and the collection."""

from __future__ import annotations

from urllib.parse import urlsplit

from crossdock.channels.contract import Label, NoLabel, Parcel, Shop
from crossdock.channels.errors import Refused
from crossdock.channels.reading import text
from crossdock.channels.tiktok.api import download, get
from crossdock.channels.tiktok.endpoints import DOCUMENTS
from crossdock.channels.tiktok.refusals import may_come_again, refusal_of

_NOT_READY = frozenset({"11034037", "11034023", "21023022", "11006010"})
_TOO_LATE = frozenset({"21042102", "21023046"})
_LABEL = {"document_type": "SHIPPING_LABEL", "document_size": "A6", "document_format": "PDF"}
LABEL_HOSTS = (
    ".tiktokshop.com",
    ".tiktokglobalshop.com",
    ".tiktok-shops.com",
    ".tiktok.com",
    ".tiktokcdn.com",
    ".ibyteimg.com",
    ".byteintlapi.com",
)
"""Where ``doc_url`` may lead: host suffixes, checked before anything is fetched. Live answers lead to
``open-fs-….tiktokshop.com``; the others are the platform's too."""


def labels(shop: Shop, parcel: Parcel) -> tuple[Label, ...] | NoLabel:
    """The AWBs of an order's packages. Raises ``channels.errors``."""
    made = []
    for package_id in parcel.package_ids:
        label = _label(shop, parcel.order_id, package_id)
        if isinstance(label, NoLabel):
            return label
        made.append(label)
    return tuple(made)


def _label(shop: Shop, order_id: str, package_id: str) -> Label | NoLabel:
    told = refusal_of(lambda: get(shop, DOCUMENTS.format(package_id), _LABEL))
    if isinstance(told, Refused):
        return _none(order_id, told)
    url = text(told, "doc_url")
    if not url:
        return NoLabel(order_id, "TikTok Shop is still making the label.", again=True)
    _check_host(shop, url)
    return Label(order_id, package_id, download(shop.app, url))


def _none(order_id: str, refusal: Refused) -> NoLabel:
    words = refusal.words
    if refusal.code in _TOO_LATE:
        words = f"Label no longer available at TikTok Shop: {words}"
    again = refusal.code in _NOT_READY or may_come_again(refusal.code)
    return NoLabel(order_id, words, again=again)


def _check_host(shop: Shop, url: str) -> None:
    """Raises Refused unless the label lies where TikTok Shop keeps labels."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in shop.app.trusted_hosts or f"{host}:{parts.port}" in shop.app.trusted_hosts:
        return
    if parts.scheme != "https" or not f".{host}".endswith(LABEL_HOSTS):
        raise Refused(
            f"TikTok Shop points to a label on {host or 'no host'}, which is not one of its own."
        )
